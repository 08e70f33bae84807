package http

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/projections"
)

// recorder makes attempts durable, many in one transaction.
type recorder struct {
	d       *Deliverer
	more    chan struct{}
	written atomic.Uint64 // ticket up to which all is durable

	mu       sync.Mutex
	attempts []projections.Attempt
	ways     map[int64]projections.Way
	ticket   uint64
}

// gather is how long attempts are gathered: a transaction costs what fifty rows do.
const gather = 4 * time.Millisecond

// maxUnwritten bounds what is attempted and not durable: beyond it nothing is sent.
const maxUnwritten = 5000

func newRecorder(d *Deliverer) *recorder {
	return &recorder{d: d, more: make(chan struct{}, 1), ways: map[int64]projections.Way{}}
}

// add takes in how far an endpoint has come, and the attempts that have brought it there. All is written in
// the order it came.
func (r *recorder) add(way projections.Way, attempts ...projections.Attempt) (ticket uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, attempts...)
	r.ways[way.Key] = way
	r.ticket++
	select {
	case r.more <- struct{}{}:
	default:
	}
	return r.ticket
}

// behind reports whether too much is not durable yet.
func (r *recorder) behind() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.attempts) > maxUnwritten
}

// run writes until ctx ends, and then what is left.
func (r *recorder) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-r.more:
			time.Sleep(gather)
		}
		r.write(ctx)
	}
}

// write makes all that was taken in durable. It goes on trying: what was attempted and is not
// recorded is attempted again after a restart.
func (r *recorder) write(ctx context.Context) {
	for {
		r.mu.Lock()
		attempts, ways, ticket := r.attempts, r.ways, r.ticket
		r.attempts, r.ways = nil, map[int64]projections.Way{}
		r.mu.Unlock()
		if len(ways) == 0 {
			return
		}
		if !r.keep(ctx, attempts, ways) {
			return
		}
		r.written.Store(ticket)
	}
}

func (r *recorder) keep(ctx context.Context, attempts []projections.Attempt, ways map[int64]projections.Way) bool {
	list := make([]projections.Way, 0, len(ways))
	for _, way := range ways {
		list = append(list, way)
	}
	for tries := 0; ; tries++ {
		lost, err := r.d.kept.Record(attempts, list)
		if err == nil {
			r.d.lose(lost)
			return true
		}
		r.d.Log.ErrorContext(ctx, "attempts to deliver were not recorded; they are tried again", "error", err)
		if ctx.Err() != nil && tries > 3 {
			return false
		}
		time.Sleep(min(time.Second, 50*time.Millisecond<<min(tries, 5)))
	}
}
