package monitoring_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// thousands is a past of ten customers, a payment of each in turn every hour.
func thousands(t testing.TB, n int) func(func(*monitoring.Recorded) bool) {
	return func(yield func(*monitoring.Recorded) bool) {
		for i := range n {
			in := payment(t, time.Duration(n-i)*time.Hour, "1000", "EUR", of([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}[i%10]))
			fired := []string{"rul_old"}
			if i%4 > 0 {
				fired = nil
			}
			if !yield(&monitoring.Recorded{Input: in, Fired: thatFired(fired...)}) {
				return
			}
		}
	}
}

func thatFired(ids ...string) func() ([]string, error) {
	return func() ([]string, error) { return ids, nil }
}

// run gives a trial all events.
func run(t testing.TB, trial monitoring.Trial, events func(func(*monitoring.Recorded) bool)) monitoring.Backtest {
	t.Helper()
	tester := monitoring.NewTester(trial)
	for event := range events {
		if err := tester.Take(event); err != nil {
			t.Fatal(err)
		}
	}
	return tester.Report()
}

func TestBacktest(t *testing.T) {
	every, windowed, broken := rule("true"), rule(`customer.last("30h").sum() >= 3000`), rule(`event.data.absent == 1`)
	every.ID, windowed.ID, broken.ID = "rul_1", "rul_2", "rul_3"
	every.Mode, windowed.DedupBy, windowed.CoolDown = "off", "customer", "5d"
	b := run(t, monitoring.Trial{Rules: []monitoring.Rule{every, windowed, broken}, From: noon.Add(-240 * time.Hour)}, thousands(t, 480))
	if b.Events != 240 || b.To.Sub(b.From) != 239*time.Hour || len(b.Rules) != 3 {
		t.Fatalf("%+v", b)
	}
	if r := b.Rules[0]; r.Fired != 240 || r.Alerts != 240 || r.BusiestDay != 24 || r.Overlap["rul_old"] != 60 || len(r.Customers) != 10 || r.Customers[0].Alerts != 24 {
		t.Errorf("every event: %+v", r)
	}
	// Each customer pays every 10 hours, so that 3 payments lie within 30 hours from the first
	// event on, and every 12th comes 5 days after the alert before.
	if r := b.Rules[1]; r.Fired != 240 || r.Alerts != 20 || len(r.Customers) != 10 {
		t.Errorf("a window with a cool-down: %+v", r)
	}
	if r := b.Rules[2]; r.Failed != 240 || r.Reason == "" || r.Fired != 0 {
		t.Errorf("a rule that fails: %+v", r)
	}
}

func TestSweep(t *testing.T) {
	template, _ := monitoring.FindTemplate("cash-aggregate")
	rules, err := template.Sweep(map[string]string{"window": "30h"}, "threshold", []string{"1000", "3000", "3001"})
	if err != nil {
		t.Fatal(err)
	}
	b := run(t, monitoring.Trial{Rules: rules}, thousands(t, 100))
	for i, want := range []int{100, 80, 0} {
		if b.Rules[i].Fired != want {
			t.Errorf("at %s: %+v, want %d", rules[i].ID, b.Rules[i], want)
		}
	}
	if _, err := template.Sweep(nil, "limit", []string{"1"}); err == nil {
		t.Error("swept over a parameter that there is not")
	}
}

func TestSweepOfACondition(t *testing.T) {
	r := rule(`customer.last({window}).sum() >= 3000`)
	rules, err := monitoring.Sweep(r, "window", []string{"20h", "30h"})
	if err != nil {
		t.Fatal(err)
	}
	b := run(t, monitoring.Trial{Rules: rules}, thousands(t, 100))
	if b.Rules[0].Fired != 0 || b.Rules[1].Fired != 80 {
		t.Errorf("%+v", b)
	}
	for values, field := range map[string]string{"1,1": "sweep.values", "": "sweep.values", "1 || true": "sweep.values", `"7d"`: "sweep.values"} {
		if _, err := monitoring.Sweep(r, "window", strings.Split(values, ",")); !isField(err, field) {
			t.Errorf("%q: %v", values, err)
		}
	}
	if _, err := monitoring.Sweep(r, "limit", []string{"1"}); !isField(err, "sweep.parameter") {
		t.Errorf("swept over what there is not: %v", err)
	}
}

func isField(err error, field string) bool {
	e, ok := err.(*domain.Error)
	return ok && e.Field == field
}

// TestBacktestBetween runs on a period alone, with the past before it, and not on what came after.
func TestBacktestBetween(t *testing.T) {
	r := rule(`customer.last("30h").count() >= 3`)
	from, to := noon.Add(-50*time.Hour), noon.Add(-41*time.Hour)
	if b := run(t, monitoring.Trial{Rules: []monitoring.Rule{r}, From: from, To: to}, thousands(t, 100)); b.Events != 10 || b.Rules[0].Fired != 10 || !b.From.Equal(from) || !b.To.Equal(to) {
		t.Errorf("%+v", b)
	}
}

// TestBacktestIsBounded runs more of the past through a tester than it may keep: what no window can
// reach is dropped, and what must be kept and does not fit is an error.
func TestBacktestIsBounded(t *testing.T) {
	short, long := rule(`customer.last("1h").count() >= 1`), rule(`customer.last("400d").count() >= 1`)
	many := func(yield func(*monitoring.Recorded) bool) {
		for i := range 20_000 { // each of another customer
			in := payment(t, time.Duration(20_000-i)*time.Hour, "1", "EUR", of(strconv.Itoa(i)))
			if !yield(&monitoring.Recorded{Input: in, Fired: thatFired()}) {
				return
			}
		}
	}
	if b := run(t, monitoring.Trial{Rules: []monitoring.Rule{short}, Entries: 2000}, many); b.Rules[0].Fired != 20_000 {
		t.Errorf("%+v", b)
	}
	tester := monitoring.NewTester(monitoring.Trial{Rules: []monitoring.Rule{long}, Entries: 2000})
	for event := range many {
		if err := tester.Take(event); err != nil {
			if domain.CodeOf(err) != domain.Conflict {
				t.Error(err)
			}
			return
		}
	}
	t.Error("kept more than it may")
}

func BenchmarkBacktest(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var events []monitoring.Recorded
	for i := range 200_000 {
		events = append(events, monitoring.Recorded{Input: ordinary(r, i, 2000), Fired: thatFired()})
	}
	for name, condition := range map[string]string{
		"one event":   `transaction.channel == "cash" && transaction.amount >= 9000`,
		"one window":  `transaction.direction == "in" && customer.last("7d").direction("in").sum() >= 20000`,
		"structuring": `transaction.channel == "cash" && transaction.amount >= 3000 && customer.last("30d").channel("cash").at_least(3000).below(5000).count() >= 3`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run(b, monitoring.Trial{Rules: []monitoring.Rule{rule(condition)}}, func(yield func(*monitoring.Recorded) bool) {
					for i := range events {
						if event := events[i]; !yield(&event) {
							return
						}
					}
				})
			}
			b.ReportMetric(float64(b.N*len(events))/b.Elapsed().Seconds(), "events/s")
		})
	}
}
