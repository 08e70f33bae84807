package eventstore

import (
	"context"
	"fmt"
	"slices"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// Replay makes the decision of the event at a position again, from the ledger alone. It goes through
// the whole past of the ledger up to there.
func (l *Ledgers) Replay(ctx context.Context, slug string, seq int64) (*ledger.Replayed, error) {
	at, err := l.at(ctx, slug, seq)
	if err != nil {
		return nil, err
	}
	return ledger.ReplayDecision(&at, l.Envelopes(ctx, slug, 0), func(want []domain.ListVersion) ([]*screening.List, error) {
		return l.published(ctx, want)
	})
}

// published gives shared lists as they were published in some versions.
func (l *Ledgers) published(ctx context.Context, want []domain.ListVersion) ([]*screening.List, error) {
	var found []*screening.List
	state := ledger.New(access.System)
	for e, err := range l.Envelopes(ctx, access.System, 0) {
		if err != nil || len(found) == len(want) {
			return found, err
		}
		state.Evolve(&e)
		if p, isPublication := e.Event.(screening.Published); isPublication && slices.Contains(want, p.Publication.ListVersion) {
			for _, list := range state.Screening.Shared() {
				if list.Version() == p.Publication.ListVersion {
					found = append(found, list)
				}
			}
		}
	}
	if len(found) < len(want) {
		return nil, fmt.Errorf("%w: of %d shared lists that decisions rest on, %d were published", ErrDamaged, len(want), len(found))
	}
	return found, nil
}
