package projections

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain"
)

// Source is where a Runner reads the ledgers.
type Source interface {
	// Ledgers lists the slugs of all ledgers.
	Ledgers(ctx context.Context) ([]string, error)
	// Size is the number of durable events of a ledger; 0 if there is no such ledger.
	Size(ctx context.Context, ledger string) (int64, error)
	// Read gives the events of a ledger in order, from a position up to the durable end. An event
	// that cannot be read or decoded is given as an error and ends the reading. An error
	// with the code domain.Unavailable says instead that the store cannot be read now.
	Read(ctx context.Context, ledger string, from int64) iter.Seq2[domain.Envelope, error]
}

const (
	// turnEvents is how many events a ledger may bring to a round, for fairness between tenants.
	turnEvents = 500
	// roundEvents bounds a round, so that readers of a quiet ledger do not wait for many busy ones.
	roundEvents = 2000
	// A round costs some 300 µs whatever is in it, and writes each page that changed once however many
	// rows changed in it. So after a round that left nothing behind the Runner rests for restFactor
	// times as long as the round took, at most restLimit: batches grow with the load. A ledger that was
	// idle is never made to wait, and whoever waits for a position ends the rest.
	restFactor = 8
	restLimit  = 100 * time.Millisecond
	// restTold is the longest rest while there are webhooks to be told of events.
	restTold = 10 * time.Millisecond
	// retryAfter is the pause after the database or the Source failed.
	retryAfter = time.Second
	// Where another node applies events, its progress is looked at after followEvery, or after
	// followSoon while somebody waits for it.
	followEvery = 100 * time.Millisecond
	followSoon  = 10 * time.Millisecond
)

// Runner is the one writer of a DB: it applies the events of all ledgers to the read models, unless
// another node does.
type Runner struct {
	db          *DB
	source      Source
	log         *slog.Logger
	projections []projection

	signal chan struct{} // holds a token while due may have something

	dueMu sync.Mutex
	due   map[string]bool // ledgers that may have more events

	leading atomic.Bool // as the last pass found it

	turn  sync.Mutex // held by whoever applies events: Run or Rebuild
	w     *writer    // nil until it is needed, and after a failure
	after string     // the ledger that was served last
}

// NewRunner makes the runner of db.
func NewRunner(db *DB, source Source, log *slog.Logger) *Runner {
	return &Runner{
		db: db, source: source, log: log, projections: newProjections(),
		signal: make(chan struct{}, 1), due: map[string]bool{},
	}
}

// Wake says that the ledger has new durable events. It never blocks.
func (r *Runner) Wake(ledger string) {
	r.dueMu.Lock()
	r.due[ledger] = true
	r.dueMu.Unlock()
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

// Leads reports whether this node applies events to the read models now: of several on one database
// one does.
func (r *Runner) Leads() bool { return r.leading.Load() }

// Run applies events until ctx ends, starting with what it missed. It returns nil when ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	defer r.release()
	for {
		leads, pause, err := r.pass(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "read models fall behind", "error", reason(err))
		}
		if !r.rest(ctx, pause, err == nil) {
			return nil
		}
		if err == nil && leads && !r.await(ctx) {
			return nil
		}
	}
}

// pass serves one round of due ledgers, or looks at what another node does. It says how long to rest
// before the next.
func (r *Runner) pass(ctx context.Context) (leads bool, pause time.Duration, err error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	start, backlog := time.Now(), false
	leads, err = r.lead(ctx, false)
	r.leading.Store(err == nil && leads)
	switch {
	case err == nil && leads:
		backlog, err = r.round(ctx, r.takeDue())
	case err == nil:
		err = r.follow(ctx)
	}
	switch {
	case err != nil:
		r.closeWriter()
		return leads, retryAfter, err
	case backlog:
		return leads, 0, nil
	case leads && r.w != nil && len(r.w.moved) > 0:
		return leads, min(restFactor*time.Since(start), restTold), nil
	case leads:
		return leads, min(restFactor*time.Since(start), restLimit), nil
	case r.db.waiting.Load() > 0:
		return leads, followSoon, nil
	}
	return leads, followEvery, nil
}

// lead makes this node the one that applies events, and reports whether it is. Whoever becomes it goes
// on from the positions in the database, and every ledger is due. With force, another node that
// applies events stops.
func (r *Runner) lead(ctx context.Context, force bool) (leads bool, err error) {
	if r.w == nil {
		if r.w, err = newWriter(ctx, r.db.dialect, r.db.write); err != nil {
			return false, err
		}
	}
	if r.w.leads {
		return true, nil
	}
	if leads, err = r.db.dialect.lead(ctx, r.w.conn, force); err != nil || !leads {
		return false, err
	}
	old, err := outdated(ctx, r.w.conn)
	if err == nil && len(old) > 0 {
		err = fmt.Errorf("the database has another version of %s than this program", old[0].model())
	}
	if err == nil {
		err = r.db.adopt(ctx, r.w.conn)
	}
	if err == nil {
		err = r.wakeAll(ctx)
	}
	r.w.leads = err == nil
	return r.w.leads, err
}

// follow takes in how far another node has come, and how long the ledgers have become.
func (r *Runner) follow(ctx context.Context) error {
	for _, ledger := range r.takeDue() {
		size, err := r.source.Size(ctx, ledger)
		if err != nil {
			r.Wake(ledger)
			return err
		}
		r.db.mu.Lock()
		s := r.db.standing(ledger)
		s.size = max(s.size, size)
		r.db.mu.Unlock()
	}
	return r.db.adopt(ctx, r.w.conn)
}

// rest reports whether ctx still holds after a pause, which may end early for whoever waits.
func (r *Runner) rest(ctx context.Context, pause time.Duration, early bool) bool {
	if pause <= 0 {
		return ctx.Err() == nil
	}
	hurry := r.db.hurry
	if !early {
		hurry = nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-hurry:
		return true
	case <-timer.C:
		return true
	}
}

// await returns when a ledger may be due, or false when ctx ends.
func (r *Runner) await(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-r.signal:
		return true
	}
}

func (r *Runner) wakeAll(ctx context.Context) error {
	ledgers, err := r.source.Ledgers(ctx)
	for _, ledger := range ledgers {
		r.Wake(ledger)
	}
	return err
}

// release gives the connection back, so that the DB can be closed.
func (r *Runner) release() {
	r.turn.Lock()
	defer r.turn.Unlock()
	r.closeWriter()
}

func (r *Runner) closeWriter() {
	if r.w == nil {
		return
	}
	if err := r.w.close(); err != nil && !r.db.dialect.transient(err) {
		r.log.Error("close the writer of read models", "error", err)
	}
	r.w = nil
	r.leading.Store(false)
}
