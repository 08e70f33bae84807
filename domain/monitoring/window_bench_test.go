package monitoring_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// BenchmarkHistories measures what an event costs the past, and what the past weighs.
func BenchmarkHistories(b *testing.B) {
	const customers = 20_000
	r := rand.New(rand.NewPCG(1, 1))
	past := monitoring.NewHistories()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		in := ordinary(r, i, customers)
		past.Record(&in)
		i++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(i), "B/event-kept")
	runtime.KeepAlive(past)
}

// BenchmarkForgetting measures the longest that one event keeps others waiting, when half of a million
// events of the past are written away.
func BenchmarkForgetting(b *testing.B) {
	for b.Loop() {
		r, past, longest := rand.New(rand.NewPCG(1, 1)), monitoring.NewHistories(), time.Duration(0)
		for i := range 1_200_000 { // three years of 1000 customers
			in := ordinary(r, i, 1000)
			start := time.Now()
			past.Record(&in)
			longest = max(longest, time.Since(start))
		}
		b.ReportMetric(float64(longest.Milliseconds()), "ms/longest")
	}
}

// ordinary is a payment as a bank has them: one a day for each of its customers.
func ordinary(r *rand.Rand, i, customers int) monitoring.Input {
	c := r.IntN(customers)
	value, _ := domain.ParseDecimal(fmt.Sprintf("%d.%02d", r.IntN(5000), r.IntN(100)))
	return monitoring.Input{
		Event:    monitoring.Event{Type: "transaction.created", OccurredAt: noon.Add(time.Duration(i) * (24 * time.Hour / time.Duration(customers)))},
		Customer: monitoring.Customer{ID: fmt.Sprintf("cus_%026d", c), Type: "individual", CountryOfResidence: "DE"},
		Transaction: &monitoring.Transaction{
			ID: "t", Amount: value, Currency: "EUR", Direction: []string{"in", "out"}[r.IntN(2)], Channel: []string{"online", "cash", "card"}[r.IntN(3)],
			Method: "sepa", Account: fmt.Sprintf("DE%020d", c), Counterparty: monitoring.Counterparty{
				Name: "Somebody", Account: fmt.Sprintf("FR%020d", r.IntN(5*customers)), Country: "FR",
			},
		},
	}
}

// BenchmarkCatalogue runs all 25 typologies on customers with a past of some hundred events.
func BenchmarkCatalogue(b *testing.B) {
	var rules []monitoring.Rule
	for i, template := range monitoring.Catalogue() {
		r, err := template.Rule(nil)
		if err != nil {
			b.Fatal(err)
		}
		r.ID = fmt.Sprintf("rul_%02d", i)
		rules = append(rules, r)
	}
	set := monitoring.NewRuleSet(rules...)
	for _, each := range []int{5, 50, 500, 5000} {
		b.Run(fmt.Sprintf("%d events a customer", each), func(b *testing.B) {
			customers := 100_000 / each
			r := rand.New(rand.NewPCG(1, 1))
			past := monitoring.NewHistories()
			var inputs []monitoring.Input
			for i := range 100_000 + 1000 {
				in := ordinary(r, i, customers)
				if i >= 100_000 {
					inputs = append(inputs, in)
					continue
				}
				past.Record(&in)
			}
			i, fired := 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				in := inputs[i%len(inputs)]
				in.Past = past.Of(set, &in)
				result := set.Evaluate(in)
				fired += len(result.Fired)
				if len(result.Failed) > 0 {
					b.Fatal(result.Failed)
				}
				i++
			}
			b.ReportMetric(float64(fired)/float64(i), "fired/event")
		})
	}
}
