package client

import (
	"context"
	"io"
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

// ScreeningStatistics says how often customers meet somebody listed.
type ScreeningStatistics struct {
	Customers   int       `json:"customers"` // that were screened
	WithHits    int       `json:"with_hits"`
	NoHit       int       `json:"no_hit"`
	Hits        int       `json:"hits"`
	PerThousand float64   `json:"hits_per_1000_customers"`
	Lists       []HitRate `json:"lists"`
}

// HitRate is the same of one list and category.
type HitRate struct {
	List        string  `json:"list"`
	Category    string  `json:"category"`
	Hits        int     `json:"hits"`
	PerThousand float64 `json:"hits_per_1000_customers"`
}

// ScreeningStatistics reads how often customers meet somebody listed, by their last screenings.
func (c *Client) ScreeningStatistics(ctx context.Context) (ScreeningStatistics, error) {
	return get[ScreeningStatistics](ctx, c, "screening", "statistics")
}

// NameRow is who to look for.
type NameRow struct {
	Ref         string       `json:"ref,omitempty"` // yours
	Name        string       `json:"name"`
	Aliases     []string     `json:"aliases,omitempty"`
	EntityType  string       `json:"entity_type,omitempty"`
	DateOfBirth string       `json:"date_of_birth,omitempty"`
	Gender      string       `json:"gender,omitempty"`
	Countries   []string     `json:"countries,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
}

// NameBatch is names that are looked for in the background, and how far that has come.
type NameBatch struct {
	ID          string     `json:"id"` // bat_…
	Description string     `json:"description"`
	Status      string     `json:"status"` // running, completed or cancelled
	Reason      string     `json:"reason"`
	Rows        int        `json:"rows"`
	Done        int        `json:"done"`
	Refused     int        `json:"refused"`
	Errors      []RowError `json:"errors"` // of a write: rows that are refused, the first 100
	Screened    int        `json:"screened"`
	WithHits    int        `json:"with_hits"`
	NoHit       int        `json:"no_hit"`
	StartedAt   time.Time  `json:"started_at"`
	EndedAt     time.Time  `json:"ended_at"`
	Receipt     *Receipt   `json:"receipt"` // of a write
}

// RowError says why a row is not looked for.
type RowError struct {
	Index  int    `json:"index"`
	Ref    string `json:"ref"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// NameResult is what a row has met.
type NameResult struct {
	Index   int       `json:"index"`
	Status  string    `json:"status"` // waiting, hit, no_hit or refused
	Row     NameRow   `json:"row"`
	Error   *RowError `json:"error"`
	Hits    []Hit     `json:"hits"` // by falling evidence
	Omitted int       `json:"hits_omitted"`
	Cleared []Hit     `json:"cleared"`
}

// ScreenNames has at most 10,000 names looked for, in the background.
func (c *Client) ScreenNames(ctx context.Context, description string, rows []NameRow) (NameBatch, error) {
	return call[NameBatch](ctx, c, keyed(c.tenant("screening", "batches"), map[string]any{"description": description, "rows": rows}))
}

// NameBatch reads how far a batch of names has come.
func (c *Client) NameBatch(ctx context.Context, id string) (NameBatch, error) {
	return get[NameBatch](ctx, c, "screening", "batches", id)
}

// NameBatches lists batches of names, newest first.
func (c *Client) NameBatches(ctx context.Context, l List) (Page[NameBatch], error) {
	return list[NameBatch](ctx, c, l, "screening", "batches")
}

// NameResults lists what the rows of a batch have met, the strongest first.
func (c *Client) NameResults(ctx context.Context, id string, l List) (Page[NameResult], error) {
	return list[NameResult](ctx, c, l, "screening", "batches", id, "results")
}

// WriteNameResults copies the same as a CSV file to w, of a batch that has ended. Filter may hold
// status. It is not repeated: after an error, what was copied is a part of it.
func (c *Client) WriteNameResults(ctx context.Context, w io.Writer, id string, filter url.Values) error {
	return c.copy(ctx, w, request{method: http.MethodGet, path: c.tenant("screening", "batches", id, "results.csv"), query: List{Filter: filter}.query()})
}

// CancelNameBatch stops a batch of names, if it has not ended, and says what it came to.
func (c *Client) CancelNameBatch(ctx context.Context, id, reason string) (NameBatch, error) {
	return call[NameBatch](ctx, c, keyed(c.tenant("screening", "batches", id, "cancel"), map[string]string{"reason": reason}))
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
