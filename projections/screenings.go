package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// Disposition is what an officer found about a hit, and what became of that.
type Disposition struct {
	screening.Disposition
	Status     string           `json:"status"` // in_force, superseded by a later one, or void
	Actor      string           `json:"actor"`
	DisposedAt time.Time        `json:"disposed_at"`
	Void       *DispositionVoid `json:"void,omitempty"`
	Seq        int64            `json:"seq"`
}

// DispositionVoid says why a disposition holds no more.
type DispositionVoid struct {
	Cause   string    `json:"cause"` // customer, entry, delisted or reopened
	Changed []string  `json:"changed,omitempty"`
	At      time.Time `json:"at"`
	Seq     int64     `json:"seq"`
}

// The statuses of a disposition.
const (
	inForce    = "in_force"
	superseded = "superseded"
	void       = "void"
)

// GoodGuy is a good guy as it stands.
type GoodGuy struct {
	screening.GoodGuy
	Status        string    `json:"status"` // proposed, approved, rejected or withdrawn
	ProposedBy    string    `json:"proposed_by"`
	ProposedAt    time.Time `json:"proposed_at"`
	DecidedBy     string    `json:"decided_by,omitempty"`
	DecidedAt     time.Time `json:"decided_at,omitzero"`
	DecidedReason string    `json:"decided_reason,omitempty"`
	Seq           int64     `json:"seq"` // of the last event that changed this
}

// ScreeningRun is a run of screening customers again, and how far it has come.
type ScreeningRun struct {
	screening.Run
	Status string `json:"status"` // running, completed or superseded
	screening.Tally
	StartedBy  string    `json:"started_by"`
	StartedAt  time.Time `json:"started_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Matcher    string    `json:"matcher,omitempty"`
	Population string    `json:"population,omitempty"` // see screening.RunEnded
	WithHits   int       `json:"with_hits"`
	NoHit      int       `json:"no_hit"`
	Stale      bool      `json:"stale,omitzero"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// Rescreened names the run that a customer was last screened by, without another result.
type Rescreened struct {
	RunID string               `json:"run_id"`
	At    time.Time            `json:"at"`
	Lists []domain.ListVersion `json:"lists"`
	Stale bool                 `json:"stale,omitzero"`
}

// runRunning is the status of a run that has not ended.
const runRunning = "running"

// screenings is the projection Screenings. What it shows changes rarely, so it writes it as it comes.
type screenings struct{}

func (screenings) model() Model        { return Screenings }
func (screenings) version() int        { return 1 }
func (screenings) forget()             {}
func (screenings) write(*writer) error { return nil }

func (s screenings) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case screening.Disposed:
		return s.dispose(w, e, &event.Disposition)
	case screening.Voided:
		doc, err := docOf(DispositionVoid{event.Cause, event.Changed, e.Time, e.Seq})
		if err != nil {
			return err
		}
		return w.change("UPDATE screening_dispositions SET status = ?, void = ? WHERE ledger = ? AND id = ?", void, doc, e.Ledger, event.DispositionID)
	case screening.Proposed:
		doc, err := docOf(GoodGuy{GoodGuy: event.GoodGuy, Status: screening.GoodGuyProposed, ProposedBy: e.Actor, ProposedAt: e.Time, Seq: e.Seq})
		if err != nil {
			return err
		}
		return w.change("INSERT INTO good_guys (ledger, created_seq, id, status, doc) VALUES (?, ?, ?, ?, ?)",
			e.Ledger, e.Seq, event.GoodGuy.ID, screening.GoodGuyProposed, doc)
	case screening.GoodGuyDecided:
		return amend(w, "good_guys", e.Ledger, event.ID, func(g *GoodGuy) string {
			g.Status, g.DecidedBy, g.DecidedAt, g.DecidedReason, g.Seq = event.Status, e.Actor, e.Time, event.Reason, e.Seq
			return g.Status
		})
	}
	return s.run(w, e)
}

func (screenings) dispose(w *writer, e *domain.Envelope, d *screening.Disposition) error {
	doc, err := docOf(Disposition{Disposition: *d, Status: inForce, Actor: e.Actor, DisposedAt: e.Time, Seq: e.Seq})
	if err != nil {
		return err
	}
	met := d.Counterparty + "/" + d.List + "/" + d.EntryID
	if _, err := w.exec("UPDATE screening_dispositions SET status = ? WHERE ledger = ? AND customer_id = ? AND met = ? AND status = ?",
		superseded, e.Ledger, d.CustomerID, met, inForce); err != nil {
		return err
	}
	return w.change("INSERT INTO screening_dispositions (ledger, created_seq, id, customer_id, met, status, doc, void) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
		e.Ledger, e.Seq, d.ID, d.CustomerID, met, inForce, doc)
}

