package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Webhook is an endpoint that is told of events.
type Webhook struct {
	ID             string         `json:"id"`
	URL            string         `json:"url"`
	Events         []string       `json:"events"` // types, or patterns such as alert.* and *
	Description    string         `json:"description"`
	Filters        WebhookFilters `json:"filters"`
	IsActive       bool           `json:"is_active"`
	DisabledReason string         `json:"disabled_reason"`
	Format         string         `json:"payload_format"` // standard, thin, icomply or template
	Template       jsontext.Value `json:"template"`
	Ordering       string         `json:"ordering"` // none, fifo or per_customer
	TimeoutMS      int            `json:"timeout_ms"`
	RateLimit      int            `json:"rate_limit"` // a second
	Ed25519        bool           `json:"ed25519"`
	PublicKey      string         `json:"public_key"`
	PreviousUntil  time.Time      `json:"previous_secret_until"`
	Stats          WebhookStats   `json:"stats"`
	Secret         string         `json:"secret"`      // yours, or one is made; shown once
	BodySecret     string         `json:"body_secret"` // of the format icomply; shown with the secret
	Receipt        *Receipt       `json:"receipt"`     // of a write
}

// WebhookFilters narrows the events of a webhook.
type WebhookFilters struct {
	Condition string `json:"condition"` // CEL over event and data
}

// WebhookStats sums up a webhook.
type WebhookStats struct {
	Total         int64     `json:"total_deliveries"`
	Successful    int64     `json:"successful_deliveries"`
	Failed        int64     `json:"failed_deliveries"`
	Waiting       int64     `json:"waiting_deliveries"`
	Retrying      int64     `json:"retrying_deliveries"`
	LastTriggered time.Time `json:"last_triggered_at"`
	LastSuccess   time.Time `json:"last_success_at"`
}

// Delivery is an event of a webhook and what became of it.
type Delivery struct {
	Sequence   int64     `json:"sequence"`
	EventID    string    `json:"event_id"`
	EventType  string    `json:"event_type"`
	LedgerSeq  int64     `json:"ledger_seq"`
	CustomerID string    `json:"customer_id"`
	RecordedAt time.Time `json:"recorded_at"`
	Status     string    `json:"status"` // delivered, undelivered, retrying, queued, held or skipped
	Attempts   int       `json:"attempts"`
	NextAt     time.Time `json:"next_attempt_at"`
	Log        []Attempt `json:"log"` // only of one that was asked for
}

// Attempt is one attempt to deliver.
type Attempt struct {
	ID        int64     `json:"id"`
	Sequence  int64     `json:"sequence"`
	Replay    int64     `json:"replay"`
	Attempt   int       `json:"attempt"`
	At        time.Time `json:"at"`
	Status    int       `json:"http_status_code"` // 0: there was no answer
	LatencyMS float64   `json:"latency_ms"`
	Outcome   string    `json:"outcome"` // delivered, failed or undelivered
	Error     string    `json:"error"`
	Response  string    `json:"response"`
}

// Replay says which deliveries are made once more.
type Replay struct {
	FromSequence int64     `json:"from_sequence"`
	ToSequence   int64     `json:"to_sequence"`
	Status       string    `json:"status"`
	EventType    string    `json:"event_type"`
	Since        time.Time `json:"created_since"`
	Until        time.Time `json:"created_until"`
}

// Replayed says what is replayed, or backfilled.
type Replayed struct {
	WebhookID string   `json:"webhook_id"`
	Replay    int64    `json:"replay"`
	Count     int64    `json:"count"`
	Receipt   *Receipt `json:"receipt"`
}

