package monitoring_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"whocomply/domain/monitoring"
)

// sameWindows holds the windows of the differential test on an event against naive ones.
func sameWindows(t *testing.T, past *monitoring.Histories, set *monitoring.RuleSet, naive map[string][]*monitoring.Input, in monitoring.Input) {
	t.Helper()
	in.Past = past.Of(set, &in)
	fired := set.Evaluate(in).Fired
	for k := range differential {
		s := &differential[k]
		want := s.byHand(naive[fmt.Sprint(s.of, s.subject(&in))], &in)
		if len(fired) != len(differential) || !sameNumber(fired[k].Windows[0].Value, want) {
			t.Fatalf("event %s: %s = %+v, by hand %s", in.Event.ID, s.condition, fired, want)
		}
	}
}

func differentialSet() *monitoring.RuleSet {
	var rules []monitoring.Rule
	for i, s := range differential {
		r := rule(s.condition + " >= 0")
		r.ID = fmt.Sprint("rul_", i)
		rules = append(rules, r)
	}
	return monitoring.NewRuleSet(rules...)
}

// TestForgettingChangesNoWindow goes through eleven years, of which most is forgotten several times over.
// From the middle on a clone goes its own way.
func TestForgettingChangesNoWindow(t *testing.T) {
	set, past, naive := differentialSet(), monitoring.NewHistories(), map[string][]*monitoring.Input{}
	r, at := rand.New(rand.NewPCG(3, 3)), noon
	var clone *monitoring.Histories
	for i := range 16_000 {
		in := random(r, i, &at)
		at = at.Add(6 * time.Hour)
		who := r.IntN(6)
		in.Customer.ID, in.Transaction.Account = fmt.Sprint("cus_", who), fmt.Sprint("a", who)
		if i%3 == 0 { // the names of most counterparties are forgotten, too
			in.Transaction.Counterparty.Account = fmt.Sprint("once", i)
		}
		if i%20 == 0 {
			sameWindows(t, past, set, naive, in)
		}
		if i == 8000 {
			clone = past.Clone()
			other := in
			other.Customer.ID, other.Transaction.Account = "cus_0", "a0"
			clone.Record(&other)
		}
		if clone != nil && i%100 == 0 {
			clone.Record(&in)
		}
		past.Record(&in)
		for of, subject := range []func(*monitoring.Input) string{byCustomer, byAccount, byCounterparty} {
			key := fmt.Sprint(of, subject(&in))
			naive[key] = append(naive[key], &in)
		}
	}
}

// TestNamesAreToldApart gives each of many subjects its own past, whatever its name looks like.
func TestNamesAreToldApart(t *testing.T) {
	past, set := monitoring.NewHistories(), monitoring.NewRuleSet(rule(`customer.last("400d").count() > 0`))
	name := func(i int) string { return strings.Repeat("x", i%7*i%70_001) + fmt.Sprint(i) }
	for i := range 3000 {
		for range 1 + i%3 {
			in := payment(t, time.Minute, "1", "EUR", of(name(i)))
			past.Record(&in)
		}
	}
	for i := range 3000 {
		in := payment(t, 0, "1", "EUR", of(name(i)))
		in.Past = past.Of(set, &in)
		if got := set.Evaluate(in).Fired[0].Windows[0].Value; got != fmt.Sprint(2+i%3) {
			t.Fatalf("%d: %s events", i, got)
		}
	}
}

// TestHistoriesAreSmall weighs the past of events of known accounts, and of such that each name an account
// and a counterparty that none before has named.
func TestHistoriesAreSmall(t *testing.T) {
	const events, customers = 100_000, 5000
	for known, limit := range map[bool]float64{true: 100, false: 170} {
		r, past := rand.New(rand.NewPCG(1, 1)), monitoring.NewHistories()
		before := heap()
		for i := range events {
			in := ordinary(r, i, customers)
			if !known {
				in.Transaction.Account, in.Transaction.Counterparty.Account = fmt.Sprintf("NL66BNCH%010d", i), fmt.Sprintf("NL77BNCH%010d", i)
			}
			past.Record(&in)
		}
		each := float64(heap()-before) / events
		runtime.KeepAlive(past)
		t.Logf("known accounts %v: %.0f bytes an event", known, each)
		if each > limit {
			t.Errorf("known accounts %v: %.0f bytes an event, want at most %.0f", known, each, limit)
		}
	}
}

// heap is what is live.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestPastStaysAsItIs evaluates on a past while it goes on.
func TestPastStaysAsItIs(t *testing.T) {
	past, set := monitoring.NewHistories(), monitoring.NewRuleSet(rule(`customer.last("400d").sum() > 0`))
	done := make(chan bool)
	for i := range 2000 {
		in := payment(t, 0, "1", "EUR")
		in.Past = past.Of(set, &in)
		go func() {
			got := set.Evaluate(in).Fired[0].Windows[0].Value
			done <- got == fmt.Sprint(i+1)
		}()
		late := payment(t, time.Duration(i*7919%100_000)*time.Second, "1", "EUR")
		past.Record(&late)
	}
	for range 2000 {
		if !<-done {
			t.Fatal("a past has changed")
		}
	}
}
