package casework

import "whocomply/domain"

// Alert is a finding that an officer must look at.
type Alert struct {
	ID         string          `json:"id"`   // alr_…
	Kind       string          `json:"kind"` // sanctions, pep, adverse_media, internal_list, monitoring or system
	Severity   domain.Severity `json:"severity"`
	CustomerID string          `json:"customer_id"`
	Source     Source          `json:"source"`
	Reasons    []Reason        `json:"reasons"`
}

// Source says what an alert was raised on.
type Source struct {
	Kind    string `json:"kind"` // customer or event
	EventID string `json:"event_id,omitempty"`
	Seq     int64  `json:"seq"` // position of the record it was raised on
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

// Events lists the events of this area.
func Events() []domain.Spec { return []domain.Spec{domain.Describe[Raised]()} }
