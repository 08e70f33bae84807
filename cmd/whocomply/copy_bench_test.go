package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/activity"
	"whocomply/domain/chain"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
)

// asStore makes the test binary an event store, so that one can run in a process of its own.
const asStore = "WHOCOMPLY_TEST_AS_STORE"

// copyEnv says how many events BenchmarkLedgerCopy copies; 20,000 if it is not set.
const copyEnv = "WHOCOMPLY_COPY_EVENTS"

// serveStore never returns.
func serveStore() {
	err := esdbtest.ListenAndServe(context.Background(), "127.0.0.1:0", func(addr string) { fmt.Println("store at " + addr) })
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// startStore starts an event store in a process of its own and gives its connection string.
func startStore(p *program) string {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	s := p.background([]string{"/usr/bin/env", asStore + "=1", self})
	s.await("store at ")
	_, addr, _ := strings.Cut(strings.TrimSpace(s.stdout.line("store at ")), "store at ")
	return "esdb://" + addr + "?tls=false"
}

// BenchmarkLedgerCopy moves a ledger from a data directory to an event store in another process. The
// copy is killed half way and run again; the ledger's root is the same before, in between and after.
func BenchmarkLedgerCopy(b *testing.B) {
	events, err := strconv.Atoi(os.Getenv(copyEnv))
	if err != nil {
		events = 20_000
	}
	for b.Loop() {
		b.StopTimer()
		p := newProgram(b)
		p.tenant()
		record(p, events)
		before := must[[]chain.Report](p, "verify", "--tenant", "acme")[0]
		url := startStore(p)
		argv := p.bare("ledger", "copy", "--from", p.data, "--to", url, "--json")
		b.StartTimer()
		began := time.Now()
		copied := interrupt(p, url, argv, before.Size/2)
		first := time.Since(began)
		ran := runLine(b, argv)
		var done []ledgerCopied
		if err := json.Unmarshal([]byte(ran.stdout), &done); err != nil || ran.code != 0 {
			b.Fatalf("exit code %d, %v: %s", ran.code, err, ran.stderr)
		}
		if done[0].Root != before.Root || done[0].Size != before.Size || done[0].Copied > before.Size-copied {
			b.Errorf("copied %+v after %d of %+v", done[0], copied, before)
		}
		took := time.Since(began)
		b.ReportMetric(float64(before.Size)/took.Seconds(), "events/s")
		b.Logf("%d events, killed at %d after %.1f s; resumed with %d, copied and verified on both sides after %.1f s in all; root %s before and after",
			before.Size, copied, first.Seconds(), done[0].Copied, took.Seconds(), before.Root)
	}
}

// record records events of a customer in the data directory.
func record(p *program, events int) {
	t := p.t
	t.Helper()
	in, err := openInstance(t.Context(), dataFlags{Data: p.data, LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Ledgers.Execute(t.Context(), "acme", "test", &ledger.PushCustomer{Push: customer.Push{Profile: customer.Profile{
		ExternalID: "c-1", Type: "individual", Email: "ann@example.com", FullName: "Ann Example", CountryOfResidence: "DE",
	}}}); err != nil {
		t.Fatal(err)
	}
	const clients = 256
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for i := n; i < events; i += clients {
				if _, err := in.Ledgers.Execute(t.Context(), "acme", "test", &ledger.RecordEvent{Input: activity.Input{
					EventID: strconv.Itoa(i), EventType: "transaction.created", Customer: "c-1", OccurredAt: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC),
					Data: jsontext.Value(`{"transaction":{"id":"t-1","amount":"12.50","currency":"EUR","direction":"out"}}`),
				}}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
}

// interrupt kills a copy when the other side has so many events, and gives how many it has then.
func interrupt(p *program, url string, argv []string, at int64) (size int64) {
	t := p.t
	t.Helper()
	store, err := eventstore.OpenESDB(context.WithoutCancel(t.Context()), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	copying := p.background(argv)
	for size < at {
		if size, err = store.Size(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	copying.kill()
	if size, err = store.Size(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	return size
}
