package webhook

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"whocomply/domain"
)

// Bounds of subscriptions.
const (
	MaxEndpoints  = 200 // of a tenant
	maxPatterns   = 64
	maxURL        = 2048
	maxFilter     = 2000 // bytes
	maxOverlap    = 30 * 24 * time.Hour
	MaxBackfill   = 5_000  // events of one backfill
	maxReplay     = 10_000 // spans of one replay
	minTimeoutMS  = 1_000
	maxTimeoutMS  = 30_000
	maxRate       = 10_000
	defaultWaitMS = 15_000
)

var errNone = domain.Errorf(domain.Unknown, "there is no such webhook")

// DecideCreate gives Created.
func (s *State) DecideCreate(cmd Create) ([]domain.Event, error) {
	if err := cmd.Webhook.Check(); err != nil {
		return nil, err
	}
	if s.endpoints[cmd.Webhook.ID] != nil {
		return nil, domain.Errorf(domain.Conflict, "the webhook %s exists", cmd.Webhook.ID)
	}
	if len(s.endpoints) >= MaxEndpoints {
		return nil, domain.Errorf(domain.Conflict, "there are %d webhooks already; delete one first", MaxEndpoints)
	}
	return []domain.Event{Created(cmd)}, nil
}

// Check puts what was left out in its default and says what is wrong with a subscription. Where
// its URL leads is another question: see Guard.
func (w *Subscription) Check() error {
	if err := domain.CheckText("url", w.URL, maxURL, true); err != nil {
		return err
	}
	if err := domain.CheckText("description", w.Description, 500, false); err != nil {
		return err
	}
	var err error
	if w.Events, err = checkPatterns(w.Events); err != nil {
		return err
	}
	if err := checkFilter(w.Filter); err != nil {
		return err
	}
	return w.checkSending()
}

func (w *Subscription) checkSending() error {
	if w.Format == "" {
		w.Format = Standard
	}
	if w.Ordering == "" {
		w.Ordering = Unordered
	}
	if w.TimeoutMS == 0 {
		w.TimeoutMS = defaultWaitMS
	}
	if err := domain.CheckOneOf("payload_format", w.Format, Standard, Thin, IComply, Templated); err != nil {
		return err
	}
	if err := domain.CheckOneOf("ordering", w.Ordering, Unordered, FIFO, PerCustomer); err != nil {
		return err
	}
	if w.TimeoutMS < minTimeoutMS || w.TimeoutMS > maxTimeoutMS {
		return domain.InvalidField("timeout_ms", "must be from %d to %d", minTimeoutMS, maxTimeoutMS)
	}
	if w.RateLimit < 0 || w.RateLimit > maxRate {
		return domain.InvalidField("rate_limit", "must be from 0 to %d", maxRate)
	}
	if (w.Format == Templated) != (len(w.Template) > 0) {
		return domain.InvalidField("template", "goes with the payload_format %q, and only with it", Templated)
	}
	w.Template = domain.StoredJSON(w.Template)
	return checkTemplate(w.Template)
}

// DecideChange gives Changed if the subscription differs, and Disabled or Enabled if that does.
func (s *State) DecideChange(cmd Change) ([]domain.Event, error) {
	known := s.endpoints[cmd.Webhook.ID]
	if known == nil {
		return nil, errNone
	}
	if err := cmd.Webhook.Check(); err != nil {
		return nil, err
	}
	var events []domain.Event
	if !same(&known.Subscription, &cmd.Webhook) {
		events = append(events, Changed{Webhook: cmd.Webhook, Version: known.Version + 1})
	}
	switch {
	case known.Active && !cmd.Active:
		events = append(events, Disabled{WebhookID: known.ID, Reason: Asked})
	case !known.Active && cmd.Active:
		events = append(events, Enabled{WebhookID: known.ID, Held: DeliverHeld})
	}
	return events, nil
}

func same(a, b *Subscription) bool {
	x, y := *a, *b
	x.Events, y.Events, x.Template, y.Template = nil, nil, nil, nil
	return slices.Equal(a.Events, b.Events) && bytes.Equal(a.Template, b.Template) && fmt.Sprint(x) == fmt.Sprint(y)
}

