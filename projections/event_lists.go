package projections

import (
	"context"
	"strings"
)

// Events lists the positions of activity events, newest first, and says how many there are. The keys of
// the narrowest filter lead to the rows; the other filters are held against them.
func (db *DB) Events(ctx context.Context, ledger string, f EventFilter, p Page) ([]int64, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []int64{}, 0, err
	}
	f.CustomerID = customerID
	key, rest := f.lead(ledger)
	total, err := db.countEvents(ctx, ledger, key, f, rest)
	if err != nil || total == 0 {
		return []int64{}, 0, err
	}
	if key == nil {
		q := listing{columns: "seq", from: "events", where: "ledger = ?" + rest.where, args: append([]any{ledger}, rest.args...), order: "seq DESC"}
		found, err := rowsOf(ctx, db, q, p, scanColumn[int64])
		return found, total, err
	}
	q := keyed{
		"SELECT k.seq FROM @keys k JOIN events ON events.ledger = ? AND events.seq = k.seq WHERE key = ?" + rest.where,
		append([]any{ledger, *key}, rest.args...),
	}
	found, err := newest(ctx, db, "event_keys", p, scanColumn[int64], q)
	return found, total, err
}

// lead gives the key of the narrowest filter, or nil if none has keys, and the conditions that
// the other filters come to.
func (f EventFilter) lead(ledger string) (key *int64, rest listing) {
	lead := func(kind, value string) {
		digest := keyOf(ledger, kind, value)
		key = &digest
	}
	switch {
	case f.CustomerID != "":
		lead(byCustomer, f.CustomerID)
		rest.keyed(ledger, byRule, f.RuleID)
	case f.RuleID != "":
		lead(byRule, f.RuleID)
	case f.Late == "true":
		lead(byLate, "")
	case f.OutOfOrder == "true":
		lead(byOutOfOrder, "")
	case f.EventType != "":
		lead(byType, f.EventType)
	}
	if f.CustomerID+f.RuleID != "" || f.Late == "true" || f.OutOfOrder == "true" {
		rest.narrow("event_type", f.EventType)
	}
	rest.flag("late", f.Late)
	rest.flag("out_of_order", f.OutOfOrder)
	rest.between("occurred_at", f.Since, f.Until)
	return key, rest
}

// keyed adds the condition that a key of a kind leads to the row too, if the value is not empty.
func (q *listing) keyed(ledger, kind, value string) {
	if value != "" {
		digest := keyOf(ledger, kind, value)
		q.where += " AND (EXISTS (SELECT 1 FROM event_keys o WHERE o.key = ? AND o.seq = events.seq)" +
			" OR EXISTS (SELECT 1 FROM event_keys_recent o WHERE o.key = ? AND o.seq = events.seq))"
		q.args = append(q.args, digest, digest)
	}
}

// flag adds a condition on a column that keeps a flag, if one is wanted.
func (q *listing) flag(column, wanted string) {
	if wanted != "" {
		q.where += " AND " + column + " = ?"
		q.args = append(q.args, bit(wanted == "true"))
	}
}

// countEvents reads totals that are kept with the rows, or counts keys, where that is enough.
func (db *DB) countEvents(ctx context.Context, ledger string, key *int64, f EventFilter, rest listing) (int64, error) {
	plain := rest.where == ""
	switch {
	case plain && (key == nil || f == EventFilter{EventType: f.EventType}):
		return db.sumTotals(ctx, "event_totals", "type", ledger, f.EventType)
	case plain || f.alone():
		return db.countKeys(ctx, "event_keys", *key)
	case key == nil:
		return one(ctx, db, "total", scanColumn[int64], "SELECT COUNT(*) FROM events WHERE ledger = ?"+rest.where, append([]any{ledger}, rest.args...)...)
	}
	var text strings.Builder
	var args []any
	for _, table := range []string{"event_keys", "event_keys_recent"} {
		text.WriteString(" + (SELECT COUNT(*) FROM " + table + " k JOIN events ON events.ledger = ? AND events.seq = k.seq WHERE key = ?" + rest.where + ")")
		args = append(append(args, ledger, *key), rest.args...)
	}
	return one(ctx, db, "total", scanColumn[int64], "SELECT 0"+text.String(), args...)
}

// alone reports whether all that is asked for is a flag that has keys, whose column need not be looked at.
func (f EventFilter) alone() bool {
	return f == EventFilter{Late: "true"} || f == EventFilter{OutOfOrder: "true"}
}
