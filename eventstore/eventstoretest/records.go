package eventstoretest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

func testRoundTrip(t *testing.T, s eventstore.Store) {
	wantSize(t, s, "acme", 0)
	mustAppend(t, s, BatchOf("acme", 0, 1))
	mustAppend(t, s, BatchOf("acme", 1, 3))
	mustAppend(t, s, BatchOf("acme", 4, 300))
	if n := CheckPrefix(t, s, "acme", 304); n != 304 {
		t.Errorf("%d records, want 304", n)
	}
	wantSize(t, s, "acme", 304)
	if s.Err() != nil {
		t.Errorf("Err of a sound store: %v", s.Err())
	}
}

func testShapes(t *testing.T, s eventstore.Store) {
	zeros, ones := bytes.Repeat([]byte{0}, 300), bytes.Repeat([]byte{0xff}, 300)
	want := []chain.Record{
		{},
		{Note: []byte("note")},
		{Payload: []byte("payload")},
		{Salt: [chain.SaltSize]byte{31: 1}},
		{Note: zeros, Salt: [chain.SaltSize]byte(ones), Payload: ones},
		{Note: ones, Payload: zeros},
		{Note: []byte("\n\n— not a signature"), Payload: []byte("\x00\r\n\x80")},
	}
	mustAppend(t, s, eventstore.Batch{Ledger: "acme", Records: want})
	for got, err := range s.Read(t.Context(), "acme", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !equal(got, eventstore.Stored{Seq: got.Seq, Record: want[got.Seq]}) {
			t.Errorf("record %d came back as %q", got.Seq, got.Record)
		}
	}
	wantSize(t, s, "acme", int64(len(want)))
}

func testReadFrom(t *testing.T, s eventstore.Store) {
	const n = 700
	mustAppend(t, s, BatchOf("acme", 0, n))
	for _, from := range []int64{0, 1, 255, 256, 257, n - 1, n, n + 1, 1 << 40} {
		next := from
		for r, err := range s.Read(t.Context(), "acme", from) {
			if err != nil || r.Seq != next {
				t.Fatalf("read from %d gave record %d, %v; want %d", from, r.Seq, err, next)
			}
			next++
		}
		if want := max(from, n); next != want {
			t.Errorf("read from %d ended at %d, want %d", from, next, want)
		}
	}
	for r, err := range s.Read(t.Context(), "never", 0) {
		t.Errorf("a ledger that was never written gave record %d, %v", r.Seq, err)
	}
	wantError(t, readError(t.Context(), s, "acme", -1), eventstore.ErrInvalid)
}

func testReadBreak(t *testing.T, s eventstore.Store) {
	mustAppend(t, s, BatchOf("acme", 0, 600))
	for _, stop := range []int64{0, 255, 256, 599} {
		for r := range s.Read(t.Context(), "acme", 0) {
			if r.Seq == stop {
				break
			}
		}
	}
	mustAppend(t, s, BatchOf("acme", 600, 1)) // No reader is left that could stand in the way.
}

func testReadBound(t *testing.T, s eventstore.Store) {
	mustAppend(t, s, BatchOf("acme", 0, 2))
	records := s.Read(t.Context(), "acme", 0)
	mustAppend(t, s, BatchOf("acme", 2, 2))
	for range 2 { // A sequence may be read again.
		var seqs []int64
		for r, err := range records {
			if err != nil {
				t.Fatal(err)
			}
			seqs = append(seqs, r.Seq)
		}
		if !slices.Equal(seqs, []int64{0, 1}) {
			t.Errorf("read gave %v, want what was there at the time of the call", seqs)
		}
	}
}

// testOwnership appends, and spoils what it was given, while it reads.
func testOwnership(t *testing.T, s eventstore.Store) {
	b := BatchOf("acme", 0, 600)
	mustAppend(t, s, b)
	for _, r := range b.Records {
		clear(r.Note) // The batch is the caller's again.
		clear(r.Payload)
	}
	var kept []eventstore.Stored
	for r, err := range s.Read(t.Context(), "acme", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Seq%100 == 0 {
			mustAppend(t, s, BatchOf("acme", 600+r.Seq, 100))
			CheckPrefix(t, s, "acme", 600+r.Seq+100) // Another reader has memory of its own.
		}
		kept = append(kept, eventstore.Stored{Seq: r.Seq, Record: r.Clone()})
		_ = append(r.Note, "and more"...) // Growing one slice must not touch its neighbour,
		_ = append(r.Payload, "and more"...)
		clear(r.Note) // nor changing it the store.
		clear(r.Payload)
	}
	for i, r := range kept {
		if !equal(r, eventstore.Stored{Seq: int64(i), Record: Record("acme", int64(i))}) {
			t.Fatalf("record %d came back as %q", i, r.Note)
		}
	}
	CheckPrefix(t, s, "acme", 1200)
}

