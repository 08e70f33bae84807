// Package projections keeps the read models.
package projections

import (
	"context"
	"io"
	"iter"
	"time"

	"whocomply/domain"
)

// Source is where a Runner reads the ledgers.
type Source interface {
	// Ledgers lists the slugs of all ledgers.
	Ledgers(ctx context.Context) ([]string, error)
	// Size is the number of durable events of a ledger.
	Size(ctx context.Context, ledger string) (int64, error)
	// Read gives the events of a ledger in order, from a position up to the durable end.
	// An event that cannot be read or decoded is given as an error and ends the reading.
	Read(ctx context.Context, ledger string, from int64) iter.Seq2[domain.Envelope, error]
}

// Model names a read model.
type Model string

// The read models.
const (
	Customers  Model = "customers"
	RiskViews  Model = "risk_views"
	Alerts     Model = "alerts"
	Accounts   Model = "accounts" // accounts, balances and postings
	Events     Model = "events"   // activity events and timelines
	Rules      Model = "rules"
	Watchlists Model = "watchlists" // own entries and adopted publications
)

// Page is a part of a list. The caller bounds Limit.
type Page struct {
	Limit  int
	Offset int
}

// DB holds the read models of all tenants and answers queries. It is safe for concurrent use.
type DB struct{}

// Open opens the SQLite database at path, making or migrating it as needed.
func Open(ctx context.Context, path string) (*DB, error) { panic("soon") }

// Close closes the database. The Runner must have ended.
func (db *DB) Close() error { panic("soon") }

// Position is the seq of the last event of the ledger that all the given read models have
// applied (all there are, if none is given), or -1 before the first.
func (db *DB) Position(ledger string, models ...Model) int64 { panic("soon") }

// Wait returns once the read model has applied the event at seq. It fails with
// domain.Unavailable when ctx ends first or when the read model has stopped before seq.
func (db *DB) Wait(ctx context.Context, ledger string, seq int64, model Model) error { panic("soon") }

// Status lists where each read model stands on each ledger, in the order of ledger and name.
func (db *DB) Status() []Status { panic("soon") }

// Status says where a read model stands on a ledger.
type Status struct {
	Ledger   string `json:"ledger"`
	Model    Model  `json:"model"`
	Position int64  `json:"position"`        // seq of the last event applied, -1 before the first
	Size     int64  `json:"size"`            // events the ledger was seen to have
	Stopped  string `json:"error,omitempty"` // why it goes no further; never payload data
}

// Dump writes all rows of all read models as text in a canonical order.
func (db *DB) Dump(ctx context.Context, w io.Writer) error { panic("soon") }

// AsOf names the event that a row was last changed by.
type AsOf struct {
	Seq        int64     `json:"seq"`
	Hash       string    `json:"hash"` // leaf hash of the record, standard base64
	RecordedAt time.Time `json:"recorded_at"`
}
