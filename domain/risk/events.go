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

	ReviewBy string        `json:"review_by,omitempty"`       // YYYY-MM-DD
	Computed string        `json:"computed_rating,omitempty"` // without the override
	Override *OverrideMark `json:"override,omitempty"`
}

// Factor is one weighted part of the composite score.
type Factor struct {
	Factor string  `json:"factor"`
	Weight int     `json:"weight"` // the most it can add, 0 to 100
	Score  int     `json:"score"`  // what it adds, 0 to Weight
	Reason string  `json:"reason"`
	Seq    int64   `json:"seq"`            // position of the event it rests on, the last if there are several
	Seqs   []int64 `json:"seqs,omitempty"` // of all, if there are several
}

// ModelStated says that a risk model has a new version. It rates nobody before it is adopted.
type ModelStated struct {
	Model Model `json:"model"`
}

// Kind is risk_model.stated.
func (ModelStated) Kind() domain.Kind { return domain.Kind{Name: "risk_model.stated", Version: 1} }

// Subject is the model.
func (e ModelStated) Subject() string { return e.Model.ID() }

// ModelAdopted says that customers are rated by a model from now on.
type ModelAdopted struct {
	Model  string `json:"model"` // name and version
	Reason string `json:"reason"`
}

// Kind is risk_model.adopted.
func (ModelAdopted) Kind() domain.Kind { return domain.Kind{Name: "risk_model.adopted", Version: 1} }

// Subject is the model.
func (e ModelAdopted) Subject() string { return e.Model }

// OverrideRequested says that an officer wants another rating for a customer.
type OverrideRequested struct {
	Override Override `json:"override"`
}

// Kind is risk_override.requested.
func (OverrideRequested) Kind() domain.Kind {
	return domain.Kind{Name: "risk_override.requested", Version: 1}
}

// Subject is the customer.
func (e OverrideRequested) Subject() string { return e.Override.CustomerID }

// OverrideStep is what all later events in the life of an override say.
type OverrideStep struct {
	OverrideID string `json:"override_id"`
	CustomerID string `json:"customer_id"`
	Reason     string `json:"reason,omitempty"`
}

// Subject is the customer.
func (s OverrideStep) Subject() string { return s.CustomerID }

// OverrideApproved says that somebody else agreed: the override is in force.
type OverrideApproved struct{ OverrideStep }

// Kind is risk_override.approved.
func (OverrideApproved) Kind() domain.Kind {
	return domain.Kind{Name: "risk_override.approved", Version: 1}
}

// OverrideRejected says that what was requested comes to nothing.
type OverrideRejected struct{ OverrideStep }

// Kind is risk_override.rejected.
func (OverrideRejected) Kind() domain.Kind {
	return domain.Kind{Name: "risk_override.rejected", Version: 1}
}

// OverrideEnded says that an override is no longer in force.
type OverrideEnded struct{ OverrideStep }

// Kind is risk_override.ended.
func (OverrideEnded) Kind() domain.Kind {
	return domain.Kind{Name: "risk_override.ended", Version: 1}
}

// CustomerReviewed says that an officer has looked at a customer and what is known of them.
type CustomerReviewed struct {
	CustomerID string `json:"customer_id"`
	Note       string `json:"note"`
}

// Kind is risk.reviewed.
func (CustomerReviewed) Kind() domain.Kind { return domain.Kind{Name: "risk.reviewed", Version: 1} }

// Subject is the customer.
func (e CustomerReviewed) Subject() string { return e.CustomerID }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{
		domain.Describe[Rated](), domain.Describe[ModelStated](), domain.Describe[ModelAdopted](), domain.Describe[OverrideRequested](),
		domain.Describe[OverrideApproved](), domain.Describe[OverrideRejected](), domain.Describe[OverrideEnded](), domain.Describe[CustomerReviewed](),
	}
}
