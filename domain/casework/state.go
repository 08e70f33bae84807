// Package casework keeps the alerts that officers work on.
//
// An alert is raised in the same atomic append as the fact it is about. It is raised once per
// ground: a listed entity that a customer was already alerted for, with the same content of both
// sides, raises no second alert.
//
// # An alert's life
//
//	raised ──► open ──assign──► in_review ─┐
//	            │ │                 │      ├─ resolve ──► resolved  (true_match or handled)
//	            │ └───escalate──► escalated├─ dismiss ──► dismissed (false_positive, duplicate or irrelevant)
//	            └──────────────────────────┘                  │
//	            ▲                                             │
//	            └────────────────── reopen ◄──────────────────┘
//
// A note can be added at any time and changes nothing else; an escalated alert can be assigned and
// stays escalated. An alert weighs on its customer while it is open, in review or escalated; one
// resolved as a true match weighs for good, unless it is reopened.
//
// Saying again what was said last adds nothing. What a request with an Idempotency-Key said is
// never said twice, whatever happened in between.
package casework

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"whocomply/domain"
)

// What becomes of an alert.
const (
	StatusOpen      = "open"
	StatusInReview  = "in_review"
	StatusEscalated = "escalated"
	StatusResolved  = "resolved"
	StatusDismissed = "dismissed"
)

// To what end an alert is resolved or dismissed.
const (
	TrueMatch     = "true_match"     // the customer, or whom the customer deals with, is the one listed
	Handled       = "handled"        // what had to be done was done
	FalsePositive = "false_positive" // the finding is wrong
	Duplicate     = "duplicate"      // another alert covers it
	Irrelevant    = "irrelevant"     // the finding is right and of no weight
)

// State is the alerts of one ledger, as far as deciding needs them.
type State struct {
	alerts    map[string]*Standing   // every one ever raised, by id
	open      map[string][]*Standing // by customer, oldest first
	confirmed map[string][]*Standing // resolved as true matches, by customer, oldest first
	grounds   map[string]string      // ground key of every alert ever raised for a listed entity, to its alert
	entities  map[string]string      // customer and listed entity, to the last alert on them
	latest    map[string]*Standing   // last alert by the key of domain.Dedup
	failures  map[failure]string     // last alert about a rule that could not be evaluated
}

// Standing is an alert as it stands, without its reasons. It is never changed, only replaced.
type Standing struct {
	ID         string
	Kind       string
	Severity   domain.Severity
	CustomerID string
	Seq        int64 // position of the record that raised it
	RaisedAt   time.Time
	Status     string
	Assignee   string // empty: nobody's
	Outcome    string // to what end it was resolved or dismissed; empty if it is neither

	List, EntryID string // the listed entity it is about; empty for others
	Counterparty  string // digest of the counterparty whose name was found; empty for the customer's own

	said [topics][16]byte // digests of what was said last
}

// failure is a version of a rule that could not be evaluated.
type failure struct {
	rule    string
	version int
}

// A topic is what a step in an alert's life is about. On each the last word counts.
type topic int

const (
	aboutStatus topic = iota
	aboutAssignee
	aboutNotes
	topics
)

// New gives the state of an empty ledger.
func New() *State {
	return &State{
		alerts: map[string]*Standing{}, open: map[string][]*Standing{}, confirmed: map[string][]*Standing{}, grounds: map[string]string{},
		entities: map[string]string{},
		latest:   map[string]*Standing{}, failures: map[failure]string{},
	}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{
		alerts: maps.Clone(s.alerts), open: domain.CloneLists(s.open), confirmed: domain.CloneLists(s.confirmed),
		grounds: maps.Clone(s.grounds), entities: maps.Clone(s.entities), latest: maps.Clone(s.latest), failures: maps.Clone(s.failures),
	}
}

// Alert gives the alert with this id, whatever became of it, or nil.
func (s *State) Alert(id string) *Standing { return s.alerts[id] }

// OpenOf gives a customer's alerts that are neither resolved nor dismissed, oldest first. The
// caller must not change the slice.
func (s *State) OpenOf(customerID string) []*Standing { return s.open[customerID] }

