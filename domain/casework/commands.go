package casework

import "whocomply/domain"

// Work is what all commands on an alert say.
type Work struct {
	AlertID string
	Reason  string              // at most 4,000 bytes
	Idem    *domain.Idempotency // the request's Idempotency-Key, if any
}

// Assign makes an alert somebody's. It needs no reason.
type Assign struct {
	Work
	Assignee string // an officer or a team, 1 to 128 bytes
}

// Note adds a note to an alert. It takes no reason.
type Note struct {
	Work
	Text string // at most 4,000 bytes
}

// Resolve ends the work on an alert. Without an Outcome it was handled.
type Resolve struct {
	Work
	Outcome string // true_match or handled
}

// Dismiss sets an alert aside. Without an Outcome it was a false positive.
type Dismiss struct {
	Work
	Outcome string // false_positive, duplicate or irrelevant
}

// Escalate hands an alert up.
type Escalate struct{ Work }

// Reopen opens a resolved or dismissed alert again.
type Reopen struct{ Work }
