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

// Disposition is what an officer has found about a hit.
type Disposition struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customer_id"`
	AlertID    string    `json:"alert_id"`
	List       string    `json:"list"`
	EntryID    string    `json:"entry_id"`
	Outcome    string    `json:"outcome"` // true_match, false_positive or needs_information
	Reason     string    `json:"reason"`
	Status     string    `json:"status"` // in_force, superseded or void
	DisposedAt time.Time `json:"disposed_at"`
}

// Dispositions lists what officers have found, newest first.
func (c *Client) Dispositions(ctx context.Context, l List) (Page[Disposition], error) {
	return list[Disposition](ctx, c, l, "screening", "dispositions")
}

// GoodGuy is a name that is no hit on an entry of a list, once another has approved it than who
// proposed it.
type GoodGuy struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	List       string   `json:"list"`
	EntryID    string   `json:"entry_id"`
	Reason     string   `json:"reason"`
	Status     string   `json:"status"` // proposed, approved, rejected or withdrawn
	ProposedBy string   `json:"proposed_by"`
	DecidedBy  string   `json:"decided_by"`
	Receipt    *Receipt `json:"receipt"` // of a write
}

// ProposeGoodGuy proposes one; Name, List, EntryID and Reason are read.
func (c *Client) ProposeGoodGuy(ctx context.Context, g GoodGuy) (GoodGuy, error) {
	return call[GoodGuy](ctx, c, keyed(c.tenant("screening", "good-guys"), map[string]string{
		"name": g.Name, "list": g.List, "entry_id": g.EntryID, "reason": g.Reason,
	}))
}

// DecideGoodGuy takes a step with one: approve, reject or withdraw.
func (c *Client) DecideGoodGuy(ctx context.Context, id, verb, reason string) (GoodGuy, error) {
	return call[GoodGuy](ctx, c, keyed(c.tenant("screening", "good-guys", id, verb), map[string]string{"reason": reason}))
}

// GoodGuys lists them, newest first.
func (c *Client) GoodGuys(ctx context.Context, l List) (Page[GoodGuy], error) {
	return list[GoodGuy](ctx, c, l, "screening", "good-guys")
}
