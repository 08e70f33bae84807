package http

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

// Subscriptions are spoken of in three shapes, which the same code serves: below a tenant as
// everything else is, and in webhooks_bare.go as two products whose receivers we serve do.
func (s *Server) webhookRoutes() []route {
	const one = tenants + "/webhooks/:id"
	return slices.Concat([]route{
		{"POST", tenants + "/webhooks", "webhooks:write", s.createWebhook},
		{"GET", tenants + "/webhooks", "webhooks:read", s.listWebhooks},
		{"GET", one, "webhooks:read", s.getWebhook},
		{"PATCH", one, "webhooks:write", s.patchWebhook},
		{"DELETE", one, "webhooks:write", s.deleteWebhook},
		{"POST", one + "/enable", "webhooks:write", s.enableWebhook},
		{"POST", one + "/rotate-secret", "webhooks:write", s.rotateWebhook},
		{"GET", "/api/v1/webhook-event-types", "", s.listEventTypes},
	}, s.bareWebhookRoutes(), s.deliveryRoutes(), s.replayRoutes())
}

// webhookRequest is a subscription as a caller states it, in the words of any of the three shapes.
type webhookRequest struct {
	URL         string         `json:"url"`
	WebhookURL  string         `json:"webhook_url"` // the same as url
	Events      []string       `json:"events"`
	EventType   string         `json:"event_type"` // the same as events with one member
	Secret      string         `json:"secret"`     // one is made if there is none
	Description string         `json:"description"`
	Filters     webhookFilters `json:"filters"`
	IsActive    *bool          `json:"is_active"`
	Format      string         `json:"payload_format"`
	Template    jsontext.Value `json:"template"`
	Ordering    string         `json:"ordering"`
	TimeoutMS   int            `json:"timeout_ms"`
	RateLimit   int            `json:"rate_limit"`
	Ed25519     bool           `json:"ed25519"`
}

// webhookFilters narrows the events of a subscription.
type webhookFilters struct {
	Condition string `json:"condition,omitempty"` // CEL over event and data
}

// subscription puts a request in the words of the domain. What it does not name stays as it is.
func (r *webhookRequest) subscription(w webhook.Subscription) (webhook.Subscription, error) {
	if r.URL != "" && r.WebhookURL != "" && r.URL != r.WebhookURL {
		return w, domain.InvalidField("webhook_url", "differs from url")
	}
	if r.EventType != "" && len(r.Events) > 0 {
		return w, domain.InvalidField("event_type", "goes without events")
	}
	w.URL = cmp.Or(r.URL, r.WebhookURL, w.URL)
	if r.EventType != "" {
		w.Events = []string{r.EventType}
	} else if len(r.Events) > 0 {
		w.Events = r.Events
	}
	if r.Template.Kind() == 'n' {
		r.Template = nil
	}
	w.Description, w.Filter, w.Format, w.Template = r.Description, r.Filters.Condition, r.Format, r.Template
	w.Ordering, w.TimeoutMS, w.RateLimit, w.Ed25519 = r.Ordering, r.TimeoutMS, r.RateLimit, r.Ed25519
	return w, nil
}

// urlField names the member that a URL came in.
func (r *webhookRequest) urlField() string {
	if r.WebhookURL != "" {
		return "webhook_url"
	}
	return "url"
}

// webhookAnswer is a subscription. Its secrets are in the answer that makes them, and in no other.
type webhookAnswer struct {
	ID             string                   `json:"id"`
	URL            string                   `json:"url"`
	Events         []string                 `json:"events"`
	Description    string                   `json:"description"`
	Filters        webhookFilters           `json:"filters"`
	IsActive       bool                     `json:"is_active"`
	DisabledReason string                   `json:"disabled_reason,omitempty"` // asked, gone or failing
	DisabledAt     time.Time                `json:"disabled_at,omitzero"`
	Format         string                   `json:"payload_format"`
	Template       jsontext.Value           `json:"template,omitempty"`
	Ordering       string                   `json:"ordering"`
	TimeoutMS      int                      `json:"timeout_ms"`
	RateLimit      int                      `json:"rate_limit"`
	Ed25519        bool                     `json:"ed25519"`
	PublicKey      string                   `json:"public_key,omitempty"` // that v1a is verified with
	Version        int                      `json:"version"`
	FromSeq        int64                    `json:"from_seq"` // position of the ledger from which on it is told
	PreviousUntil  time.Time                `json:"previous_secret_until,omitzero"`
	CreatedAt      time.Time                `json:"created_at"`
	UpdatedAt      time.Time                `json:"updated_at"`
	Stats          projections.WebhookStats `json:"stats"`
	Secret         string                   `json:"secret,omitempty"`
	BodySecret     string                   `json:"body_secret,omitempty"` // in payloads of the format icomply
	Receipt        *ledger.Receipt          `json:"receipt,omitempty"`
}

