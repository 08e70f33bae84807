package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

// Delivery is an event of a webhook and what became of it.
type Delivery struct {
	Sequence   int64     `json:"sequence"`
	EventID    string    `json:"event_id"`
	Type       string    `json:"event_type"`
	Seq        int64     `json:"ledger_seq"`
	CustomerID string    `json:"customer_id,omitempty"`
	RecordedAt time.Time `json:"recorded_at"`
	Status     string    `json:"status"` // delivered, undelivered, retrying, queued, held or skipped
	Attempts   int       `json:"attempts"`
	NextAt     time.Time `json:"next_attempt_at,omitzero"`
	Log        []Attempt `json:"log,omitempty"` // oldest first; only where one delivery is asked for
}

// DeliveryFilter narrows a list of deliveries. Empty fields do not.
type DeliveryFilter struct {
	Status, Type, EventID, CustomerID string
	Since, Until                      time.Time // when the event was recorded
}

// told are the deliveries of one webhook with what became of each.
const told = "(SELECT o.sequence, o.event_id, o.type, o.seq, o.customer, o.recorded_at, CASE " +
	"WHEN EXISTS (SELECT 1 FROM webhook_attempts a WHERE a.webhook = o.webhook AND a.sequence = o.sequence AND a.outcome = 'delivered') THEN 'delivered' " +
	"WHEN EXISTS (SELECT 1 FROM outbox_reports r WHERE r.webhook = o.webhook AND r.first <= o.sequence AND r.last >= o.sequence AND r.outcome = 'delivered') THEN 'delivered' " +
	"WHEN EXISTS (SELECT 1 FROM webhook_retries t WHERE t.webhook = o.webhook AND t.sequence = o.sequence) THEN 'retrying' " +
	"WHEN EXISTS (SELECT 1 FROM webhook_attempts a WHERE a.webhook = o.webhook AND a.sequence = o.sequence AND a.outcome = 'undelivered') THEN 'undelivered' " +
	"WHEN EXISTS (SELECT 1 FROM outbox_reports r WHERE r.webhook = o.webhook AND r.first <= o.sequence AND r.last >= o.sequence) THEN 'undelivered' " +
	"WHEN o.sequence <= e.skipped AND o.backfilled = 0 THEN 'skipped' WHEN e.active = 0 THEN 'held' ELSE 'queued' END AS status, " +
	"(SELECT COUNT(*) FROM webhook_attempts a WHERE a.webhook = o.webhook AND a.sequence = o.sequence) AS attempts, " +
	"COALESCE((SELECT MIN(t.due_at) FROM webhook_retries t WHERE t.webhook = o.webhook AND t.sequence = o.sequence), 0) AS due " +
	"FROM outbox o JOIN outbox_endpoints e ON e.ledger = ? AND e.id = ? WHERE o.webhook = ?) d"

const deliveryColumns = "sequence, event_id, type, seq, customer, recorded_at, status, attempts, due"

func scanDelivery(row scanner) (d Delivery, err error) {
	var at, due int64
	err = row.Scan(&d.Sequence, &d.EventID, &d.Type, &d.Seq, &d.CustomerID, &at, &d.Status, &d.Attempts, &due)
	d.RecordedAt, d.NextAt = timeOf(at), momentOf(due)
	return d, err
}

func deliveriesOf(ledger, id string) listing {
	return listing{columns: deliveryColumns, from: told, where: "sequence > 0", order: "sequence DESC", args: []any{ledger, id, webhookKey(ledger, id)}}
}

func (f DeliveryFilter) narrow(q *listing) {
	q.narrow("status", f.Status)
	q.narrow("type", f.Type)
	q.narrow("event_id", f.EventID)
	q.narrow("customer", f.CustomerID)
	q.between("recorded_at", f.Since, f.Until)
}

// Deliveries lists the events of a webhook, newest first, and says how many there are.
func (db *DB) Deliveries(ctx context.Context, ledger, id string, f DeliveryFilter, p Page) ([]Delivery, int64, error) {
	q := deliveriesOf(ledger, id)
	f.narrow(&q)
	return list(ctx, db, q, p, scanDelivery)
}

// Delivery gives an event of a webhook and every attempt to deliver it, or domain.Unknown.
func (db *DB) Delivery(ctx context.Context, ledger, id string, sequence int64) (Delivery, error) {
	q := deliveriesOf(ledger, id)
	d, err := one(ctx, db, "delivery", scanDelivery, "SELECT "+q.columns+" FROM "+q.from+" WHERE sequence = ?", append(q.args, sequence)...)
	if err != nil {
		return d, err
	}
	d.Log, err = many(ctx, db, scanAttempt, "SELECT "+attemptColumns+" FROM webhook_attempts WHERE webhook = ? AND sequence = ? ORDER BY id",
		webhookKey(ledger, id), sequence)
	return d, err
}

