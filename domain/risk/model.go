package risk

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The ratings, in rising order.
const (
	Low        = "low"
	Medium     = "medium"
	High       = "high"
	Prohibited = "prohibited"
)

// Ratings lists the ratings in rising order.
func Ratings() []string { return []string{Low, Medium, High, Prohibited} }

// rank orders ratings; 0 is none.
func rank(rating string) int { return slices.Index(Ratings(), rating) + 1 }

// Model is one version of how customers are rated.
type Model struct {
	Name        string    `json:"name"`
	Version     int       `json:"version"` // 1, 2, … per name
	Description string    `json:"description,omitempty"`
	Factors     []Weights `json:"factors"`
	Bands       Bands     `json:"bands"`
	Floors      []Floor   `json:"floors"`
	EDDFrom     string    `json:"edd_from"` // the rating from which enhanced due diligence is required whatever the reason

	ReviewDays map[string]int `json:"review_days,omitempty"` // by rating: how long after the last review the next is due
	KYCMaxDays int            `json:"kyc_max_days,omitzero"` // for how long identity checks are fresh; 0: for ever
	Lists      Lists          `json:"lists,omitzero"`
	Industries []string       `json:"industries,omitempty"` // words that an exposed industry has in its name
	Products   []string       `json:"products,omitempty"`   // that are exposed, as metadata.products of a customer names them

	Author       string `json:"author,omitempty"` // who made this version; given by the decision
	ChangeReason string `json:"change_reason,omitempty"`
}

// Weights says what a factor adds at each of its levels.
type Weights struct {
	Factor string         `json:"factor"`
	Weight int            `json:"weight"` // the most it can add, 0 to 100
	Levels map[string]int `json:"levels"` // 0 to Weight
}

// Bands are the scores from which on a rating is medium and high.
type Bands struct {
	Medium int `json:"medium"`
	High   int `json:"high"`
}

// Floor is a rating that a customer has at least while a factor is at a level.
type Floor struct {
	Factor string `json:"factor"`
	Level  string `json:"level"`
	Rating string `json:"rating"`
}

// Lists names the reference lists of jurisdictions.
type Lists struct {
	CallForAction string `json:"call_for_action,omitempty"`
	Monitored     string `json:"monitored,omitempty"`
}

// factors are the factors there are, in their order.
var factors = []string{
	"geography", "customer_type", "industry", "product", "delivery", "identification", "kyc_age", "pep",
	"sanctions", "adverse_media", "internal_list", "behaviour", "ownership",
}

// levels are those that each factor may have.
var levels = map[string][]string{
	"geography":      {"call_for_action", "monitored"},
	"customer_type":  {"business"},
	"industry":       {"exposed"},
	"product":        {"exposed"},
	"delivery":       {"remote", "intermediary"},
	"identification": {"rejected", "expired", "unverified"},
	"kyc_age":        {"old"},
	"pep":            {"declared", "listed"},
	"sanctions":      {"open", "confirmed"},
	"adverse_media":  {"open", "confirmed"},
	"internal_list":  {"open", "confirmed"},
	"behaviour":      {"low", "medium", "high", "critical"}, // added up over open alerts
	"ownership":      {"call_for_action", "monitored", "undisclosed", "layered"},
}

// ID names the version, such as standard@1.
func (m *Model) ID() string { return fmt.Sprintf("%s@%d", m.Name, m.Version) }

// weights gives what the model says of a factor; without a word it adds nothing.
func (m *Model) weights(factor string) Weights {
	at := slices.IndexFunc(m.Factors, func(w Weights) bool { return w.Factor == factor })
	if at < 0 {
		return Weights{Factor: factor}
	}
	return m.Factors[at]
}

// review gives the date on which the next review is due; empty if the model states none.
func (m *Model) review(rating string, last time.Time) string {
	days, stated := m.ReviewDays[rating]
	if !stated || last.IsZero() {
		return ""
	}
	return last.UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// sortedKeys gives the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
