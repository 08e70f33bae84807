package posting

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// What becomes of a posting.
const (
	Posted  = "posted"
	Pending = "pending"
	Voided  = "voided"
)

// The directions of an entry.
const (
	Debit  = "debit"
	Credit = "credit"
)

// The constraints of an account.
const (
	NoConstraint    = "none"
	NoDebitBalance  = "no_debit_balance"
	NoCreditBalance = "no_credit_balance"
)

// Account is an account of the institution's books.
type Account struct {
	Ref        string          `json:"ref"` // ours, acc_…
	ID         string          `json:"id"`  // the caller's
	Name       string          `json:"name"`
	Type       string          `json:"type"` // asset, liability, equity, income or expense
	Currency   domain.Currency `json:"currency"`
	CustomerID string          `json:"customer_id,omitempty"` // ours
	Constraint string          `json:"constraint"`            // none, no_debit_balance or no_credit_balance
}

// CustomerDirection says from the point of view of the account's customer which way an entry of a
// direction goes. On an account that shows what customer and institution owe each other, it is as on
// the customer's statement: a credit is in (money paid in, a loan paid back), a debit is out (a payment,
// a loan paid out, a card charged). Income from the customer is out of the customer's pocket, an
// expense for the customer goes into it.
func (a *Account) CustomerDirection(direction string) string {
	in := direction == Credit
	if a.Type == "income" || a.Type == "expense" {
		in = !in
	}
	if in {
		return "in"
	}
	return "out"
}

// Entry is one side of a posting.
type Entry struct {
	Account   string          `json:"account"`   // the caller's account id
	Direction string          `json:"direction"` // debit or credit
	Amount    domain.Decimal  `json:"amount"`    // more than 0
	Currency  domain.Currency `json:"currency"`
}

// Posting is a balanced set of entries.
type Posting struct {
	Ref         string         `json:"ref"`        // ours, pst_…
	ID          string         `json:"posting_id"` // the caller's, unique for ever
	Status      string         `json:"status"`     // posted or pending
	EffectiveAt time.Time      `json:"effective_at"`
	Description string         `json:"description,omitempty"`
	Entries     []Entry        `json:"entries"`
	Reverses    string         `json:"reverses,omitempty"` // posting_id of the posting this one reverses
	Metadata    jsontext.Value `json:"metadata,omitzero"`
}

// WriteMembers writes the members of the posting. Metadata must be as domain.StoredJSON gives them.
func (p *Posting) WriteMembers(w *domain.Writer) {
	w.Text("ref", p.Ref)
	w.Text("posting_id", p.ID)
	w.Text("status", p.Status)
	w.Time("effective_at", p.EffectiveAt)
	if p.Description != "" {
		w.Text("description", p.Description)
	}
	w.OpenList("entries")
	for i := range p.Entries {
		e := &p.Entries[i]
		w.Open("")
		w.Text("account", e.Account)
		w.Text("direction", e.Direction)
		w.Decimal("amount", e.Amount)
		w.Text("currency", string(e.Currency))
		w.Close()
	}
	w.CloseList()
	if p.Reverses != "" {
		w.Text("reverses", p.Reverses)
	}
	if p.Metadata != nil {
		w.Free("metadata", p.Metadata)
	}
}

// Opened says that an account was opened.
type Opened struct {
	Account Account            `json:"account"`
	Idem    domain.Idempotency `json:"idempotency"`
}

// Kind is account.opened.
func (Opened) Kind() domain.Kind { return domain.Kind{Name: "account.opened", Version: 1} }

// Subject is the account.
func (e Opened) Subject() string { return e.Account.Ref }

// Idempotency is the caller's account id.
func (e Opened) Idempotency() domain.Idempotency { return e.Idem }

// Sides are the sums of an account's debits and of its credits. Neither is ever negative.
type Sides struct {
	Debits  domain.Decimal `json:"debits"`
	Credits domain.Decimal `json:"credits"`
}

// Balance is what an account has been debited and credited in all, with the decimals of its
// currency's minor unit.
type Balance struct {
	Account string `json:"account"` // the caller's account id
	Posted  Sides  `json:"posted"`
	Pending Sides  `json:"pending"`
}

// WriteBalances writes balances as a member.
func WriteBalances(w *domain.Writer, name string, balances []Balance) {
	w.OpenList(name)
	for i := range balances {
		b := &balances[i]
		w.Open("")
		w.Text("account", b.Account)
		b.Posted.writeMember(w, "posted")
		b.Pending.writeMember(w, "pending")
		w.Close()
	}
	w.CloseList()
}

func (s *Sides) writeMember(w *domain.Writer, name string) {
	w.Open(name)
	w.Decimal("debits", s.Debits)
	w.Decimal("credits", s.Credits)
	w.Close()
}

// Recorded says that a posting was made, posted or pending.
type Recorded struct {
	Posting Posting            `json:"posting"`
	After   []Balance          `json:"after"` // of each account of the posting, once
	Idem    domain.Idempotency `json:"idempotency"`
}

// Kind is posting.recorded.
func (Recorded) Kind() domain.Kind { return domain.Kind{Name: "posting.recorded", Version: 1} }

// Subject is the posting.
func (e Recorded) Subject() string { return e.Posting.Ref }

// Idempotency is the caller's posting_id.
func (e Recorded) Idempotency() domain.Idempotency { return e.Idem }

// WriteJSON writes the payload.
func (e Recorded) WriteJSON(w *domain.Writer) {
	w.Open("")
	w.Open("posting")
	e.Posting.WriteMembers(w)
	w.Close()
	WriteBalances(w, "after", e.After)
	e.Idem.WriteMember(w, "idempotency")
	w.Close()
}

// Settled says that a pending posting was posted or voided.
type Settled struct {
	Ref    string             `json:"ref"`
	ID     string             `json:"posting_id"`
	Status string             `json:"status"` // posted or voided
	After  []Balance          `json:"after"`  // of each account of the posting, once
	Idem   domain.Idempotency `json:"idempotency"`

	Entries []Entry `json:"entries,omitempty"` // what was posted, if that is not all of the posting
}

// Kind is posting.settled.
func (Settled) Kind() domain.Kind { return domain.Kind{Name: "posting.settled", Version: 1} }

// Subject is the posting.
func (e Settled) Subject() string { return e.Ref }

// Idempotency is the settlement of the posting_id: posted or voided.
func (e Settled) Idempotency() domain.Idempotency { return e.Idem }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{domain.Describe[Opened](), domain.Describe[Recorded](), domain.Describe[Settled]()}
}
