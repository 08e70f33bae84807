package projections

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"whocomply/domain/webhook"
)

// Deliveries is what became of deliveries: the tables webhook_…, which no ledger can rebuild and no
// rebuild empties. Whoever delivers writes them, a batch in each transaction.
//
// Several processes may share the database. An endpoint belongs to one of them at a time, by a lease
// that it renews: so order, pace and pauses of an endpoint are one process's own business, and no
// row needs a lock. A process that has lost a lease writes nothing more about the endpoint's way.
type Deliveries struct {
	db    *DB
	owner string // of this process

	mu sync.Mutex // held by whoever writes
	w  *writer    // made on first use
}

// NewDeliveries makes the one keeper of a process. owner tells processes apart.
func NewDeliveries(db *DB, owner string) *Deliveries { return &Deliveries{db: db, owner: owner} }

// Close gives the connection back, so that the DB can be closed.
func (d *Deliveries) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.w == nil {
		return nil
	}
	w := d.w
	d.w = nil
	return w.close()
}

// within runs f in a transaction.
func (d *Deliveries) within(f func(*writer) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.w == nil {
		w, err := newWriter(context.Background(), d.db.dialect, d.db.pool)
		if err != nil {
			return err
		}
		d.w = w
	}
	err := d.w.within(func() error { return f(d.w) })
	if err != nil { // the connection may be lost
		_ = d.w.close() // it may have been lost before
		d.w = nil
	}
	return err
}

// Way is how far an endpoint has come and how it answers.
type Way struct {
	Key             int64
	Fresh, Replayed int64
	webhook.Breaker
	Delivered, Undelivered   int64
	LastAttempt, LastSuccess int64 // ids of attempts
}

// Claim takes the endpoints that no living process has, keeps those that this one has, and gives
// all that are now its own. A lease that is not renewed ends after the time given.
func (d *Deliveries) Claim(keys []int64, now time.Time, lease time.Duration) ([]Way, error) {
	until := micros(now.Add(lease))
	var known rows
	for _, key := range keys {
		known.add(key, "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	err := d.within(func(w *writer) error {
		if _, err := w.dialect.run(w, newWays, &known); err != nil {
			return err
		}
		_, err := w.exec("UPDATE webhook_endpoints SET owner = ?, lease_until = ? WHERE owner = ? OR lease_until < ?", d.owner, until, d.owner, micros(now))
		return err
	})
	if err != nil {
		return nil, err
	}
	return many(context.Background(), d.db, scanWay, "SELECT "+wayColumns+" FROM webhook_endpoints WHERE owner = ?", d.owner)
}

// Seize ends all leases: for a database that no other process can have.
func (d *Deliveries) Seize() error {
	return d.within(func(w *writer) error {
		_, err := w.exec("UPDATE webhook_endpoints SET owner = '', lease_until = 0")
		return err
	})
}

// Abandon gives up what is to be tried again of the events up to a sequence number.
func (d *Deliveries) Abandon(key, upTo int64) error {
	return d.within(func(w *writer) error {
		_, err := w.exec("DELETE FROM webhook_retries WHERE webhook = ? AND sequence <= ? AND replay = 0", key, upTo)
		return err
	})
}

// Release ends all leases of this process.
func (d *Deliveries) Release() error {
	return d.within(func(w *writer) error {
		_, err := w.exec("UPDATE webhook_endpoints SET owner = '', lease_until = 0 WHERE owner = ?", d.owner)
		return err
	})
}

const wayColumns = "webhook, fresh, replayed, failures, events, since, until, delivered, undelivered, last_attempt, last_success"

func scanWay(row scanner) (w Way, err error) {
	var since, until int64
	err = row.Scan(&w.Key, &w.Fresh, &w.Replayed, &w.Failures, &w.Events, &since, &until, &w.Delivered, &w.Undelivered, &w.LastAttempt, &w.LastSuccess)
	w.Since, w.Until = momentOf(since), momentOf(until)
	return w, err
}

// momentOf and moment write a time of which there may be none as 0.
func momentOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return timeOf(micros)
}

func moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return micros(t)
}

// Attempt is one attempt to deliver.
type Attempt struct {
	Key      int64         `json:"-"`
	ID       int64         `json:"id"` // when it ended, in microseconds since 1970; no two of a webhook are the same
	Sequence int64         `json:"sequence"`
	Replay   int64         `json:"replay,omitzero"`
	Number   int           `json:"attempt"`
	At       time.Time     `json:"at"`
	Status   int           `json:"http_status_code"` // 0: there was no answer
	Took     time.Duration `json:"-"`                // latency_ms on the wire
	Outcome  string        `json:"outcome"`          // delivered, failed or undelivered
	Error    string        `json:"error,omitempty"`
	Response string        `json:"response,omitempty"`

	Due time.Time `json:"-"` // of the next attempt, after a failed one
}