// PulledEvent is an event as it is delivered: verify it as one that was.
type PulledEvent struct {
	Sequence int64             `json:"sequence"`
	EventID  string            `json:"event_id"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
}

// Explanation says why an event did or did not go to a webhook.
type Explanation struct {
	EventType string    `json:"event_type"`
	EventID   string    `json:"event_id"`
	Matches   bool      `json:"matches"`
	Reason    string    `json:"reason"`
	Delivery  *Delivery `json:"delivery"`
}

// webhookRequest is a webhook as it is asked for.
type webhookRequest struct {
	URL         string         `json:"url"`
	Events      []string       `json:"events"`
	Description string         `json:"description"`
	Filters     WebhookFilters `json:"filters"`
	Format      string         `json:"payload_format"`
	Template    jsontext.Value `json:"template"`
	Ordering    string         `json:"ordering"`
	TimeoutMS   int            `json:"timeout_ms"`
	RateLimit   int            `json:"rate_limit"`
	Ed25519     bool           `json:"ed25519"`
	Secret      string         `json:"secret"`
}

// CreateWebhook subscribes an endpoint. Its secret is in the answer, and in no other.
func (c *Client) CreateWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	return call[Webhook](ctx, c, keyed(c.tenant("webhooks"), webhookRequest{
		w.URL, w.Events, w.Description, w.Filters, w.Format, w.Template, w.Ordering, w.TimeoutMS, w.RateLimit, w.Ed25519, w.Secret,
	}))
}

// PatchWebhook merges members into a webhook (RFC 7396).
func (c *Client) PatchWebhook(ctx context.Context, id string, merge map[string]any) (Webhook, error) {
	return call[Webhook](ctx, c, request{method: http.MethodPatch, path: c.tenant("webhooks", id), body: merge, write: true})
}

// Webhook reads a webhook.
func (c *Client) Webhook(ctx context.Context, id string) (Webhook, error) {
	return get[Webhook](ctx, c, "webhooks", id)
}

// Webhooks lists webhooks, oldest first.
func (c *Client) Webhooks(ctx context.Context, l List) (Page[Webhook], error) {
	return list[Webhook](ctx, c, l, "webhooks")
}

// DeleteWebhook ends a webhook. If an answer was lost, it may be unknown by then.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	_, err := c.send(ctx, request{method: http.MethodDelete, path: c.tenant("webhooks", id), write: true})
	return err
}

// EnableWebhook sends to a webhook again; what was held meanwhile is delivered, or with held "skip" left alone.
func (c *Client) EnableWebhook(ctx context.Context, id, held string) (Webhook, error) {
	return call[Webhook](ctx, c, create(c.tenant("webhooks", id, "enable"), map[string]string{"held": held}))
}

// RotateWebhookSecret puts another secret in force; the old one is signed with too until the overlap ends.
func (c *Client) RotateWebhookSecret(ctx context.Context, id, overlap string) (Webhook, error) {
	return call[Webhook](ctx, c, keyed(c.tenant("webhooks", id, "rotate-secret"), map[string]string{"overlap": overlap}))
}

// TestWebhook delivers a synthetic event to a URL. That it did not arrive is an error with the code undelivered.
func (c *Client) TestWebhook(ctx context.Context, address string) (Attempt, error) {
	r := create(c.tenant("webhooks", "test"), map[string]string{"url": address})
	r.write = false
	return call[Attempt](ctx, c, r)
}

// Deliveries lists the events of a webhook and what became of each, newest first.
func (c *Client) Deliveries(ctx context.Context, id string, l List) (Page[Delivery], error) {
	return list[Delivery](ctx, c, l, "webhooks", id, "deliveries")
}

// Delivery reads a delivery with every attempt.
func (c *Client) Delivery(ctx context.Context, id string, sequence int64) (Delivery, error) {
	return get[Delivery](ctx, c, "webhooks", id, "deliveries", strconv.FormatInt(sequence, 10))
}

// Attempts lists the attempts to deliver to a webhook, newest first; with the id "test", the tests of endpoints.
func (c *Client) Attempts(ctx context.Context, id string, l List) (Page[Attempt], error) {
	return list[Attempt](ctx, c, l, "webhooks", id, "attempts")
}

// ReplayDelivery sends an event once more.
func (c *Client) ReplayDelivery(ctx context.Context, id string, sequence int64) (Replayed, error) {
	return call[Replayed](ctx, c, keyed(c.tenant("webhooks", id, "deliveries", strconv.FormatInt(sequence, 10), "replay"), nil))
}

// ReplayDeliveries sends all events that match once more.
func (c *Client) ReplayDeliveries(ctx context.Context, id string, r Replay) (Replayed, error) {
	return call[Replayed](ctx, c, keyed(c.tenant("webhooks", id, "replay"), r))
}

// BackfillWebhook gives a webhook the events from a position of the ledger up to where it was made.
func (c *Client) BackfillWebhook(ctx context.Context, id string, fromSeq int64) (Replayed, error) {
	return call[Replayed](ctx, c, keyed(c.tenant("webhooks", id, "backfill"), map[string]int64{"from_seq": fromSeq}))
}

// PullEvents reads the events of a webhook after a sequence number, as they are delivered.
func (c *Client) PullEvents(ctx context.Context, id string, after int64, limit int) (Page[PulledEvent], error) {
	return list[PulledEvent](ctx, c, List{Limit: limit, Filter: url.Values{"after": {strconv.FormatInt(after, 10)}}}, "webhooks", id, "events")
}

// ExplainWebhook says why an event of the ledger did or did not go to a webhook.
func (c *Client) ExplainWebhook(ctx context.Context, id string, seq int64) (e Explanation, err error) {
	return call[Explanation](ctx, c, request{
		method: http.MethodGet, path: c.tenant("webhooks", id, "explain"), query: url.Values{"seq": {strconv.FormatInt(seq, 10)}},
	})
}
