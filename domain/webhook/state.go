package webhook

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"whocomply/domain"
)

// Endpoint is a subscription as it stands. It is never changed, only replaced.
type Endpoint struct {
	Subscription
	Version int
	Active  bool
	Reason  string    // why it is not active: asked, gone or failing
	Since   time.Time // since when it is not

	Secret   string    // sealed
	Previous string    // sealed; the one before, which is valid until Until
	Until    time.Time // zero: there is no other

	CreatedAt, UpdatedAt time.Time
	CreatedSeq, Seq      int64
	From                 int64 // position from which on it was told, or backfilled
	Reported             int64 // id of the last attempt of which the ledger has the outcome
}

// Position is of the record that made it what it is.
func (e *Endpoint) Position() int64 { return e.Seq }

// State is the subscriptions of one ledger.
type State struct {
	endpoints map[string]*Endpoint
}

// New gives the state of an empty ledger.
func New() *State { return &State{endpoints: map[string]*Endpoint{}} }

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State { return &State{endpoints: maps.Clone(s.endpoints)} }

// Endpoint gives the subscription with this id, or nil.
func (s *State) Endpoint(id string) *Endpoint { return s.endpoints[id] }

// Endpoints gives all subscriptions, oldest first.
func (s *State) Endpoints() []*Endpoint {
	return slices.SortedFunc(maps.Values(s.endpoints), func(a, b *Endpoint) int { return cmp.Compare(a.CreatedSeq, b.CreatedSeq) })
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Created:
		s.endpoints[event.Webhook.ID] = &Endpoint{
			Subscription: event.Webhook, Version: 1, Active: true, Secret: event.Secret,
			CreatedAt: e.Time, UpdatedAt: e.Time, CreatedSeq: e.Seq, Seq: e.Seq, From: e.Seq,
		}
	case Changed:
		s.change(e, event.Webhook.ID, func(p *Endpoint) { p.Subscription, p.Version = event.Webhook, event.Version })
	case SecretRotated:
		s.change(e, event.WebhookID, func(p *Endpoint) { p.Previous, p.Secret, p.Until = p.Secret, event.Secret, event.Until })
	case Disabled:
		s.change(e, event.WebhookID, func(p *Endpoint) { p.Active, p.Reason, p.Since = false, event.Reason, e.Time })
	case Enabled:
		s.change(e, event.WebhookID, func(p *Endpoint) { p.Active, p.Reason, p.Since = true, "", time.Time{} })
	case Backfilled:
		s.change(e, event.WebhookID, func(p *Endpoint) { p.From = event.From })
	case ReplayRequested:
		s.change(e, event.WebhookID, func(*Endpoint) {})
	case DeliveriesReported:
		for _, report := range event.Reports {
			if before := s.endpoints[report.WebhookID]; before != nil {
				after := *before
				after.Reported = report.UpTo
				s.endpoints[after.ID] = &after
			}
		}
	case Deleted:
		delete(s.endpoints, event.WebhookID)
	}
}

// change puts a changed endpoint in the place of the one before.
func (s *State) change(e *domain.Envelope, id string, change func(*Endpoint)) {
	if before := s.endpoints[id]; before != nil {
		after := *before
		after.UpdatedAt, after.Seq = e.Time, e.Seq
		change(&after)
		s.endpoints[id] = &after
	}
}
