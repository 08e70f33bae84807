package customer

import (
	"time"

	"whocomply/domain"
)

// Customer is one customer at one version. It is never changed, only replaced.
type Customer struct {
	ID        string
	Version   int
	Profile   Profile
	CreatedAt time.Time
	UpdatedAt time.Time
	Seq       int64 // position of the push that made this version

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
	pushed, ok := e.Event.(Pushed)
	if !ok {
		return
	}
	c := &Customer{
		ID: pushed.CustomerID, Version: pushed.Version, Profile: pushed.Profile,
		CreatedAt: e.Time, UpdatedAt: e.Time, Seq: e.Seq, digest: domain.ContentDigest(pushed.Profile),
	}
	if before := s.byID[c.ID]; before != nil {
		c.CreatedAt = before.CreatedAt
	}
	s.byID[c.ID] = c
	s.byExternal[c.Profile.ExternalID] = c
}
