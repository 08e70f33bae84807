package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// Rule is a monitoring rule at its present version.
type Rule struct {
	monitoring.Rule
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Seq       int64     `json:"seq"` // of the last event that changed this
}

// rules is the projection Rules. Rules change rarely, so it writes them as they come.
type rules struct{}

func (rules) model() Model        { return Rules }
func (rules) version() int        { return 1 }
func (rules) forget()             {}
func (rules) write(*writer) error { return nil }

const upsertRule = "INSERT INTO rules (ledger, id, created_seq, created_at, doc) VALUES (?, ?, ?, ?, ?) " +
	"ON CONFLICT (ledger, id) DO UPDATE SET doc = excluded.doc"

func (rules) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case monitoring.Set:
		doc, err := docOf(Rule{Rule: event.Rule, UpdatedAt: e.Time, Seq: e.Seq})
		if err != nil {
			return err
		}
		_, err = w.exec(upsertRule, e.Ledger, event.Rule.ID, e.Seq, micros(e.Time), doc)
		return err
	case monitoring.Deleted:
		return w.change("DELETE FROM rules WHERE ledger = ? AND id = ?", e.Ledger, event.RuleID)
	}
	return nil
}

func scanRule(row scanner) (r Rule, err error) {
	var doc []byte
	var created int64
	if err := row.Scan(&doc, &created); err != nil {
		return r, err
	}
	err = json.Unmarshal(doc, &r)
	r.CreatedAt = timeOf(created)
	return r, err
}

// Rule gives a rule by id, or domain.Unknown; a deleted rule is unknown.
func (db *DB) Rule(ctx context.Context, ledger, id string) (Rule, error) {
	return one(ctx, db, "rule", scanRule, "SELECT doc, created_at FROM rules WHERE ledger = ? AND id = ?", ledger, id)
}

// Rules lists rules in the order they were created, and says how many there are.
func (db *DB) Rules(ctx context.Context, ledger string, p Page) ([]Rule, int64, error) {
	q := listing{columns: "doc, created_at", from: "rules", where: "ledger = ?", order: "created_seq", args: []any{ledger}}
	return list(ctx, db, q, p, scanRule)
}