func (s *Server) answerWebhook(ctx context.Context, slug string, e *webhook.Endpoint) (a webhookAnswer, err error) {
	a = webhookAnswer{
		ID: e.ID, URL: e.URL, Events: e.Events, Description: e.Description, Filters: webhookFilters{e.Filter}, IsActive: e.Active,
		DisabledReason: e.Reason, DisabledAt: e.Since, Format: e.Format, Template: e.Template, Ordering: e.Ordering, TimeoutMS: e.TimeoutMS,
		RateLimit: e.RateLimit, Ed25519: e.Ed25519, Version: e.Version, FromSeq: e.From, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if e.Until.After(s.Now()) {
		a.PreviousUntil = e.Until
	}
	if e.Ed25519 {
		key, err := s.Deliverer.Vault.Ed25519(slug, e.ID)
		if err != nil {
			return a, err
		}
		a.PublicKey = webhook.PublicKey(key)
	}
	a.Stats, err = s.Models.WebhookStats(ctx, slug, e.ID)
	return a, err
}

// newSecret gives the secret of the caller's choice, or makes one, and seals it.
func (s *Server) newSecret(slug, id, given string) (shown, sealed string, err error) {
	if given != "" {
		if err := webhook.CheckSecret(given); err != nil {
			return "", "", err
		}
		shown = given
	} else {
		var random [32]byte
		rand.Read(random[:])
		shown = webhook.NewSecret(random)
	}
	var nonce [webhook.NonceSize]byte
	rand.Read(nonce[:])
	return shown, s.Deliverer.Vault.Seal(nonce, slug, id, shown), nil
}

func newWebhookID() string {
	var random [16]byte
	rand.Read(random[:])
	return webhook.UUID(random, 4)
}

// subscribed is what came of a request to subscribe.
type subscribed struct {
	endpoint *webhook.Endpoint
	secret   string // empty for a repetition: it is shown once
	outcome  ledger.Outcome
}

// subscribe makes a subscription of the request's body.
func (s *Server) subscribe(c *call) (made subscribed, err error) {
	var in webhookRequest
	if err := c.decode(&in); err != nil {
		return made, err
	}
	content := in
	content.Secret = s.Deliverer.Vault.Digest(in.Secret)
	idem, err := c.idempotency("webhooks", content)
	if err != nil {
		return made, err
	}
	w, err := in.subscription(webhook.Subscription{ID: newWebhookID()})
	if err != nil {
		return made, err
	}
	if in.IsActive != nil && !*in.IsActive {
		return made, domain.InvalidField("is_active", "must be true for a new webhook")
	}
	if w.URL == "" {
		return made, domain.InvalidField("url", "is required")
	}
	if err := s.Deliverer.sender.check(c.Context(), in.urlField(), w.URL); err != nil {
		return made, err
	}
	secret, sealed, err := s.newSecret(c.caller.slug, w.ID, in.Secret)
	if err != nil {
		return made, err
	}
	made.outcome, err = c.execute(ledger.CreateWebhook(webhook.Create{Webhook: w, Secret: sealed, Idem: idem}))
	if err != nil {
		return made, err
	}
	var fresh bool
	if made.endpoint, fresh = made.outcome.Reply.(*webhook.Endpoint); fresh {
		made.secret = secret
		return made, nil
	}
	first, err := c.find(idem.Key)
	if err == nil {
		made.endpoint, err = c.endpoint(first.Event.(webhook.Created).Webhook.ID)
	}
	return made, err
}

var errNoWebhook = domain.Errorf(domain.Unknown, "there is no such webhook")

// endpoint gives a subscription as the ledger has it now.
func (c *call) endpoint(id string) (*webhook.Endpoint, error) {
	endpoint, err := c.server.Deliverer.endpointOf(c.Context(), c.caller.slug, id)
	if err == nil && endpoint == nil {
		err = errNoWebhook
	}
	return endpoint, err
}

// named gives the subscription that the path names, once the ledger is where the caller wants it.
func (c *call) named() (*webhook.Endpoint, error) {
	values, err := c.query(nil)
	if err != nil {
		return nil, err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return nil, err
	}
	id, err := c.param("id")
	if err != nil {
		return nil, err
	}
	return c.endpoint(id)
}

func (s *Server) createWebhook(c *call) error {
	made, err := s.subscribe(c)
	if err != nil {
		return err
	}
	return s.wroteWebhook(c, made)
}

// wroteWebhook answers a write with the subscription as it is, and with secrets that are new.
func (s *Server) wroteWebhook(c *call, made subscribed) error {
	a, err := s.answerWebhook(c.Context(), c.caller.slug, made.endpoint)
	if err != nil {
		return err
	}
	a.Secret, a.Receipt = made.secret, &made.outcome.Receipt
	if made.secret != "" && made.endpoint.Format == webhook.IComply {
		if a.BodySecret, err = s.Deliverer.Vault.BodySecret(c.caller.slug, made.endpoint.ID); err != nil {
			return err
		}
	}
	return c.wrote(made.secret != "", made.outcome, a)
}

// listWebhooks answers from the ledger's state itself: webhooks are few, and who has changed one looks
// at it at once.
func (s *Server) listWebhooks(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	all, err := s.endpoints(c, values)
	if err != nil {
		return err
	}
	total := len(all)
	from := min(page.Offset, total)
	answers := make([]webhookAnswer, 0, page.Limit)
	for _, e := range all[from:min(from+page.Limit, total)] {
		a, err := s.answerWebhook(c.Context(), c.caller.slug, e)
		if err != nil {
			return err
		}
		answers = append(answers, a)
	}
	return c.page(answers, page, int64(total))
}

// endpoints gives all subscriptions of the caller's tenant, oldest first.
func (s *Server) endpoints(c *call, values map[string][]string) (all []*webhook.Endpoint, err error) {
	if _, err := c.ledgerSize(values); err != nil {
		return nil, err
	}
	err = c.view(func(s *ledger.State) error {
		all = s.Webhooks.Endpoints()
		return nil
	})
	return all, err
}

func (s *Server) getWebhook(c *call) error {
	e, err := c.named()
	if err != nil {
		return err
	}
	a, err := s.answerWebhook(c.Context(), c.caller.slug, e)
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, a)
}