// What an attempt came to.
const (
	Delivered   = "delivered"
	Failed      = "failed" // it is tried again
	Undelivered = "undelivered"
)

var (
	attemptTable = inserting("webhook_attempts (webhook, id, sequence, replay, attempt, status, took, outcome, error, response)", "")
	retryTable   = inserting("webhook_retries (webhook, sequence, replay, attempts, due_at)",
		"ON CONFLICT (webhook, sequence, replay) DO UPDATE SET attempts = excluded.attempts, due_at = excluded.due_at")
	newWays = inserting("webhook_endpoints (webhook, owner, lease_until, fresh, replayed, failures, events, since, until, delivered, undelivered, last_attempt, last_success)",
		"ON CONFLICT (webhook) DO NOTHING")
	waysChanged = updating("webhook_endpoints SET fresh = v.fresh , replayed = v.replayed , failures = v.failures , events = v.events , since = v.since , "+
		"until = v.until , delivered = v.delivered , undelivered = v.undelivered , last_attempt = v.last_attempt , last_success = v.last_success "+
		"WHERE webhook_endpoints.webhook = v.webhook AND webhook_endpoints.owner = v.owner ",
		"webhook", "owner", "fresh", "replayed", "failures", "events", "since", "until", "delivered", "undelivered", "last_attempt", "last_success")
)

// Record keeps attempts and how far they have brought their endpoints, in one transaction. It gives
// the endpoints that are no longer this process's: their attempts are kept all the same.
func (d *Deliveries) Record(attempts []Attempt, ways []Way) (lost []int64, err error) {
	var made, retries, moved rows
	for _, a := range attempts {
		made.add(a.Key, a.ID, a.Sequence, a.Replay, a.Number, a.Status, a.Took.Microseconds(), a.Outcome, a.Error, a.Response)
		if a.Outcome == Failed {
			retries.add(a.Key, a.Sequence, a.Replay, a.Number, micros(a.Due))
		}
	}
	for _, w := range ways {
		moved.add(w.Key, d.owner, w.Fresh, w.Replayed, w.Failures, w.Events, moment(w.Since), moment(w.Until), w.Delivered, w.Undelivered, w.LastAttempt, w.LastSuccess)
	}
	err = d.within(func(w *writer) error {
		if err := w.run(attemptTable, &made); err != nil {
			return err
		}
		if err := w.run(retryTable, &retries); err != nil {
			return err
		}
		for _, a := range attempts {
			if a.Outcome == Failed || a.Number == 1 {
				continue
			}
			if _, err := w.exec("DELETE FROM webhook_retries WHERE webhook = ? AND sequence = ? AND replay = ?", a.Key, a.Sequence, a.Replay); err != nil {
				return err
			}
		}
		if len(ways) == 0 {
			return nil
		}
		changed, err := w.dialect.run(w, waysChanged, &moved)
		if err == nil && changed < int64(len(ways)) {
			lost, err = d.lost(w, ways)
		}
		return err
	})
	return lost, err
}

// lost gives the endpoints that are not this process's.
func (d *Deliveries) lost(w *writer, ways []Way) (lost []int64, err error) {
	for _, way := range ways {
		var own int
		if err := w.get("SELECT COUNT(*) FROM webhook_endpoints WHERE webhook = ? AND owner = ?", []any{way.Key, d.owner}, &own); err != nil {
			return nil, err
		}
		if own == 0 {
			lost = append(lost, way.Key)
		}
	}
	return lost, nil
}

// RecordTest keeps the one attempt of a test, and gives its id, which no other test of the ledger has.
func (d *Deliveries) RecordTest(ledger string, a Attempt) (int64, error) {
	key := TestsKey(ledger)
	err := d.within(func(w *writer) error {
		var last sql.NullInt64
		if err := w.get("SELECT MAX(id) FROM webhook_attempts WHERE webhook = ?", []any{key}, &last); err != nil {
			return err
		}
		a.ID = max(a.ID, last.Int64+1)
		var made rows
		made.add(key, a.ID, 0, 0, 1, a.Status, a.Took.Microseconds(), a.Outcome, a.Error, a.Response)
		return w.run(attemptTable, &made)
	})
	return a.ID, err
}

// noteMoved takes in what a commit has changed. It needs db.mu.
func (db *DB) noteMoved(ends []OutboxEnd) {
	if len(ends) == 0 {
		return
	}
	for _, end := range ends {
		db.moved[end.Key] = end
	}
	select {
	case db.posted <- struct{}{}:
	default:
	}
}

// Posted holds a token while there may be something for TakeMoved.
func (db *DB) Posted() <-chan struct{} { return db.posted }

