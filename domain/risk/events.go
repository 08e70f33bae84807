package risk

import "whocomply/domain"

// Rated says that a customer's risk was computed and differs from before.
type Rated struct {
	CustomerID string `json:"customer_id"`
	Rating
}

// Kind is risk.rated.
func (Rated) Kind() domain.Kind { return domain.Kind{Name: "risk.rated", Version: 1} }

// Subject is the customer.
func (e Rated) Subject() string { return e.CustomerID }

// Rating is a customer's risk as the model sees it.
type Rating struct {
	domain.RiskMark
	Model         string   `json:"model"` // name and version of the risk model
	SanctionsFlag bool     `json:"sanctions_flag"`
	PEPFlag       bool     `json:"pep_flag"`
	EDDRequired   bool     `json:"edd_required"` // enhanced due diligence, FATF recommendation 10
	EDDReasons    []string `json:"edd_reasons"`
	Factors       []Factor `json:"factors"`
}

// Factor is one weighted part of the composite score.
type Factor struct {
	Factor string `json:"factor"`
	Weight int    `json:"weight"` // the most it can add, 0 to 100
	Score  int    `json:"score"`  // what it adds, 0 to Weight
	Reason string `json:"reason"`
	Seq    int64  `json:"seq"` // position of the event it rests on
}

// Events lists the events of this area.
func Events() []domain.Spec { return []domain.Spec{domain.Describe[Rated]()} }
