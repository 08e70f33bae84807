package eventstore

import (
	"context"

	"whocomply/domain"
)

// nearby is how many events it costs less to read in vain than to begin another reading.
const nearby = 32

// Events gives the durable events at some positions of a ledger, which must rise. A position beyond
// the durable end is domain.Unknown.
func (l *Ledgers) Events(ctx context.Context, slug string, seqs []int64) ([]domain.Envelope, error) {
	found := make([]domain.Envelope, 0, len(seqs))
	for len(found) < len(seqs) {
		before := len(found)
		for e, err := range l.Envelopes(ctx, slug, seqs[before]) {
			if err != nil {
				return nil, err
			}
			if e.Seq == seqs[len(found)] {
				found = append(found, e)
			}
			if len(found) == len(seqs) || seqs[len(found)] > e.Seq+nearby {
				break
			}
		}
		if len(found) == before {
			return nil, domain.Errorf(domain.Unknown, "the ledger has no event %d", seqs[before])
		}
	}
	return found, nil
}
