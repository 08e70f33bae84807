package projections

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

// outbox is the projection Outbox: which events are to be delivered to which webhooks. What became
// of deliveries is not in it: see deliveries.go.
type outbox struct {
	ledgers map[string]*outboxLedger
	rows    rows
	replays rows
	changed map[*outboxEndpoint]bool
}

// outboxLedger is the subscriptions of one ledger as of the next event.
type outboxLedger struct {
	next      int64
	endpoints map[string]*outboxEndpoint
}

// outboxEndpoint is a subscription, with the ends of its events and replays.
type outboxEndpoint struct {
	webhook.Subscription
	ledger                 string
	key                    int64
	active                 bool
	last, replays, skipped int64
	filter                 *webhook.Filter
}

var (
	outboxTable        = inserting("outbox (webhook, sequence, seq, type, event_id, customer, recorded_at, backfilled)", "")
	outboxReplaysTable = inserting("outbox_replays (webhook, place, sequence, replay)", "")
)

func newOutbox() *outbox {
	return &outbox{ledgers: map[string]*outboxLedger{}, changed: map[*outboxEndpoint]bool{}}
}

func (*outbox) model() Model { return Outbox }
func (*outbox) version() int { return 1 }

func (o *outbox) forget() {
	o.rows.forget()
	o.replays.forget()
	clear(o.changed)
}

// apply matches an event. The subscriptions are kept in memory from one batch to the next: a batch that
// comes again, or a rebuild, is known by the position, and then they are read anew.
func (o *outbox) apply(w *writer, e *domain.Envelope) error {
	l := o.ledgers[e.Ledger]
	if l == nil || l.next != e.Seq {
		var err error
		if l, err = loadOutbox(w, e.Ledger); err != nil {
			return err
		}
		o.ledgers[e.Ledger] = l
	}
	l.next = e.Seq + 1
	if err := o.subscribe(w, l, e); err != nil || len(l.endpoints) == 0 {
		return err
	}
	notice, told, err := NoticeOf(e)
	if err != nil || !told {
		return err
	}
	for _, p := range l.endpoints {
		if webhook.Judge(&p.Subscription, p.filter, &notice).Matched {
			o.append(p, webhook.Past{Seq: e.Seq, EventID: notice.ID, Type: notice.Type, Customer: notice.Customer, RecordedAt: e.Time}, 0)
		}
	}
	return nil
}

// append gives an event the next sequence number of a subscription.
func (o *outbox) append(p *outboxEndpoint, e webhook.Past, backfilled int) {
	p.last++
	o.rows.add(p.key, p.last, e.Seq, e.Type, e.EventID, e.Customer, micros(e.RecordedAt), backfilled)
	o.changed[p] = true
}

// subscribe takes in an event about subscriptions.
func (o *outbox) subscribe(w *writer, l *outboxLedger, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case webhook.Created:
		p := &outboxEndpoint{ledger: e.Ledger, key: webhookKey(e.Ledger, event.Webhook.ID), active: true}
		l.endpoints[event.Webhook.ID] = p
		return o.restate(p, event.Webhook)
	case webhook.Changed:
		if p := l.endpoints[event.Webhook.ID]; p != nil {
			return o.restate(p, event.Webhook)
		}
	case webhook.Disabled:
		o.change(l, event.WebhookID, func(p *outboxEndpoint) { p.active = false })
	case webhook.Enabled:
		o.change(l, event.WebhookID, func(p *outboxEndpoint) {
			if p.active = true; event.Held == webhook.SkipHeld {
				p.skipped = p.last
			}
		})
	case webhook.ReplayRequested:
		o.change(l, event.WebhookID, func(p *outboxEndpoint) { o.replay(p, e.Seq, event.Sequences) })
	case webhook.Backfilled:
		o.change(l, event.WebhookID, func(p *outboxEndpoint) { o.backfill(p, e.Seq, event.Events) })
	case webhook.Deleted:
		if p := l.endpoints[event.WebhookID]; p != nil {
			delete(l.endpoints, event.WebhookID)
			delete(o.changed, p)
			_, err := w.exec("DELETE FROM outbox_endpoints WHERE ledger = ? AND id = ?", e.Ledger, event.WebhookID)
			w.moved = append(w.moved, OutboxEnd{Key: p.key, Ledger: e.Ledger, ID: event.WebhookID, Deleted: true})
			return err
		}
	case webhook.DeliveriesReported:
		return reported(w, e.Ledger, &event)
	}
	return nil
}

