package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// workload appends the bytes of the next request to dst. It gives nil when there is none left, and is called by many
// goroutines at once.
type workload func(dst []byte) []byte

// load is a closed loop: each client sends its next request when it has read the answer to the one before.
type load struct {
	addr    string
	clients int
	warmup  time.Duration // sent, not measured
	window  time.Duration // measured; without limit if 0
	next    workload
	sent    func() // called after each answer, if not nil
}

// loadResult is what a load met. Requests, elapsed and latency are of what was measured, the rest is of all of it.
type loadResult struct {
	requests uint64
	elapsed  time.Duration // the window, or the time up to the last answer
	latency  histogram

	answers    uint64
	errors     uint64 // answers that were not 2xx
	firstError string
	lastSeq    int64 // the highest Ledger-Seq of an answer, -1 if there was none
}

// perSecond is the rate of requests.
func (r *loadResult) perSecond() float64 { return float64(r.requests) / r.elapsed.Seconds() }

// run sends requests until the window ends or the workload does. An answer that is not 2xx is counted; a connection
// that breaks ends the run.
func (l load) run(ctx context.Context) (*loadResult, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	measured := time.Now().Add(l.warmup)
	results := make([]*loadResult, l.clients)
	var group sync.WaitGroup
	for i := range results {
		results[i] = &loadResult{lastSeq: -1}
		group.Go(func() {
			if err := l.client(ctx, measured, results[i]); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	all := &loadResult{lastSeq: -1}
	for _, r := range results {
		all.merge(r)
	}
	return all, nil
}

func (r *loadResult) merge(o *loadResult) {
	r.requests += o.requests
	r.elapsed = max(r.elapsed, o.elapsed)
	r.latency.merge(&o.latency)
	r.answers += o.answers
	r.errors += o.errors
	r.lastSeq = max(r.lastSeq, o.lastSeq)
	if r.firstError == "" {
		r.firstError = o.firstError
	}
}

// client is one closed loop.
func (l load) client(ctx context.Context, measured time.Time, r *loadResult) error {
	conn, err := dialRaw(ctx, l.addr)
	if err != nil {
		return err
	}
	defer conn.close()
	defer context.AfterFunc(ctx, conn.close)()
	var request []byte
	for began := time.Now(); ; {
		if request = l.next(request[:0]); request == nil {
			return nil
		}
		response, err := conn.roundTrip(request)
		if err != nil {
			return err
		}
		r.count(response)
		if l.sent != nil {
			l.sent()
		}
		ended := time.Now()
		at := ended.Sub(measured)
		if l.window > 0 && at >= l.window {
			r.elapsed = l.window
			return nil
		}
		if at >= 0 {
			r.requests++
			r.latency.add(ended.Sub(began))
			r.elapsed = at
		}
		began = ended
	}
}

// count enters an answer.
func (r *loadResult) count(response rawResponse) {
	r.answers++
	r.lastSeq = max(r.lastSeq, response.seq)
	if response.status/100 == 2 {
		return
	}
	if r.errors++; r.firstError == "" {
		r.firstError = fmt.Sprintf("%d: %.300s", response.status, response.body)
	}
}

// fill sends every request of a workload once and fails if one of them does.
func fill(ctx context.Context, l load) (*loadResult, error) {
	r, err := l.run(ctx)
	if err == nil && r.errors > 0 {
		err = errors.New("refused with " + r.firstError)
	}
	return r, err
}

// each is the workload of these requests, once each.
func each(requests [][]byte) workload {
	var next atomic.Int64
	return func(dst []byte) []byte {
		i := int(next.Add(1)) - 1
		if i >= len(requests) {
			return nil
		}
		return append(dst, requests[i]...)
	}
}
