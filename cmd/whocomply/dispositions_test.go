package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// change is one thing that becomes otherwise after an officer has found a hit to be false: of the
// customer's profile, of the listed entry (a column of its line), or of the alert.
type change struct {
	what     string
	customer object
	column   string // of the entry
	to       string // what stands there then
	delisted bool
	reopened bool
	unlike   bool   // what is known speaks against the hit then
	void     string // cause and fields; empty if the disposition stays in force
}

var changes = []change{
	{what: "nothing"},
	{what: "customer's name", customer: object{"full_name": "GIVEN B. FAMILY"}, void: "customer [names]"},
	{what: "customer's alias", customer: object{"aliases": []string{"Grimwald Thistlewood"}}, void: "customer [names]"},
	{what: "customer's date of birth", customer: object{"date_of_birth": "1955-03-05"}, void: "customer [date_of_birth]"},
	{what: "customer's nationality", customer: object{"nationality": "BG"}, void: "customer [countries]"},
	{what: "customer's residence", customer: object{"country_of_residence": "BG"}, void: "customer [countries]"},
	{what: "customer's passport", customer: object{"identifiers": []object{{"type": "passport", "value": "Z99", "country": "RU"}}}, void: "customer [identifiers]"},
	{what: "customer's party", customer: object{"parties": []object{{"party_id": "p-1", "roles": []string{"beneficial_owner"}, "name": "Olga Ivanova", "type": "individual"}}}, void: "customer [parties]"},
	{what: "customer's type", customer: object{"type": "business", "full_name": nil, "legal_name": "GIVEN FAMILY", "date_of_birth": nil, "nationality": nil}, void: "customer [date_of_birth entity_type]", unlike: true},
	{what: "customer's email", customer: object{"email": "other@example.com"}},
	{what: "customer's occupation", customer: object{"occupation": "baker"}},
	{what: "entry's name", column: "name", to: "GIVEN FAMILYS", void: "entry [name]"},
	{what: "entry's alias", column: "aliases", to: "Somebody Altogether", void: "entry [aliases]"},
	{what: "entry's weak alias", column: "weak_aliases", to: "Wolf Altogether", void: "entry [weak_aliases]"},
	{what: "entry's date of birth", column: "dates_of_birth", to: "1956", void: "entry [dates_of_birth]"},
	{what: "entry's gender", column: "gender", void: "entry [gender]"},
	{what: "entry's country", column: "countries", to: "RU;BG", void: "entry [countries]"},
	{what: "entry's passport", column: "identifiers", to: "passport:L9", void: "entry [identifiers]"},
	{what: "entry's type", column: "entity_type", to: "unknown", void: "entry [entity_type]"},
	{what: "entry's programmes", column: "programs", to: "SDGT;RUSSIA"},
	{what: "entry's reason", column: "reason", to: "Former minister"},
	{what: "entry delisted", delisted: true, void: "delisted []"},
	{what: "alert opened again", reopened: true, void: "reopened []"},
}

// Names that have nothing in common.
var (
	givens   = strings.Fields("Abdulkarim Bronislaw Catalina Dragomir Evgraf Farrukh Gustavo Hildegard Ibolya Jovanka Kwabena Leszek Mihrimah Norodom Ottokar Pelagia Quirin Radoslav Sigrid Teodora Umberto Vsevolod Wilhelmine")
	families = strings.Fields("Zhupanovic Ypsilanti Xhafaj Wolkenstein Vukmirov Urquijo Tchoungui Szczepan Rasoanaivo Quispe Pfefferkorn Okonkwo Nyholm Mbeki Lindqvist Kostadinov Jagtenberg Hrabal Gutierrez Fjeldstad Ellingham Dvorzak Cusumano")
)

var columns = []string{"id", "name", "entity_type", "aliases", "weak_aliases", "dates_of_birth", "gender", "countries", "identifiers", "programs", "reason"}

// entry is the line of the entry that the customer of a change meets, before it or after.
func (c *change) entry(i int, after bool) string {
	values := map[string]string{
		"id": fmt.Sprint("e-", i), "name": givens[i] + " " + families[i], "entity_type": "individual", "dates_of_birth": "1955", "gender": "male",
		"countries": "RU", "identifiers": fmt.Sprint("passport:L", i), "programs": "SDGT", "reason": "Minister",
	}
	if after && c.column != "" {
		values[c.column] = c.named(i, c.to)
	}
	var line []string
	for _, column := range columns {
		line = append(line, values[column])
	}
	return strings.Join(line, ",")
}

func (c *change) named(i int, text string) string {
	return strings.NewReplacer("GIVEN", givens[i], "FAMILY", families[i]).Replace(text)
}

// profile is the customer of a change, before it or after.
func (c *change) profile(i int, after bool) object {
	p := object{
		"external_id": fmt.Sprint("c-", i), "type": "individual", "email": "someone@example.com", "full_name": givens[i] + " " + families[i],
		"date_of_birth": "1955-03-04", "nationality": "RU", "country_of_residence": "RU",
		"identifiers": []object{{"type": "passport", "value": fmt.Sprint("C", i), "country": "RU"}},
	}
	if !after {
		return p
	}
	maps.Copy(p, c.customer)
	for name, value := range p {
		switch text, isText := value.(string); {
		case value == nil:
			delete(p, name)
		case isText:
			p[name] = c.named(i, text)
		}
	}
	return p
}

// shownDisposition is a disposition as a read tells it.
type shownDisposition struct {
	ID, Outcome, Status string
	Seq                 int64
	Void                *struct {
		Cause   string
		Changed []string
		Seq     int64
	}
}

