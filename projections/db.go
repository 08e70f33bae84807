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
// What an activity event says is not among the rows, nor what a customer's timeline tells: they lead to positions
// in the ledger.
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
// A database that cannot be reached stops nothing: reads fail with domain.Unavailable, and the Runner
// tries again until it is back, from the positions that the database then has.
//
// # Several nodes
//
// A PostgreSQL may be shared. One node's Runner applies events, the one whose session holds an advisory
// lock; all it writes it writes in that session, so that having lost the lock it cannot commit. The
// others look at the positions ten times a second, and more often while somebody waits for one, and
// when the lock is free one of them takes it and goes on from there. On all of them reads
// work alike. Why a model has stopped is known to the node that applies events alone.
//
// # Durability
//
// SQLite writes in WAL mode with synchronous=NORMAL: a crash of the machine may lose the last
// transactions, rows and positions together, and they are applied again from the ledger. PostgreSQL
// loses none that it has committed: it can crash alone, and positions that were told must hold.
//
// # Schema
//
// schema/<n>.sql are the forward-only migrations of the database itself. schema/<model>.sql are
// the tables of a read model at its present version; another version in the code drops and
// rebuilds it. Both databases take the same files: SQLite stores tables marked clustered in their
// primary key, PostgreSQL compares texts byte by byte as SQLite does. Rows hold no clock of ours and
// no counters, so that a live database equals a rebuilt one, and one database the other.
package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

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
	Firings    Model = "firings"    // what each rule did day by day
	Watchlists Model = "watchlists" // own entries and adopted publications
	Screenings Model = "screenings" // dispositions, good guys and runs
	Batches    Model = "batches"    // names that were looked for by the file
	Outbox     Model = "outbox"     // what is to be delivered to webhooks
)

// models is the one list of all read models; places in it are places in a standing.
var models = [...]Model{Customers, RiskViews, Alerts, Accounts, Events, Rules, Firings, Watchlists, Screenings, Batches, Outbox}

// Models lists all read models.
func Models() []Model { return slices.Clone(models[:]) }

// DB holds the read models of all tenants and answers queries. It is safe for concurrent use.
// At most one Runner of this process may be at work on a database.
type DB struct {
	dialect    dialect
	pool       *sqlx.DB      // many readers
	statements sync.Map      // prepared *sql.Stmt of pool by text; they end with it
	write      *sqlx.DB      // one connection
	hurry      chan struct{} // holds a token while somebody waits for a position
	waiting    atomic.Int32  // who waits for a position
	posted     chan struct{} // holds a token while moved is not empty

	mu        sync.RWMutex // guards what follows; Runner.publish changes all of it in one step
	standings map[string]*standing
	views     viewCache
	moved     map[int64]OutboxEnd // webhooks that have something new since TakeMoved
}

// readers is the number of connections for queries.
const readers = 8

// Open opens a database, making or migrating what is in it as needed: the SQLite file at a path, or the
// PostgreSQL at a URL that begins with postgres://. Read models of another version than the code's
// are emptied; the Runner fills them again. No error tells a password that the URL has.
func Open(ctx context.Context, database string) (*DB, error) {
	dialect, err := dialectOf(database)
	if err != nil {
		return nil, err
	}
	write, err := dialect.open(1, true)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: dialect, write: write, standings: map[string]*standing{}, hurry: make(chan struct{}, 1), posted: make(chan struct{}, 1), moved: map[int64]OutboxEnd{}, views: newViewCache(viewsCached)}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) prepare(ctx context.Context) (err error) {
	if err := db.migrate(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", db.dialect, err)
	}
	if db.pool, err = db.dialect.open(readers, false); err != nil {
		return err
	}
	if err := db.adopt(ctx, db.pool); err != nil {
		return fmt.Errorf("read positions of %s: %w", db.dialect, err)
	}
	return nil
}

// Close closes the database. The Runner must have ended.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.pool != nil {
		err = errors.Join(err, db.pool.Close())
	}
	if db.dialect.away(err) {
		return nil // there is nothing left to close
	}
	return err
}

// Page is a part of a list. The caller bounds Limit.
type Page struct {
	Limit  int
	Offset int
}

// noRows reports whether a query found nothing.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
