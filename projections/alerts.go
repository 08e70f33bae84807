package projections

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/casework"
)

// Alert is an alert and what became of it.
type Alert struct {
	casework.Alert
	Status     string    `json:"status"` // open
	CreatedAt  time.Time `json:"created_at"`
	CreatedSeq int64     `json:"created_seq"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// AlertFilter narrows a list of alerts. Empty fields do not.
type AlertFilter struct {
	Status     string
	Severity   domain.Severity
	Kind       string
	CustomerID string // ours or the external_id
}

// Alert gives an alert by id, or domain.Unknown.
func (db *DB) Alert(ctx context.Context, ledger, id string) (Alert, error) { panic("soon") }

// Alerts lists alerts, newest first, and says how many there are.
func (db *DB) Alerts(ctx context.Context, ledger string, f AlertFilter, p Page) ([]Alert, int64, error) {
	panic("soon")
}
