package main

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/activity"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/eventstore"
)

// BenchmarkBacktest runs rules over a ledger of 100,000 events of 2,000 customers in a file, as
// POST …/backtest does, and tells events per second of processor time.
func BenchmarkBacktest(b *testing.B) {
	const events, customers = 100_000, 2_000
	tuneRuntime() // as the server does
	ledgers := benchLedger(b, events, customers)
	structuring, _ := monitoring.FindTemplate("structuring")
	typology, err := structuring.Rule(nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, condition := range []string{
		`transaction.channel == "cash" && transaction.amount >= 9000`,
		`transaction.direction == "in" && customer.last("7d").direction("in").sum() >= 20000`,
		`transaction.counterparty.country in lists.fatf_grey && convert(transaction.amount, transaction.currency, "EUR") > 1000`,
		typology.Condition,
	} {
		b.Run(condition[:24], func(b *testing.B) {
			trial := monitoring.Trial{Rules: []monitoring.Rule{{ID: "draft", Name: "Rule", EventTypes: []string{"*"}, Condition: condition}}}
			var seen int
			before := processorTime(b)
			for b.Loop() {
				tester := monitoring.NewTester(trial)
				recall, err := ledger.NewRecall(tester.Reads)
				if err != nil {
					b.Fatal(err)
				}
				for p, err := range ledgers.Payloads(b.Context(), "acme", 0) {
					if err != nil {
						b.Fatal(err)
					}
					event, err := recall.Take(p)
					if err == nil && event != nil {
						err = tester.Take(event)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				seen += tester.Report().Events
			}
			b.ReportMetric(float64(seen)/(processorTime(b)-before).Seconds(), "events/cpu-s")
			if seen != b.N*events {
				b.Fatalf("%d events", seen)
			}
		})
	}
}

// processorTime is what the process has used of all cores.
func processorTime(b *testing.B) time.Duration {
	runtime.GC()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// benchLedger records invented events in a ledger in a file.
func benchLedger(b *testing.B, events, customers int) *eventstore.Ledgers {
	dir := b.TempDir()
	store, err := eventstore.OpenBolt(dir)
	if err != nil {
		b.Fatal(err)
	}
	ids, err := eventstore.OpenIDs(dir)
	if err != nil {
		b.Fatal(err)
	}
	ledgers, err := eventstore.Open(b.Context(), eventstore.Options{
		Store: store, IDs: ids, Origin: "bench.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)),
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Appended: func(string, []domain.Envelope) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ledgers.Close()
		ids.Close()
		store.Close()
	})
	if _, err := ledgers.CreateTenant(b.Context(), "bench", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	var profiles, payments []ledger.Command
	for i := range customers {
		p := customer.Profile{ExternalID: customerID(i), Type: "individual", Email: "ann@example.com", FullName: randomName(r), CountryOfResidence: "NL"}
		profiles = append(profiles, &ledger.PushCustomer{Push: customer.Push{Profile: p}})
	}
	now := time.Now().UTC()
	for i := range events {
		e := inventEvent(r, "acme", customers, now.Add(time.Duration(i-events)*time.Minute))
		data, err := json.Marshal(e.Data)
		if err != nil {
			b.Fatal(err)
		}
		payments = append(payments, &ledger.RecordEvent{Input: activity.Input{
			EventID: fmt.Sprint(i), EventType: e.EventType, OccurredAt: e.OccurredAt, Customer: e.CustomerID, Data: data,
		}})
	}
	executeAll(b, ledgers, profiles)
	executeAll(b, ledgers, payments)
	return ledgers
}

// executeAll has commands carried out by 64 goroutines.
func executeAll(b *testing.B, ledgers *eventstore.Ledgers, commands []ledger.Command) {
	var all sync.WaitGroup
	for worker := range 64 {
		all.Go(func() {
			for i := worker; i < len(commands); i += 64 {
				if _, err := ledgers.Execute(b.Context(), "acme", "bench", commands[i]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
}
