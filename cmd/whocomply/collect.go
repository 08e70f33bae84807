package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A server's heap may grow by three times what the garbage collector has to look through before it runs,
// where Go's default is what is live: on two cores under load that saves a tenth of the processor time. Most of
// what is live in a ledger of many events is its past, which has no pointers and costs the collector nothing: for that
// the heap need not grow.
const (
	collectPercent = 300
	collectLeast   = 50
	collectAsk     = 2 * time.Second
)

// collectLess sets the garbage collector for a start. GOGC and GOMEMLIMIT in the environment have the last word.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
}

// keepCollecting follows what is live until ctx ends.
func keepCollecting(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	tick := time.NewTicker(collectAsk)
	defer tick.Stop()
	for set := collectPercent; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(heap)
		if next := percentOf(heap[0].Value.Uint64(), heap[1].Value.Uint64()); next != set {
			debug.SetGCPercent(next)
			set = next
		}
	}
}

// percentOf gives by how much of what is live the heap may grow, in steps of ten, if the collector has to look through
// some of it.
func percentOf(live, looked uint64) int {
	if live == 0 || looked >= live {
		return collectPercent
	}
	return max(collectLeast, int(looked*collectPercent/live)/10*10)
}
