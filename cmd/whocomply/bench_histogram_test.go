package main

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHistogramError holds every quantile against the sorted durations: within 1 % of the one it stands for.
func TestHistogramError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		durations := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 200).Draw(t, "durations")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		var h histogram
		below := 0
		for _, d := range durations {
			h.add(time.Duration(d))
		}
		got := float64(h.quantile(q))
		for _, d := range durations {
			if float64(d) <= got*1.01 {
				below++
			}
		}
		if rank := math.Ceil(q * float64(len(durations))); float64(below) < rank {
			t.Fatalf("quantile %v is %v, but only %d of %d are not above", q, got, below, len(durations))
		}
		above := 0
		for _, d := range durations {
			if float64(d) >= got*0.99 {
				above++
			}
		}
		if rank := math.Ceil(q * float64(len(durations))); float64(above) < float64(len(durations))-max(rank, 1)+1 {
			t.Fatalf("quantile %v is %v, but only %d of %d are not below", q, got, above, len(durations))
		}
	})
}

// TestBuckets checks that buckets follow each other without gaps up to the greatest duration.
func TestBuckets(t *testing.T) {
	for _, v := range []uint64{0, 1, 63, 64, 127, 128, 129, 255, 256, 1e3, 1e6, 1e9, 1<<40 - 1, 1 << 40, math.MaxInt64} {
		b := bucketOf(v)
		if b >= len(histogram{}.counts) {
			t.Fatalf("%d falls into bucket %d of %d", v, b, len(histogram{}.counts))
		}
		if back := bucketOf(uint64(bucketMiddle(b))); back != b {
			t.Errorf("%d falls into bucket %d, the middle of which falls into %d", v, b, back)
		}
		if next := bucketOf(v + 1); next != b && next != b+1 {
			t.Errorf("%d falls into bucket %d, but %d into %d", v, b, v+1, next)
		}
	}
}

func TestHistogramMerge(t *testing.T) {
	var a, b histogram
	a.add(time.Millisecond)
	b.add(3 * time.Millisecond)
	b.add(-time.Second)
	a.merge(&b)
	if got := a.quantile(0); a.total != 3 || got != 0 {
		t.Errorf("total %d, least %s", a.total, got)
	}
	if got := (&histogram{}).quantile(0.5); got != 0 {
		t.Errorf("median of nothing is %s", got)
	}
}