// TakeMoved gives the webhooks that have something new since it was asked last. Only one may ask.
// What other processes wrote is not among it: see OutboxEnds.
func (db *DB) TakeMoved() []OutboxEnd {
	db.mu.Lock()
	defer db.mu.Unlock()
	ends := make([]OutboxEnd, 0, len(db.moved))
	for _, end := range db.moved {
		ends = append(ends, end)
	}
	clear(db.moved)
	return ends
}

// OutboxEnds lists all webhooks and how far their events go.
func (db *DB) OutboxEnds(ctx context.Context) ([]OutboxEnd, error) {
	return many(ctx, db, scanEnd, "SELECT "+endColumns+" FROM outbox_endpoints")
}

// OutboxEnd says how far the events of one webhook go, or gives domain.Unknown.
func (db *DB) OutboxEnd(ctx context.Context, ledger, id string) (OutboxEnd, error) {
	return one(ctx, db, "webhook", scanEnd, "SELECT "+endColumns+" FROM outbox_endpoints WHERE ledger = ? AND id = ?", ledger, id)
}

const endColumns = "webhook, ledger, id, active, last, replays, skipped"

func scanEnd(row scanner) (end OutboxEnd, err error) {
	return end, row.Scan(&end.Key, &end.Ledger, &end.ID, &end.Active, &end.Last, &end.Replays, &end.Skipped)
}

// Due is something to be delivered.
type Due struct {
	Sequence int64
	Replay   int64 // record that asked for it; 0: the first sending
	Place    int64 // sequence number, or place among the replays
	Seq      int64 // of the event in its ledger
	EventID  string
	Previous string // id of the event before, or empty
	Customer string
	Attempts int // so far
}

const dueColumns = "o.seq, o.event_id, COALESCE(p.event_id, ''), o.customer"

const duePrevious = " LEFT JOIN outbox p ON p.webhook = o.webhook AND p.sequence = o.sequence - 1"

func scanDue(row scanner) (due Due, err error) {
	return due, row.Scan(&due.Sequence, &due.Replay, &due.Place, &due.Attempts, &due.Seq, &due.EventID, &due.Previous, &due.Customer)
}

// unheard narrows to what was neither tried nor reported: what an earlier process left in no order. It counts
// attempts because PostgreSQL would make a join of NOT EXISTS, and look through all attempts for each event.
func unheard(replay string) string {
	return " AND (SELECT COUNT(*) FROM webhook_attempts a WHERE a.webhook = o.webhook AND a.sequence = o.sequence AND a.replay = " + replay + ") = 0" +
		" AND o.sequence > COALESCE((SELECT r.last FROM outbox_reports r WHERE r.webhook = o.webhook AND r.replay = " + replay +
		" AND r.first <= o.sequence ORDER BY r.first DESC LIMIT 1), 0)"
}

// FreshDue gives the events after one sequence number and up to another that were never tried. The caller
// says whether there may be any among them that were.
func (db *DB) FreshDue(ctx context.Context, key, after, upTo int64, sure bool) ([]Due, error) {
	text := "SELECT o.sequence, 0, o.sequence, 0, " + dueColumns + " FROM outbox o" + duePrevious +
		" WHERE o.webhook = ? AND o.sequence > ? AND o.sequence <= ? AND o.backfilled = 0"
	if !sure {
		text += unheard("0")
	}
	return many(ctx, db, scanDue, text+" ORDER BY o.sequence", key, after, upTo)
}

// ReplaysDue gives the replays after one place and up to another that were never tried.
func (db *DB) ReplaysDue(ctx context.Context, key, after, upTo int64) ([]Due, error) {
	return many(ctx, db, scanDue, "SELECT o.sequence, q.replay, q.place, 0, "+dueColumns+
		" FROM outbox_replays q JOIN outbox o ON o.webhook = q.webhook AND o.sequence = q.sequence"+duePrevious+
		" WHERE q.webhook = ? AND q.place > ? AND q.place <= ?"+unheard("q.replay")+" ORDER BY q.place", key, after, upTo)
}

// RetriesDue gives what is to be tried again up to a time, the longest due first, and when the next
// one after that is due, if there is one.
func (db *DB) RetriesDue(ctx context.Context, key int64, now time.Time, limit int) (due []Due, next time.Time, err error) {
	due, err = many(ctx, db, scanDue, "SELECT t.sequence, t.replay, 0, t.attempts, "+dueColumns+
		" FROM webhook_retries t JOIN outbox o ON o.webhook = t.webhook AND o.sequence = t.sequence"+duePrevious+
		" WHERE t.webhook = ? AND t.due_at <= ? ORDER BY t.due_at LIMIT ?", key, micros(now), limit)
	if err != nil {
		return nil, next, err
	}
	at, err := one(ctx, db, "retry", scanColumn[sql.NullInt64], "SELECT MIN(due_at) FROM webhook_retries WHERE webhook = ? AND due_at > ?", key, micros(now))
	return due, momentOf(at.Int64), err
}
