package monitoring

import (
	"time"

	"whocomply/domain"
)

// Rule is one version of a monitoring rule.
type Rule struct {
	ID          string          `json:"id"`
	Version     int             `json:"version"` // 1, 2, … per rule
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	EventTypes  []string        `json:"event_types"` // exact, or a prefix as in "transaction.*", or "*"
	Condition   string          `json:"condition"`   // CEL
	Score       int             `json:"score"`       // 0 to 100
	Severity    domain.Severity `json:"severity"`
	Action      string          `json:"action"` // alert, score or both
	Mode        string          `json:"mode"`   // live, shadow or off

	EffectiveFrom time.Time `json:"effective_from,omitzero"` // looks at events that occurred then or later
	DedupBy       string    `json:"dedup_by,omitempty"`      // customer, account, counterparty or device: see CoolDown
	CoolDown      string    `json:"cool_down,omitempty"`     // for how long an alert stands for all others of the same, as in "24h"
	Tags          []string  `json:"tags,omitempty"`          // typology, FATF reference, …
	Template      string    `json:"template,omitempty"`      // id in the catalogue that the rule was made from
	Author        string    `json:"author,omitempty"`        // who made this version; given by the decision
	ChangeReason  string    `json:"change_reason,omitempty"`
}

// Set says that a rule was created, or changed to a new version.
type Set struct {
	Rule Rule                `json:"rule"`
	Idem *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is monitoring_rule.set.
func (Set) Kind() domain.Kind { return domain.Kind{Name: "monitoring_rule.set", Version: 1} }

// Subject is the rule.
func (e Set) Subject() string { return e.Rule.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Set) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Deleted says that a rule is no longer in force.
type Deleted struct {
	RuleID string `json:"rule_id"`
}

// Kind is monitoring_rule.deleted.
func (Deleted) Kind() domain.Kind { return domain.Kind{Name: "monitoring_rule.deleted", Version: 1} }

// Subject is the rule.
func (e Deleted) Subject() string { return e.RuleID }

// Events lists the events of this area.
func Events() []domain.Spec { return []domain.Spec{domain.Describe[Set](), domain.Describe[Deleted]()} }
