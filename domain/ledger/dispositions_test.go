package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// listed is who the customers of these tests are taken for.
func listed() screening.Entry {
	return screening.Entry{
		ID: "1", EntityType: "individual", Name: "Viktor Petrov", Aliases: []string{"Vitya Petrov"}, WeakAliases: []string{"The Bear"}, Gender: "male",
		DatesOfBirth: []string{"1960"}, Countries: []string{"RU"}, Identifiers: []screening.Identifier{{Type: "passport", Value: "77777", Country: "RU"}},
		Programs: []string{"SDGT"}, Reason: "Minister",
	}
}

// customerTaken is the customer c-1 before anything changes.
func customerTaken() customer.Profile {
	p := person("c-1", "Viktor Petrov")
	p.DateOfBirth, p.Nationality, p.Aliases = "1961-02-03", "BG", []string{"Vik Petrov"}
	p.Identifiers = []customer.Identifier{{Type: "passport", Value: "12345", Country: "BG"}}
	p.Parties = []customer.Party{{PartyID: "p", Type: "individual", Name: "Olga Borisova", Roles: []string{"beneficial_owner"}, Nationality: "BG"}}
	return p
}

// disposal is a desk on whose customer an officer has disposed of the one hit there is.
type disposal struct {
	*desk
	system *desk
	alert  string
}

// publishEntries adopts a list of these entries and some others.
func (d *disposal) publishEntries(t *testing.T, entries ...screening.Entry) {
	t.Helper()
	cmd := publicationOf("sdn", "Somebody Else")
	cmd.Entries = append(cmd.Entries, entries...)
	_, reply := d.system.must(t, ledger.PublishList(cmd))
	d.must(t, d.adopt(d.system, *reply.(*screening.Publication)))
}

func disposed(t *testing.T, outcome string) *disposal {
	t.Helper()
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	_, reply := d.must(t, push(customerTaken()))
	alerts := reply.(*ledger.CustomerView).Alerts
	if len(alerts) != 1 {
		t.Fatalf("%d alerts", len(alerts))
	}
	d.alert = alerts[0].ID
	d.must(t, ledger.DisposeAlert(ledger.Disposal{Work: casework.Work{AlertID: d.alert, Reason: "born later"}, Outcome: outcome}))
	return d
}

// inForce tells the outcomes of the dispositions about the customer.
func (d *disposal) inForce() (outcomes []string) {
	for _, found := range d.state.Screening.DispositionsOf(d.state.Customers.Find("c-1").ID).All() {
		outcomes = append(outcomes, found.Outcome)
	}
	return outcomes
}

// TestDispositions shows what each outcome does, and that it is not done twice.
func TestDispositions(t *testing.T) {
	for _, tc := range []struct{ outcome, status, screened string }{
		{screening.FalsePositive, "dismissed", "0 hits, 1 cleared"},
		{screening.TrueMatch, "resolved", "1 hits, 0 cleared"},
		{screening.NeedsInformation, "open", "1 hits, 0 cleared"},
	} {
		t.Run(tc.outcome, func(t *testing.T) {
			d := disposed(t, tc.outcome)
			if a := d.state.Alerts.Alert(d.alert); a.Status != tc.status || !slices.Equal(d.inForce(), []string{tc.outcome}) {
				t.Errorf("alert is %s, in force %v", a.Status, d.inForce())
			}
			again, _ := d.must(t, ledger.DisposeAlert(ledger.Disposal{Work: casework.Work{AlertID: d.alert, Reason: "born later"}, Outcome: tc.outcome}))
			_, reply := d.must(t, push(customerTaken()))
			view := reply.(*ledger.CustomerView)
			got := fmt.Sprintf("%d hits, %d cleared", len(view.Screening.Hits), len(view.Screening.Cleared))
			if len(again) > 0 || got != tc.screened || len(view.Alerts) > 1 {
				t.Errorf("again %s; then %s, %d alerts", kinds(again), got, len(view.Alerts))
			}
		})
	}
	d := disposed(t, screening.NeedsInformation)
	d.must(t, ledger.DisposeAlert(ledger.Disposal{Work: casework.Work{AlertID: d.alert, Reason: "passport seen"}, Outcome: screening.TrueMatch}))
	if !slices.Equal(d.inForce(), []string{screening.TrueMatch}) {
		t.Errorf("in force %v", d.inForce())
	}
}

