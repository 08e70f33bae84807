package eventstore

import (
	"context"
	"errors"
	"sync"

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
	ends := endsOfRuns(seqs)
	errs := make([]error, len(ends))
	var group sync.WaitGroup
	for first := range min(readings, len(ends)) {
		group.Go(func() {
			for i := first; i < len(ends); i += readings {
				from := 0
				if i > 0 {
					from = ends[i-1]
				}
				errs[i] = l.pick(ctx, slug, seqs[from:ends[i]], found[from:ends[i]])
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return found, nil
}

// endsOfRuns cuts positions into runs that are read in one go, and gives where each ends.
func endsOfRuns(seqs []int64) (ends []int) {
	for i := range seqs {
		if i+1 == len(seqs) || seqs[i+1] > seqs[i]+nearby {
			ends = append(ends, i+1)
		}
	}
	return ends
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
