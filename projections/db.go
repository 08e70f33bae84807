// Package projections keeps the read models: what GET requests and the dashboard ask for, in
// tables made for the question. Each is folded from the ledgers' events alone, so that any of
// them can be dropped and built again, to the last byte.
//
//	Source ──► Runner ──► one SQL transaction: rows of all read models + their positions
//	                                    │ commit
//	                                    ▼
//	           DB: positions move, stale risk views leave the cache, waiters wake
//	                                    ▲
//	            queries ────────────────┘ read pool
//
// # Positions
//
// A read model's position on a ledger is the seq of the last event it has applied, -1 before the
// first. It is committed with the rows, and nothing reports it before they can be read: whoever
// reads a position and then a row sees that position or a later one.
//
// # Failure
//
// An event that a read model cannot apply stops that model on that ledger, just before the event.
// Its rows stay as they were, its Status says why, and everything else goes on. It is tried again
// after a restart or a Rebuild. Nothing is ever skipped.
//
// # Durability
//
// SQLite writes in WAL mode with synchronous=NORMAL: a crash of the machine may lose the last
// transactions, rows and positions together, and they are applied again from the ledger.
//
// # Schema
//
// schema/<n>.sql are the forward-only migrations of the database itself. schema/<model>.sql are
// the tables of a read model at its present version; another version in the code drops and
// rebuilds it. Tables marked clustered are stored in their primary key. Rows hold no clock of
// ours and no counters, so that a live database equals a rebuilt one.
package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jmoiron/sqlx"
)

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

// models is the one list of all read models; places in it are places in a standing.
var models = [...]Model{Customers, RiskViews, Alerts, Accounts, Events, Rules, Watchlists}

// Models lists all read models.
func Models() []Model { return slices.Clone(models[:]) }

// DB holds the read models of all tenants and answers queries. It is safe for concurrent use.
// At most one Runner may be at work on a database.
type DB struct {
	pool       *sqlx.DB      // many readers
	statements sync.Map      // prepared *sql.Stmt of pool by text; they end with it
	write      *sqlx.DB      // one connection
	hurry      chan struct{} // holds a token while somebody waits for a position

	mu        sync.RWMutex // guards what follows; Runner.publish changes all of it in one step
	standings map[string]*standing
	views     viewCache
}

// Open opens the SQLite database at path, making or migrating it as needed. Read models of
// another version than the code's are emptied; the Runner fills them again.
func Open(ctx context.Context, path string) (*DB, error) {
	write, err := openSQLite(path, 1)
	if err != nil {
		return nil, err
	}
	db := &DB{write: write, standings: map[string]*standing{}, hurry: make(chan struct{}, 1), views: newViewCache(viewsCached)}
	if err := db.prepare(ctx, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) prepare(ctx context.Context, path string) (err error) {
	if err := migrate(ctx, db.write); err != nil {
		return fmt.Errorf("migrate %s: %w", path, err)
	}
	if err := db.loadPositions(ctx); err != nil {
		return fmt.Errorf("read positions of %s: %w", path, err)
	}
	db.pool, err = openSQLite(path, readers)
	return err
}

// Close closes the database. The Runner must have ended.
func (db *DB) Close() error {
	if db.pool == nil {
		return db.write.Close()
	}
	return errors.Join(db.pool.Close(), db.write.Close())
}

// Page is a part of a list. The caller bounds Limit.
type Page struct {
	Limit  int
	Offset int
}

// noRows reports whether a query found nothing.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
