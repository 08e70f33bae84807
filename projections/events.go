package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Event is an activity event with the decision made on it.
type Event struct {
	EventID    string         `json:"event_id"`
	EventType  string         `json:"event_type"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
	CustomerID string         `json:"customer_id"`
	Score      int            `json:"score"`
	Data       jsontext.Value `json:"data"`
	Decision   jsontext.Value `json:"decision"` // activity.Decision
	Seq        int64          `json:"seq"`
}

// EventFilter narrows a list of events. Empty fields do not.
type EventFilter struct {
	CustomerID string // ours or the external_id
	EventType  string
}

// TimelineEntry is one ledger event about a customer.
type TimelineEntry struct {
	Seq   int64     `json:"seq"`
	ID    string    `json:"id"`
	Type  string    `json:"type"`
	Time  time.Time `json:"time"`
	Actor string    `json:"actor"`
}

// Event gives an activity event by event_id, or domain.Unknown.
func (db *DB) Event(ctx context.Context, ledger, eventID string) (Event, error) { panic("soon") }

// Events lists activity events, newest first, and says how many there are.
func (db *DB) Events(ctx context.Context, ledger string, f EventFilter, p Page) ([]Event, int64, error) {
	panic("soon")
}

// Timeline lists every ledger event about a customer (our id or external_id), newest first, and
// says how many there are, or gives domain.Unknown.
func (db *DB) Timeline(ctx context.Context, ledger, customerID string, p Page) ([]TimelineEntry, int64, error) {
	panic("soon")
}
