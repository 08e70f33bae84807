package projections

import (
	"context"
	"log/slog"
)

// Runner is the one writer of a DB: it applies the events of all ledgers to the read models.
type Runner struct{}

// NewRunner makes the runner of db.
func NewRunner(db *DB, source Source, log *slog.Logger) *Runner { panic("soon") }

// Run applies events until ctx ends.
func (r *Runner) Run(ctx context.Context) error { panic("soon") }

// Wake says that the ledger has new durable events. It never blocks.
func (r *Runner) Wake(ledger string) { panic("soon") }

// Rebuild drops the named read models (all, if none is named) and builds them again from the
// ledgers. It may run beside Run. progress may be nil; it is told the events applied and their number.
func (r *Runner) Rebuild(ctx context.Context, progress func(ledger string, done, size int64), models ...Model) error {
	panic("soon")
}