// TestVoid changes one thing at a time of either side. What says who somebody is makes the disposition
// void and raises the alert anew where there still is a hit; all else leaves it in force.
func TestVoid(t *testing.T) {
	for _, tc := range []struct {
		name     string
		customer func(p *customer.Profile)
		entry    func(e *screening.Entry)
		void     string // cause and fields
	}{
		{"nothing", nil, nil, ""},
		{"customer's name", func(p *customer.Profile) { p.FullName = "Viktor B. Petrov" }, nil, "customer [names]"},
		{"customer's alias", func(p *customer.Profile) { p.Aliases = []string{"Vitko Petrov"} }, nil, "customer [names]"},
		{"customer's date of birth", func(p *customer.Profile) { p.DateOfBirth = "1960-02-03" }, nil, "customer [date_of_birth]"},
		{"customer's nationality", func(p *customer.Profile) { p.Nationality = "RU" }, nil, "customer [countries]"},
		{"customer's residence", func(p *customer.Profile) { p.CountryOfResidence = "RU" }, nil, "customer [countries]"},
		{"customer's passport", func(p *customer.Profile) { p.Identifiers[0].Value = "99999" }, nil, "customer [identifiers]"},
		{"customer's party", func(p *customer.Profile) { p.Parties[0].Name = "Olga Ivanova" }, nil, "customer [parties]"},
		{"customer's type", func(p *customer.Profile) {
			p.Type, p.FullName, p.LegalName, p.DateOfBirth = "business", "", "Viktor Petrov", ""
		}, nil, "customer [date_of_birth entity_type]"},
		{"customer's email", func(p *customer.Profile) { p.Email = "v@example.com" }, nil, ""},
		{"customer's phone", func(p *customer.Profile) { p.Phone = "1" }, nil, ""},
		{"customer's occupation", func(p *customer.Profile) { p.Occupation = "baker" }, nil, ""},
		{"customer's KYC", func(p *customer.Profile) { p.KYC = &customer.KYC{Status: "verified"} }, nil, ""},
		{"entry's name", nil, func(e *screening.Entry) { e.Name = "Viktor Petroff" }, "entry [name]"},
		{"entry's alias", nil, func(e *screening.Entry) { e.Aliases = nil }, "entry [aliases]"},
		{"entry's weak alias", nil, func(e *screening.Entry) { e.WeakAliases = []string{"The Wolf"} }, "entry [weak_aliases]"},
		{"entry's date of birth", nil, func(e *screening.Entry) { e.DatesOfBirth = append(e.DatesOfBirth, "1961") }, "entry [dates_of_birth]"},
		{"entry's gender", nil, func(e *screening.Entry) { e.Gender = "" }, "entry [gender]"},
		{"entry's country", nil, func(e *screening.Entry) { e.Countries = []string{"BG"} }, "entry [countries]"},
		{"entry's passport", nil, func(e *screening.Entry) { e.Identifiers[0].Value = "77778" }, "entry [identifiers]"},
		{"entry's type", nil, func(e *screening.Entry) { e.EntityType = "unknown" }, "entry [entity_type]"},
		{"entry's programmes", nil, func(e *screening.Entry) { e.Programs = []string{"SDGT", "RUSSIA"} }, ""},
		{"entry's reason", nil, func(e *screening.Entry) { e.Reason = "Former minister" }, ""},
		{"entry delisted", nil, func(e *screening.Entry) { e.ID, e.Name, e.Aliases = "2", "Nobody", nil }, "delisted []"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := disposed(t, screening.FalsePositive)
			p, e := customerTaken(), listed()
			if tc.customer != nil {
				tc.customer(&p)
			}
			if tc.entry != nil {
				tc.entry(&e)
				d.publishEntries(t, e)
			}
			events, reply := d.must(t, push(p))
			got := ""
			for _, e := range events {
				if void, ok := e.Event.(screening.Voided); ok {
					got = fmt.Sprint(void.Cause, " ", void.Changed)
				}
			}
			view := reply.(*ledger.CustomerView)
			if got != tc.void || (len(d.inForce()) == 0) != (tc.void != "") {
				t.Errorf("void by %q, want %q; in force %v", got, tc.void, d.inForce())
			}
			if raised := len(view.Alerts) == 1; raised != (len(view.Screening.Hits) > 0) || tc.void == "" && raised {
				t.Errorf("%d alerts on %d hits", len(view.Alerts), len(view.Screening.Hits))
			}
		})
	}
}

