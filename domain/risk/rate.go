package risk

import (
	"fmt"
	"slices"
	"time"

	"whocomply/domain"
)

// Inputs is all that a rating rests on.
type Inputs struct {
	At          time.Time // KYC checks and overrides expire by this clock
	ProfileSeq  int64     // position of the push that stated the profile
	Countries   []string  // residence, nationality and address; ISO 3166-1 alpha-2
	Business    bool
	Industry    string
	Products    []string
	Delivery    string // how the customer was taken on: face_to_face, remote or intermediary
	PEPDeclared bool   // of the customer or a linked party
	KYCStatus   string
	KYCVerified time.Time // zero: not stated
	KYCExpires  time.Time // zero: never
	Owners      []Owner
	Reviewed    time.Time // when the customer was taken on, identified or reviewed last
	Alerts      []Alert   // open and confirmed ones
	Override    *Override // approved; nil if there is none
	Lists       map[string]List
}

// Owner is who has a share in the customer.
type Owner struct {
	Business  bool
	Countries []string
}

// List is a reference list of countries that the model names.
type List struct {
	Version int
	Values  []string
}

// Alert is an alert as far as it weighs on the rating.
type Alert struct {
	Kind      string
	Severity  domain.Severity
	Seq       int64
	Confirmed bool // an officer found the listed name to be the true one
}

// rater is a rating being computed.
type rater struct {
	Rating
	model *Model
	in    *Inputs
	at    []string // levels that factors are at, as "<factor> <level>"
}

// Rate computes the rating of a customer.
func (m *Model) Rate(in Inputs) Rating {
	r := rater{Rating: Rating{Model: m.ID(), EDDReasons: []string{}, Factors: []Factor{}}, model: m, in: &in}
	r.geography()
	r.profile()
	r.identification()
	r.pep()
	r.listed("sanctions", "a sanctions list")
	r.listed("adverse_media", "adverse media")
	r.listed("internal_list", "a list of the institution")
	r.behaviour()
	r.ownership()
	r.Score = min(r.Score, 100)
	r.SanctionsFlag = slices.ContainsFunc(in.Alerts, func(a Alert) bool { return a.Kind == "sanctions" })
	r.PEPFlag = in.PEPDeclared || slices.ContainsFunc(in.Alerts, func(a Alert) bool { return a.Kind == "pep" })
	r.band()
	r.requireEDD()
	r.override()
	r.ReviewBy = m.review(r.Rating.Rating, in.Reviewed)
	return r.Rating
}

// add adds what the model gives for a factor at a level, resting on events.
func (r *rater) add(factor, level, reason string, seqs ...int64) {
	r.at = append(r.at, factor+" "+level)
	w := r.model.weights(factor)
	r.count(w, w.Levels[level], reason, seqs...)
}

func (r *rater) count(w Weights, score int, reason string, seqs ...int64) {
	if score = min(score, w.Weight); score == 0 {
		return
	}
	f := Factor{Factor: w.Factor, Weight: w.Weight, Score: score, Reason: reason, Seq: seqs[len(seqs)-1]}
	if len(seqs) > 1 && r.model != &standard1 { // which names the last alone
		f.Seqs = seqs
	}
	r.Factors, r.Score = append(r.Factors, f), r.Score+score
}

// band gives the rating of the score, raised to the highest floor.
func (r *rater) band() {
	r.Rating.Rating = Low
	if r.Score >= r.model.Bands.Medium {
		r.Rating.Rating = Medium
	}
	if r.Score >= r.model.Bands.High {
		r.Rating.Rating = High
	}
	for _, f := range r.model.Floors {
		if slices.Contains(r.at, f.Factor+" "+f.Level) && rank(f.Rating) > rank(r.Rating.Rating) {
			r.Rating.Rating = f.Rating
		}
	}
}

func (r *rater) requireEDD() {
	if slices.Contains(r.at, "sanctions confirmed") {
		r.EDDReasons = append(r.EDDReasons, "confirmed match on a sanctions list")
	} else if r.SanctionsFlag {
		r.EDDReasons = append(r.EDDReasons, "possible match on a sanctions list")
	}
	if r.PEPFlag {
		r.EDDReasons = append(r.EDDReasons, "politically exposed person")
	}
	if level, country, _ := r.jurisdiction(append(slices.Clip(r.in.Countries), r.owned()...)); level == "call_for_action" {
		r.EDDReasons = append(r.EDDReasons, "high-risk jurisdiction "+country)
	}
	if rank(r.Rating.Rating) >= rank(r.model.EDDFrom) && len(r.EDDReasons) == 0 {
		r.EDDReasons = append(r.EDDReasons, fmt.Sprintf("composite score %d", r.Score))
	}
	r.EDDRequired = len(r.EDDReasons) > 0
}

// override lets an approved override have the last word, but for who is prohibited.
func (r *rater) override() {
	o, computed := r.in.Override, r.Rating.Rating
	if o == nil || !r.in.At.Before(o.ExpiresAt) || computed == Prohibited || o.Kind == OverrideFloor && rank(computed) >= rank(o.Rating) {
		return
	}
	r.Computed, r.Rating.Rating = computed, o.Rating
	r.Override = &OverrideMark{
		ID: o.ID, Kind: o.Kind, Rating: o.Rating, Reason: o.Reason, Author: o.Author, ApprovedBy: o.ApprovedBy, ExpiresAt: o.ExpiresAt, Seq: o.Seq,
	}
	if rank(o.Rating) >= rank(r.model.EDDFrom) && !r.EDDRequired {
		r.EDDRequired, r.EDDReasons = true, append(r.EDDReasons, "rated "+o.Rating+" by an officer")
	}
}
