package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// How the batcher goes about it.
const (
	batchRest = 100 * time.Millisecond // between two looks at what is due
	batchStep = 200                    // rows that are looked for and recorded at once
)

// batcher looks for the names of batches, on one core, so that writes go on beside it. Tenants take
// turns, some rows each. What is done is in the ledger: a batch that a killed process left is gone on
// with at the first row that is not done. Of several nodes on one database, the one that applies events
// to the read models does it.
type batcher struct {
	in  *Instance
	due dueLedgers
}

// grown says what was appended to a ledger. It never blocks.
func (b *batcher) grown(slug string, events []domain.Envelope) {
	if slices.ContainsFunc(events, func(e domain.Envelope) bool { _, is := e.Event.(screening.BatchStarted); return is }) {
		b.due.add(slug)
	}
}

// run works until ctx ends. Every tenant is looked at once at the beginning, for batches left behind.
func (b *batcher) run(ctx context.Context) {
	for _, slug := range b.in.tenants(ctx) {
		b.due.add(slug)
	}
	tick := time.NewTicker(batchRest)
	defer tick.Stop()
	for {
		if b.in.Runner.Leads() && !b.turn(ctx) && b.due.any() {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// turn lets every tenant that has a batch go one step on.
func (b *batcher) turn(ctx context.Context) (failed bool) {
	for _, slug := range b.due.take() {
		if ctx.Err() != nil {
			return true
		}
		more, err := b.step(ctx, slug)
		if err != nil && ctx.Err() == nil {
			b.in.log.WarnContext(ctx, "a batch of names is not screened yet", "ledger", slug, "error", err)
			failed = true
		}
		if more || err != nil {
			b.due.add(slug)
		}
	}
	return failed
}

// step looks for some rows of a tenant's oldest batch. more says that there may be further ones.
func (b *batcher) step(ctx context.Context, slug string) (more bool, err error) {
	batch, lists, guys, err := b.look(ctx, slug)
	if err != nil || batch == nil {
		return false, err
	}
	if lists == nil { // A command, unlike a look, waits until the lists that are published are adopted.
		if _, err := b.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.AdvanceBatch(screening.BatchAdvanced{})); err != nil {
			return false, err
		}
		if batch, lists, guys, err = b.look(ctx, slug); err != nil || batch == nil {
			return false, err
		}
		if lists == nil {
			return false, fmt.Errorf("the lists of %s are not loaded", slug)
		}
	}
	rows, err := b.rows(ctx, slug, batch)
	if err != nil {
		return false, err
	}
	found := lists.ScreenRows(batch.ID, batch.Done, rows, guys)
	found.Stale = lists.Stale(time.Now())
	_, err = b.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.AdvanceBatch(found))
	return true, err
}

// look gives a tenant's oldest batch that has not ended, nil if there is none, and what it is looked for on.
func (b *batcher) look(ctx context.Context, slug string) (batch *screening.BatchStanding, lists *screening.Lists, guys *screening.GoodGuys, err error) {
	err = b.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		if open := s.Screening.Batches(); len(open) > 0 {
			batch = open[0]
		}
		lists, guys = s.Lists(), s.Screening.Approved()
		return nil
	})
	return batch, lists, guys, err
}

// rows reads the rows of a batch that follow those done.
func (b *batcher) rows(ctx context.Context, slug string, batch *screening.BatchStanding) ([]screening.BatchRow, error) {
	part := batch.Part()
	read, err := b.in.Ledgers.Events(ctx, slug, []int64{part.Seq})
	if err != nil {
		return nil, err
	}
	held, is := read[0].Event.(screening.BatchRows)
	if !is {
		return nil, fmt.Errorf("record %d holds no rows of a batch", part.Seq)
	}
	rows := held.Rows[batch.Done-part.First:]
	return rows[:min(batchStep, len(rows))], nil
}
