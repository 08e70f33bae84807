package risk

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"whocomply/domain"
)

// State is the last rating of each customer of one ledger, the models, and the overrides.
type State struct {
	ratings  map[string]*Rating
	ratedBy  map[string]int    // how many of them each model has made
	words    map[string]string // of ratings, each once in memory
	stated   []*Model          // of the institution's own, oldest first; appended to alone
	adopted  *Model            // nil: the shipped one
	base     *Model            // the shipped one that made the first rating; nil before
	pending  map[string]*Override
	approved map[string]*Override
	reviewed map[string]review
}

// review is the last one of a customer.
type review struct {
	at   time.Time
	note string
}

// New gives the state of an empty ledger.
func New() *State {
	return &State{ratings: map[string]*Rating{}, ratedBy: map[string]int{}, words: map[string]string{}, pending: map[string]*Override{}, approved: map[string]*Override{}, reviewed: map[string]review{}}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{
		ratings: maps.Clone(s.ratings), ratedBy: maps.Clone(s.ratedBy), words: maps.Clone(s.words), stated: slices.Clip(s.stated), adopted: s.adopted, base: s.base,
		pending: maps.Clone(s.pending), approved: maps.Clone(s.approved), reviewed: maps.Clone(s.reviewed),
	}
}

// Of gives a customer's rating, or nil if there is none. It is never changed, only replaced.
func (s *State) Of(customerID string) *Rating { return s.ratings[customerID] }

// RatedBy gives the number of customers whose rating a model has made.
func (s *State) RatedBy(model string) int { return s.ratedBy[model] }

// Model gives the model by which customers are rated now. It is never changed, only replaced.
func (s *State) Model() *Model {
	switch {
	case s.adopted != nil:
		return s.adopted
	case s.base != nil:
		return s.base
	}
	return &standard2
}

// Models lists all models: those that are shipped, then the institution's own, oldest first.
func (s *State) Models() []*Model { return append(Shipped(), s.stated...) }

// Find gives a model by name and version, or nil.
func (s *State) Find(id string) *Model {
	all := s.Models()
	if at := slices.IndexFunc(all, func(m *Model) bool { return m.ID() == id }); at >= 0 {
		return all[at]
	}
	return nil
}

// Last gives the last version of a model of the institution's own, or nil.
func (s *State) Last(name string) (last *Model) {
	for _, m := range s.stated {
		if m.Name == name {
			last = m
		}
	}
	return last
}

// Pending gives the override of a customer that waits for approval, or nil.
func (s *State) Pending(customerID string) *Override { return s.pending[customerID] }

// Approved gives the override of a customer that was approved and not ended, or nil; it may have
// expired.
func (s *State) Approved(customerID string) *Override { return s.approved[customerID] }

// ReviewedAt gives the time of a customer's last review; zero if there was none.
func (s *State) ReviewedAt(customerID string) time.Time { return s.reviewed[customerID].at }

// Mark gives the rating in short; without a rating it is low with a score of 0.
func (r *Rating) Mark() domain.RiskMark {
	if r == nil {
		return domain.RiskMark{Rating: Low}
	}
	return r.RiskMark
}

// ModelName names the model that made the rating; empty if there is none.
func (r *Rating) ModelName() string {
	if r == nil {
		return ""
	}
	return r.Model
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Rated:
		if before := s.ratings[event.CustomerID]; before != nil {
			s.ratedBy[before.Model]--
		}
		s.ratedBy[event.Model]++
		s.ratings[event.CustomerID] = s.kept(event.Rating)
		if s.base == nil {
			s.base = s.Find(event.Model)
		}
	case ModelStated:
		s.stated = append(s.stated, &event.Model)
	case ModelAdopted:
		s.adopted = s.Find(event.Model)
	case OverrideRequested:
		o := event.Override
		o.Seq = e.Seq
		s.pending[o.CustomerID] = &o
	case OverrideApproved:
		o := *s.pending[event.CustomerID]
		o.ApprovedBy, o.Seq = e.Actor, e.Seq
		s.approved[event.CustomerID] = &o
		delete(s.pending, event.CustomerID)
	case OverrideRejected:
		delete(s.pending, event.CustomerID)
	case OverrideEnded:
		delete(s.approved, event.CustomerID)
	case CustomerReviewed:
		s.reviewed[event.CustomerID] = review{e.Time, event.Note}
	}
}

// kept gives a rating whose words are those of all other ratings.
func (s *State) kept(r Rating) *Rating {
	for _, text := range []*string{&r.Rating, &r.Model, &r.ReviewBy, &r.Computed} {
		known, found := s.words[*text]
		if !found {
			known = *text
			s.words[known] = known
		}
		*text = known
	}
	return &r
}

func (r *Rating) equal(o *Rating) bool {
	return r.RiskMark == o.RiskMark && r.Model == o.Model && r.SanctionsFlag == o.SanctionsFlag && r.PEPFlag == o.PEPFlag &&
		r.EDDRequired == o.EDDRequired && slices.Equal(r.EDDReasons, o.EDDReasons) && slices.EqualFunc(r.Factors, o.Factors, equalFactors) &&
		r.ReviewBy == o.ReviewBy && r.Computed == o.Computed && reflect.DeepEqual(r.Override, o.Override)
}

func equalFactors(a, b Factor) bool {
	return a.Factor == b.Factor && a.Weight == b.Weight && a.Score == b.Score && a.Reason == b.Reason && a.Seq == b.Seq && slices.Equal(a.Seqs, b.Seqs)
}
