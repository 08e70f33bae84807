package main

import (
	"math"
	"math/bits"
	"time"
)

// histogramBits sets the resolution: the buckets of each power of two are 1/64 of it wide, so that the middle of a
// bucket is within 0.8 % of whatever fell into it.
const (
	histogramBits = 6
	histogramSub  = 1 << histogramBits
)

// histogram counts durations of a nanosecond or more, in memory that does not grow. The zero value is empty; it is
// not safe for concurrent use.
type histogram struct {
	counts [(64 - histogramBits) * histogramSub]uint64
	total  uint64
}

// add counts one duration; one below zero counts as zero.
func (h *histogram) add(d time.Duration) {
	h.counts[bucketOf(uint64(max(d, 0)))]++
	h.total++
}

// merge adds what o counted.
func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
}

// quantile gives the duration that a share q of all does not exceed, 0 of none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := max(1, uint64(math.Ceil(q*float64(h.total))))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return bucketMiddle(i)
		}
	}
	return 0
}

// bucketOf numbers the buckets: below 2·histogramSub each value has its own, then each power of two has histogramSub.
func bucketOf(v uint64) int {
	shift := max(0, bits.Len64(v)-histogramBits-1)
	return shift*histogramSub + int(v>>shift)
}

// bucketMiddle is a value in the middle of a bucket.
func bucketMiddle(bucket int) time.Duration {
	shift := max(0, bucket/histogramSub-1)
	low := uint64(bucket-shift*histogramSub) << shift
	return time.Duration(low + uint64(1)<<shift/2)
}
