package http

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"whocomply/domain"
)

// replayTimeout leaves time to answer before the connection's own timeout.
const replayTimeout = writeTimeout - 5*time.Second

// replayRecord makes the decision of an event of the ledger again, by its position.
func (s *Server) replayRecord(c *call) error {
	if _, err := c.atNow(); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seq < 0 {
		return errNoResource
	}
	return c.decideAgain(seq)
}

// replayEvent makes the decision on an event again, by the caller's event_id.
func (s *Server) replayEvent(c *call) error {
	if _, err := c.atNow(); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	seq, found, err := s.Ledgers.SeqOf(c.Context(), c.caller.slug, "event/"+id)
	if err != nil {
		return err
	}
	if !found {
		return domain.Errorf(domain.Unknown, "event not found")
	}
	return c.decideAgain(seq)
}

// decideAgain answers with what a replay says. Replays take their turn with backtests, so that writes go
// on beside them; one that would take too long is left to the command line.
func (c *call) decideAgain(seq int64) error {
	ctx, cancel := context.WithTimeout(c.Context(), replayTimeout)
	defer cancel()
	replayed, err := c.server.backtests.inTurn(ctx, func() (any, error) { return c.server.Ledgers.Replay(ctx, c.caller.slug, seq) })
	if ctx.Err() != nil && c.Context().Err() == nil {
		return domain.Errorf(domain.Unavailable, "the past of this ledger takes longer than %s to go through: use whocomply replay --decision", replayTimeout)
	}
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, replayed)
}
