package ledger_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

func person(externalID, name string) customer.Profile {
	return customer.Profile{ExternalID: externalID, Type: "individual", Email: "ann@example.com", FullName: name, CountryOfResidence: "DK"}
}

func push(p customer.Profile) *ledger.PushCustomer {
	return &ledger.PushCustomer{Push: customer.Push{Profile: p}}
}

// payment is an event of the customer c-1 who pays an amount in EUR to somebody.
func payment(id, amount, to string) *ledger.RecordEvent {
	return &ledger.RecordEvent{Input: activity.Input{
		EventID: id, EventType: "transaction.created", OccurredAt: opened, Customer: "c-1",
		Data: jsontext.Value(`{"transaction":{"id":"t-` + id + `","amount":"` + amount + `","currency":"EUR","direction":"out","counterparty":{"name":"` + to + `"}}}`),
	}}
}

func rule(condition string) ledger.Command {
	return ledger.CreateRule(monitoring.CreateRule{Rule: monitoring.Rule{
		Name: "Rule", EventTypes: []string{"transaction.*"}, Condition: condition, Score: 20, Severity: domain.Medium,
	}})
}

func entry(name string) ledger.Command {
	return ledger.AddEntry(screening.AddEntry{Entry: screening.Entry{List: "own", Category: "internal", Name: name}})
}

func publication(list string, names ...string) ledger.Command {
	return ledger.PublishList(publicationOf(list, names...))
}

func publicationOf(list string, names ...string) screening.PublishList {
	cmd := screening.PublishList{
		List: list, Category: "sanctions", Format: "test", Source: "list.csv", SourceHash: strings.Repeat("ab", 32), RetrievedAt: opened, Force: "a test",
	}
	for _, name := range names {
		cmd.Entries = append(cmd.Entries, screening.Entry{ID: strings.ToLower(strings.ReplaceAll(name, " ", "-")), EntityType: "individual", Name: name})
	}
	return cmd
}

// kinds writes the names of events.
func kinds(events []domain.Envelope) string {
	var names []string
	for _, e := range events {
		names = append(names, e.Event.Kind().Name)
	}
	return strings.Join(names, " ")
}

// TestAppends shows which events answer which command, in one append.
func TestAppends(t *testing.T) {
	d := newDesk(t, "acme")
	changed := person("c-1", "Ann Larsen")
	changed.CountryOfResidence = "IR"
	for _, tc := range []struct {
		name string
		cmd  ledger.Command
		want string
	}{
		{"new customer", push(person("c-1", "Ann Larsen")), "customer.pushed screening.completed risk.rated"},
		{"again", push(person("c-1", "Ann Larsen")), ""},
		{"entry", entry("Larsen, Ann"), "watchlist_entry.added"},
		{"again on another list", push(person("c-1", "Ann Larsen")), "screening.completed alert.raised risk.rated"},
		{"and again", push(person("c-1", "Ann Larsen")), ""},
		{"changed customer, known hit", push(changed), "customer.pushed screening.completed risk.rated"},
		{"rule", rule("transaction.amount > 100"), "monitoring_rule.set"},
		{"quiet event", payment("1", "100", "Shop"), "activity.recorded"},
		{"loud event", payment("2", "101", "Shop"), "activity.recorded alert.raised risk.rated"},
		{"listed counterparty", payment("3", "1", "Ann Larsen"), "activity.recorded alert.raised"},
		{"both", payment("4", "101", "Ann Larsen"), "activity.recorded alert.raised alert.raised risk.rated"},
		{"repeated event", payment("4", "101", "Ann Larsen"), ""},
		{"account of a customer", account("a", "c-1"), "account.opened"},
		{"account of one's own", account("b", ""), "account.opened"},
		{"the same account", account("b", ""), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if events, _ := d.must(t, tc.cmd); kinds(events) != tc.want {
				t.Errorf("events %q, want %q", kinds(events), tc.want)
			}
		})
	}
	if owner := d.state.Books.Account("a").Account.CustomerID; owner != d.state.Customers.Find("c-1").ID {
		t.Errorf("account of %q", owner)
	}
}

// TestParties shows that who owns a customer is looked for as the customer is, and weighs on the rating.
func TestParties(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, entry("Viktor Petrov"))
	p := customer.Profile{ExternalID: "c-1", Type: "business", Email: "office@example.com", LegalName: "Larsen A/S"}
	_, reply := d.must(t, push(p))
	before := reply.(*ledger.CustomerView)
	p.Parties = []customer.Party{
		{PartyID: "p-1", Type: "individual", Name: "Ann Larsen", Roles: []string{"director"}, Nationality: "IR"},
		{PartyID: "p-2", Type: "individual", Name: "V. P.", Aliases: []string{"Viktor Petrov"}, Roles: []string{"beneficial_owner"}, CountryOfResidence: "KP", PEPDeclared: true},
	}
	events, reply := d.must(t, push(p))
	after := reply.(*ledger.CustomerView)
	if kinds(events) != "customer.pushed screening.completed alert.raised risk.rated" || after.Screening.Hits[0].Field != "parties[1].aliases[0]" {
		t.Errorf("events %q, hits %+v", kinds(events), after.Screening.Hits)
	}
	if r := after.Rating; !r.PEPFlag || r.Score != before.Rating.Score+30+30+30 || !slices.ContainsFunc(r.Factors, func(f risk.Factor) bool { return strings.HasPrefix(f.Reason, "an owner in KP ") }) {
		t.Errorf("rating %+v, before %+v", r, before.Rating)
	}
	if events, _ := d.must(t, push(p)); len(events) > 0 {
		t.Errorf("again: %q", kinds(events))
	}
}

