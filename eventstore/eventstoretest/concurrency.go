package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

func testCancelled(t *testing.T, s eventstore.Store) {
	mustAppend(t, s, BatchOf("acme", 0, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, s.Append(ctx, BatchOf("acme", 1, 1)), context.Canceled)
	wantError(t, readError(ctx, s, "acme", 0), context.Canceled)
	_, err := s.Size(ctx, "acme")
	wantError(t, err, context.Canceled)
	_, err = s.Ledgers(ctx)
	wantError(t, err, context.Canceled)
	wantSize(t, s, "acme", 1)

	ctx, cancel = context.WithCancel(t.Context())
	mustAppend(t, s, BatchOf("acme", 1, 2000))
	var last error
	for r, err := range s.Read(ctx, "acme", 0) {
		if last = err; r.Seq == 10 {
			cancel()
		}
	}
	wantError(t, last, context.Canceled)
	cancel()
}

// testRace lets writers fight for one ledger: each seq must go to exactly one of them.
func testRace(t *testing.T, s eventstore.Store) {
	const writers, size = 8, 200
	var wg sync.WaitGroup
	var wins [size]atomic.Int32
	for w := range writers {
		wg.Go(func() {
			for seq := int64(0); seq < size; {
				r := chain.Record{Note: fmt.Appendf(nil, "%d by %d", seq, w)}
				err := s.Append(t.Context(), eventstore.Batch{Ledger: "acme", First: seq, Records: []chain.Record{r}})
				var conflict *eventstore.ConflictError
				switch {
				case err == nil:
					wins[seq].Add(1)
					seq++
				case errors.As(err, &conflict):
					seq = conflict.Size
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	wantSize(t, s, "acme", size)
	for seq := range wins {
		if n := wins[seq].Load(); n != 1 {
			t.Errorf("record %d was acknowledged %d times", seq, n)
		}
	}
}

func testManyLedgers(t *testing.T, s eventstore.Store) {
	const ledgers = 60
	name := func(i int) string { return fmt.Sprintf("tenant-%03d", i) }
	var wg sync.WaitGroup
	for i := range ledgers {
		wg.Go(func() {
			for first := int64(0); first < 20; first += 2 {
				if err := s.Append(t.Context(), BatchOf(name(i), first, 2)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range ledgers {
		CheckPrefix(t, s, name(i), 20)
	}
	if names, err := s.Ledgers(t.Context()); err != nil || len(names) != ledgers {
		t.Errorf("%d ledgers, %v; want %d", len(names), err, ledgers)
	}
}

// testReadWhileAppending holds that an acknowledged record is readable at once, and that no read meets a gap.
func testReadWhileAppending(t *testing.T, s eventstore.Store) {
	const size = 400
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for seen := int64(0); seen < size && !t.Failed(); {
				floor, next := acknowledged.Load(), int64(0)
				for r, err := range s.Read(t.Context(), "acme", 0) {
					if err != nil || r.Seq != next || !equal(r, eventstore.Stored{Seq: next, Record: Record("acme", next)}) {
						t.Errorf("read gave record %d, %v; want %d", r.Seq, err, next)
						return
					}
					next++
				}
				if next < floor {
					t.Errorf("read ended at %d, %d were acknowledged before", next, floor)
				}
				seen = next
			}
		})
	}
	for first := int64(0); first < size; first += 4 {
		mustAppend(t, s, BatchOf("acme", first, 4))
		acknowledged.Store(first + 4)
	}
	wg.Wait()
}

// testClosed holds that Close waits for the appends it finds, and that nothing works after it.
func testClosed(t *testing.T, s eventstore.Store) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ledger := fmt.Sprintf("tenant-%d", i)
			for first := int64(0); ; first++ {
				if err := s.Append(t.Context(), BatchOf(ledger, first, 1)); err != nil {
					if !errors.Is(err, eventstore.ErrClosed) {
						t.Errorf("append beside Close: %v", err)
					}
					return
				}
			}
		})
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	wg.Wait()
	wantError(t, s.Append(t.Context(), BatchOf("late", 0, 1)), eventstore.ErrClosed)
	wantError(t, readError(t.Context(), s, "late", 0), eventstore.ErrClosed)
	_, err := s.Size(t.Context(), "late")
	wantError(t, err, eventstore.ErrClosed)
	_, err = s.Ledgers(t.Context())
	wantError(t, err, eventstore.ErrClosed)
}
