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
func (rules) version() int        { return 2 }
func (rules) forget()             {}
func (rules) write(*writer) error { return nil }

// RuleVersion is a rule as it stood from one event on.
type RuleVersion struct {
	monitoring.Rule
	Deleted    bool      `json:"deleted,omitzero"` // out of force for good; the rule is as it stood before
	RecordedAt time.Time `json:"recorded_at"`
	Actor      string    `json:"actor"`
	Seq        int64     `json:"seq"`
}

const insertRuleVersion = "INSERT INTO rule_versions (ledger, seq, rule, doc) VALUES (?, ?, ?, ?)"

const upsertRule = "INSERT INTO rules (ledger, id, created_seq, created_at, doc) VALUES (?, ?, ?, ?, ?) " +
	"ON CONFLICT (ledger, id) DO UPDATE SET doc = excluded.doc"

func (rules) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case monitoring.Set:
		doc, err := docOf(Rule{Rule: event.Rule, UpdatedAt: e.Time, Seq: e.Seq})
		if err != nil {
			return err
		}
		if _, err := w.exec(upsertRule, e.Ledger, event.Rule.ID, e.Seq, micros(e.Time), doc); err != nil {
			return err
		}
		return keepVersion(w, e, RuleVersion{Rule: event.Rule})
	case monitoring.Deleted:
		var doc []byte
		if err := w.get("SELECT doc FROM rules WHERE ledger = ? AND id = ?", []any{e.Ledger, event.RuleID}, &doc); err != nil {
			return err
		}
		var last Rule
		if err := json.Unmarshal(doc, &last); err != nil {
			return err
		}
		if err := keepVersion(w, e, RuleVersion{Rule: last.Rule, Deleted: true}); err != nil {
			return err
		}
		return w.change("DELETE FROM rules WHERE ledger = ? AND id = ?", e.Ledger, event.RuleID)
	}
	return nil
}

func keepVersion(w *writer, e *domain.Envelope, v RuleVersion) error {
	v.RecordedAt, v.Actor, v.Seq = e.Time, e.Actor, e.Seq
	doc, err := docOf(v)
	if err != nil {
		return err
	}
	return w.change(insertRuleVersion, e.Ledger, e.Seq, v.ID, doc)
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

// RuleVersions lists all that a rule has been, newest first, and says how many there are. A rule
// that was deleted still has its versions; domain.Unknown if there never was one.
func (db *DB) RuleVersions(ctx context.Context, ledger, id string, p Page) ([]RuleVersion, int64, error) {
	q := listing{columns: "doc", from: "rule_versions", where: "ledger = ? AND rule = ?", order: "seq DESC", args: []any{ledger, id}}
	versions, total, err := list(ctx, db, q, p, scanDoc[RuleVersion])
	if err == nil && total == 0 {
		err = domain.Errorf(domain.Unknown, "rule not found")
	}
	return versions, total, err
}