// TestReopenedAlert shows that opening an alert again takes the disposition back.
func TestReopenedAlert(t *testing.T) {
	d := disposed(t, screening.FalsePositive)
	events, _ := d.must(t, ledger.ReopenAlert(casework.Reopen{Work: casework.Work{AlertID: d.alert, Reason: "a photo turned up"}}))
	_, reply := d.must(t, push(customerTaken()))
	view := reply.(*ledger.CustomerView)
	if len(d.inForce()) > 0 || len(view.Screening.Hits) != 1 || len(view.Alerts) != 1 || view.Alerts[0].ID != d.alert {
		t.Errorf("%s; in force %v, %d hits, alerts %v", kinds(events), d.inForce(), len(view.Screening.Hits), view.Alerts)
	}
}

// paid is a payment of the customer c-1, with the whole counterparty.
func paid(id, counterparty string) *ledger.RecordEvent {
	return &ledger.RecordEvent{Input: activity.Input{
		EventID: id, EventType: "transaction.created", OccurredAt: opened, Customer: "c-1",
		Data: jsontext.Value(`{"transaction":{"id":"t","amount":"5","currency":"EUR","direction":"out",` + counterparty + `}}`),
	}}
}

// TestCounterpartyDisposition shows that a false positive on a counterparty suppresses the same hit of
// the same customer, rules included, and no other.
func TestCounterpartyDisposition(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	d.must(t, push(person("c-1", "Ann Larsen")))
	d.must(t, rule(`transaction.counterparty.listed != ""`))
	pay := func(id, counterparty string) string {
		_, reply := d.must(t, paid(id, counterparty))
		made := reply.(activity.Recorded).Decision
		return fmt.Sprint(len(made.Screening.Hits), len(made.Screening.Cleared), len(made.Monitoring.Fired), len(made.Alerts))
	}
	same, elsewhere := `"counterparty":{"name":"Viktor Petrov","country":"BG"}`, `"counterparty":{"name":"Viktor Petrov","country":"RU"}`
	_, reply := d.must(t, paid("e-1", same))
	alert := reply.(activity.Recorded).Decision.Alerts[0]
	d.must(t, ledger.DisposeAlert(ledger.Disposal{Work: casework.Work{AlertID: alert, Reason: "the grocer"}, Outcome: screening.FalsePositive}))
	for i, step := range []struct{ name, counterparty, want string }{
		{"the same", same, "0 1 0 0"},
		{"in another country", elsewhere, "1 0 1 2"},
		{"another way to write it", `"counterparty":{"name":"PETROV, Viktor","country":"BG"}`, "1 0 1 2"},
	} {
		if got := pay(fmt.Sprint("e-1", i), step.counterparty); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
	changed := listed()
	changed.DatesOfBirth = nil
	d.publishEntries(t, changed)
	if got := pay("e-9", same); got != "1 0 1 2" {
		t.Errorf("after the entry changed: %s", got)
	}
}

// TestGoodGuys shows that it takes two to clear a name, for customers and counterparties alike, and
// that the entry must stay what it was.
func TestGoodGuys(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	as := func(actor string, c ledger.Command) (*screening.GoodGuyStanding, error) {
		m := d.meta()
		m.Actor = actor
		if err := ledger.Prepare(noLock{}, d.state, m, c); err != nil {
			return nil, err
		}
		_, reply, err := ledger.Decide(d.state, m, c)
		guy, _ := reply.(*screening.GoodGuyStanding)
		return guy, err
	}
	decide := func(actor, id, status string) error {
		_, err := as(actor, ledger.DecideGoodGuy(screening.DecideGoodGuy{ID: id, Status: status, Reason: "register seen"}))
		return err
	}
	hits := func() int {
		c := push(person(fmt.Sprint("c-", d.seeds), "PETROV Viktor"))
		if err := ledger.Prepare(noLock{}, d.state, d.meta(), c); err != nil {
			t.Fatal(err)
		}
		_, reply, err := ledger.Decide(d.state, d.meta(), c)
		if err != nil {
			t.Fatal(err)
		}
		return len(reply.(*ledger.CustomerView).Screening.Hits)
	}
	guy, err := as("ann", ledger.ProposeGoodGuy(screening.ProposeGoodGuy{Name: "Petrov, Viktor", List: "sdn", EntryID: "1", Reason: "the grocer"}))
	if err != nil || guy.Status != screening.GoodGuyProposed || hits() != 1 {
		t.Fatalf("proposed %+v, %v", guy, err)
	}
	if err := decide("ann", guy.ID, screening.GoodGuyApproved); domain.CodeOf(err) != domain.Forbidden || hits() != 1 {
		t.Errorf("approved by who proposed it: %v", err)
	}
	if err := decide("bob", guy.ID, screening.GoodGuyApproved); err != nil || hits() != 0 {
		t.Errorf("approved by another: %v", err)
	}
	if err := decide("bob", guy.ID, screening.GoodGuyRejected); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("rejected after that: %v", err)
	}
	if err := decide("bob", "ggy_x", screening.GoodGuyApproved); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("unknown: %v", err)
	}
	changed := listed()
	changed.Countries = nil
	cmd := publicationOf("sdn", "Somebody Else")
	cmd.Entries = append(cmd.Entries, changed)
	_, reply := d.system.must(t, ledger.PublishList(cmd))
	p := *reply.(*screening.Publication)
	if _, _, err := ledger.Decide(d.state, d.meta(), ledger.AdoptList(screening.AdoptList{Publication: p}, d.system.state.Screening.Shared()[0])); err != nil || hits() != 1 {
		t.Errorf("after the entry changed: %v", err)
	}
	if err := decide("ann", guy.ID, screening.GoodGuyWithdrawn); err != nil {
		t.Error(err)
	}
	for _, wrong := range []screening.ProposeGoodGuy{
		{Name: "-", List: "sdn", EntryID: "1", Reason: "x"},
		{Name: "A", List: "sdn", EntryID: "9", Reason: "x"},
		{Name: "A", List: "un", EntryID: "1", Reason: "x"},
		{Name: "A", List: "sdn", EntryID: "1"},
	} {
		if _, err := as("ann", ledger.ProposeGoodGuy(wrong)); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// noLock is for tests without concurrency.
type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

// TestPaymentsAreScreenedWhole shows that a counterparty's bank and the vessel are looked for too.
func TestPaymentsAreScreenedWhole(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(
		t,
		listed(),
		screening.Entry{ID: "2", EntityType: "business", Name: "Bank Melli Iran", Identifiers: []screening.Identifier{{Type: "bic", Value: "MELIIRTH"}}},
		screening.Entry{ID: "3", EntityType: "vessel", Name: "Arctic Sunrise", Countries: []string{"PA"}, Identifiers: []screening.Identifier{{Type: "imo", Value: "9187629"}}},
	)
	d.must(t, push(person("c-1", "Ann Larsen")))
	for i, tc := range []struct{ name, of, want string }{
		{"nobody", `"counterparty":{"name":"Ann Larsen","bank":"Danske Bank"}`, "[]"},
		{"name", `"counterparty":{"name":"Viktor Petrov"}`, "[1 data.transaction.counterparty.name]"},
		{"for whom it acts", `"counterparty":{"name":"Ann Larsen","on_behalf_of":"Viktor Petrov"}`, "[1 data.transaction.counterparty.on_behalf_of]"},
		{"bank by name", `"counterparty":{"name":"Ann Larsen","bank":"Bank Melli Iran"}`, "[2 data.transaction.counterparty.bank]"},
		{"bank by BIC", `"counterparty":{"name":"Ann Larsen","bank":"MELIIRTH"}`, "[2 data.transaction.counterparty.bank]"},
		{"bank by the BIC of a branch", `"counterparty":{"bank":"MELIIRTH060"}`, "[2 data.transaction.counterparty.bank]"},
		{"vessel by name", `"vessel":{"name":"ARCTIC SUNRISE","flag":"PA"}`, "[3 data.transaction.vessel.name]"},
		{"vessel by number", `"vessel":{"imo":"9187629"}`, "[3 data.transaction.vessel.imo]"},
		{"all", `"counterparty":{"name":"Viktor Petrov","bank":"MELIIRTH"},"vessel":{"name":"Renamed","imo":"9187629"}`, "[1 data.transaction.counterparty.name 2 data.transaction.counterparty.bank 3 data.transaction.vessel.name]"},
	} {
		_, reply := d.must(t, paid(fmt.Sprint("e-", i), tc.of))
		var got []string
		for _, hit := range reply.(activity.Recorded).Decision.Screening.Hits {
			got = append(got, hit.EntryID+" "+hit.Field)
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got, tc.want)
		}
	}
	for _, wrong := range []string{`"vessel":{"imo":"123"}`, `"vessel":{"name":"A","flag":"X"}`} {
		if _, _, err := d.carry(t, d.meta(), paid("w", wrong)); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