// DecideRotate gives SecretRotated. Where two secrets are valid already, the elder one ends.
func (s *State) DecideRotate(m domain.Meta, cmd Rotate) ([]domain.Event, error) {
	known := s.endpoints[cmd.WebhookID]
	if known == nil {
		return nil, errNone
	}
	if known.Secret == cmd.Secret {
		return nil, nil
	}
	if cmd.Overlap < 0 || cmd.Overlap > maxOverlap {
		return nil, domain.InvalidField("overlap", "must be from 0s to 30d")
	}
	return []domain.Event{SecretRotated{WebhookID: cmd.WebhookID, Secret: cmd.Secret, Until: m.At.Add(cmd.Overlap), Idem: cmd.Idem}}, nil
}

// DecideDisable gives Disabled, and nothing for an endpoint that is not active.
func (s *State) DecideDisable(cmd Disable) ([]domain.Event, error) {
	known := s.endpoints[cmd.WebhookID]
	if known == nil {
		return nil, errNone
	}
	if !known.Active {
		return nil, nil
	}
	return []domain.Event{Disabled(cmd)}, nil
}

// DecideEnable gives Enabled, and nothing for an endpoint that is active.
func (s *State) DecideEnable(cmd Enable) ([]domain.Event, error) {
	known := s.endpoints[cmd.WebhookID]
	if known == nil {
		return nil, errNone
	}
	if cmd.Held == "" {
		cmd.Held = DeliverHeld
	}
	if err := domain.CheckOneOf("held", cmd.Held, DeliverHeld, SkipHeld); err != nil {
		return nil, err
	}
	if known.Active {
		return nil, nil
	}
	return []domain.Event{Enabled(cmd)}, nil
}

// DecideDelete gives Deleted.
func (s *State) DecideDelete(cmd Delete) ([]domain.Event, error) {
	if s.endpoints[cmd.WebhookID] == nil {
		return nil, errNone
	}
	return []domain.Event{Deleted(cmd)}, nil
}

// DecideReplay gives ReplayRequested.
func (s *State) DecideReplay(cmd Replay) ([]domain.Event, error) {
	if s.endpoints[cmd.WebhookID] == nil {
		return nil, errNone
	}
	if len(cmd.Sequences) == 0 {
		return nil, domain.Errorf(domain.Unknown, "there is nothing to replay")
	}
	if len(cmd.Sequences) > maxReplay {
		return nil, domain.Errorf(domain.Invalid, "this is too much to replay at once; narrow it")
	}
	return []domain.Event{ReplayRequested(cmd)}, nil
}

// DecideBackfill gives Backfilled, and Conflict if the endpoint was backfilled in the meantime.
func (s *State) DecideBackfill(cmd Backfill) ([]domain.Event, error) {
	known := s.endpoints[cmd.WebhookID]
	switch {
	case known == nil:
		return nil, errNone
	case cmd.From < 0 || cmd.From > cmd.To:
		return nil, domain.InvalidField("from_seq", "must be from 0 to %d", known.From)
	case cmd.To != known.From:
		return nil, domain.Errorf(domain.Conflict, "the webhook was backfilled in the meantime")
	case cmd.From == cmd.To:
		return nil, nil
	case len(cmd.Events) > MaxBackfill:
		return nil, domain.InvalidField("from_seq", "lies more than %d events back; give a later one", MaxBackfill)
	}
	return []domain.Event{Backfilled(cmd)}, nil
}

// DecideReport gives DeliveriesReported for what was not reported yet of the endpoints that are there.
func (s *State) DecideReport(cmd ReportDeliveries) ([]domain.Event, error) {
	reports := slices.DeleteFunc(slices.Clone(cmd.Reports), func(r Report) bool {
		known := s.endpoints[r.WebhookID]
		return known == nil || r.UpTo <= known.Reported || len(r.Outcomes) == 0
	})
	if len(reports) == 0 {
		return nil, nil
	}
	return []domain.Event{DeliveriesReported{reports}}, nil
}
