package casework

import (
	"time"

	"whocomply/domain"
)

// Alert is a finding that an officer must look at.
type Alert struct {
	ID         string          `json:"id"`   // alr_…
	Kind       string          `json:"kind"` // sanctions, pep, adverse_media, internal_list, monitoring or system
	Severity   domain.Severity `json:"severity"`
	CustomerID string          `json:"customer_id"`
	Source     Source          `json:"source"`
	Reasons    []Reason        `json:"reasons"`
	DueAt      time.Time       `json:"due_at,omitzero"` // when the work on it must have ended; zero of early records
}

// Source says what an alert was raised on.
type Source struct {
	Kind    string `json:"kind"` // customer or event
	EventID string `json:"event_id,omitempty"`
	Seq     int64  `json:"seq"` // position of the record it was raised on
	// Counterparty is the digest of whom the customer deals with, if that is whose name was found.
	Counterparty string `json:"counterparty,omitempty"`
}

// Reason is one ground for an alert, with what it rested on. Exactly one of Hit, Rule and Failed is set.
type Reason struct {
	Text   string             `json:"text"`
	Hit    *domain.Hit        `json:"hit,omitempty"`
	Rule   *domain.RuleFired  `json:"rule,omitempty"`
	Failed *domain.RuleFailed `json:"failed,omitempty"`
}

// Raised says that an alert was created.
type Raised struct {
	Alert Alert `json:"alert"`
}

// Kind is alert.raised.
func (Raised) Kind() domain.Kind { return domain.Kind{Name: "alert.raised", Version: 1} }

// Subject is the alert's customer.
func (e Raised) Subject() string { return e.Alert.CustomerID }

// Step is what all events in an alert's life after its raising say.
type Step struct {
	AlertID    string              `json:"alert_id"`
	CustomerID string              `json:"customer_id"`
	Status     string              `json:"status"` // of the alert from now on
	Reason     string              `json:"reason,omitempty"`
	Idem       *domain.Idempotency `json:"idempotency,omitempty"`
}

// Subject is the alert's customer.
func (s Step) Subject() string { return s.CustomerID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (s Step) Idempotency() domain.Idempotency { return domain.IdempotencyOf(s.Idem) }

// Assigned says who works on an alert from now on.
type Assigned struct {
	Step
	Assignee string `json:"assignee"`
}

// Kind is alert.assigned.
func (Assigned) Kind() domain.Kind { return domain.Kind{Name: "alert.assigned", Version: 1} }

// Noted keeps what somebody found out about an alert.
type Noted struct {
	Step
	Text string `json:"text"`
}

// Kind is alert.noted.
func (Noted) Kind() domain.Kind { return domain.Kind{Name: "alert.noted", Version: 1} }

// Resolved says that the work on an alert is done, and to what end.
type Resolved struct {
	Step
	Outcome string `json:"outcome"` // true_match or handled
}

// Kind is alert.resolved.
func (Resolved) Kind() domain.Kind { return domain.Kind{Name: "alert.resolved", Version: 1} }

// Dismissed says that there was nothing behind an alert, and why.
type Dismissed struct {
	Step
	Outcome string `json:"outcome"` // false_positive, duplicate or irrelevant
}

// Kind is alert.dismissed.
func (Dismissed) Kind() domain.Kind { return domain.Kind{Name: "alert.dismissed", Version: 1} }

// Escalated says that somebody with more authority must look at an alert.
type Escalated struct{ Step }

// Kind is alert.escalated.
func (Escalated) Kind() domain.Kind { return domain.Kind{Name: "alert.escalated", Version: 1} }

// Reopened says that an alert that was resolved or dismissed is open again, and nobody's.
type Reopened struct{ Step }

// Kind is alert.reopened.
func (Reopened) Kind() domain.Kind { return domain.Kind{Name: "alert.reopened", Version: 1} }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{
		domain.Describe[Raised](), domain.Describe[Assigned](), domain.Describe[Noted](), domain.Describe[Resolved](),
		domain.Describe[Dismissed](), domain.Describe[Escalated](), domain.Describe[Reopened](),
	}
}
