package http

import (
	"context"

	"whocomply/projections"
)

// A pass looks through a bounded part of the log in short transactions, and the next one goes on from there.
const (
	pruneEach    = 6      // reports
	pruneAtATime = 1000   // attempts in a transaction
	prunePass    = 50_000 // attempts in a pass
)

// pruner removes attempts that are older than what is kept of them.
type pruner struct {
	d      *Deliverer
	looked map[int64]int64 // attempts up to which webhooks were looked through; none: from the first on
}

// pass looks through the endpoints that this process serves, and the tests of their tenants.
func (p *pruner) pass(ctx context.Context) {
	if p.d.KeepAttempts <= 0 {
		return
	}
	keys := map[int64]bool{}
	p.d.mu.Lock()
	for key, run := range p.d.endpoints {
		keys[key], keys[projections.TestsKey(run.slug)] = true, true
	}
	p.d.mu.Unlock()
	before, left := p.d.Now().Add(-p.d.KeepAttempts), prunePass
	for key := range keys { // in no order, so that none is always the last
		for more := true; more && left > 0 && ctx.Err() == nil; {
			upTo, n, err := p.d.kept.Prune(ctx, key, p.looked[key], before, pruneAtATime)
			if err != nil {
				p.d.Log.ErrorContext(ctx, "old attempts to deliver were not removed yet", "error", err)
				return
			}
			p.looked[key], left = upTo, left-n
			if more = n == pruneAtATime; !more {
				delete(p.looked, key)
			}
		}
	}
}