// dispositions gives the dispositions of the customers, the only one of each.
func (c *client) dispositions() (all []shownDisposition) {
	c.t.Helper()
	for i := range changes {
		var of []shownDisposition
		c.want(http.StatusOK, "GET", c.tenantPath("/screening/dispositions?customer_id=c-%d", i), nil).read(&of)
		if len(of) != 1 {
			c.t.Fatalf("%s: %d dispositions", changes[i].what, len(of))
		}
		all = append(all, of[0])
	}
	return all
}

// saidOf gives the type of a record, and the disposition that it says something of.
func (c *client) saidOf(seq int64) string {
	c.t.Helper()
	var record struct{ Note, Payload string }
	c.want(http.StatusOK, "GET", c.tenantPath("/ledger/events/%d", seq), nil).read(&record)
	var head struct{ Type string }
	var said struct {
		Disposition struct{ ID string }
		Voided      string `json:"disposition_id"`
	}
	for text, to := range map[string]any{strings.Split(record.Note, "\n")[1]: &head, record.Payload: &said} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			c.t.Fatalf("record %d: %v in %s", seq, err, text)
		}
	}
	return head.Type + " " + said.Disposition.ID + said.Voided
}

// shown waits until reads show a write.
func (c *client) shown(write *reply) {
	c.t.Helper()
	c.awaitStatus(http.StatusOK, fmt.Sprintf("/screening/dispositions?min_seq=%d", write.receipt().Seq))
}

// met says what pushing a profile finds: hits, cleared names and new alerts.
func (c *client) met(profile object) string {
	c.t.Helper()
	got, err := c.call("POST", c.tenantPath("/customers"), profile)
	if err != nil || got.status >= 300 {
		c.t.Fatalf("push: %v %s", err, got.body)
	}
	var made struct {
		Screening struct{ Hits, Cleared []json.RawMessage }
		Alerts    []struct{ ID string }
	}
	got.read(&made)
	c.shown(got)
	return fmt.Sprint(len(made.Screening.Hits), len(made.Screening.Cleared), len(made.Alerts))
}

// TestDispositionsLive has hits found to be false, stops the server, builds the read models again and
// starts it: the hits stay cleared. Then one thing becomes otherwise for each of them, and after another
// restart and rebuild just those that rested on it are void, with the reason, and the hits are back.
// What became of each is in the ledger.
func TestDispositionsLive(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	publish := func(after bool) {
		lines := []string{strings.Join(columns, ",")}
		for i := range changes {
			if !after || !changes[i].delisted {
				lines = append(lines, changes[i].entry(i, after))
			}
		}
		if got := p.run("list", "import", "--list", "house", "--format", "whocomply-csv", "--category", "sanctions", "--file", writeLines(t, lines...)); got.code != 0 {
			t.Fatalf("import: %s", got.stderr)
		}
	}
	var s *server
	restarted := func() {
		if s != nil {
			s.caughtUp()
			s.stop()
			checkRebuild(p)
		}
		s = p.serve()
		c = c.on(s)
	}
	publish(false)
	restarted()
	alerts := make([]string, len(changes))
	for i := range changes {
		var made struct{ Alerts []struct{ ID string } }
		c.want(http.StatusCreated, "POST", c.tenantPath("/customers"), changes[i].profile(i, false)).read(&made)
		if len(made.Alerts) != 1 {
			t.Fatalf("%s: %d alerts", changes[i].what, len(made.Alerts))
		}
		alerts[i] = made.Alerts[0].ID
		c.shown(c.want(http.StatusOK, "POST", c.tenantPath("/alerts/%s/disposition", alerts[i]), object{"outcome": "false_positive", "reason": "another one"}))
	}
	restarted()
	for i, d := range c.dispositions() {
		if met := c.met(changes[i].profile(i, false)); d.Status != "in_force" || met != "0 1 0" || c.saidOf(d.Seq) != "screening.disposed "+d.ID {
			t.Errorf("%s, before it: %s, met %s, record %s", changes[i].what, d.Status, met, c.saidOf(d.Seq))
		}
	}
	publish(true)
	for i := range changes {
		if changes[i].reopened {
			c.want(http.StatusOK, "POST", c.tenantPath("/alerts/%s/reopen", alerts[i]), object{"reason": "a photo turned up"})
		}
		c.met(changes[i].profile(i, true))
	}
	c.rescreened()
	restarted()
	for i, d := range c.dispositions() {
		void := ""
		if d.Void != nil {
			void = fmt.Sprint(d.Void.Cause, " ", d.Void.Changed)
			if got := c.saidOf(d.Void.Seq); got != "screening.disposition_voided "+d.ID {
				t.Errorf("%s: its end is the record %s", changes[i].what, got)
			}
		}
		if void != changes[i].void || (d.Status == "void") != (void != "") || c.saidOf(d.Seq) != "screening.disposed "+d.ID {
			t.Errorf("%s: %s by %q, want %q", changes[i].what, d.Status, void, changes[i].void)
		}
		met, want := c.met(changes[i].profile(i, true)), "0 1 0"
		switch {
		case changes[i].delisted:
			want = "0 0 0"
		case void != "" && !changes[i].unlike:
			want = "1 0" // and an alert, open since the change
		}
		if !strings.HasPrefix(met, want) {
			t.Errorf("%s, after it: met %s, want %s", changes[i].what, met, want)
		}
	}
	s.stop()
}

// rescreened waits until no run of screening is under way. Whom a push has screened on the lists in force
// meanwhile needs none.
func (c *client) rescreened() {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var runs []struct{ Status string }
		c.want(http.StatusOK, "GET", c.tenantPath("/screening/runs"), nil).read(&runs)
		if len(runs) == 0 || runs[0].Status != "running" {
			return
		}
	}
	c.t.Fatal("a run of screening does not end")
}
