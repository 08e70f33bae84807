// Package eventstoretest holds every engine of the event store to the contract in eventstore/store.go.
package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// Engine is what the suite needs to know of an implementation. The suite closes what the functions return.
type Engine struct {
	// Open returns a new empty store.
	Open func(t *testing.T) eventstore.Store
	// Reopen closes the store and opens the same data again; nil for an engine that keeps none.
	Reopen func(t *testing.T, s eventstore.Store) eventstore.Store
	// Crash opens a second store on the data as a crash at this moment would leave it, while the first goes on; nil
	// for an engine that cannot.
	Crash func(t *testing.T, s eventstore.Store) eventstore.Store
	// Fail makes the next append fail for good; nil for an engine that cannot be made to.
	Fail func(t *testing.T, s eventstore.Store)
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	for _, tc := range []struct {
		name string
		test func(t *testing.T, s eventstore.Store)
	}{
		{"round trip", testRoundTrip},
		{"records of every shape", testShapes},
		{"read from anywhere", testReadFrom},
		{"read stops early", testReadBreak},
		{"read ends at the size it met", testReadBound},
		{"slices are the reader's for a while", testOwnership},
		{"conflict writes nothing", testConflict},
		{"refused batches", testRefused},
		{"names", testNames},
		{"cancelled", testCancelled},
		{"one writer wins each seq", testRace},
		{"ledgers side by side", testManyLedgers},
		{"read while appending", testReadWhileAppending},
		{"large records", testLarge},
		{"copy", func(t *testing.T, s eventstore.Store) { testCopy(t, s, open(t, e)) }},
		{"random histories", testModel},
		{"closed", testClosed},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.test(t, open(t, e)) })
	}
	if e.Reopen != nil {
		t.Run("reopen", func(t *testing.T) { testReopen(t, e) })
	}
	if e.Crash != nil {
		t.Run("durable before the return", func(t *testing.T) { testDurable(t, e) })
	}
	if e.Fail != nil {
		t.Run("failure is final", func(t *testing.T) { testFailure(t, e) })
	}
}

// open opens a store for the length of the test.
func open(t *testing.T, e Engine) eventstore.Store { return closing(t, e.Open(t)) }

func closing(t *testing.T, s eventstore.Store) eventstore.Store {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Record returns a record that its ledger and seq determine, so that a misplaced one shows.
func Record(ledger string, seq int64) chain.Record {
	r := chain.Record{
		Note:    fmt.Appendf(nil, "%s\n%d\n\n— sig\n", ledger, seq),
		Payload: fmt.Appendf(nil, `{"n":%d,"pad":"%0*d"}`, seq, int(seq%97), 0),
	}
	copy(r.Salt[:], fmt.Sprintf("%032d", seq))
	return r
}

// BatchOf returns the batch of the n records from first, as Record makes them.
func BatchOf(ledger string, first int64, n int) eventstore.Batch {
	b := eventstore.Batch{Ledger: ledger, First: first}
	for i := range n {
		b.Records = append(b.Records, Record(ledger, first+int64(i)))
	}
	return b
}

// CheckPrefix fails the test unless the ledger holds at least n records, no gap, and each as Record makes it; it
// returns how many there are.
func CheckPrefix(t testing.TB, s eventstore.Store, ledger string, n int64) int64 {
	t.Helper()
	var next int64
	for got, err := range s.Read(context.WithoutCancel(t.Context()), ledger, 0) {
		if err != nil {
			t.Fatalf("read %s: %v", ledger, err)
		}
		want := eventstore.Stored{Seq: next, Record: Record(ledger, next)}
		if !equal(got, want) {
			t.Fatalf("%s: record %d is %d %q", ledger, next, got.Seq, got.Note)
		}
		next++
	}
	if next < n {
		t.Fatalf("%s: %d records, want at least %d", ledger, next, n)
	}
	return next
}

func mustAppend(t testing.TB, s eventstore.Store, b eventstore.Batch) {
	t.Helper()
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatalf("append %s at %d: %v", b.Ledger, b.First, err)
	}
}

func wantSize(t testing.TB, s eventstore.Store, ledger string, want int64) {
	t.Helper()
	if got, err := s.Size(t.Context(), ledger); err != nil || got != want {
		t.Fatalf("size of %s is %d, %v; want %d", ledger, got, err, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// readError returns the error a read ends with.
func readError(ctx context.Context, s eventstore.Store, ledger string, from int64) error {
	for _, err := range s.Read(ctx, ledger, from) {
		if err != nil {
			return err
		}
	}
	return nil
}

func equal(a, b eventstore.Stored) bool {
	return a.Seq == b.Seq && a.Salt == b.Salt && string(a.Note) == string(b.Note) && string(a.Payload) == string(b.Payload)
}