func (o *outbox) change(l *outboxLedger, id string, change func(*outboxEndpoint)) {
	if p := l.endpoints[id]; p != nil {
		change(p)
		o.changed[p] = true
	}
}

func (o *outbox) restate(p *outboxEndpoint, s webhook.Subscription) error {
	filter, err := webhook.Compile(s.Filter)
	if err != nil { // no such subscription is recorded
		return fmt.Errorf("filter of webhook %s: %w", s.ID, err)
	}
	p.Subscription, p.filter = s, filter
	o.changed[p] = true
	return nil
}

func (o *outbox) replay(p *outboxEndpoint, replay int64, spans []webhook.Span) {
	for _, span := range spans {
		for n := max(span.First, 1); n <= min(span.Last, p.last); n++ {
			p.replays++
			o.replays.add(p.key, p.replays, n, replay)
		}
	}
}

// backfill appends events from before the subscription, which go the way of replays.
func (o *outbox) backfill(p *outboxEndpoint, record int64, events []webhook.Past) {
	for _, e := range events {
		o.append(p, e, 1)
		p.replays++
		o.replays.add(p.key, p.replays, p.last, record)
	}
}

func reported(w *writer, ledger string, e *webhook.DeliveriesReported) error {
	for _, r := range e.Reports {
		for _, outcome := range r.Outcomes {
			_, err := w.exec("INSERT INTO outbox_reports (webhook, replay, first, last, outcome) VALUES (?, ?, ?, ?, ?) "+
				"ON CONFLICT (webhook, replay, first) DO UPDATE SET last = excluded.last, outcome = excluded.outcome",
				webhookKey(ledger, r.WebhookID), outcome.Replay, outcome.First, outcome.Last, outcome.Outcome)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

const upsertEndpoint = "INSERT INTO outbox_endpoints (ledger, id, webhook, doc, active, last, replays, skipped) VALUES (?, ?, ?, ?, ?, ?, ?, ?) " +
	"ON CONFLICT (ledger, id) DO UPDATE SET doc = excluded.doc, active = excluded.active, last = excluded.last, replays = excluded.replays, skipped = excluded.skipped"

func (o *outbox) write(w *writer) error {
	if err := w.run(outboxTable, &o.rows); err != nil {
		return err
	}
	if err := w.run(outboxReplaysTable, &o.replays); err != nil {
		return err
	}
	for p := range o.changed {
		doc, err := docOf(p.Subscription)
		if err != nil {
			return err
		}
		if _, err := w.exec(upsertEndpoint, p.ledger, p.ID, p.key, doc, flag(p.active), p.last, p.replays, p.skipped); err != nil {
			return err
		}
		w.moved = append(w.moved, p.end())
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// webhookKey is the digest by which the tables know a webhook. The id "test" is of what tests of
// endpoints have sent.
func webhookKey(ledger, id string) int64 { return keyOf(ledger, "webhook", id) }

// loadOutbox reads the subscriptions of a ledger.
func loadOutbox(w *writer, ledger string) (*outboxLedger, error) {
	l := &outboxLedger{endpoints: map[string]*outboxEndpoint{}}
	s, err := w.prepared("SELECT webhook, doc, active, last, replays, skipped FROM outbox_endpoints WHERE ledger = ?")
	if err != nil {
		return nil, err
	}
	found, err := s.QueryContext(context.Background(), ledger)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		p := &outboxEndpoint{ledger: ledger}
		var doc []byte
		if err := found.Scan(&p.key, &doc, &p.active, &p.last, &p.replays, &p.skipped); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &p.Subscription); err != nil {
			return nil, err
		}
		if p.filter, err = webhook.Compile(p.Filter); err != nil {
			return nil, err
		}
		l.endpoints[p.ID] = p
	}
	return l, found.Err()
}

// OutboxEnd says how far the events of a webhook go.
type OutboxEnd struct {
	Key        int64
	Ledger, ID string
	Active     bool
	Deleted    bool
	Last       int64 // sequence number of the newest event
	Replays    int64 // place of the newest replay
	Skipped    int64 // sequence number up to which events are not delivered by themselves
}

func (p *outboxEndpoint) end() OutboxEnd {
	return OutboxEnd{Key: p.key, Ledger: p.ledger, ID: p.ID, Active: p.active, Last: p.last, Replays: p.replays, Skipped: p.skipped}
}
