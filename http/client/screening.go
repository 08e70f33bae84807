package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// ScreeningRun is screening customers again, and how far that has come.
type ScreeningRun struct {
	ID         string        `json:"id"`    // run_…
	Cause      string        `json:"cause"` // change, requested or scheduled
	Reason     string        `json:"reason"`
	Scope      string        `json:"scope"` // full, or changes: whom a change of the lists can touch
	Lists      []ListVersion `json:"lists"`
	Status     string        `json:"status"`     // running, completed or superseded; of a read
	Customers  int           `json:"customers"`  // that were considered
	Screened   int           `json:"screened"`   // of these, whom the changes could touch
	Changed    int           `json:"changed"`    // of these, whose result is another than before
	Population string        `json:"population"` // digest of who was considered, once it has ended
	WithHits   int           `json:"with_hits"`
	NoHit      int           `json:"no_hit"`
	StartedAt  time.Time     `json:"started_at"`
	EndedAt    time.Time     `json:"ended_at"`
	Receipt    *Receipt      `json:"receipt"` // of a write
}

// Screen asks for every customer to be screened again, in the background.
func (c *Client) Screen(ctx context.Context, reason string) (ScreeningRun, error) {
	return call[ScreeningRun](ctx, c, keyed(c.tenant("screening", "runs"), map[string]string{"reason": reason}))
}

// ScreeningRun reads how far a run has come.
func (c *Client) ScreeningRun(ctx context.Context, id string) (ScreeningRun, error) {
	return get[ScreeningRun](ctx, c, "screening", "runs", id)
}

// ScreeningRuns lists runs, newest first.
func (c *Client) ScreeningRuns(ctx context.Context, l List) (Page[ScreeningRun], error) {
	return list[ScreeningRun](ctx, c, l, "screening", "runs")
}

// PushMessage has the credit transfers of a pacs.008 or pain.001 decided and recorded, each once. The
// customer is on the side that direction says, out for the debtor or in for the creditor: the one named,
// or the owner of that side's account if none is.
func (c *Client) PushMessage(ctx context.Context, message []byte, direction, customer string) (Batch, error) {
	query := url.Values{}
	for name, value := range map[string]string{"direction": direction, "customer_id": customer} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return call[Batch](ctx, c, request{method: http.MethodPost, path: c.tenant("events", "iso20022"), query: query, lines: message, media: "application/xml", write: true})
}
