package projections

import (
	"context"
	"time"

	"whocomply/domain/posting"
)

// Posting is a posting with its present status: posted, pending or voided.
type Posting struct {
	posting.Posting
	RecordedAt time.Time `json:"recorded_at"`
	CreatedSeq int64     `json:"created_seq"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// PostingFilter narrows a list of postings. Empty fields do not.
type PostingFilter struct {
	Account string // the caller's id
	Status  string
}

// Posting gives a posting by posting_id or our ref, or domain.Unknown.
func (db *DB) Posting(ctx context.Context, ledger, id string) (Posting, error) { panic("soon") }

// Postings lists postings, newest first, and says how many there are.
func (db *DB) Postings(ctx context.Context, ledger string, f PostingFilter, p Page) ([]Posting, int64, error) {
	panic("soon")
}
