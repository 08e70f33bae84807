package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
)

// TestReplay decides 10,000 recorded events again, each on what the ledger says was before it,
// after rules, lists and rates were changed many times, and wants the same bytes.
func TestReplay(t *testing.T) {
	const decisions, customers = 10_000, 40
	r := rand.New(rand.NewPCG(3, 3))
	d := newDesk(t, "acme")
	for i := range customers {
		d.must(t, push(person(fmt.Sprint("c-", i), "Ann Larsen")))
	}
	d.must(t, rule(`transaction.counterparty.country in lists.fatf_grey || convert(transaction.amount, transaction.currency, "USD") > 9000`))
	templates := monitoring.Catalogue()
	for i := range decisions {
		if i%50 == 0 {
			changeSomething(t, r, d, templates)
		}
		d.now = d.now.Add(time.Duration(r.IntN(30)) * time.Minute)
		c := payment(fmt.Sprint(i), fmt.Sprintf("%d.%02d", r.IntN(12_000), r.IntN(100)), fmt.Sprint("Somebody ", r.IntN(50)))
		c.Customer, c.OccurredAt = fmt.Sprint("c-", r.IntN(customers)), d.now.Add(-time.Duration(r.IntN(3))*time.Hour)
		c.Data = jsontext.Value(strings.Replace(string(c.Data), `"counterparty":{`, `"counterparty":{"country":"`+[]string{"CY", "DK", "FR"}[r.IntN(3)]+`",`, 1))
		if r.IntN(2) == 0 {
			c.Data = jsontext.Value(strings.Replace(string(c.Data), `"direction":"out"`, `"direction":"in","channel":"cash"`, 1))
		}
		d.must(t, c)
	}
	again, fired := newDesk(t, "acme"), 0
	for seq := 0; seq < len(d.stored); {
		e := &d.stored[seq]
		recorded, isDecision := e.Event.(activity.Recorded)
		if !isDecision {
			again.state.Evolve(e)
			seq++
			continue
		}
		got, _, err := carry(again.state, nil, metaOf(e, &recorded), &ledger.RecordEvent{Input: recorded.Input})
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			g, w := d.encoded(t, got[i].Event), d.encoded(t, d.stored[seq+i].Event)
			if string(g) != string(w) || withoutEvent(got[i]) != withoutEvent(d.stored[seq+i]) {
				t.Fatalf("seq %d: decided again %s\nwant %s", seq+i, g, w)
			}
		}
		fired += len(recorded.Decision.Monitoring.Fired)
		seq += len(got)
	}
	t.Logf("%d decisions in %d events, %d rules fired", decisions, len(d.stored), fired)
}

// changeSomething installs a typology, switches a rule, or adds to a list.
func changeSomething(t *testing.T, r *rand.Rand, d *desk, templates []monitoring.Template) {
	rules := d.state.Rules.Rules()
	switch n := r.IntN(6); {
	case n == 4:
		list := monitoring.ReferenceList{Name: "fatf_grey", Kind: "countries", Values: []string{"CY", "VG", "DK"}[:r.IntN(4)]}
		d.must(t, ledger.SetList(monitoring.SetList{List: list}))
	case n == 5:
		rate, err := domain.ParseDecimal(fmt.Sprintf("1.%d", 1+r.IntN(999)))
		if err != nil {
			t.Fatal(err)
		}
		d.must(t, ledger.SetRates(monitoring.SetRates{Rates: monitoring.Rates{
			Base: "USD", Date: d.now.Format(time.DateOnly), Rates: map[domain.Currency]domain.Decimal{"EUR": rate},
		}}))
	case n == 0:
		d.must(t, entry(fmt.Sprint("Somebody ", r.IntN(50), " ", len(d.log))))
	case n == 1 || len(rules) == 0:
		made, err := templates[r.IntN(len(templates))].Rule(nil)
		if err != nil {
			t.Fatal(err)
		}
		d.must(t, ledger.CreateRule(monitoring.CreateRule{Rule: made}))
	default:
		changed := rules[r.IntN(len(rules))]
		changed.Mode = []string{"live", "shadow", "off"}[r.IntN(3)]
		changed.ChangeReason = "a test"
		d.must(t, ledger.ChangeRule(monitoring.ChangeRule{Rule: changed}))
	}
}

// metaOf gives what a decision was given from outside: its ids count up from that of its first alert.
func metaOf(e *domain.Envelope, recorded *activity.Recorded) domain.Meta {
	first := e.ID
	if alerts := recorded.Decision.Alerts; len(alerts) > 0 {
		first = strings.TrimPrefix(alerts[0], "alr_")
	}
	return domain.Meta{At: e.Time, Actor: e.Actor, IDs: domain.NewIDs(ulid.MustParseStrict(first))}
}
