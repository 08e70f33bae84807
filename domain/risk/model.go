// Package risk computes the composite risk of a customer.
//
// The model is a weighted sum of factors, 0 to 100, each with a reason and the position of the
// event it rests on. Bands: below 30 low, below 60 medium, from 60 high. What the institution may
// not do business with is prohibited, whatever the sum: an alert on a sanctions list that an
// officer confirmed as a true match, be it the customer or whom the customer deals with. A
// sanctions hit that nobody has looked at yet raises the flag, makes the rating at least high and
// requires enhanced due diligence (EDD); so do a politically exposed person (FATF recommendation
// 12), a country on the FATF list of high-risk jurisdictions (recommendation 19), and any other
// ground for a high rating (recommendation 10). An alert that was resolved or dismissed weighs no
// more, unless it was confirmed: then it weighs for good.
//
// The model has a name and a version, "standard@1"; every rating says which one made it, and
// Rate is pure, so that an examiner can run the same rating again.
package risk

import (
	"fmt"
	"slices"
	"time"

	"whocomply/domain"
)

// Model names the risk model and its version.
const Model = "standard@1"

// The ratings, in rising order.
const (
	Low        = "low"
	Medium     = "medium"
	High       = "high"
	Prohibited = "prohibited"
)

// The bands of the composite score.
const (
	mediumFrom = 30
	highFrom   = 60
)

// Inputs is all that a rating rests on.
type Inputs struct {
	At          time.Time // a KYC check expires by this clock
	ProfileSeq  int64     // position of the push that stated the profile
	Countries   []string  // residence, nationality, address, and those of owners; ISO 3166-1 alpha-2
	Business    bool
	Industry    string
	PEPDeclared bool // of the customer or a linked party
	KYCStatus   string
	KYCExpires  time.Time // zero: never
	Alerts      []Alert   // open and confirmed ones
}

// Alert is an alert as far as it weighs on the rating.
type Alert struct {
	Kind      string
	Severity  domain.Severity
	Seq       int64
	Confirmed bool // an officer found the listed name to be the true one
}

// Rate computes the rating of a customer.
func Rate(in Inputs) Rating {
	r := Rating{Model: Model, EDDReasons: []string{}, Factors: []Factor{}}
	add := func(f Factor, found bool) {
		if found {
			r.Factors = append(r.Factors, f)
			r.Score += f.Score
		}
	}
	add(geography(in))
	add(customerType(in))
	add(industry(in))
	add(identification(in))
	add(pep(in))
	for _, listed := range []struct {
		kind   string
		weight int
		list   string
	}{
		{"sanctions", 60, "a sanctions list"},
		{"adverse_media", 20, "adverse media"},
		{"internal_list", 30, "a list of the institution"},
	} {
		add(fromAlerts(in, listed.kind, listed.weight, listed.list))
	}
	add(behaviour(in))
	r.Score = min(r.Score, 100)
	r.SanctionsFlag = slices.ContainsFunc(in.Alerts, func(a Alert) bool { return a.Kind == "sanctions" })
	r.PEPFlag = in.PEPDeclared || slices.ContainsFunc(in.Alerts, func(a Alert) bool { return a.Kind == "pep" })
	confirmed := slices.ContainsFunc(in.Alerts, func(a Alert) bool { return a.Kind == "sanctions" && a.Confirmed })
	r.Rating = band(r.Score, r.SanctionsFlag, confirmed)
	r.requireEDD(in)
	return r
}

func band(score int, flagged, confirmed bool) string {
	switch {
	case confirmed:
		return Prohibited
	case score >= highFrom || flagged:
		return High
	case score >= mediumFrom:
		return Medium
	}
	return Low
}

func (r *Rating) requireEDD(in Inputs) {
	if r.Rating == Prohibited {
		r.EDDReasons = append(r.EDDReasons, "confirmed match on a sanctions list")
	} else if r.SanctionsFlag {
		r.EDDReasons = append(r.EDDReasons, "possible match on a sanctions list")
	}
	if r.PEPFlag {
		r.EDDReasons = append(r.EDDReasons, "politically exposed person")
	}
	if country := firstIn(in.Countries, highRisk); country != "" {
		r.EDDReasons = append(r.EDDReasons, "high-risk jurisdiction "+country)
	}
	if r.Rating == High && len(r.EDDReasons) == 0 {
		r.EDDReasons = append(r.EDDReasons, fmt.Sprintf("composite score %d", r.Score))
	}
	r.EDDRequired = len(r.EDDReasons) > 0
}

// geography weighs the worst of a customer's countries.
func geography(in Inputs) (Factor, bool) {
	f := Factor{Factor: "geography", Weight: 30, Seq: in.ProfileSeq}
	if country := firstIn(in.Countries, highRisk); country != "" {
		f.Score, f.Reason = 30, country+" is a high-risk jurisdiction subject to a call for action (FATF)"
	} else if country := firstIn(in.Countries, monitored); country != "" {
		f.Score, f.Reason = 15, country+" is a jurisdiction under increased monitoring (FATF)"
	}
	return f, f.Score > 0
}

func customerType(in Inputs) (Factor, bool) {
	return Factor{Factor: "customer_type", Weight: 5, Score: 5, Reason: "a business", Seq: in.ProfileSeq}, in.Business
}

func industry(in Inputs) (Factor, bool) {
	name, found := riskyIndustry(in.Industry)
	return Factor{Factor: "industry", Weight: 15, Score: 15, Reason: name + " is a cash-intensive or otherwise exposed industry", Seq: in.ProfileSeq}, found
}

func identification(in Inputs) (Factor, bool) {
	f := Factor{Factor: "identification", Weight: 15, Seq: in.ProfileSeq}
	switch {
	case in.KYCStatus == "rejected":
		f.Score, f.Reason = 15, "identity checks were rejected"
	case in.KYCStatus == "expired", in.KYCStatus == "verified" && !in.KYCExpires.IsZero() && !in.At.Before(in.KYCExpires):
		f.Score, f.Reason = 10, "identity checks have expired"
	case in.KYCStatus != "verified":
		f.Score, f.Reason = 5, "identity is not verified"
	}
	return f, f.Score > 0
}

func pep(in Inputs) (Factor, bool) {
	if in.PEPDeclared {
		return Factor{Factor: "pep", Weight: 30, Score: 30, Reason: "declared politically exposed", Seq: in.ProfileSeq}, true
	}
	return fromAlerts(in, "pep", 30, "a list of politically exposed persons")
}

// fromAlerts weighs the first confirmed alert of a kind, or else the first open one.
func fromAlerts(in Inputs, kind string, weight int, list string) (Factor, bool) {
	f := Factor{Factor: kind, Weight: weight, Score: weight}
	for _, a := range in.Alerts {
		switch {
		case a.Kind != kind:
		case a.Confirmed:
			f.Reason, f.Seq = "a confirmed match on "+list, a.Seq
			return f, true
		case f.Reason == "":
			f.Reason, f.Seq = "an open alert on "+list, a.Seq
		}
	}
	return f, f.Reason != ""
}

// behaviour weighs the open alerts of monitoring rules by severity.
func behaviour(in Inputs) (Factor, bool) {
	f := Factor{Factor: "behaviour", Weight: 30}
	count := 0
	for _, a := range in.Alerts {
		if a.Kind != "monitoring" {
			continue
		}
		count++
		f.Score = min(f.Score+5*a.Severity.Rank(), f.Weight)
		f.Seq = a.Seq
	}
	f.Reason = fmt.Sprintf("%d open monitoring alerts", count)
	if count == 1 {
		f.Reason = "1 open monitoring alert"
	}
	return f, count > 0
}
