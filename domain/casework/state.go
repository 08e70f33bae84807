// Package casework keeps the alerts that officers work on.
//
// An alert is raised in the same atomic append as the fact it is about. It is raised once per
// ground: a listed entity that a customer was already alerted for, with the same content of both
// sides, raises no second alert.
package casework

import (
	"slices"
	"time"

	"whocomply/domain"
)

// Status of an alert.
const (
	Open = "open"
)

// State is the alerts of one ledger, as far as deciding needs them.
type State struct {
	open    map[string][]*Standing // by customer
	grounds map[string]string      // ground key of every alert ever raised for a listed entity, to its alert
	latest  map[string]*Standing   // last alert by the key of domain.Dedup
}

// Standing is an alert that still weighs on its customer. It is never changed, only replaced.
type Standing struct {
	Alert
	Seq      int64 // position of the record that raised it
	RaisedAt time.Time
}

// New gives the state of an empty ledger.
func New() *State {
	return &State{open: map[string][]*Standing{}, grounds: map[string]string{}, latest: map[string]*Standing{}}
}

// OpenOf gives a customer's open alerts, oldest first. The caller must not change the slice.
func (s *State) OpenOf(customerID string) []*Standing { return s.open[customerID] }

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	raised, ok := e.Event.(Raised)
	if !ok {
		return
	}
	alert := raised.Alert
	standing := &Standing{Alert: alert, Seq: e.Seq, RaisedAt: e.Time}
	s.open[alert.CustomerID] = append(slices.Clip(s.open[alert.CustomerID]), standing)
	for _, reason := range alert.Reasons {
		if reason.Hit != nil && alert.Source.Kind == "customer" {
			s.grounds[ground(alert.CustomerID, reason.Hit)] = alert.ID
		}
		if reason.Rule != nil && reason.Rule.Dedup != nil {
			s.latest[reason.Rule.Dedup.Key] = standing
		}
	}
}

// StandsFor gives the id of the alert that stands for one of a rule that fired at a time, or "".
func (s *State) StandsFor(rule *domain.RuleFired, at time.Time) string {
	if rule.Dedup == nil {
		return ""
	}
	last := s.latest[rule.Dedup.Key]
	if last == nil || at.Sub(last.RaisedAt) >= time.Duration(rule.Dedup.Seconds)*time.Second {
		return ""
	}
	return last.ID
}
