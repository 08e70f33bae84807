package projections

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// EventFilter narrows a list of events. Empty fields do not.
type EventFilter struct {
	CustomerID string // ours or the external_id
	EventType  string
	RuleID     string    // of a rule that fired, shadow rules too
	Late       string    // true or false
	OutOfOrder string    // true or false
	Since      time.Time // of occurred_at
	Until      time.Time // before it
}

// The kinds of keys that lead to events and to entries of timelines.
const (
	byType       = "type"
	byCustomer   = "customer"
	byRule       = "rule" // that fired
	byLate       = "late"
	byOutOfOrder = "out_of_order"
	byOther      = "other" // events about a customer that are not activity events
)

// events is the projection Events.
type events struct {
	recorded rows
	keys     keys
	totals   map[entity]int64 // by ledger and event type
}

var (
	eventTable  = inserting("events (ledger, seq, event_type, occurred_at, late, out_of_order)", "")
	eventTotals = inserting("event_totals (ledger, type, n)",
		"ON CONFLICT (ledger, type) DO UPDATE SET n = event_totals.n + excluded.n")
)

func newEvents() *events { return &events{keys: newKeys("event_keys"), totals: map[entity]int64{}} }

func (*events) model() Model { return Events }
func (*events) version() int { return 6 }

func (v *events) forget() {
	v.recorded.forget()
	v.keys.forget()
	clear(v.totals)
}

// customerPrefix starts the ids of customers, and of nothing else.
const customerPrefix = "cus_"

func (v *events) apply(_ *writer, e *domain.Envelope) error {
	if event, ok := e.Event.(activity.Recorded); ok {
		v.record(e, &event)
		return nil
	}
	if strings.HasPrefix(e.Subject, customerPrefix) {
		v.keys.add(keyOf(e.Ledger, byOther, e.Subject), e.Seq)
	}
	return nil
}

func (v *events) record(e *domain.Envelope, event *activity.Recorded) {
	v.recorded.add(e.Ledger, e.Seq, event.EventType, micros(event.OccurredAt), bit(event.Late), bit(event.OutOfOrder))
	v.keys.line(keyOf(e.Ledger, byType, event.EventType), e.Seq)
	v.keys.add(keyOf(e.Ledger, byCustomer, event.CustomerID), e.Seq)
	for _, rule := range event.Decision.Monitoring.Fired { // each once
		v.keys.line(keyOf(e.Ledger, byRule, rule.RuleID), e.Seq)
	}
	if event.Late {
		v.keys.line(keyOf(e.Ledger, byLate, ""), e.Seq)
	}
	if event.OutOfOrder {
		v.keys.line(keyOf(e.Ledger, byOutOfOrder, ""), e.Seq)
	}
	v.totals[entity{e.Ledger, event.EventType}]++
}

// bit is how a column keeps a flag.
func bit(flag bool) int {
	if flag {
		return 1
	}
	return 0
}

func (v *events) write(w *writer) error {
	if err := w.run(eventTable, &v.recorded); err != nil {
		return err
	}
	if err := v.keys.write(w); err != nil {
		return err
	}
	return w.addTotals(eventTotals, v.totals)
}

// Timeline lists the positions of every ledger event about a customer (our id or external_id), newest
// first, and says how many there are, or gives domain.Unknown.
func (db *DB) Timeline(ctx context.Context, ledger, customerID string, p Page) ([]int64, int64, error) {
	id, err := db.CustomerID(ctx, ledger, customerID)
	if err != nil {
		return nil, 0, err
	}
	recorded, others := keyOf(ledger, byCustomer, id), keyOf(ledger, byOther, id)
	total, err := db.countKeys(ctx, "event_keys", recorded, others)
	if err != nil {
		return nil, 0, err
	}
	seqs, err := path{of: db.trails("event_keys", math.MaxInt64, recorded, others)}.page(ctx, p)
	return seqs, total, err
}

// CustomerSeqs lists the positions of the ledger events about a customer (our id) that are not
// activity events, in their order, up to a position.
func (db *DB) CustomerSeqs(ctx context.Context, ledger, id string, upTo int64) ([]int64, error) {
	seqs, err := path{of: db.trails("event_keys", upTo, keyOf(ledger, byOther, id))}.next(ctx, math.MaxInt)
	slices.Reverse(seqs)
	return seqs, err
}
