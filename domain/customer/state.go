package customer

import (
	"maps"
	"slices"
	"time"

	"whocomply/domain"
)

// What becomes of a relationship.
const (
	StatusActive = "active"
	StatusClosed = "closed"
)

// Customer is one customer at one version. It is never changed, only replaced.
type Customer struct {
	ID        string
	Version   int
	Profile   Profile
	CreatedAt time.Time
	UpdatedAt time.Time // of the profile or the status
	Seq       int64     // position of the push that made this version
	Status    string    // active or closed
	ClosedAt  time.Time // zero while it is active
	Reason    string    // why it was closed or reopened last

	digest [16]byte
}

// State is the customers of one ledger.
type State struct {
	byID       map[string]*Customer
	byExternal map[string]*Customer
}

// New gives the state of an empty ledger.
func New() *State {
	return &State{byID: map[string]*Customer{}, byExternal: map[string]*Customer{}}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{byID: maps.Clone(s.byID), byExternal: maps.Clone(s.byExternal)}
}

// Find gives the customer with our id or the caller's external_id, or nil.
// Where an external_id looks like an id of ours, ours wins.
func (s *State) Find(id string) *Customer {
	if c := s.byID[id]; c != nil {
		return c
	}
	return s.byExternal[id]
}

// ByExternalID gives the customer with the caller's external_id, or nil.
func (s *State) ByExternalID(id string) *Customer { return s.byExternal[id] }

// Len is the number of customers.
func (s *State) Len() int { return len(s.byID) }

// IDs lists our ids of all customers, in order.
func (s *State) IDs() []string {
	ids := make([]string, 0, s.Len())
	for c := range s.All {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

// All yields every customer, in no order.
func (s *State) All(yield func(*Customer) bool) {
	for _, c := range s.byID {
		if !yield(c) {
			return
		}
	}
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Pushed:
		s.push(e, &event)
	case Closed:
		s.change(e, event.CustomerID, func(c *Customer) { c.Status, c.ClosedAt, c.Reason = StatusClosed, e.Time, event.Reason })
	case Reopened:
		s.change(e, event.CustomerID, func(c *Customer) { c.Status, c.ClosedAt, c.Reason = StatusActive, time.Time{}, event.Reason })
	}
}

func (s *State) push(e *domain.Envelope, event *Pushed) {
	c := Customer{ID: event.CustomerID, CreatedAt: e.Time, Status: StatusActive}
	if before := s.byID[c.ID]; before != nil {
		c = *before
	}
	c.Version, c.Profile, c.digest = event.Version, event.Profile, domain.ContentDigest(event.Profile)
	c.UpdatedAt, c.Seq = e.Time, e.Seq
	s.put(&c)
}

// change puts a changed customer in the place of the one before.
func (s *State) change(e *domain.Envelope, id string, change func(*Customer)) {
	after := *s.byID[id]
	after.UpdatedAt = e.Time
	change(&after)
	s.put(&after)
}

func (s *State) put(c *Customer) {
	c = keep(c)
	s.byID[c.ID] = c
	s.byExternal[c.Profile.ExternalID] = c
}
