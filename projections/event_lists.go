package projections

import (
	"context"
	"math"
)

// Events lists the positions of activity events, newest first, and says how many there are. The keys of
// the narrowest filter lead to the rows; the other filters are held against them.
func (db *DB) Events(ctx context.Context, ledger string, f EventFilter, p Page) ([]int64, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []int64{}, 0, err
	}
	f.CustomerID = customerID
	keys := f.keys(ledger)
	q := listing{columns: "seq", from: "events", where: "ledger = ?", order: "seq DESC", args: []any{ledger}}
	plain := f.narrow(&q)
	total, err := db.countEvents(ctx, ledger, f, keys, plain)
	if err != nil || total == 0 {
		return []int64{}, 0, err
	}
	switch {
	case len(keys) == 0 && total >= 0:
		found, err := rowsOf(ctx, db, q, p, scanColumn[int64])
		return found, total, err
	case len(keys) == 0:
		return list(ctx, db, q, p, scanColumn[int64])
	}
	way := path{of: db.trails("event_keys", math.MaxInt64, keys[0])}
	if len(keys) > 1 {
		way.others = db.trails("event_keys", math.MaxInt64, keys[1])
	}
	if plain && total >= 0 {
		found, err := way.page(ctx, p)
		return found, total, err
	}
	return listAlong(ctx, db, way, q, p, total, scanColumn[int64])
}

// keys gives the digests of the narrowest filters, which all lead to an event that is looked for; those
// of customer and rule may be two.
func (f EventFilter) keys(ledger string) (keys []int64) {
	if f.CustomerID != "" {
		keys = append(keys, keyOf(ledger, byCustomer, f.CustomerID))
	}
	if f.RuleID != "" {
		keys = append(keys, keyOf(ledger, byRule, f.RuleID))
	}
	switch {
	case len(keys) > 0:
		return keys
	case f.Late == "true":
		return []int64{keyOf(ledger, byLate, "")}
	case f.OutOfOrder == "true":
		return []int64{keyOf(ledger, byOutOfOrder, "")}
	case f.EventType != "":
		return []int64{keyOf(ledger, byType, f.EventType)}
	}
	return nil
}

// narrow holds a listing to what the keys do not say, and reports whether that is nothing.
func (f EventFilter) narrow(q *listing) (plain bool) {
	before := q.where
	byKey := f.CustomerID+f.RuleID != ""
	if byKey || f.Late == "true" || f.OutOfOrder == "true" {
		q.narrow("event_type", f.EventType)
	}
	if byKey || f.Late != "true" {
		q.flag("late", f.Late)
	}
	if byKey || f.Late == "true" || f.OutOfOrder != "true" {
		q.flag("out_of_order", f.OutOfOrder)
	}
	q.between("occurred_at", f.Since, f.Until)
	return q.where == before
}

// flag adds a condition on a column that keeps a flag, if one is wanted.
func (q *listing) flag(column, wanted string) {
	if wanted != "" {
		q.where += " AND " + column + " = ?"
		q.args = append(q.args, bit(wanted == "true"))
	}
}

// countEvents reads totals that are kept with the rows, or counts keys, where that is enough; -1 where
// it is not.
func (db *DB) countEvents(ctx context.Context, ledger string, f EventFilter, keys []int64, plain bool) (int64, error) {
	switch {
	case plain && f == EventFilter{EventType: f.EventType}:
		return db.sumTotals(ctx, "event_totals", "type", ledger, f.EventType)
	case plain && len(keys) == 1:
		return db.countKeys(ctx, "event_keys", keys[0])
	}
	return -1, nil
}
