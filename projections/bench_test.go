package projections_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"whocomply/domain"
)

const benchCustomers = 10_000

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// benchmarkApply measures CPU per event, in backlogs of the given size: what a load leaves
// to a round. Ids of customers and accounts are drawn at random; callers' ids count up.
func benchmarkApply(b *testing.B, batch int, events func(i int) []domain.Event) {
	source := newMemory()
	m := openNew(b, source)
	for i := range benchCustomers {
		id := fmt.Sprint(i)
		source.add("acme", pushed(id, 1, "verified"), rated(id, 10, "low"), opened(id, ""))
	}
	m.reach(b, "acme", source.show("acme", 3*benchCustomers))
	for i := range b.N {
		source.add("acme", events(i)...)
	}
	per := len(source.ledgers["acme"]) - 3*benchCustomers
	b.ResetTimer()
	start := cpuTime(b)
	for done := 0; done < per; done += batch {
		m.reach(b, "acme", source.show("acme", batch))
	}
	b.ReportMetric(float64((cpuTime(b)-start).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func BenchmarkApply(b *testing.B) {
	customer := func() string { return fmt.Sprint(rand.IntN(benchCustomers)) }
	kinds := map[string]func(int) []domain.Event{
		"event": func(i int) []domain.Event {
			return []domain.Event{recorded(customer(), fmt.Sprintf("evt-%09d", i), "transaction.created")}
		},
		"eventUUID": func(int) []domain.Event {
			return []domain.Event{recorded(customer(), fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()), "transaction.created")}
		},
		"posting": func(i int) []domain.Event {
			return []domain.Event{posted(fmt.Sprintf("p-%09d", i), "posted", balance(fmt.Sprint(2*rand.IntN(benchCustomers/2)), "100.00", "0.00", "0.00", "0.00"), balance(fmt.Sprint(1+2*rand.IntN(benchCustomers/2)), "0.00", "100.00", "0.00", "0.00"))}
		},
		"postingHot": func(i int) []domain.Event {
			return []domain.Event{posted(fmt.Sprintf("p-%09d", i), "posted", balance("1", "100.00", "0.00", "0.00", "0.00"), balance("2", "0.00", "100.00", "0.00", "0.00"))}
		},
		"rated": func(i int) []domain.Event { return []domain.Event{rated(customer(), i%100, "medium")} },
		"alert": func(i int) []domain.Event {
			return []domain.Event{raised(customer(), fmt.Sprintf("%09d", i), domain.High)}
		},
	}
	for _, kind := range []string{"event", "eventUUID", "posting", "postingHot", "rated", "alert"} {
		for _, batch := range []int{50, 200, 500} {
			b.Run(fmt.Sprintf("%s/batch%d", kind, batch), func(b *testing.B) { benchmarkApply(b, batch, kinds[kind]) })
		}
	}
}

func BenchmarkRead(b *testing.B) {
	source := newMemory()
	m := openNew(b, source)
	const many = 200_000 // more than the cache holds
	for i := range many {
		id := fmt.Sprint(i)
		source.add("acme", pushed(id, 1, "verified"), rated(id, 10, "low"))
	}
	m.reach(b, "acme", source.show("acme", 2*many))
	view := func(b *testing.B, id string) {
		if _, _, err := m.RiskView(b.Context(), "acme", id); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("riskViewHit", func(b *testing.B) {
		for b.Loop() {
			view(b, "cus_7")
		}
	})
	b.Run("riskViewHitExternal", func(b *testing.B) {
		for b.Loop() {
			view(b, "ext-7")
		}
	})
	b.Run("riskViewMiss", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			view(b, fmt.Sprint("ext-", i*7919%many))
		}
	})
	b.Run("customer", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := m.Customer(b.Context(), "acme", fmt.Sprint("ext-", i*7919%many)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkIdle measures from an append to an idle ledger until all models have it.
func BenchmarkIdle(b *testing.B) {
	source := newMemory()
	m := openNew(b, source)
	m.reach(b, "acme", source.put("acme", pushed("1", 1, "verified")))
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		time.Sleep(30 * time.Millisecond)
		b.StartTimer()
		m.reach(b, "acme", source.put("acme", recorded("1", fmt.Sprint("evt-", i), "login")))
	}
}