// ConfirmedOf gives a customer's alerts that were resolved as true matches, oldest first. The
// caller must not change the slice.
func (s *State) ConfirmedOf(customerID string) []*Standing { return s.confirmed[customerID] }

// Standing is the alert as it stands right after it was raised by the record at seq.
func (e Raised) Standing(seq int64, at time.Time) *Standing {
	a := &e.Alert
	standing := &Standing{
		ID: a.ID, Kind: a.Kind, Severity: a.Severity, CustomerID: a.CustomerID, Seq: seq, RaisedAt: at, Status: StatusOpen,
		Counterparty: a.Source.Counterparty,
	}
	if len(a.Reasons) > 0 && a.Reasons[0].Hit != nil {
		standing.List, standing.EntryID = a.Reasons[0].Hit.List.List, a.Reasons[0].Hit.EntryID
	}
	return standing
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Raised:
		s.raise(e, &event.Alert)
	case Assigned:
		s.step(&event.Step, aboutAssignee, event, func(a *Standing) { a.Assignee = event.Assignee })
	case Noted:
		s.step(&event.Step, aboutNotes, event, func(*Standing) {})
	case Resolved:
		s.step(&event.Step, aboutStatus, event, func(a *Standing) { a.Outcome = event.Outcome })
	case Dismissed:
		s.step(&event.Step, aboutStatus, event, func(a *Standing) { a.Outcome = event.Outcome })
	case Escalated:
		s.step(&event.Step, aboutStatus, event, func(*Standing) {})
	case Reopened:
		s.step(&event.Step, aboutStatus, event, func(a *Standing) {
			a.Assignee, a.Outcome, a.said[aboutAssignee] = "", "", [16]byte{}
		})
	}
}

func (s *State) raise(e *domain.Envelope, alert *Alert) {
	standing := Raised{*alert}.Standing(e.Seq, e.Time)
	s.alerts[alert.ID] = standing
	s.open[alert.CustomerID] = append(s.open[alert.CustomerID], standing)
	for _, reason := range alert.Reasons {
		if reason.Hit != nil && alert.Source.Kind == "customer" {
			s.grounds[ground(alert.CustomerID, reason.Hit)] = alert.ID
			s.entities[entity(alert.CustomerID, reason.Hit)] = alert.ID
		}
		if reason.Rule != nil && reason.Rule.Dedup != nil {
			s.latest[reason.Rule.Dedup.Key] = standing
		}
		if reason.Failed != nil {
			s.failures[failure{reason.Failed.RuleID, reason.Failed.Version}] = alert.ID
		}
	}
}

// step replaces the standing of an alert by one that is changed.
func (s *State) step(step *Step, about topic, event domain.Event, change func(*Standing)) {
	after := *s.alerts[step.AlertID]
	after.Status, after.said[about] = step.Status, wordsOf(event)
	change(&after)
	s.alerts[after.ID] = &after
	place(s.open, &after, after.IsOpen())
	place(s.confirmed, &after, after.Outcome == TrueMatch)
}

// IsOpen reports whether the alert is neither resolved nor dismissed.
func (a *Standing) IsOpen() bool { return a.Status != StatusResolved && a.Status != StatusDismissed }

// place makes a customer's list hold this standing of an alert, or none. Who holds the list of
// before keeps it as it was.
func place(lists map[string][]*Standing, a *Standing, listed bool) {
	before := lists[a.CustomerID]
	at, found := slices.BinarySearchFunc(before, a.Seq, func(b *Standing, seq int64) int { return cmp.Compare(b.Seq, seq) })
	if !found && !listed {
		return
	}
	after := slices.Clone(before[:at])
	if listed {
		after = append(after, a)
	}
	if found {
		at++
	}
	if after = append(after, before[at:]...); len(after) == 0 {
		delete(lists, a.CustomerID)
		return
	}
	lists[a.CustomerID] = after
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

// StandsForFailure gives the id of the open alert that says already that a version of a rule cannot
// be evaluated, whoever's event it met first, or "".
func (s *State) StandsForFailure(rule *domain.RuleFailed) string {
	id, known := s.failures[failure{rule.RuleID, rule.Version}]
	if !known || !s.alerts[id].IsOpen() {
		return ""
	}
	return id
}
