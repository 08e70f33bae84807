package projections

import (
	"context"
	"time"
)

// KeyUse says when an API key was last used. Uses are the one thing in the database that is not
// folded from the ledgers: whoever sees the requests keeps them in memory and stores them now and
// then, so that a crash may lose the last ones.
type KeyUse struct {
	Ledger, KeyID string
	At            time.Time
}

// KeepKeyUses stores uses. One that is older than what is stored changes nothing.
func (db *DB) KeepKeyUses(ctx context.Context, uses []KeyUse) error {
	statement, err := db.statement("INSERT INTO key_uses (ledger, key_id, last_used) VALUES (?, ?, ?) ON CONFLICT (ledger, key_id) " +
		"DO UPDATE SET last_used = excluded.last_used WHERE excluded.last_used > key_uses.last_used")
	for _, use := range uses {
		if err == nil {
			_, err = statement.ExecContext(ctx, use.Ledger, use.KeyID, micros(use.At))
		}
	}
	return err
}

// KeyUses lists when the API keys of a ledger were last used, those that ever were.
func (db *DB) KeyUses(ctx context.Context, ledger string) ([]KeyUse, error) {
	return many(ctx, db, func(row scanner) (use KeyUse, err error) {
		var at int64
		err = row.Scan(&use.Ledger, &use.KeyID, &at)
		use.At = timeOf(at)
		return use, err
	}, "SELECT ledger, key_id, last_used FROM key_uses WHERE ledger = ?", ledger)
}
