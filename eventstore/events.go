package eventstore

import (
	"context"

	"golang.org/x/sync/errgroup"

	"whocomply/domain"
)

const (
	nearby   = 32 // events that it costs less to read in vain than to begin another reading
	readings = 8  // that one call has at once: a remote store takes its time for each
)

// Events gives the durable events at some positions of a ledger, which must rise. A position beyond
// the durable end is domain.Unknown.
func (l *Ledgers) Events(ctx context.Context, slug string, seqs []int64) ([]domain.Envelope, error) {
	found := make([]domain.Envelope, len(seqs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readings)
	for from, to := 0, 0; from < len(seqs); from = to {
		for to = from + 1; to < len(seqs) && seqs[to] <= seqs[to-1]+nearby; to++ {
		}
		group.Go(func() error { return l.pick(ctx, slug, seqs[from:to], found[from:to]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}

// pick reads from the first of some positions to the last.
func (l *Ledgers) pick(ctx context.Context, slug string, seqs []int64, found []domain.Envelope) error {
	for e, err := range l.Envelopes(ctx, slug, seqs[0]) {
		if err != nil {
			return err
		}
		if e.Seq != seqs[0] {
			continue
		}
		found[0] = e
		if seqs, found = seqs[1:], found[1:]; len(seqs) == 0 {
			return nil
		}
	}
	return domain.Errorf(domain.Unknown, "the ledger has no event %d", seqs[0])
}
