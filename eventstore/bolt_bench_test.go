package eventstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// benchRecord is about the size of a decided transaction event: 400 bytes of note, 600 of payload.
func benchRecord() chain.Record {
	return chain.Record{Note: make([]byte, 400), Payload: make([]byte, 600)}
}

func benchBatch(ledger string, n int) eventstore.Batch {
	b := eventstore.Batch{Ledger: ledger}
	for range n {
		b.Records = append(b.Records, benchRecord())
	}
	return b
}

func BenchmarkBoltAppend(b *testing.B) {
	for _, n := range []int{1, 16, 64, 256, 900} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			s := openBolt(b, b.TempDir())
			batch := benchBatch("acme", n)
			for b.Loop() {
				if err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				batch.First += int64(n)
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkBoltAppendParallel(b *testing.B) {
	for _, writers := range []int{8, 64} {
		b.Run(fmt.Sprintf("ledgers=%d", writers), func(b *testing.B) {
			s := openBolt(b, b.TempDir())
			var next atomic.Int64
			b.SetParallelism(writers / 2) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				batch := benchBatch(fmt.Sprintf("tenant-%d", next.Add(1)), 1)
				for pb.Next() {
					if err := s.Append(b.Context(), batch); err != nil {
						b.Error(err)
						return
					}
					batch.First++
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkBoltScan(b *testing.B) {
	const n = 50_000
	s := openBolt(b, b.TempDir())
	fill(b, s, "acme", n)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range s.Read(b.Context(), "acme", 0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
}

func fill(tb testing.TB, s eventstore.Store, ledger string, n int) {
	tb.Helper()
	for first := 0; first < n; first += 500 {
		batch := benchBatch(ledger, min(500, n-first))
		batch.First = int64(first)
		if err := s.Append(tb.Context(), batch); err != nil {
			tb.Fatal(err)
		}
	}
}

func openBolt(tb testing.TB, dir string) *eventstore.Bolt {
	tb.Helper()
	s, err := eventstore.OpenBolt(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
