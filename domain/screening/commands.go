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
	Entries     []Entry // in any order; an empty List or Category is filled in
	Force       string  // why a list may shrink by more than half; empty refuses that
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
}
