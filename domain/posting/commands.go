package posting

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// OpenAccount opens an account. Without a Constraint it has none.
type OpenAccount struct {
	ID         string // the caller's, 1 to 128 bytes
	Name       string // 1 to 200 bytes
	Type       string // asset, liability, equity, income or expense
	Currency   domain.Currency
	CustomerID string // ours, or empty
	Constraint string // none, no_debit_balance or no_credit_balance

	idem domain.Idempotency
}

// Record makes a posting. Without a Status it is posted.
type Record struct {
	ID          string // the caller's posting_id, 1 to 128 bytes
	Status      string // posted or pending
	EffectiveAt time.Time
	Description string         // at most 500 bytes
	Entries     []Entry        // 2 to 200
	Metadata    jsontext.Value // a JSON object of at most 16 KiB, or empty

	idem domain.Idempotency
}

// Post posts a pending posting, all of it or a part.
type Post struct {
	ID       string   // posting_id
	Original *Posting // as it was recorded; may be nil if the state holds it as pending, or if there is none
	Entries  []Entry  // what is posted of it, the rest being given up; nil if that is all

	idem domain.Idempotency
}

// Void gives up a pending posting.
type Void struct {
	ID       string   // posting_id
	Original *Posting // as it was recorded; may be nil if the state holds it as pending, or if there is none
}

// Reverse records the opposite of a posted posting. Without EffectiveAt it takes effect when
// it is recorded.
type Reverse struct {
	ID          string   // posting_id of the reversal
	Reverses    string   // posting_id of the posting to reverse
	Original    *Posting // that posting, as it was recorded; nil if there is none
	EffectiveAt time.Time
	Description string         // at most 500 bytes
	Metadata    jsontext.Value // a JSON object of at most 16 KiB, or empty

	idem domain.Idempotency
}

// Idempotency binds the account's id to the content. The command must come from Prepare.
func (c OpenAccount) Idempotency() domain.Idempotency { return c.idem }

// Idempotency binds the posting_id to the content. The command must come from Prepare.
func (c Record) Idempotency() domain.Idempotency { return c.idem }

// Idempotency binds the reversal's posting_id to the content. The command must come from Prepare.
func (c Reverse) Idempotency() domain.Idempotency { return c.idem }

// Idempotency binds the posting's settlement to "posted", or to the part of it that is. The command
// must come from Prepare.
func (c Post) Idempotency() domain.Idempotency { return c.idem }

// Idempotency binds the posting's settlement to "voided".
func (c Void) Idempotency() domain.Idempotency { return settlement(c.ID, Voided) }

// content is what a posting_id is bound to. It is a type of its own, for whatever holds a Posting would else
// write itself as one.
type content Posting

// WriteJSON writes the posting.
func (c *content) WriteJSON(w *domain.Writer) {
	w.Open("")
	(*Posting)(c).WriteMembers(w)
	w.Close()
}

// settlement binds a posting's settlement to what became of it: its status, or the part that was posted.
func settlement(id string, what any) domain.Idempotency {
	return domain.NewIdempotency("settlement/"+id, what)
}
