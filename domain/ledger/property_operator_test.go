package ledger_test

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/intake"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/risk"
)

// reference states a named list or the rates of a day.
func (r drawer) reference() wish {
	if rapid.Bool().Draw(r.T, "rates") {
		usd, err := domain.ParseDecimal(pick(r, "usd", "1.08", "1.1"))
		if err != nil {
			r.Fatal(err)
		}
		cmd := monitoring.SetRates{Rates: monitoring.Rates{
			Base: "EUR", Date: pick(r, "date", "2026-01-30", "2026-01-31"), Rates: map[domain.Currency]domain.Decimal{"USD": usd},
		}}
		return func() ledger.Command { return ledger.SetRates(cmd) }
	}
	cmd := monitoring.SetList{List: monitoring.ReferenceList{
		Name: pick(r, "list", "offshore", "fatf_grey"), Kind: "countries", Values: pick(r, "values", []string{"VG"}, []string{"VG", "KY"}),
	}}
	return func() ledger.Command { return ledger.SetList(cmd) }
}

// rating states, adopts and applies risk models, and has officers' words on customers.
func (r drawer) rating() wish {
	id, reason := r.customer(), pick(r, "reason", "seen", "decided")
	step := pick(r, "rating", "state", "adopt", "apply", "request", "request", "approve", "reject", "end", "review")
	if waiting, inForce := r.overridden(); step == "approve" && waiting != "" {
		id = waiting
	} else if step == "end" && inForce != "" {
		id = inForce
	}
	switch step {
	case "state":
		m := *risk.Shipped()[1]
		m.Name, m.Bands.Medium = "retail", pick(r, "medium", 20, 25)
		return func() ledger.Command { return ledger.StateModel(risk.StateModel{Model: m}) }
	case "adopt":
		cmd := risk.AdoptModel{ID: pick(r, "model", "retail@1", "retail@2", "standard@1", "standard@2"), Reason: reason}
		return func() ledger.Command { return ledger.AdoptModel(cmd) }
	case "apply":
		ids := r.d.state.Customers.IDs()
		return func() ledger.Command { return ledger.RateCustomers(ids) }
	case "request":
		cmd := risk.RequestOverride{CustomerID: id, Rating: pick(r, "override", "low", "high"), Kind: pick(r, "kind", "", "floor"), Reason: reason, ExpiresAt: r.d.now.Add(time.Hour)}
		return func() ledger.Command { return ledger.RequestOverride(cmd) }
	case "review":
		return func() ledger.Command { return ledger.ReviewCustomer(risk.Review{CustomerID: id, Note: reason}) }
	case "approve":
		return func() ledger.Command { return ledger.ApproveOverride(risk.StepOverride{CustomerID: id}) }
	case "reject":
		return func() ledger.Command { return ledger.RejectOverride(risk.StepOverride{CustomerID: id, Reason: reason}) }
	}
	return func() ledger.Command { return ledger.EndOverride(risk.StepOverride{CustomerID: id, Reason: reason}) }
}

// overridden gives a customer whose override waits for approval, and one with an override in force;
// empty if there is none.
func (r drawer) overridden() (waiting, inForce string) {
	for _, id := range r.d.state.Customers.IDs() {
		if r.d.state.Ratings.Pending(id) != nil {
			waiting = id
		}
		if r.d.state.Ratings.Approved(id) != nil {
			inForce = id
		}
	}
	return waiting, inForce
}

// intake takes in a file, goes on with it, or ends it, at times out of turn.
func (r drawer) intake() wish {
	digest := strings.Repeat(pick(r, "file", "a", "b", "c", "d"), 64)
	known := r.d.state.Imports.Of("events", digest)
	if known == nil || rapid.Bool().Draw(r.T, "start") {
		return func() ledger.Command {
			return ledger.StartImport(intake.Start{Kind: "events", Digest: digest, Bytes: 100})
		}
	}
	if rapid.Bool().Draw(r.T, "finish") {
		cmd := intake.Finish{ImportID: known.ID, Lines: known.Lines + pick[int64](r, "more", 0, 0, 1)}
		return func() ledger.Command { return ledger.FinishImport(cmd) }
	}
	cmd := intake.Advance{
		ImportID: known.ID, First: known.Lines + pick[int64](r, "first", 1, 1, 0, 2), Lines: 3, Recorded: 1, Repeated: 1,
		Rejected: []intake.Rejected{{Line: known.Lines + 2, Reason: "is no event"}},
	}
	return func() ledger.Command { return ledger.AdvanceImport(cmd) }
}

// signing puts one of two keys in the place of the other.
func (r drawer) signing() wish {
	key := pick(r, "signing key", "key-1", "key-2")
	return func() ledger.Command { return ledger.RotateSigningKey(access.RotateSigningKey{Keys: []string{key}}) }
}
