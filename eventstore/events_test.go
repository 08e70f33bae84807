package eventstore_test

import (
	"fmt"
	"testing"

	"whocomply/domain"
	"whocomply/eventstore"
)

// TestEventsAtPositions asks for events near and far apart, from memory and from the store.
func TestEventsAtPositions(t *testing.T) {
	store, dir := eventstore.NewMemory(), t.TempDir()
	l := openLedgers(t, store, dir)
	for i := range 60 {
		execute(t, l, push(fmt.Sprint("c-", i)))
	}
	size, err := l.Size(t.Context(), "acme")
	if err != nil || size < 150 {
		t.Fatalf("%d events, %v", size, err)
	}
	l.Close()
	for name, l := range map[string]*eventstore.Ledgers{"stored": openLedgers(t, store, t.TempDir()), "live": openLedgers(t, store, t.TempDir())} {
		if name == "live" {
			execute(t, l, push("c-60"))
		}
		for _, seqs := range [][]int64{{}, {0}, {0, 1, 2}, {3, 40, 41, 149}, {1, 33, 34, 67, 100}, {size - 1}} {
			events, err := l.Events(t.Context(), "acme", seqs)
			if err != nil || len(events) != len(seqs) {
				t.Fatalf("%s: %v gave %d events, %v", name, seqs, len(events), err)
			}
			for i, e := range events {
				if e.Seq != seqs[i] || e.Ledger != "acme" || e.Event == nil {
					t.Errorf("%s: %v gave %+v", name, seqs, e)
				}
			}
		}
		if events, err := l.Events(t.Context(), "acme", []int64{1, size + 100}); domain.CodeOf(err) != domain.Unknown {
			t.Errorf("%s: beyond the end: %d events, %v", name, len(events), err)
		}
	}
}
