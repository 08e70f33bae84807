package risk

import (
	"time"

	"whocomply/domain"
)

// The kinds of overrides.
const (
	OverrideSet   = "set"   // the rating is this one
	OverrideFloor = "floor" // the rating is this one at least
)

// maxOverride is how long an override may last.
const maxOverride = 366 * 24 * time.Hour

// Override is an officer's word on a customer's rating. It counts once somebody else has approved
// it, until it expires.
type Override struct {
	ID         string    `json:"id"` // ovr_…
	CustomerID string    `json:"customer_id"`
	Kind       string    `json:"kind"`   // set or floor
	Rating     string    `json:"rating"` // low, medium or high
	Reason     string    `json:"reason"`
	ExpiresAt  time.Time `json:"expires_at"`
	Author     string    `json:"author"` // given by the decision

	ApprovedBy string `json:"-"` // empty: nobody yet
	Seq        int64  `json:"-"` // position of the request, or of the approval once there is one
}

// OverrideMark is an override as the rating that it changed tells it.
type OverrideMark struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Rating     string    `json:"rating"`
	Reason     string    `json:"reason"`
	Author     string    `json:"author"`
	ApprovedBy string    `json:"approved_by"`
	ExpiresAt  time.Time `json:"expires_at"`
	Seq        int64     `json:"seq"` // position of the approval
}

// RequestOverride asks for an override, which somebody else must approve.
type RequestOverride struct {
	CustomerID string
	Kind       string // empty: set
	Rating     string
	Reason     string
	ExpiresAt  time.Time
}

// StepOverride approves or rejects what was requested, or ends what is in force.
type StepOverride struct {
	CustomerID string
	Reason     string
}

var (
	errNoPending  = domain.Errorf(domain.Unknown, "no override waits for approval")
	errNoApproved = domain.Errorf(domain.Unknown, "no override is in force")
)

// DecideRequest records a request. One at a time waits for approval.
func (s *State) DecideRequest(m domain.Meta, c RequestOverride) ([]domain.Event, error) {
	if c.Kind == "" {
		c.Kind = OverrideSet
	}
	if err := domain.CheckOneOf("kind", c.Kind, OverrideSet, OverrideFloor); err != nil {
		return nil, err
	}
	if err := domain.CheckOneOf("rating", c.Rating, Low, Medium, High); err != nil {
		return nil, err
	}
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	if !c.ExpiresAt.After(m.At) || c.ExpiresAt.After(m.At.Add(maxOverride)) {
		return nil, domain.InvalidField("expires_at", "must be in the future, at most 366 days ahead")
	}
	if s.pending[c.CustomerID] != nil {
		return nil, domain.Errorf(domain.Conflict, "an override waits for approval already: approve or reject it first")
	}
	return []domain.Event{OverrideRequested{Override{
		ID: m.IDs.New("ovr"), CustomerID: c.CustomerID, Kind: c.Kind, Rating: c.Rating, Reason: c.Reason, ExpiresAt: c.ExpiresAt.UTC(), Author: m.Actor,
	}}}, nil
}

// DecideApprove puts a requested override in force, in the place of one that may be. Who asked for
// it cannot approve it.
func (s *State) DecideApprove(m domain.Meta, c StepOverride) ([]domain.Event, error) {
	o := s.pending[c.CustomerID]
	switch {
	case o == nil:
		return nil, errNoPending
	case o.Author == m.Actor:
		return nil, domain.Errorf(domain.Forbidden, "who asked for an override cannot approve it: somebody with another key must")
	case !o.ExpiresAt.After(m.At):
		return nil, domain.Errorf(domain.Conflict, "the override has expired before it was approved: reject it")
	}
	if err := domain.CheckText("reason", c.Reason, maxText, false); err != nil {
		return nil, err
	}
	return []domain.Event{OverrideApproved{OverrideStep{o.ID, c.CustomerID, c.Reason}}}, nil
}

// DecideReject lets a request come to nothing.
func (s *State) DecideReject(_ domain.Meta, c StepOverride) ([]domain.Event, error) {
	o := s.pending[c.CustomerID]
	if o == nil {
		return nil, errNoPending
	}
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	return []domain.Event{OverrideRejected{OverrideStep{o.ID, c.CustomerID, c.Reason}}}, nil
}

// DecideEnd ends an override that is in force.
func (s *State) DecideEnd(_ domain.Meta, c StepOverride) ([]domain.Event, error) {
	o := s.approved[c.CustomerID]
	if o == nil {
		return nil, errNoApproved
	}
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	return []domain.Event{OverrideEnded{OverrideStep{o.ID, c.CustomerID, c.Reason}}}, nil
}
