package casework

import (
	"time"

	"whocomply/domain"
)

// within says by when the work on an alert must have ended after it was raised. A name on a sanctions
// list has the shortest time whatever else is known: funds are frozen without delay (FATF recommendations
// 6 and 7). What rules and other lists find leaves time to report a suspicion, which in the United
// States must be done within 30 days (31 CFR 1020.320(b)(3)). What could not be evaluated is a gap in
// monitoring until somebody mends the rule.
//
//	sanctions   1 day
//	system      3 days
//	others      by severity: critical 2 days, high 5, medium 10, low 20
//
// An alert that is reopened has no more time than it had.
func within(kind string, severity domain.Severity) time.Duration {
	const day = 24 * time.Hour
	switch {
	case kind == "sanctions":
		return day
	case kind == "system":
		return 3 * day
	case severity == domain.Critical:
		return 2 * day
	case severity == domain.High:
		return 5 * day
	case severity == domain.Medium:
		return 10 * day
	}
	return 20 * day
}