func (s *Server) patchWebhook(c *call) error {
	changed, err := s.change(c)
	if err != nil {
		return err
	}
	return s.wroteWebhook(c, changed)
}

// change merges a part into a subscription (RFC 7396).
func (s *Server) change(c *call) (changed subscribed, err error) {
	known, err := c.named()
	if err != nil {
		return changed, err
	}
	active := known.Active
	in := webhookRequest{
		Description: known.Description, Filters: webhookFilters{known.Filter}, Format: known.Format, Template: slices.Clone(known.Template),
		Ordering: known.Ordering, TimeoutMS: known.TimeoutMS, RateLimit: known.RateLimit, Ed25519: known.Ed25519, IsActive: &active,
	}
	if err := c.decode(&in); err != nil {
		return changed, err
	}
	if in.Secret != "" {
		return changed, domain.InvalidField("secret", "is changed by POST …/rotate-secret")
	}
	if in.Format != webhook.Templated && known.Format == webhook.Templated {
		in.Template = nil
	}
	w, err := in.subscription(known.Subscription)
	if err != nil {
		return changed, err
	}
	if w.URL != known.URL {
		if err := s.Deliverer.sender.check(c.Context(), in.urlField(), w.URL); err != nil {
			return changed, err
		}
	}
	if in.IsActive == nil {
		in.IsActive = &active
	}
	changed.outcome, err = c.execute(ledger.ChangeWebhook(webhook.Change{Webhook: w, Active: *in.IsActive}))
	if err == nil {
		changed.endpoint = changed.outcome.Reply.(*webhook.Endpoint)
	}
	return changed, err
}

func (s *Server) deleteWebhook(c *call) error {
	outcome, err := c.unsubscribe()
	if err != nil {
		return err
	}
	c.removed(outcome)
	return nil
}

func (c *call) unsubscribe() (ledger.Outcome, error) {
	id, err := c.param("id")
	if err != nil {
		return ledger.Outcome{}, err
	}
	return c.execute(ledger.DeleteWebhook(webhook.Delete{WebhookID: id}))
}

func (s *Server) enableWebhook(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in struct {
		Held string `json:"held"`
	}
	if c.ContentLength != 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	outcome, err := c.execute(ledger.EnableWebhook(webhook.Enable{WebhookID: id, Held: in.Held}))
	if err != nil {
		return err
	}
	return s.wroteWebhook(c, subscribed{endpoint: outcome.Reply.(*webhook.Endpoint), outcome: outcome})
}

func (s *Server) rotateWebhook(c *call) error {
	known, err := c.named()
	if err != nil {
		return err
	}
	var in struct {
		Secret  string `json:"secret"`
		Overlap string `json:"overlap"` // how long the old one is still signed with; 24h if left out
	}
	if c.ContentLength != 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	overlap, err := span("overlap", cmp.Or(in.Overlap, "24h"))
	if err != nil {
		return err
	}
	idem, err := c.idempotency("webhooks.rotate", [3]string{known.ID, in.Overlap, s.Deliverer.Vault.Digest(in.Secret)})
	if err != nil {
		return err
	}
	secret, sealed, err := s.newSecret(c.caller.slug, known.ID, in.Secret)
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.RotateWebhookSecret(webhook.Rotate{WebhookID: known.ID, Secret: sealed, Overlap: overlap, Idem: idem}))
	if err != nil {
		return err
	}
	rotated := subscribed{secret: secret, outcome: outcome}
	var fresh bool
	if rotated.endpoint, fresh = outcome.Reply.(*webhook.Endpoint); !fresh {
		rotated.endpoint, rotated.secret = known, ""
	}
	return s.wroteWebhook(c, rotated)
}

// listEventTypes answers with the catalogue. It is open to all, as the documentation is.
func (s *Server) listEventTypes(c *call) error {
	if _, err := c.query(nil); err != nil {
		return err
	}
	return c.ok(http.StatusOK, webhook.Types())
}