func (screenings) run(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case screening.RunStarted:
		doc, err := docOf(ScreeningRun{Run: event.Run, Status: runRunning, StartedBy: e.Actor, StartedAt: e.Time, UpdatedAt: e.Time, Seq: e.Seq})
		if err != nil {
			return err
		}
		return w.change("INSERT INTO screening_runs (ledger, created_seq, id, status, ended_seq, doc) VALUES (?, ?, ?, ?, 0, ?)", e.Ledger, e.Seq, event.Run.ID, runRunning, doc)
	case screening.RunAdvanced:
		return amend(w, "screening_runs", e.Ledger, event.RunID, func(r *ScreeningRun) string {
			r.Tally, r.UpdatedAt, r.Seq = event.Tally, e.Time, e.Seq
			return r.Status
		})
	case screening.RunEnded:
		if err := w.change("UPDATE screening_runs SET ended_seq = ? WHERE ledger = ? AND id = ?", e.Seq, e.Ledger, event.RunID); err != nil {
			return err
		}
		return amend(w, "screening_runs", e.Ledger, event.RunID, func(r *ScreeningRun) string {
			r.Status, r.Tally, r.UpdatedAt, r.EndedAt, r.Seq = event.Outcome, event.Tally, e.Time, e.Time, e.Seq
			r.Lists, r.Matcher, r.Population, r.WithHits, r.NoHit, r.Stale = event.Lists, event.Matcher, event.Population, event.WithHits, event.NoHit, event.Stale
			return r.Status
		})
	}
	return nil
}

// amend changes a document, and the status beside it.
func amend[T any](w *writer, table, ledger, id string, change func(*T) (status string)) error {
	var doc []byte
	if err := w.get("SELECT doc FROM "+table+" WHERE ledger = ? AND id = ?", []any{ledger, id}, &doc); err != nil {
		return err
	}
	var value T
	if err := json.Unmarshal(doc, &value); err != nil {
		return err
	}
	status := change(&value)
	after, err := docOf(value)
	if err != nil {
		return err
	}
	return w.change("UPDATE "+table+" SET status = ?, doc = ? WHERE ledger = ? AND id = ?", status, after, ledger, id)
}

// DispositionFilter narrows a list of dispositions. Empty fields do not.
type DispositionFilter struct {
	CustomerID string // ours or the external_id
	Status     string
}

// Dispositions lists what officers found about hits, newest first, and says how many there are.
func (db *DB) Dispositions(ctx context.Context, ledger string, f DispositionFilter, p Page) ([]Disposition, int64, error) {
	customer, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if err != nil || !known {
		return []Disposition{}, 0, err
	}
	q := listing{columns: "doc, status, void", from: "screening_dispositions", where: "ledger = ?", order: "created_seq DESC", args: []any{ledger}}
	q.narrow("customer_id", customer)
	q.narrow("status", f.Status)
	return list(ctx, db, q, p, scanDisposition)
}

func scanDisposition(row scanner) (d Disposition, err error) {
	var doc, ended []byte
	var status string
	if err := row.Scan(&doc, &status, &ended); err != nil {
		return d, err
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		return d, err
	}
	if d.Status = status; len(ended) > 0 {
		err = json.Unmarshal(ended, &d.Void)
	}
	return d, err
}

// GoodGuys lists good guys, newest first, and says how many there are. An empty status does not narrow.
func (db *DB) GoodGuys(ctx context.Context, ledger, status string, p Page) ([]GoodGuy, int64, error) {
	q := listing{columns: "doc", from: "good_guys", where: "ledger = ?", order: "created_seq DESC", args: []any{ledger}}
	q.narrow("status", status)
	return list(ctx, db, q, p, scanDoc[GoodGuy])
}

// ScreeningRuns lists runs, newest first, and says how many there are.
func (db *DB) ScreeningRuns(ctx context.Context, ledger string, p Page) ([]ScreeningRun, int64, error) {
	q := listing{columns: "doc", from: "screening_runs", where: "ledger = ?", order: "created_seq DESC", args: []any{ledger}}
	return list(ctx, db, q, p, scanDoc[ScreeningRun])
}

// ScreeningRun gives a run by id, or domain.Unknown.
func (db *DB) ScreeningRun(ctx context.Context, ledger, id string) (ScreeningRun, error) {
	return one(ctx, db, "screening run", scanDoc[ScreeningRun], "SELECT doc FROM screening_runs WHERE ledger = ? AND id = ?", ledger, id)
}

// rescreenedBy gives the run that customers were last screened by as of a position; nil if there is none.
func (db *DB) rescreenedBy(ctx context.Context, ledger string, seq int64) (*ScreeningRun, error) {
	last, err := one(ctx, db, "screening run", scanDoc[ScreeningRun],
		"SELECT doc FROM screening_runs WHERE ledger = ? AND status = ? AND ended_seq <= ? ORDER BY created_seq DESC LIMIT 1", ledger, screening.RunDone, seq)
	if domain.CodeOf(err) == domain.Unknown {
		return nil, nil
	}
	return &last, err
}

// RescreenedAsOf adds to the last screening of a customer, as of a position, the run that has looked
// at the customer since.
func (db *DB) RescreenedAsOf(ctx context.Context, ledger string, seq int64, s *Screening) error {
	run, err := db.rescreenedBy(ctx, ledger, seq)
	s.by(run)
	return err
}
