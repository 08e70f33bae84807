package http

import (
	"context"
	"slices"
	"time"

	"whocomply/projections"
)

// timelineEntry is one ledger event about a customer.
type timelineEntry struct {
	Seq   int64     `json:"seq"`
	ID    string    `json:"id"`
	Type  string    `json:"type"`
	Time  time.Time `json:"time"`
	Actor string    `json:"actor"`
}

// getTimeline tells all that happened about a customer, newest first. The read model says where it is, and
// the ledger what it was.
func (s *Server) getTimeline(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	return list(c, projections.Events, nil, func(ctx context.Context, p projections.Page) ([]timelineEntry, int64, error) {
		seqs, total, err := s.Models.Timeline(ctx, c.caller.slug, id, p)
		if err != nil {
			return nil, 0, err
		}
		slices.Reverse(seqs) // the ledger is read forwards
		found, err := s.Ledgers.Events(ctx, c.caller.slug, seqs)
		told := make([]timelineEntry, 0, len(found))
		for i := range slices.Backward(found) {
			e := &found[i]
			told = append(told, timelineEntry{e.Seq, e.ID, e.Event.Kind().Name, e.Time, e.Actor})
		}
		return told, total, err
	})
}
