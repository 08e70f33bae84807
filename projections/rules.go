package projections

import (
	"context"
	"time"

	"whocomply/domain/monitoring"
)

// Rule is a monitoring rule at its present version.
type Rule struct {
	monitoring.Rule
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Seq       int64     `json:"seq"` // of the last event that changed this
}

// Rule gives a rule by id, or domain.Unknown; a deleted rule is unknown.
func (db *DB) Rule(ctx context.Context, ledger, id string) (Rule, error) { panic("soon") }

// Rules lists rules in the order they were created, and says how many there are.
func (db *DB) Rules(ctx context.Context, ledger string, p Page) ([]Rule, int64, error) { panic("soon") }
