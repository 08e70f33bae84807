package client

import (
	"context"
	"time"
)

// RiskModel is one version of how customers are rated.
type RiskModel struct {
	ID           string         `json:"id"`      // of an answer: name and version
	Live         bool           `json:"live"`    // of an answer: customers are rated by it
	Shipped      bool           `json:"shipped"` // of an answer
	Name         string         `json:"name"`
	Version      int            `json:"version"` // of an answer
	Description  string         `json:"description"`
	Factors      []RiskWeights  `json:"factors"`
	Bands        RiskBands      `json:"bands"`
	Floors       []RiskFloor    `json:"floors"`
	EDDFrom      string         `json:"edd_from"`
	ReviewDays   map[string]int `json:"review_days"` // by rating
	KYCMaxDays   int            `json:"kyc_max_days"`
	Lists        RiskLists      `json:"lists"`
	Industries   []string       `json:"industries"`
	Products     []string       `json:"products"`
	ChangeReason string         `json:"change_reason"`
	Progress     *Progress      `json:"progress"`  // of an answer, if it is live: customers whom it has rated, and all
	Customers    int            `json:"customers"` // of the answer to its adoption: that are rated anew
	Receipt      *Receipt       `json:"receipt"`   // of a write
}

// RiskWeights says what a factor adds at each of its levels.
type RiskWeights struct {
	Factor string         `json:"factor"`
	Weight int            `json:"weight"`
	Levels map[string]int `json:"levels"`
}

// RiskBands are the scores from which on a rating is medium and high.
type RiskBands struct {
	Medium int `json:"medium"`
	High   int `json:"high"`
}

// RiskFloor is a rating that a customer has at least while a factor is at a level.
type RiskFloor struct {
	Factor string `json:"factor"`
	Level  string `json:"level"`
	Rating string `json:"rating"`
}

// RiskLists names the reference lists of jurisdictions.
type RiskLists struct {
	CallForAction string `json:"call_for_action"`
	Monitored     string `json:"monitored"`
}

// DryRun says who would move from which band to which.
type DryRun struct {
	Model     string `json:"model"`
	Customers int    `json:"customers"`
	Changed   int    `json:"changed"`
	Moves     []struct {
		From      string `json:"from"`
		To        string `json:"to"`
		Customers int    `json:"customers"`
	} `json:"moves"`
	Moved []struct {
		CustomerID string   `json:"customer_id"`
		ExternalID string   `json:"external_id"`
		From       RiskMark `json:"from"`
		To         RiskMark `json:"to"`
	} `json:"moved"` // at most 1000
}

// RiskMark is a rating and its score.
type RiskMark struct {
	Score  int    `json:"composite_score"`
	Rating string `json:"rating"`
}

// Override is an officer's word on a customer's rating.
type Override struct {
	ID         string    `json:"id"`   // of an answer
	Kind       string    `json:"kind"` // set or floor
	Rating     string    `json:"rating"`
	Reason     string    `json:"reason"`
	ExpiresAt  time.Time `json:"expires_at"`
	Author     string    `json:"author"`      // of an answer
	ApprovedBy string    `json:"approved_by"` // of an answer
	Expired    bool      `json:"expired"`     // of an answer
}

// Overrides is what officers have said on a customer's rating.
type Overrides struct {
	CustomerID string    `json:"customer_id"`
	Pending    *Override `json:"pending"`
	Approved   *Override `json:"approved"`
	Rating     RiskMark  `json:"rating"`
	ReviewedAt time.Time `json:"reviewed_at"`
	Receipt    *Receipt  `json:"receipt"` // of a write
}

// StateRiskModel states a version of a risk model. It rates nobody before it is adopted.
func (c *Client) StateRiskModel(ctx context.Context, m RiskModel) (RiskModel, error) {
	return call[RiskModel](ctx, c, create(c.tenant("risk-models"), m))
}

// RiskModels lists risk models, those that are shipped first.
func (c *Client) RiskModels(ctx context.Context, l List) (Page[RiskModel], error) {
	return list[RiskModel](ctx, c, l, "risk-models")
}

// RiskModel reads a model by name and version, such as retail@1.
func (c *Client) RiskModel(ctx context.Context, id string) (RiskModel, error) {
	return get[RiskModel](ctx, c, "risk-models", id)
}

// TryRiskModel rates all customers by a model and records nothing.
func (c *Client) TryRiskModel(ctx context.Context, id string) (DryRun, error) {
	r := create(c.tenant("risk-models", "dry-run"), map[string]string{"model_id": id})
	r.write = false
	return call[DryRun](ctx, c, r)
}

// AdoptRiskModel has customers rated by a model from now on, and all there are in the background: the
// Progress of the model, read again, says how far that is.
func (c *Client) AdoptRiskModel(ctx context.Context, id, reason string) (RiskModel, error) {
	return call[RiskModel](ctx, c, create(c.tenant("risk-models", id, "adopt"), map[string]string{"reason": reason}))
}

// Overrides reads what officers have said on a customer's rating.
func (c *Client) Overrides(ctx context.Context, customer string) (Overrides, error) {
	return get[Overrides](ctx, c, "customers", customer, "risk-override")
}

// RequestOverride asks for another rating of a customer, which somebody with another key must approve.
// If an answer was lost, the override may wait for approval by then.
func (c *Client) RequestOverride(ctx context.Context, customer string, o Override) (Overrides, error) {
	return call[Overrides](ctx, c, create(c.tenant("customers", customer, "risk-override"), o))
}

// StepOverride approves or rejects what waits for approval, or ends what is in force: verb is
// approve, reject or end.
func (c *Client) StepOverride(ctx context.Context, customer, verb, reason string) (Overrides, error) {
	return call[Overrides](ctx, c, create(c.tenant("customers", customer, "risk-override", verb), map[string]string{"reason": reason}))
}

// ReviewCustomer records that an officer has looked at a customer.
func (c *Client) ReviewCustomer(ctx context.Context, customer, note string) (Overrides, error) {
	return call[Overrides](ctx, c, create(c.tenant("customers", customer, "risk-review"), map[string]string{"note": note}))
}