// TestCloseCustomer shows that a closed customer is still screened and monitored.
func TestCloseCustomer(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, push(person("c-1", "Ann Larsen")))
	events, reply := d.must(t, ledger.CloseCustomer(customer.Close{Customer: "c-1", Reason: "moved"}))
	if view := reply.(*ledger.CustomerView); kinds(events) != "customer.closed" || view.Customer.Status != customer.StatusClosed {
		t.Errorf("events %q, customer %+v", kinds(events), view.Customer)
	}
	if events, _ := d.must(t, payment("1", "5", "Shop")); kinds(events) != "activity.recorded" {
		t.Errorf("events %q", kinds(events))
	}
	d.must(t, entry("Ann Larsen"))
	if events, _ := d.must(t, push(person("c-1", "Ann Larsen"))); kinds(events) != "screening.completed alert.raised risk.rated" {
		t.Errorf("events %q", kinds(events))
	}
	if _, reply := d.must(t, ledger.ReopenCustomer(customer.Reopen{Customer: "c-1", Reason: "back"})); reply.(*ledger.CustomerView).Customer.Status != customer.StatusActive {
		t.Errorf("customer %+v", reply)
	}
}

func account(id, customerID string) ledger.Command {
	return &ledger.OpenAccount{OpenAccount: posting.OpenAccount{ID: id, Name: "Account", Type: "asset", Currency: "EUR", CustomerID: customerID}}
}

// TestNobody shows that nothing is decided on a customer who is not there.
func TestNobody(t *testing.T) {
	d := newDesk(t, "acme")
	patch := &ledger.PatchCustomer{Patch: customer.Patch{Customer: "c-1", Merge: jsontext.Value(`{}`)}}
	for name, tc := range map[string]struct {
		cmd  ledger.Command
		code domain.Code
	}{
		"patch": {patch, domain.Unknown}, "event": {payment("1", "1", "x"), domain.Invalid}, "account": {account("a", "c-1"), domain.Invalid},
	} {
		if events, _, err := d.carry(t, d.meta(), tc.cmd); len(events) > 0 || domain.CodeOf(err) != tc.code {
			t.Errorf("%s: %d events, error %v", name, len(events), err)
		}
	}
	if d.state.ViewCustomer("c-1") != nil {
		t.Error("a view of nobody")
	}
}

// TestUsurper shows that an external_id which reads like our id of another customer does not
// reach that customer.
func TestUsurper(t *testing.T) {
	d := newDesk(t, "acme")
	_, reply := d.must(t, push(person("c-1", "Ann Larsen")))
	victim := reply.(*ledger.CustomerView).Customer
	d.must(t, entry("Bad Actor"))
	_, reply = d.must(t, push(person(victim.ID, "Bad Actor")))
	usurper := reply.(*ledger.CustomerView)
	if !usurper.Created || usurper.Customer.ID == victim.ID || len(usurper.Alerts) != 1 || usurper.Alerts[0].CustomerID != usurper.Customer.ID {
		t.Errorf("usurper %+v", usurper)
	}
	if view := d.state.ViewCustomer(victim.ID); view.Customer != victim || len(view.Alerts) > 0 || view.Screening.CustomerID != victim.ID {
		t.Errorf("victim %+v", view)
	}
}

