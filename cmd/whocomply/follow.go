package main

import (
	"context"
	"slices"
	"time"

	"whocomply/domain/access"
)

// followEvery is how long what other nodes wrote may stay unknown to this one, give or take the
// reading itself: keys, rules, lists and risk models changed there are in force here within a second.
const followEvery = 100 * time.Millisecond

// follower takes in what other nodes write, a ledger at most once in followEvery.
type follower struct {
	in  *Instance
	due dueLedgers
}

// wake says that a ledger has grown, by whatever node. It never blocks.
func (f *follower) wake(slug string) { f.due.add(slug) }

// take gives the ledgers that have grown, the operator's first: tenants follow what it says.
func (f *follower) take() []string {
	due := f.due.take()
	if at := slices.Index(due, access.System); at > 0 {
		due = slices.Insert(slices.Delete(due, at, at+1), 0, access.System)
	}
	return due
}

// run takes in what is due until ctx ends. What could not be read is due again.
func (f *follower) run(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, slug := range f.take() {
			if err := f.in.Ledgers.Refresh(ctx, slug); err != nil && ctx.Err() == nil {
				f.in.log.WarnContext(ctx, "other nodes' events are not known yet", "ledger", slug, "error", err)
				f.wake(slug)
			}
			f.in.Runner.Wake(slug)
		}
	}
}
