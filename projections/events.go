package projections

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// Event is an activity event with the decision made on it.
type Event struct {
	EventID    string         `json:"event_id"`
	EventType  string         `json:"event_type"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
	CustomerID string         `json:"customer_id"`
	Score      int            `json:"score"`
	Data       jsontext.Value `json:"data"`
	Decision   jsontext.Value `json:"decision"` // activity.Decision
	Seq        int64          `json:"seq"`
}

// EventFilter narrows a list of events. Empty fields do not.
type EventFilter struct {
	CustomerID string // ours or the external_id
	EventType  string
}

// TimelineEntry is one ledger event about a customer.
type TimelineEntry struct {
	Seq   int64     `json:"seq"`
	ID    string    `json:"id"`
	Type  string    `json:"type"`
	Time  time.Time `json:"time"`
	Actor string    `json:"actor"`
}

// The kinds of keys that lead to events and to entries of timelines.
const (
	byType     = "type"
	byCustomer = "customer"
	byOther    = "other" // events about a customer that are not activity events
)

// events is the projection Events.
type events struct {
	recorded, others rows
	keys             keys
	totals           map[entity]int64 // by ledger and event type
}

var (
	eventTable    = newTable("events (ledger, seq, event_id, event_type, id, actor, recorded_at, doc)", "")
	timelineTable = newTable("timeline (ledger, seq, type, id, actor, recorded_at)", "")
	eventKeyTable = newTable("event_keys (key, seq)", "")
	eventTotals   = newTable("event_totals (ledger, type, n)",
		"ON CONFLICT (ledger, type) DO UPDATE SET n = event_totals.n + excluded.n")
)

func (*events) model() Model { return Events }
func (*events) version() int { return 1 }

func (v *events) forget() {
	v.recorded.forget()
	v.others.forget()
	v.keys.forget()
	clear(v.totals)
}

// customerPrefix starts the ids of customers, and of nothing else.
const customerPrefix = "cus_"

func (v *events) apply(_ *writer, e *domain.Envelope) error {
	if event, ok := e.Event.(activity.Recorded); ok {
		return v.record(e, &event)
	}
	if strings.HasPrefix(e.Subject, customerPrefix) {
		v.others.add(e.Ledger, e.Seq, e.Event.Kind().Name, e.ID, e.Actor, micros(e.Time))
		v.keys.add(keyOf(e.Ledger, byOther, e.Subject), e.Seq)
	}
	return nil
}

func (v *events) record(e *domain.Envelope, event *activity.Recorded) error {
	doc, err := eventDoc(e, event)
	if err != nil {
		return err
	}
	v.recorded.add(e.Ledger, e.Seq, event.EventID, event.EventType, e.ID, e.Actor, micros(e.Time), doc)
	v.keys.add(keyOf(e.Ledger, byType, event.EventType), e.Seq)
	v.keys.add(keyOf(e.Ledger, byCustomer, event.CustomerID), e.Seq)
	if v.totals == nil {
		v.totals = map[entity]int64{}
	}
	v.totals[entity{e.Ledger, event.EventType}]++
	return nil
}

// eventDoc writes an Event by hand: the data is JSON already and is the most of it.
func eventDoc(e *domain.Envelope, event *activity.Recorded) (string, error) {
	decision, err := json.Marshal(&event.Decision)
	if err != nil {
		return "", err
	}
	b := make([]byte, 0, len(event.Data)+len(decision)+512)
	b = appendMember(b, `{"event_id":`, event.EventID)
	b = appendMember(b, `,"event_type":`, event.EventType)
	b = appendMember(b, `,"occurred_at":`, event.OccurredAt.Format(time.RFC3339Nano))
	b = appendMember(b, `,"recorded_at":`, e.Time.Format(time.RFC3339Nano))
	b = appendMember(b, `,"customer_id":`, event.CustomerID)
	b = strconv.AppendInt(append(b, `,"score":`...), int64(event.Decision.Monitoring.Score), 10)
	b = append(append(b, `,"data":`...), event.Data...)
	b = append(append(b, `,"decision":`...), decision...)
	b = strconv.AppendInt(append(b, `,"seq":`...), e.Seq, 10)
	return string(append(b, '}')), nil
}

func (v *events) write(w *writer) error {
	if err := w.insert(eventTable, &v.recorded); err != nil {
		return err
	}
	if err := w.insert(timelineTable, &v.others); err != nil {
		return err
	}
	if err := v.keys.write(w, eventKeyTable); err != nil {
		return err
	}
	return w.addTotals(eventTotals, v.totals)
}

// Event gives an activity event by event_id, or domain.Unknown.
func (db *DB) Event(ctx context.Context, ledger, eventID string) (Event, error) {
	return one(ctx, db, "event", scanDoc[Event], "SELECT doc FROM events WHERE ledger = ? AND event_id = ?", ledger, eventID)
}

// Events lists activity events, newest first, and says how many there are.
func (db *DB) Events(ctx context.Context, ledger string, f EventFilter, p Page) ([]Event, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []Event{}, 0, err
	}
	q := listing{columns: "doc", args: []any{ledger}, order: "event_keys.seq DESC", where: "key = ?",
		from: "event_keys JOIN events ON events.ledger = ? AND events.seq = event_keys.seq"}
	if customerID != "" {
		q.args = append(q.args, keyOf(ledger, byCustomer, customerID))
		q.narrow("event_type", f.EventType)
		return list(ctx, db, q, p, scanDoc[Event])
	}
	if f.EventType != "" {
		q.args = append(q.args, keyOf(ledger, byType, f.EventType))
	} else {
		q.from, q.where, q.order = "events", "ledger = ?", "seq DESC"
	}
	total, err := db.sumTotals(ctx, "event_totals", "type", ledger, f.EventType)
	if err != nil {
		return nil, 0, err
	}
	found, err := rowsOf(ctx, db, q, p, scanDoc[Event])
	return found, total, err
}

const timelineText = "SELECT k.seq, events.id, 'activity.recorded', events.actor, events.recorded_at FROM event_keys k " +
	"JOIN events ON events.ledger = ? AND events.seq = k.seq WHERE k.key = ? UNION ALL " +
	"SELECT k.seq, timeline.id, timeline.type, timeline.actor, timeline.recorded_at FROM event_keys k " +
	"JOIN timeline ON timeline.ledger = ? AND timeline.seq = k.seq WHERE k.key = ? ORDER BY 1 DESC LIMIT ? OFFSET ?"

// Timeline lists every ledger event about a customer (our id or external_id), newest first, and
// says how many there are, or gives domain.Unknown.
func (db *DB) Timeline(ctx context.Context, ledger, customerID string, p Page) ([]TimelineEntry, int64, error) {
	id, err := db.CustomerID(ctx, ledger, customerID)
	if err != nil {
		return nil, 0, err
	}
	events, others := keyOf(ledger, byCustomer, id), keyOf(ledger, byOther, id)
	total, err := one(ctx, db, "total", scanColumn[int64], "SELECT COUNT(*) FROM event_keys WHERE key IN (?, ?)", events, others)
	if err != nil {
		return nil, 0, err
	}
	found, err := many(ctx, db, scanEntry, timelineText, ledger, events, ledger, others, p.Limit, p.Offset)
	return found, total, err
}

func scanEntry(row scanner) (t TimelineEntry, err error) {
	var at int64
	err = row.Scan(&t.Seq, &t.ID, &t.Type, &t.Actor, &at)
	t.Time = timeOf(at)
	return t, err
}
