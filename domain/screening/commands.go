package screening

import (
	"time"

	"whocomply/domain"
)

// AddEntry puts an entry on one of the tenant's own lists. The entry's id is made by the decision.
type AddEntry struct {
	Entry Entry
	Idem  *domain.Idempotency
}

// RemoveEntry takes an entry off the tenant's own lists.
type RemoveEntry struct {
	EntryID string
}

// PublishList states the whole content of a shared list, in the ledger "system".
type PublishList struct {
	List        string
	Category    string
	Format      string
	Source      string // file names
	SourceHash  string // SHA-256 of the files, lower-case hex
	RetrievedAt time.Time
	Entries     []Entry       // in any order; an empty List or Category is filled in
	Amendment   bool          // the files state changes alone and no whole list
	MaxAge      time.Duration // since it was retrieved, until it is stale; DefaultMaxAge if zero
	Force       string        // why a list may shrink below Least; empty refuses that
}

// Least is how much of the version in force, in percent of its entries and of its names, a new one
// must have to be believed.
const Least = 70

// Subscribe makes a shared list one on which the tenant's customers are screened.
type Subscribe struct {
	List string
	Idem *domain.Idempotency // the request's Idempotency-Key, if any
}

// Unsubscribe ends that.
type Unsubscribe struct {
	List   string
	Reason string // 1 to 1,000 bytes
	Idem   *domain.Idempotency
}

// AdoptList makes a tenant's decisions rest on a published version of a shared list.
type AdoptList struct {
	Publication Publication
}

// RecordScreening records what screening a version of a customer's profile found.
type RecordScreening struct {
	CustomerID string
	Profile    int // version of the profile
	Screened   domain.Screened
	Anew       bool // record it even if it says what the last one said: an alert is to be raised on it
}