// Sequences lists the sequence numbers of the events of a webhook between two, both included, as runs.
func (db *DB) Sequences(ctx context.Context, ledger, id string, f DeliveryFilter, first, last int64, limit int) ([]webhook.Span, error) {
	q := deliveriesOf(ledger, id)
	f.narrow(&q)
	q.where += " AND sequence BETWEEN ? AND ?"
	found, err := many(ctx, db, scanColumn[int64], "SELECT sequence FROM "+q.from+" WHERE "+q.where+" ORDER BY sequence LIMIT ?", append(q.args, first, last, limit)...)
	var spans []webhook.Span
	for _, n := range found {
		if end := len(spans) - 1; end >= 0 && spans[end].Last == n-1 {
			spans[end].Last = n
		} else {
			spans = append(spans, webhook.Span{First: n, Last: n})
		}
	}
	return spans, err
}

// Feed gives the events of a webhook after a sequence number, and says how many there are in all.
func (db *DB) Feed(ctx context.Context, ledger, id string, after int64, limit int) (due []Due, total int64, err error) {
	total, err = one(ctx, db, "total", scanColumn[int64], "SELECT COALESCE(MAX(last), 0) FROM outbox_endpoints WHERE ledger = ? AND id = ?", ledger, id)
	if err != nil {
		return nil, 0, err
	}
	due, err = many(ctx, db, scanDue, "SELECT o.sequence, 0, o.sequence, 0, "+dueColumns+" FROM outbox o"+duePrevious+
		" WHERE o.webhook = ? AND o.sequence > ? ORDER BY o.sequence LIMIT ?", webhookKey(ledger, id), after, limit)
	return due, total, err
}

// AttemptFilter narrows a list of attempts. Empty fields do not.
type AttemptFilter struct {
	Outcome, Error string
	Since, Until   time.Time
}

const attemptColumns = "id, sequence, replay, attempt, status, took, outcome, error, response"

func scanAttempt(row scanner) (a Attempt, err error) {
	var took int64
	err = row.Scan(&a.ID, &a.Sequence, &a.Replay, &a.Number, &a.Status, &took, &a.Outcome, &a.Error, &a.Response)
	a.Took = time.Duration(took) * time.Microsecond
	a.At = timeOf(a.ID).Add(-a.Took)
	return a, err
}

// MarshalJSON writes the latency in milliseconds.
func (a Attempt) MarshalJSON() ([]byte, error) {
	type plain Attempt
	return json.Marshal(struct {
		plain  `json:",inline"`
		Millis float64 `json:"latency_ms"`
	}{plain(a), float64(a.Took.Microseconds()) / 1000})
}

// Attempts lists the attempts to deliver to a webhook, newest first; "test" is the id of tests.
func (db *DB) Attempts(ctx context.Context, ledger, id string, f AttemptFilter, p Page) ([]Attempt, int64, error) {
	q := listing{columns: attemptColumns, from: "webhook_attempts", where: "webhook = ?", order: "id DESC", args: []any{webhookKey(ledger, id)}}
	q.narrow("outcome", f.Outcome)
	q.narrow("error", f.Error)
	q.between("id", f.Since, f.Until)
	return list(ctx, db, q, p, scanAttempt)
}

// FinalAttempts lists attempts of a webhook after one by which a delivery ended, oldest first.
func (db *DB) FinalAttempts(ctx context.Context, key, after int64, limit int) ([]Attempt, error) {
	return many(ctx, db, scanAttempt, "SELECT "+attemptColumns+" FROM webhook_attempts WHERE webhook = ? AND id > ? AND outcome <> 'failed' ORDER BY id LIMIT ?", key, after, limit)
}

// WebhookStats sums up a webhook.
type WebhookStats struct {
	Total       int64     `json:"total_deliveries"` // that ended
	Delivered   int64     `json:"successful_deliveries"`
	Undelivered int64     `json:"failed_deliveries"`
	Waiting     int64     `json:"waiting_deliveries"` // queued or held
	Retrying    int64     `json:"retrying_deliveries"`
	Failures    int       `json:"consecutive_failures"`
	LastAttempt time.Time `json:"last_triggered_at,omitzero"`
	LastSuccess time.Time `json:"last_success_at,omitzero"`
}

// WebhookStats sums up a webhook; nothing is known of one that is new.
func (db *DB) WebhookStats(ctx context.Context, ledger, id string) (s WebhookStats, err error) {
	key := webhookKey(ledger, id)
	way, err := one(ctx, db, "webhook", scanWay, "SELECT "+wayColumns+" FROM webhook_endpoints WHERE webhook = ?", key)
	if err != nil && domain.CodeOf(err) != domain.Unknown {
		return s, err
	}
	s = WebhookStats{
		Total: way.Delivered + way.Undelivered, Delivered: way.Delivered, Undelivered: way.Undelivered, Failures: way.Failures,
		LastAttempt: momentOf(way.LastAttempt), LastSuccess: momentOf(way.LastSuccess),
	}
	s.Retrying, err = one(ctx, db, "total", scanColumn[int64], "SELECT COUNT(*) FROM webhook_retries WHERE webhook = ?", key)
	if err != nil {
		return s, err
	}
	last, err := one(ctx, db, "webhook", scanColumn[int64], "SELECT last FROM outbox_endpoints WHERE ledger = ? AND id = ?", ledger, id)
	if err != nil && domain.CodeOf(err) != domain.Unknown {
		return s, err
	}
	s.Waiting = max(0, last-way.Fresh)
	return s, nil
}
