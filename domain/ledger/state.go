// Package ledger is a tenant's whole state: its areas, and how they answer each other's events.
//
// A command is carried out in two steps, so that what is costly runs beside other commands and
// what must be in order is short:
//
//	Prepare   parallel: checks the input, searches names, evaluates rules. It rests on a basis:
//	          immutable values taken from the state under its read lock.
//	Decide    serial: if the basis is no longer what the state holds, prepares again; then lets
//	          the areas answer each other's events until all is said. The events of one command
//	          are one atomic append; the first of them is the answer to the caller, the others
//	          name it as their cause.
//
// A posting is decided with what it moves on customers' accounts: each movement is an event of its
// customer's, in the same append, if a rule in force looks at postings; see domain/monitoring.
//
// The operator's ledger "system" has the same state; it holds tenants and shared lists.
//
// A State is changed by Evolve (a record read back) and Decide (new events) alone. Whoever owns
// it guards it: many readers, or one writer. All it hands out is immutable and may be kept.
package ledger

import (
	"maps"
	"sync/atomic"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/intake"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
	"whocomply/domain/webhook"
)

// State is what one ledger amounts to.
type State struct {
	Access    *access.State
	Customers *customer.State
	Rules     *monitoring.State
	Screening *screening.State
	Books     *posting.State
	Alerts    *casework.State
	Ratings   *risk.State
	Webhooks  *webhook.State
	Imports   *intake.State

	past   *monitoring.Histories
	seen   *monitoring.Input // the event that is being decided, as rules saw it
	slug   string
	next   int64
	last   time.Time
	shared map[string]*screening.List      // contents of the adopted lists
	lists  atomic.Pointer[screening.Lists] // in force; nil after a change, until asked for
}

// New gives the state of an empty ledger.
func New(slug string) *State {
	return &State{
		Access: access.New(), Customers: customer.New(), Rules: monitoring.New(), Screening: screening.New(),
		Books: posting.New(), Alerts: casework.New(), Ratings: risk.New(), Webhooks: webhook.New(), Imports: intake.New(),
		past: monitoring.NewHistories(), slug: slug, shared: map[string]*screening.List{},
	}
}

// Clone gives a state that goes its own way from here: neither sees what becomes of the other.
func (s *State) Clone() *State {
	return &State{
		Access: s.Access.Clone(), Customers: s.Customers.Clone(), Rules: s.Rules.Clone(), Screening: s.Screening.Clone(),
		Books: s.Books.Clone(), Alerts: s.Alerts.Clone(), Ratings: s.Ratings.Clone(), Webhooks: s.Webhooks.Clone(),
		Imports: s.Imports.Clone(),
		past:    s.past.Clone(), slug: s.slug, next: s.next, last: s.last, shared: maps.Clone(s.shared),
	}
}

// Share takes over the contents of shared lists that another state of the ledger has.
func (s *State) Share(from *State) {
	for _, content := range from.shared {
		s.load(content)
	}
}

// Slug names the ledger.
func (s *State) Slug() string { return s.slug }

// Next is the position of the next event.
func (s *State) Next() int64 { return s.next }

// Last is the time of the last event; the time of the next may not lie before it.
func (s *State) Last() time.Time { return s.last }

// Lists gives the watchlists in force; nil while the content of an adopted one is missing, as it
// is after folding until AdoptList brings it. Any number of readers may ask at once, and all get
// the same until the next change.
func (s *State) Lists() *screening.Lists {
	if known := s.lists.Load(); known != nil {
		return known
	}
	var shared []*screening.List
	var fresh time.Time
	for _, p := range s.Screening.Adopted() {
		if !s.Screening.Subscribed(p.List) {
			continue
		}
		list := s.shared[p.List]
		if list == nil || list.Version() != p.ListVersion {
			return nil
		}
		shared = append(shared, list)
		if expires := p.Expires(); fresh.IsZero() || expires.Before(fresh) {
			fresh = expires
		}
	}
	s.lists.CompareAndSwap(nil, screening.NewLists(shared, s.Screening.Own()).FreshUntil(fresh))
	return s.lists.Load()
}

// load keeps the content of a shared list unless a later version is held.
func (s *State) load(content *screening.List) {
	if held := s.shared[content.Name()]; held == nil || held.Version().Version < content.Version().Version {
		s.shared[content.Name()] = content
		s.lists.Store(nil)
	}
}

// Evolve takes in the ledger's next event.
func (s *State) Evolve(e *domain.Envelope) {
	s.next, s.last = e.Seq+1, e.Time
	s.Access.Evolve(e)
	s.Customers.Evolve(e)
	s.Rules.Evolve(e)
	s.Screening.Evolve(e)
	s.Books.Evolve(e)
	s.Alerts.Evolve(e)
	s.Ratings.Evolve(e)
	s.Webhooks.Evolve(e)
	s.Imports.Evolve(e)
	switch event := e.Event.(type) {
	case activity.Recorded:
		s.remember(&event)
	case screening.EntryAdded, screening.EntryRemoved, screening.Adopted, screening.Subscribed, screening.Unsubscribed:
		s.lists.Store(nil)
	}
}

// Catalog gives the one list of all events.
func Catalog() (*domain.Catalog, error) {
	var specs []domain.Spec
	for _, area := range [][]domain.Spec{
		access.Events(), customer.Events(), activity.Events(), posting.Events(), monitoring.Events(),
		screening.Events(), casework.Events(), risk.Events(), webhook.Events(), intake.Events(),
	} {
		specs = append(specs, area...)
	}
	return domain.NewCatalog(specs...)
}