// TestStale shows that a decision rests on what is in force when it is made, not on what was when
// it was prepared.
func TestStale(t *testing.T) {
	system := newDesk(t, "system")
	_, published := system.must(t, publication("sdn", "Viktor Petrov"))
	for _, tc := range []struct {
		name    string
		between func(d *desk) ledger.Command
		cmd     ledger.Command
		want    string
	}{
		{"nothing", func(*desk) ledger.Command { return entry("Somebody Else") }, payment("1", "500", "Viktor Petrov"), "activity.recorded"},
		{"new rule", func(*desk) ledger.Command { return rule("transaction.amount > 100") }, payment("1", "500", "Viktor Petrov"), "activity.recorded alert.raised risk.rated"},
		{"new entry", func(*desk) ledger.Command { return entry("Viktor Petrov") }, payment("1", "500", "Viktor Petrov"), "activity.recorded alert.raised risk.rated"},
		{"adopted list", func(d *desk) ledger.Command { return d.adopt(system, *published.(*screening.Publication)) }, payment("1", "500", "Viktor Petrov"), "activity.recorded alert.raised risk.rated"},
		{"entry for a customer", func(*desk) ledger.Command { return entry("Viktor Petrov") }, push(person("c-2", "Viktor Petrov")), "customer.pushed screening.completed alert.raised risk.rated"},
		{"changed customer", func(*desk) ledger.Command { return push(person("c-1", "Ann Holm")) }, patch(`{"phone":"1"}`), "customer.pushed screening.completed risk.rated"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, "acme")
			d.must(t, push(person("c-1", "Ann Larsen")))
			var lock sync.Mutex
			m := d.meta()
			if err := ledger.Prepare(&lock, d.state, m, tc.cmd); err != nil {
				t.Fatal(err)
			}
			d.must(t, tc.between(d))
			rules, lists := d.state.Rules.RuleSet().Digest(), d.state.Lists().Versions()
			events, _, err := ledger.Decide(d.state, m, tc.cmd)
			if err != nil || kinds(events) != tc.want {
				t.Errorf("events %q, error %v, want %q", kinds(events), err, tc.want)
			}
			d.append(t, m, events)
			checkBasis(t, rules, lists, events)
			checkAnswer(t, events)
		})
	}
}

func patch(merge string) ledger.Command {
	return &ledger.PatchCustomer{Patch: customer.Patch{Customer: "c-1", Merge: jsontext.Value(merge)}}
}

// TestStalePatch shows that a patch is merged into the profile in force, so that no other change
// is lost.
func TestStalePatch(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, push(person("c-1", "Ann Larsen")))
	late, m := patch(`{"phone":"1"}`), d.meta()
	if err := ledger.Prepare(&sync.Mutex{}, d.state, m, late); err != nil {
		t.Fatal(err)
	}
	d.must(t, patch(`{"full_name":"Ann Holm"}`))
	if _, _, err := ledger.Decide(d.state, m, late); err != nil {
		t.Fatal(err)
	}
	if p := d.state.Customers.Find("c-1").Profile; p.FullName != "Ann Holm" || p.Phone != "1" {
		t.Errorf("profile %+v", p)
	}
}

// TestListsAfterFolding shows that a folded state screens on the tenant's own lists at once, and
// on nothing at all while the content of an adopted list is missing.
func TestListsAfterFolding(t *testing.T) {
	system, d := newDesk(t, "system"), newDesk(t, "acme")
	_, first := system.must(t, publication("sdn", "Viktor Petrov"))
	older := d.adopt(system, *first.(*screening.Publication))
	d.must(t, entry("Ann Larsen"))
	own := ledger.New("acme")
	own.Evolve(&d.stored[0])
	if got := own.Lists(); got == nil || len(got.Versions()) != 1 || got != own.Lists() {
		t.Errorf("lists %v", got)
	}

	d.must(t, older)
	d.must(t, push(person("c-1", "Ann Larsen")))
	bare := ledger.New("acme")
	for i := range d.stored {
		bare.Evolve(&d.stored[i])
	}
	for _, cmd := range []ledger.Command{push(person("c-1", "Ann Larsen")), payment("1", "1", "Viktor Petrov")} {
		if err := ledger.Prepare(&sync.Mutex{}, bare, d.meta(), cmd); domain.CodeOf(err) != domain.Unavailable || bare.Lists() != nil {
			t.Errorf("%T on missing lists: error %v", cmd, err)
		}
	}
	if got := d.folded(t, d.stored).Lists().Versions(); len(got) != 2 {
		t.Errorf("lists %v", got)
	}
}

// TestOlderList shows that a version which was passed does not come back.
func TestOlderList(t *testing.T) {
	system, d := newDesk(t, "system"), newDesk(t, "acme")
	_, first := system.must(t, publication("sdn", "Viktor Petrov"))
	older := d.adopt(system, *first.(*screening.Publication))
	olderAgain := d.adopt(system, *first.(*screening.Publication))
	_, second := system.must(t, publication("sdn", "Viktor Petrov", "Olga Petrova"))
	newer := d.adopt(system, *second.(*screening.Publication))
	for _, step := range []struct {
		cmd  ledger.Command
		want string
		now  int
	}{{older, "watchlist.adopted", 1}, {newer, "watchlist.adopted", 2}, {olderAgain, "", 2}} {
		events, _ := d.must(t, step.cmd)
		if got := d.state.Lists().Versions(); kinds(events) != step.want || len(got) != 1 || got[0].Version != step.now {
			t.Errorf("events %q, lists %v, want %q and version %d", kinds(events), got, step.want, step.now)
		}
	}
	wrong := ledger.AdoptList(screening.AdoptList{Publication: *first.(*screening.Publication)}, system.state.Screening.Shared()[0])
	if _, _, err := d.carry(t, d.meta(), wrong); err == nil || domain.CodeOf(err) != "" {
		t.Errorf("another content: error %v, want one without a code", err)
	}
}
