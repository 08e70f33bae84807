package monitoring

import "whocomply/domain"

// CreateRule asks for a new rule. The id, the version and the author of Rule are given by the
// decision; an empty action means alert, an empty mode live.
type CreateRule struct {
	Rule Rule
	Idem *domain.Idempotency // of the request's Idempotency-Key; nil if it had none
}

// ChangeRule asks that the rule with the id of Rule be as Rule says from now on. A patch is
// resolved into a whole rule before it gets here; the version and the author of Rule are ignored.
type ChangeRule struct {
	Rule Rule
}

// DeleteRule asks that a rule be no longer in force.
type DeleteRule struct {
	RuleID string
}

// SetList states the whole of a reference list. Version, digest and author are given by the
// decision.
type SetList struct {
	List ReferenceList
}

// SetRates states the reference rates of a day. Version, digest and author are given by the
// decision.
type SetRates struct {
	Rates Rates
}
