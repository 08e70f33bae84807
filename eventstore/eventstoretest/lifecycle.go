package eventstoretest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

func testReopen(t *testing.T, e Engine) {
	s := e.Open(t)
	mustAppend(t, s, BatchOf("acme", 0, 1000))
	mustAppend(t, s, BatchOf("other", 0, 1))
	for round := range int64(3) {
		s = e.Reopen(t, s)
		wantSize(t, s, "acme", 1000+round)
		wantSize(t, s, "other", 1)
		wantSize(t, s, "never", 0)
		CheckPrefix(t, s, "acme", 1000+round)
		mustAppend(t, s, BatchOf("acme", 1000+round, 1))
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// testDurable takes the data away from under the store right after an append has returned.
func testDurable(t *testing.T, e Engine) {
	s := open(t, e)
	for n := int64(1); n <= 64; n *= 2 {
		mustAppend(t, s, BatchOf("acme", n-1, int(n)))
		left := e.Crash(t, s)
		CheckPrefix(t, left, "acme", 2*n-1)
		mustAppend(t, left, BatchOf("acme", 2*n-1, 1))
		if err := left.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func testFailure(t *testing.T, e Engine) {
	s := open(t, e)
	mustAppend(t, s, BatchOf("acme", 0, 3))
	e.Fail(t, s)
	wantError(t, s.Append(t.Context(), BatchOf("acme", 3, 1)), eventstore.ErrFailed)
	<-s.Failed()
	wantError(t, s.Err(), eventstore.ErrFailed)
	for _, ledger := range []string{"acme", "other"} {
		size, err := s.Size(t.Context(), ledger)
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, s.Append(t.Context(), BatchOf(ledger, size, 1)), eventstore.ErrFailed)
	}
	CheckPrefix(t, s, "acme", 3)
}

func testCopy(t *testing.T, src, dst eventstore.Store) {
	for _, step := range []struct{ from, to int64 }{{0, 1}, {1, 2000}, {2000, 2000}, {2000, 2001}} {
		for first := step.from; first < step.to; first += 500 {
			mustAppend(t, src, BatchOf("acme", first, int(min(500, step.to-first))))
		}
		n, err := eventstore.Copy(t.Context(), dst, src, "acme")
		if err != nil || n != step.to-step.from {
			t.Fatalf("copied %d, %v; want %d", n, err, step.to-step.from)
		}
		wantSize(t, dst, "acme", step.to)
	}
	CheckPrefix(t, dst, "acme", 2001)
	for seq := range int64(3) {
		mustAppend(t, src, eventstore.Batch{Ledger: "big", First: seq, Records: []chain.Record{{Payload: make([]byte, 600<<10)}}})
	}
	if n, err := eventstore.Copy(t.Context(), dst, src, "big"); n != 3 || err != nil {
		t.Errorf("copied %d large records, %v", n, err)
	}
	mustAppend(t, dst, BatchOf("acme", 2001, 1))
	_, err := eventstore.Copy(t.Context(), dst, src, "acme")
	wantError(t, err, eventstore.ErrInvalid) // the copy is longer
	other := BatchOf("fork", 2001, 1)
	other.Ledger = "acme"
	mustAppend(t, src, other)
	_, err = eventstore.Copy(t.Context(), dst, src, "acme")
	wantError(t, err, eventstore.ErrInvalid) // and now another
}

// testModel runs random appends beside the simplest thing that could be right, a number per ledger.
func testModel(t *testing.T, s eventstore.Store) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		sizes := make(map[string]int64)
		name := func(rt *rapid.T) string {
			return fmt.Sprintf("run-%d/%s", run, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "ledger"))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				ledger, n := name(rt), rapid.IntRange(1, 40).Draw(rt, "records")
				first := max(0, sizes[ledger]+rapid.SampledFrom([]int64{0, 0, 0, -1, 1}).Draw(rt, "off by"))
				err := s.Append(t.Context(), BatchOf(ledger, first, n))
				if first == sizes[ledger] {
					if err != nil {
						rt.Fatal(err)
					}
					sizes[ledger] += int64(n)
				} else if conflict := (*eventstore.ConflictError)(nil); !errors.As(err, &conflict) || conflict.Size != sizes[ledger] {
					rt.Fatalf("append at %d of %d: %v", first, sizes[ledger], err)
				}
			},
			"": func(rt *rapid.T) {
				for ledger, want := range sizes {
					if got, err := s.Size(t.Context(), ledger); err != nil || got != want {
						rt.Fatalf("%s has %d records, %v; want %d", ledger, got, err, want)
					}
				}
			},
		})
		for ledger, size := range sizes {
			CheckPrefix(t, s, ledger, size)
		}
	})
}
