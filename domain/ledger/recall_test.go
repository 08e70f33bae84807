package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
)

// TestRecall tells a past again and runs on it the rules that were in force all the time: they fire
// on the same events, with the same values, as they did then.
func TestRecall(t *testing.T) {
	d := newDesk(t, "acme")
	r := rand.New(rand.NewPCG(1, 2))
	d.must(t, entry("Somebody 7"))
	conditions := []string{
		`transaction.amount > 9000`, `has(transaction.counterparty.listed)`, `risk.score > 20`, `customer.country_of_residence == "SE"`,
		`customer.last("3d").direction("out").sum() > 20000`, `counterparty.last("30d").customers() > 2`, `session.country == "DK"`,
		`device.last("1d").type("session.opened").customers() > 1`, `event.data.note == "yes"`,
	}
	var rules []monitoring.Rule
	for i, condition := range conditions {
		c := ledger.CreateRule(monitoring.CreateRule{Rule: monitoring.Rule{
			Name: "Rule", EventTypes: []string{"*"}, Condition: condition, Score: 1, Severity: domain.Low, Action: "score",
			DedupBy: []string{"counterparty", "customer", "account", "device"}[i%4], CoolDown: "2d",
		}})
		_, reply := d.must(t, c)
		rules = append(rules, reply.(monitoring.Set).Rule)
	}
	for i := range 600 {
		who := r.IntN(8)
		if i < 8 || r.IntN(40) == 0 {
			p := person(fmt.Sprint("c-", i%8), fmt.Sprint("Ann Larsen ", i%8))
			p.CountryOfResidence = []string{"DK", "SE"}[r.IntN(2)]
			d.must(t, push(p))
			who = i % 8
		}
		d.now = d.now.Add(time.Hour)
		e := payment(fmt.Sprint(i), fmt.Sprint(r.IntN(10_000)), fmt.Sprint("Somebody ", r.IntN(9)))
		e.Customer, e.OccurredAt = fmt.Sprint("c-", min(who, i)), d.now.Add(-time.Duration(r.IntN(20))*time.Hour)
		e.Data = jsontext.Value(strings.TrimSuffix(string(e.Data), "}") + `,"note":"` + []string{"yes", "n\\u00f6"}[r.IntN(2)] + `","session":{"device_id":"d-` + fmt.Sprint(r.IntN(3)) + `","country":"DK"}}`)
		if r.IntN(3) == 0 {
			e.EventType = "session.opened"
		}
		d.must(t, e)
	}
	recall, err := ledger.NewRecall(all)
	if err != nil {
		t.Fatal(err)
	}
	set, past, fired := monitoring.NewRuleSet(rules...), monitoring.NewHistories(), map[string]int{}
	tester, overlaps := monitoring.NewTester(monitoring.Trial{Rules: rules}), 0
	for _, e := range d.stored {
		told, err := recall.Take(domain.Payload{Seq: e.Seq, Kind: e.Event.Kind(), Raw: d.encoded(t, e.Event)})
		if err != nil {
			t.Fatal(err)
		}
		recorded, isEvent := e.Event.(activity.Recorded)
		if isEvent != (told != nil) {
			t.Fatalf("%s: told %v", e.Event.Kind().Name, told)
		}
		if told == nil {
			continue
		}
		in := told.Input
		in.Past = past.Of(set, &in)
		again := set.Evaluate(in)
		in.Past = monitoring.Past{}
		past.Record(&in)
		want := recorded.Decision.Monitoring
		if !reflect.DeepEqual(again.Fired, unsuppressed(want.Fired)) || len(again.Failed) != len(want.Failed) {
			t.Fatalf("seq %d: again %+v\nwant %+v", e.Seq, again, want)
		}
		for _, f := range again.Fired {
			fired[f.RuleID]++
		}
		then, err := told.Fired()
		if err != nil {
			t.Fatal(err)
		}
		overlaps += len(then) * len(again.Fired)
		if err := tester.Take(told); err != nil {
			t.Fatal(err)
		}
	}
	for i, outcome := range tester.Report().Rules {
		if outcome.Fired != fired[rules[i].ID] || outcome.Fired == 0 {
			t.Errorf("%s: fires %d times in the backtest, %d times in truth", conditions[i], outcome.Fired, fired[rules[i].ID])
		}
		if alone := d.tested(t, rules[i]); !reflect.DeepEqual(alone, outcome) {
			t.Errorf("%s: told what it reads alone %+v\ntold all %+v", conditions[i], alone, outcome)
		}
		for _, n := range outcome.Overlap {
			overlaps -= n
		}
	}
	if overlaps != 0 {
		t.Errorf("overlaps differ by %d", overlaps)
	}
}

// all is what rules read that read all there is.
func all(string) bool { return true }

// tested runs one rule on the past, of which it is told what it reads.
func (d *desk) tested(t *testing.T, rule monitoring.Rule) monitoring.RuleOutcome {
	t.Helper()
	tester := monitoring.NewTester(monitoring.Trial{Rules: []monitoring.Rule{rule}})
	recall, err := ledger.NewRecall(tester.Reads)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range d.stored {
		told, err := recall.Take(domain.Payload{Seq: e.Seq, Kind: e.Event.Kind(), Raw: d.encoded(t, e.Event)})
		if err == nil && told != nil {
			err = tester.Take(told)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return tester.Report().Rules[0]
}

func unsuppressed(fired []domain.RuleFired) []domain.RuleFired {
	for i := range fired {
		fired[i].Suppressed = ""
	}
	return fired
}

// TestRecallRefuses gives it what is no event.
func TestRecallRefuses(t *testing.T) {
	recall, err := ledger.NewRecall(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"activity.recorded", "customer.pushed"} {
		if _, err := recall.Take(domain.Payload{Kind: domain.Kind{Name: name, Version: 1}, Raw: []byte(`{"x":`)}); err == nil {
			t.Errorf("took in a broken %s", name)
		}
	}
}
