package http

import (
	"context"
	"net/http"
	"time"

	"whocomply/domain/webhook"
	"whocomply/projections"
)

// finish takes in what an attempt came to, and has it recorded.
func (e *endpointRun) finish(ctx context.Context, o outcome) {
	this := item{o.due.Sequence, o.due.Replay}
	delete(e.underWay, this)
	key := ""
	if e.endpoint != nil && o.kind != fromReplays {
		key = orderKey(e.endpoint, o.due)
	}
	if o.failed == notBegun {
		return
	}
	now := e.d.Now()
	a := projections.Attempt{
		Key: e.way.Key, ID: max(now.UnixMicro(), e.way.LastAttempt+1), Sequence: o.due.Sequence, Replay: o.due.Replay,
		Number: o.due.Attempts + 1, Status: o.status, Took: o.took, Error: o.failed, Response: o.response, Outcome: projections.Delivered,
	}
	e.way.LastAttempt = a.ID
	delete(e.busy, key)
	if o.failed == "" {
		e.way.Succeeded()
		e.way.Delivered++
		e.way.LastSuccess = a.ID
	} else {
		e.failed(ctx, &a, o, now)
		if a.Outcome == projections.Failed && key != "" {
			e.busy[key] = a.Due
		}
	}
	switch o.kind {
	case fromFresh:
		e.way.Fresh = e.fresh.finish(o.due.Place)
	case fromReplays:
		e.way.Replayed = e.replays.finish(o.due.Place)
	}
	e.d.metrics.attempts.WithLabelValues(a.Outcome, a.Error).Inc()
	e.d.metrics.seconds.Observe(o.took.Seconds())
	ticket := e.d.record.add(e.way, a)
	if a.Number > 1 || a.Outcome == projections.Failed {
		e.unwritten[this] = ticket
	}
}

// failed decides when an attempt that failed is made again, and what it says about the endpoint.
func (e *endpointRun) failed(ctx context.Context, a *projections.Attempt, o outcome, now time.Time) {
	a.Outcome = projections.Failed
	e.way.Failed(now, a.Number == 1, e.d.Limits)
	switch {
	case o.status == http.StatusGone: // tried again if the endpoint is enabled
		a.Due = now
		e.d.disable(ctx, e, webhook.Gone)
		e.way.Rest(now, lookLater)
		return
	case a.Number >= webhook.Attempts:
		a.Outcome = projections.Undelivered
		e.way.Undelivered++
	default:
		a.Due = now.Add(e.d.Pause(a.Number, chance(), o.after))
		if e.nextRetry.IsZero() || a.Due.Before(e.nextRetry) {
			e.nextRetry = a.Due
		}
	}
	switch {
	case o.failed == failedTimeout, o.status == http.StatusTooManyRequests, o.status >= 502 && o.status <= 504:
		e.way.Rest(now, o.after)
	}
	limits := e.d.Limits
	if e.endpoint != nil && e.endpoint.Ordering == webhook.FIFO { // one event holds up all others
		limits.Events = 1
	}
	if e.way.GiveUp(now, limits) && (e.endpoint == nil || e.endpoint.Active) {
		e.d.disable(ctx, e, webhook.Failing)
	}
}
