package eventstore

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain/ledger"
)

// ExecuteAll carries out commands as Execute does, decided in their order, and returns once each is
// durable or refused. They go through the writer one behind the other, so that they share commits; a
// crash leaves a part of them from the first on, and to send them again is to go on. Outcomes and
// errors stand in the places of their commands; one that is refused does not hold up the others. All
// are prepared before the first is decided, so that none may need what another makes.
func (l *Ledgers) ExecuteAll(ctx context.Context, slug, actor string, cmds []ledger.Command) ([]ledger.Outcome, []error) {
	run := &run{actor: actor, cmds: cmds, outcomes: make([]ledger.Outcome, len(cmds)), errs: make([]error, len(cmds))}
	for i := range run.errs {
		run.errs[i] = errLost
	}
	err := l.with(ctx, slug, func(w *writer) error {
		if err := l.ready(ctx, w); err != nil {
			return err
		}
		return run.through(ctx, w)
	})
	for i := range run.errs {
		if errors.Is(run.errs[i], errLost) {
			run.errs[i] = err
		}
	}
	return run.outcomes, run.errs
}

// run are commands on their way through a writer. Those with errLost are still to be decided.
type run struct {
	actor    string
	cmds     []ledger.Command
	outcomes []ledger.Outcome
	errs     []error
}

// through carries out what is still to be decided; errLost says that some of it is left.
func (r *run) through(ctx context.Context, w *writer) error {
	requests := r.prepare(ctx, w)
	for i, request := range requests {
		if request != nil {
			if err := w.enqueueSoon(ctx, request); err != nil {
				r.errs[i], requests[i] = err, nil
			}
		}
	}
	for i, request := range requests {
		if request != nil {
			r.outcomes[i], r.errs[i] = w.outcome(ctx, request)
		}
	}
	for _, err := range r.errs {
		if errors.Is(err, errLost) {
			return errLost
		}
	}
	return nil
}

// prepare makes a request of each command that is still to be decided, on all cores.
func (r *run) prepare(ctx context.Context, w *writer) []*request {
	requests := make([]*request, len(r.cmds))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(r.cmds)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(r.cmds); i = int(next.Add(1)) - 1 {
				if errors.Is(r.errs[i], errLost) {
					requests[i], r.errs[i] = w.prepare(ctx, r.actor, r.cmds[i])
				}
			}
		})
	}
	group.Wait()
	return requests
}

// fullPause is how long a run waits for room in a queue that is full, before it looks again.
const fullPause = 2 * time.Millisecond

// enqueueSoon puts a request in the queue as soon as there is room.
func (w *writer) enqueueSoon(ctx context.Context, r *request) error {
	for {
		err := w.enqueue(r)
		if !errors.Is(err, errBusy) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(fullPause):
		}
	}
}
