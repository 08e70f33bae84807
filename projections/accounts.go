package projections

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// Account is an account with its balances.
type Account struct {
	posting.Account
	CreatedAt  time.Time `json:"created_at"`
	CreatedSeq int64     `json:"created_seq"`
	Balances   Balances  `json:"balances"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// Balance is the balance of an account.
type Balance struct {
	Account  string          `json:"account"` // the caller's id
	Ref      string          `json:"ref"`     // ours
	Currency domain.Currency `json:"currency"`
	Balances
	Seq int64 `json:"seq"` // of the last event that changed this
}

// Balances are what was debited and credited in all, with the decimals of the currency.
// Pending is what pending postings hold, beside what is posted.
type Balances struct {
	Posted  Sums `json:"posted"`
	Pending Sums `json:"pending"`
}

// Sums are the two sides of an account and their difference.
type Sums struct {
	Debits  domain.Decimal `json:"debits"`
	Credits domain.Decimal `json:"credits"`
	Net     domain.Decimal `json:"net"` // debits less credits, so that all accounts of a currency add up to 0
}

// AccountFilter narrows a list of accounts. Empty fields do not.
type AccountFilter struct {
	CustomerID string // ours or the external_id
}

// Account gives an account by the caller's id or our ref, or domain.Unknown.
func (db *DB) Account(ctx context.Context, ledger, id string) (Account, error) { panic("soon") }

// Balance gives the balance of an account by the caller's id or our ref, or domain.Unknown.
func (db *DB) Balance(ctx context.Context, ledger, id string) (Balance, error) { panic("soon") }

// Accounts lists accounts in the order they were opened, and says how many there are.
func (db *DB) Accounts(ctx context.Context, ledger string, f AccountFilter, p Page) ([]Account, int64, error) {
	panic("soon")
}