func testConflict(t *testing.T, s eventstore.Store) {
	mustAppend(t, s, BatchOf("acme", 0, 5))
	for _, first := range []int64{0, 4, 6, 1000} {
		err := s.Append(t.Context(), BatchOf("acme", first, 2))
		var conflict *eventstore.ConflictError
		if !errors.As(err, &conflict) || *conflict != (eventstore.ConflictError{Ledger: "acme", Expected: first, Size: 5}) {
			t.Errorf("append at %d of a ledger of 5: %v", first, err)
		}
	}
	err := s.Append(t.Context(), BatchOf("other", 1, 1))
	if conflict := (*eventstore.ConflictError)(nil); !errors.As(err, &conflict) {
		t.Errorf("append at 1 of an empty ledger: %v", err)
	}
	mustAppend(t, s, BatchOf("acme", 5, 1))
	CheckPrefix(t, s, "acme", 6)
	wantSize(t, s, "other", 0)
	wantSize(t, s, "acme", 6)
}

func testRefused(t *testing.T, s eventstore.Store) {
	tooLarge := eventstore.Batch{Ledger: "acme", Records: []chain.Record{{Payload: make([]byte, eventstore.MaxBatchBytes)}}}
	for name, b := range map[string]eventstore.Batch{
		"empty":     {Ledger: "acme"},
		"negative":  BatchOf("acme", -1, 1),
		"no name":   BatchOf("", 0, 1),
		"bad name":  BatchOf("a b", 0, 1),
		"too large": tooLarge,
	} {
		t.Run(name, func(t *testing.T) { wantError(t, s.Append(t.Context(), b), eventstore.ErrInvalid) })
	}
	if ledgers, err := s.Ledgers(t.Context()); err != nil || len(ledgers) != 0 {
		t.Errorf("ledgers %v, %v after refused batches, want none", ledgers, err)
	}
}

func testNames(t *testing.T, s eventstore.Store) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	names := []string{
		"a", "A", "0", letters, "z._-/:", "example.com:8443/acme", "a/b/c", "a/", "a", "ab",
		strings.Repeat("n", eventstore.MaxLedgerName),
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for i, name := range names {
		mustAppend(t, s, BatchOf(name, 0, i+1))
	}
	got, err := s.Ledgers(t.Context())
	if err != nil || !slices.Equal(got, names) {
		t.Errorf("ledgers %q, %v; want %q", got, err, names)
	}
	for i, name := range names {
		if n := CheckPrefix(t, s, name, int64(i+1)); n != int64(i+1) {
			t.Errorf("%s has %d records, want %d", name, n, i+1)
		}
	}
	for _, name := range []string{"", ".a", "-a", "/a", "a b", "a\n", "a\x00", "ü", "a+b", "$all", strings.Repeat("n", 201)} {
		wantError(t, s.Append(t.Context(), BatchOf(name, 0, 1)), eventstore.ErrInvalid)
		_, err := s.Size(t.Context(), name)
		wantError(t, err, eventstore.ErrInvalid)
	}
}

func testLarge(t *testing.T, s eventstore.Store) {
	payload := bytes.Repeat([]byte("0123456789abcdef"), 900<<10/16)
	for seq := range int64(4) {
		payload[0] = byte(seq)
		mustAppend(t, s, eventstore.Batch{Ledger: "acme", First: seq, Records: []chain.Record{{Payload: payload}}})
	}
	for r, err := range s.Read(t.Context(), "acme", 0) {
		payload[0] = byte(r.Seq)
		if err != nil || !bytes.Equal(r.Payload, payload) {
			t.Fatalf("record %d: %d bytes, %v", r.Seq, len(r.Payload), err)
		}
	}
	wantSize(t, s, "acme", 4)
	full := eventstore.Batch{Ledger: "full", Records: []chain.Record{{Note: []byte("n")}, {Note: []byte("m")}}}
	full.Records[1].Payload = make([]byte, eventstore.MaxBatchBytes-full.Size())
	mustAppend(t, s, full)
	wantSize(t, s, "full", 2)
}
