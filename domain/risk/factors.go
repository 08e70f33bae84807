package risk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// jurisdiction gives the worst level that one of some countries is at, the country, and the list it is on.
func (r *rater) jurisdiction(countries []string) (level, country, list string) {
	named := r.model.Lists
	for _, l := range []struct{ level, name, words string }{{"call_for_action", named.CallForAction, highRisk}, {"monitored", named.Monitored, monitored}} {
		values, list := strings.Fields(l.words), "FATF"
		if named != (Lists{}) {
			known := r.in.Lists[l.name]
			values, list = known.Values, fmt.Sprintf("list %s, version %d", l.name, known.Version)
		}
		for _, country := range countries {
			if slices.Contains(values, country) {
				return l.level, country, list
			}
		}
	}
	return "", "", ""
}

// owned gives the countries of the owners.
func (r *rater) owned() (countries []string) {
	for _, owner := range r.in.Owners {
		countries = append(countries, owner.Countries...)
	}
	return countries
}

// geography weighs the worst of a customer's countries. Those of owners are among them for a model
// that has no word on ownership.
func (r *rater) geography() {
	countries := r.in.Countries
	if r.model.weights("ownership").Levels == nil {
		countries = append(slices.Clip(countries), r.owned()...)
	}
	switch level, country, list := r.jurisdiction(countries); level {
	case "call_for_action":
		r.add("geography", level, country+" is a high-risk jurisdiction subject to a call for action ("+list+")", r.in.ProfileSeq)
	case "monitored":
		r.add("geography", level, country+" is a jurisdiction under increased monitoring ("+list+")", r.in.ProfileSeq)
	}
}

// profile weighs what the customer is, uses, and how they came.
func (r *rater) profile() {
	in := r.in
	if in.Business {
		r.add("customer_type", "business", "a business", in.ProfileSeq)
	}
	folded := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(in.Industry))
	if slices.ContainsFunc(r.model.Industries, func(word string) bool { return strings.Contains(folded, word) }) {
		r.add("industry", "exposed", in.Industry+" is a cash-intensive or otherwise exposed industry", in.ProfileSeq)
	}
	if at := slices.IndexFunc(in.Products, func(product string) bool { return slices.Contains(r.model.Products, product) }); at >= 0 {
		r.add("product", "exposed", in.Products[at]+" is an exposed product", in.ProfileSeq)
	}
	switch in.Delivery {
	case "remote":
		r.add("delivery", "remote", "taken on without being seen in person", in.ProfileSeq)
	case "intermediary":
		r.add("delivery", "intermediary", "taken on through an intermediary", in.ProfileSeq)
	}
}

func (r *rater) identification() {
	in := r.in
	switch {
	case in.KYCStatus == "rejected":
		r.add("identification", "rejected", "identity checks were rejected", in.ProfileSeq)
	case in.KYCStatus == "expired", in.KYCStatus == "verified" && !in.KYCExpires.IsZero() && !in.At.Before(in.KYCExpires):
		r.add("identification", "expired", "identity checks have expired", in.ProfileSeq)
	case in.KYCStatus != "verified":
		r.add("identification", "unverified", "identity is not verified", in.ProfileSeq)
	}
	days := r.model.KYCMaxDays
	if days > 0 && in.KYCStatus == "verified" && !in.KYCVerified.IsZero() && in.At.After(in.KYCVerified.AddDate(0, 0, days)) {
		r.add("kyc_age", "old", fmt.Sprintf("identity was verified on %s, more than %d days ago", in.KYCVerified.UTC().Format(time.DateOnly), days), in.ProfileSeq)
	}
}

func (r *rater) pep() {
	if r.in.PEPDeclared {
		r.add("pep", "declared", "declared politically exposed", r.in.ProfileSeq)
		return
	}
	if reason, seq, _ := r.alert("pep", "a list of politically exposed persons"); reason != "" {
		r.add("pep", "listed", reason, seq)
	}
}

// listed weighs the alerts of one kind of list.
func (r *rater) listed(kind, list string) {
	reason, seq, confirmed := r.alert(kind, list)
	if confirmed {
		r.add(kind, "confirmed", reason, seq)
	} else if reason != "" {
		r.add(kind, "open", reason, seq)
	}
}

// alert finds the first confirmed alert of a kind, or else the first open one.
func (r *rater) alert(kind, list string) (reason string, seq int64, confirmed bool) {
	for _, a := range r.in.Alerts {
		switch {
		case a.Kind != kind:
		case a.Confirmed:
			return "a confirmed match on " + list, a.Seq, true
		case reason == "":
			reason, seq = "an open alert on "+list, a.Seq
		}
	}
	return reason, seq, false
}

// behaviour weighs the open alerts of monitoring rules by severity.
func (r *rater) behaviour() {
	w, score := r.model.weights("behaviour"), 0
	var seqs []int64
	for _, a := range r.in.Alerts {
		if a.Kind == "monitoring" {
			score += w.Levels[string(a.Severity)]
			seqs, r.at = append(seqs, a.Seq), append(r.at, "behaviour "+string(a.Severity))
		}
	}
	switch len(seqs) {
	case 0:
	case 1:
		r.count(w, score, "1 open monitoring alert", seqs...)
	default:
		r.count(w, score, fmt.Sprintf("%d open monitoring alerts", len(seqs)), seqs...)
	}
}

// ownership weighs who owns a customer: the worst of what there is to say.
func (r *rater) ownership() {
	level, country, list := r.jurisdiction(r.owned())
	switch {
	case level != "":
		r.add("ownership", level, "an owner in "+country+" ("+list+")", r.in.ProfileSeq)
	case r.in.Business && len(r.in.Owners) == 0:
		r.add("ownership", "undisclosed", "no owner is stated", r.in.ProfileSeq)
	case slices.ContainsFunc(r.in.Owners, func(o Owner) bool { return o.Business }):
		r.add("ownership", "layered", "owned through another business", r.in.ProfileSeq)
	}
}
