package risk

import (
	"maps"
	"slices"

	"whocomply/domain"
)

// State is the last rating of each customer of one ledger.
type State struct {
	ratings map[string]*Rating
}

// New gives the state of an empty ledger.
func New() *State { return &State{ratings: map[string]*Rating{}} }

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State { return &State{ratings: maps.Clone(s.ratings)} }

// Of gives a customer's rating, or nil if there is none. It is never changed, only replaced.
func (s *State) Of(customerID string) *Rating { return s.ratings[customerID] }

// Mark gives the rating in short; without a rating it is low with a score of 0.
func (r *Rating) Mark() domain.RiskMark {
	if r == nil {
		return domain.RiskMark{Rating: Low}
	}
	return r.RiskMark
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	if rated, ok := e.Event.(Rated); ok {
		s.ratings[rated.CustomerID] = &rated.Rating
	}
}

// DecideRating gives Rated if the inputs rate the customer differently from before.
func (s *State) DecideRating(customerID string, in Inputs) []domain.Event {
	after := Rate(in)
	if before := s.ratings[customerID]; before != nil && before.equal(&after) {
		return nil
	}
	return []domain.Event{Rated{CustomerID: customerID, Rating: after}}
}

func (r *Rating) equal(o *Rating) bool {
	return r.RiskMark == o.RiskMark && r.Model == o.Model && r.SanctionsFlag == o.SanctionsFlag && r.PEPFlag == o.PEPFlag &&
		r.EDDRequired == o.EDDRequired && slices.Equal(r.EDDReasons, o.EDDReasons) && slices.Equal(r.Factors, o.Factors)
}

// ModelName names the model that made the rating; empty if there is none.
func (r *Rating) ModelName() string {
	if r == nil {
		return ""
	}
	return r.Model
}
