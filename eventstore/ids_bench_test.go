package eventstore_test

import (
	"fmt"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

const indexed = 1_000_000 // entries in the file before a benchmark begins

func BenchmarkIDs(b *testing.B) {
	x := openIDs(b, b.TempDir())
	names := make([]string, indexed+4<<20)
	for i := range names {
		names[i] = fmt.Sprintf("evt-%012d", i)
	}
	next := 0
	add := func(n int) {
		for range n {
			if err := x.Add("acme", names[next], eventstore.IDEntry{Seq: int64(next)}); err != nil {
				b.Fatal(err)
			}
			if next++; next%64 == 0 {
				x.Commit("acme", int64(next), chain.Hash{})
			}
		}
	}
	add(indexed)
	if err := x.Flush(); err != nil {
		b.Fatal(err)
	}
	lookup := func(b *testing.B, from int, want bool) {
		for i := 0; b.Loop(); i++ {
			_, found, err := x.Lookup("acme", names[from+i*7919%indexed])
			if err != nil || found != want {
				b.Fatal(found, err)
			}
		}
	}
	b.Run("lookup/known", func(b *testing.B) { lookup(b, 0, true) })
	b.Run("lookup/new", func(b *testing.B) { lookup(b, indexed, false) })
	b.Run("add and flush", func(b *testing.B) {
		for b.Loop() {
			add(1)
		}
	})
}

func openIDs(tb testing.TB, dir string) *eventstore.IDs {
	tb.Helper()
	x, err := eventstore.OpenIDs(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return x
}
