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

// ReferenceList is one version of a named list that conditions may ask, as in
// transaction.counterparty.country in lists.fatf_grey.
type ReferenceList struct {
	Name         string   `json:"name"`
	Version      int      `json:"version"` // 1, 2, … per name; 0 of a list that is shipped
	Kind         string   `json:"kind"`    // countries (ISO 3166-1 alpha-2) or keywords
	Values       []string `json:"values"`  // in byte order, each once
	Digest       string   `json:"digest"`  // of kind and values, see the package documentation
	AsOf         string   `json:"as_of,omitempty"`
	Description  string   `json:"description,omitempty"`
	Source       string   `json:"source,omitempty"`
	Author       string   `json:"author,omitempty"` // who made this version; given by the decision
	ChangeReason string   `json:"change_reason,omitempty"`
}

// ListSet says that a reference list has a new version.
type ListSet struct {
	List ReferenceList `json:"list"`
}

// Kind is reference_list.set.
func (ListSet) Kind() domain.Kind { return domain.Kind{Name: "reference_list.set", Version: 1} }

// Subject is the list.
func (e ListSet) Subject() string { return e.List.Name }

// Rates is one version of the reference rates of a day: what one unit of the base is worth in
// other currencies.
type Rates struct {
	Base         domain.Currency                    `json:"base"`
	Date         string                             `json:"date"`    // YYYY-MM-DD
	Version      int                                `json:"version"` // 1, 2, … per base and date
	Rates        map[domain.Currency]domain.Decimal `json:"rates"`
	Digest       string                             `json:"digest"` // of all that is above but the version, see the package documentation
	Source       string                             `json:"source,omitempty"`
	Author       string                             `json:"author,omitempty"` // who made this version; given by the decision
	ChangeReason string                             `json:"change_reason,omitempty"`
}

// RatesSet says that the reference rates of a day have a new version.
type RatesSet struct {
	Rates Rates `json:"rates"`
}

// Kind is reference_rates.set.
func (RatesSet) Kind() domain.Kind { return domain.Kind{Name: "reference_rates.set", Version: 1} }

// Subject is the table, by base and date.
func (e RatesSet) Subject() string { return e.Rates.name() }

func (r *Rates) name() string { return string(r.Base) + " " + r.Date }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{domain.Describe[Set](), domain.Describe[Deleted](), domain.Describe[ListSet](), domain.Describe[RatesSet]()}
}
