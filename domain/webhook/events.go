package webhook

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Subscription is what an integrator asked for: which events go where, and how.
type Subscription struct {
	ID          string         `json:"id"` // a UUID
	URL         string         `json:"url"`
	Events      []string       `json:"events"` // types, or patterns such as alert.* and *
	Description string         `json:"description,omitempty"`
	Filter      string         `json:"filter,omitempty"` // CEL over the event; empty: all of them
	Format      string         `json:"payload_format"`   // standard, thin, icomply or template
	Template    jsontext.Value `json:"template,omitempty"`
	Ordering    string         `json:"ordering"`            // none, fifo or per_customer
	TimeoutMS   int            `json:"timeout_ms"`          // of one attempt
	RateLimit   int            `json:"rate_limit,omitzero"` // attempts a second; 0: as many as there are
	Ed25519     bool           `json:"ed25519,omitzero"`    // signed with v1a too
}

// Created says that an endpoint is to be told about events from here on.
type Created struct {
	Webhook Subscription        `json:"webhook"`
	Secret  string              `json:"sealed_secret"` // see Seal
	Idem    *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is webhook.created.
func (Created) Kind() domain.Kind { return domain.Kind{Name: "webhook.created", Version: 1} }

// Subject is the subscription.
func (e Created) Subject() string { return e.Webhook.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Created) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Changed states a subscription anew.
type Changed struct {
	Webhook Subscription `json:"webhook"`
	Version int          `json:"version"` // 2, 3, …
}

// Kind is webhook.changed.
func (Changed) Kind() domain.Kind { return domain.Kind{Name: "webhook.changed", Version: 1} }

// Subject is the subscription.
func (e Changed) Subject() string { return e.Webhook.ID }

// SecretRotated puts another secret in the place of the present one.
type SecretRotated struct {
	WebhookID string              `json:"webhook_id"`
	Secret    string              `json:"sealed_secret"`
	Until     time.Time           `json:"previous_until"` // deliveries are signed with both until then
	Idem      *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is webhook.secret_rotated.
func (SecretRotated) Kind() domain.Kind {
	return domain.Kind{Name: "webhook.secret_rotated", Version: 1}
}

// Subject is the subscription.
func (e SecretRotated) Subject() string { return e.WebhookID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e SecretRotated) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Disabled says that nothing is sent to an endpoint any more; its events are held.
type Disabled struct {
	WebhookID string    `json:"webhook_id"`
	Reason    string    `json:"reason"` // asked, gone or failing
	Since     time.Time `json:"failing_since,omitzero"`
	Failures  int       `json:"failures,omitzero"` // attempts in a row
}

// Kind is webhook.disabled.
func (Disabled) Kind() domain.Kind { return domain.Kind{Name: "webhook.disabled", Version: 1} }

// Subject is the subscription.
func (e Disabled) Subject() string { return e.WebhookID }

// Enabled says that an endpoint is sent to again, and what becomes of the events that were held.
type Enabled struct {
	WebhookID string `json:"webhook_id"`
	Held      string `json:"held"` // deliver or skip
}

// Kind is webhook.enabled.
func (Enabled) Kind() domain.Kind { return domain.Kind{Name: "webhook.enabled", Version: 1} }

// Subject is the subscription.
func (e Enabled) Subject() string { return e.WebhookID }

// Deleted ends a subscription for good.
type Deleted struct {
	WebhookID string `json:"webhook_id"`
}

// Kind is webhook.deleted.
func (Deleted) Kind() domain.Kind { return domain.Kind{Name: "webhook.deleted", Version: 1} }

// Subject is the subscription.
func (e Deleted) Subject() string { return e.WebhookID }

// Span is a run of sequence numbers, both ends included.
type Span struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// ReplayRequested asks for events of a subscription to be sent once more. The position of the
// record is the number of the replay.
type ReplayRequested struct {
	WebhookID string              `json:"webhook_id"`
	Sequences []Span              `json:"sequences"` // rising
	Idem      *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is webhook.replay_requested.
func (ReplayRequested) Kind() domain.Kind {
	return domain.Kind{Name: "webhook.replay_requested", Version: 1}
}

// Subject is the subscription.
func (e ReplayRequested) Subject() string { return e.WebhookID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e ReplayRequested) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Backfilled gives a subscription events from before it was there.
type Backfilled struct {
	WebhookID string              `json:"webhook_id"`
	From      int64               `json:"from_seq"`
	To        int64               `json:"to_seq"` // not included
	Events    []Past              `json:"events"` // between that match, in the order of the ledger
	Idem      *domain.Idempotency `json:"idempotency,omitempty"`
}

// Past is an event from before a subscription was there.
type Past struct {
	Seq        int64     `json:"seq"`
	EventID    string    `json:"event_id"`
	Type       string    `json:"type"`
	Customer   string    `json:"customer_id,omitempty"`
	RecordedAt time.Time `json:"recorded_at"`
}

// Kind is webhook.backfilled.
func (Backfilled) Kind() domain.Kind { return domain.Kind{Name: "webhook.backfilled", Version: 1} }

// Subject is the subscription.
func (e Backfilled) Subject() string { return e.WebhookID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Backfilled) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// DeliveriesReported is evidence of who was told what, and when: what became of deliveries since
// the report before.
type DeliveriesReported struct {
	Reports []Report `json:"reports"` // by subscription
}

// Kind is webhook.deliveries_reported.
func (DeliveriesReported) Kind() domain.Kind {
	return domain.Kind{Name: "webhook.deliveries_reported", Version: 1}
}

// Report is what became of deliveries to one endpoint.
type Report struct {
	WebhookID string    `json:"webhook_id"`
	UpTo      int64     `json:"up_to"` // id of the last attempt that is reported
	Outcomes  []Outcome `json:"outcomes"`
}

// Outcome is what became of a run of deliveries.
type Outcome struct {
	Span
	Replay  int64     `json:"replay,omitzero"` // number of the replay; 0: the first sending
	Outcome string    `json:"outcome"`         // delivered or undelivered
	Begun   time.Time `json:"begun"`           // first and last of their final attempts
	Ended   time.Time `json:"ended"`
}

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{
		domain.Describe[Created](), domain.Describe[Changed](), domain.Describe[SecretRotated](), domain.Describe[Disabled](),
		domain.Describe[Enabled](), domain.Describe[Deleted](), domain.Describe[ReplayRequested](), domain.Describe[Backfilled](),
		domain.Describe[DeliveriesReported](),
	}
}
