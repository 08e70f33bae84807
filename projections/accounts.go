package projections

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

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
	Type       string
	Currency   string
}

// accounts is the projection Accounts. Its postings are in postings.go.
type accounts struct {
	opened   rows
	balances map[entity]*balanceChange
	order    []entity
	changed  rows
	created  rows
	postings postingRows
}

// balanceChange is the last balance of an account in a batch, and what was added to its postings by status.
type balanceChange struct {
	created                 bool // the account was opened in the batch
	after                   posting.Balance
	posted, pending, voided int64
	seq                     int64
}

var (
	accountTable    = inserting("accounts (ledger, id, ref, customer_id, type, currency, posting_key, created_seq, doc)", "")
	balanceTable    = inserting("balances (ledger, account, sums, posted, pending, voided, seq)", "")
	balancesChanged = updating("balances SET sums = v.sums , posted = balances.posted + v.posted , pending = balances.pending + v.pending , "+
		"voided = balances.voided + v.voided , seq = v.seq WHERE balances.ledger = v.ledger AND balances.account = v.account ",
		"ledger", "account", "sums", "posted", "pending", "voided", "seq")
)

func newAccounts() *accounts {
	return &accounts{balances: map[entity]*balanceChange{}, postings: postingRows{keys: newKeys("posting_keys"), totals: map[entity]int64{}}}
}

func (*accounts) model() Model { return Accounts }
func (*accounts) version() int { return 7 }

func (a *accounts) forget() {
	a.opened.forget()
	a.changed.forget()
	a.created.forget()
	clear(a.balances)
	a.order = a.order[:0]
	a.postings.forget()
}

func (a *accounts) apply(_ *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case posting.Opened:
		return a.open(e, &event.Account)
	case posting.Recorded:
		for i := range event.After {
			a.balance(e, &event.After[i]).count(event.Posting.Status, 1)
		}
		return a.postings.record(e, &event)
	case posting.Settled:
		for i := range event.After {
			change := a.balance(e, &event.After[i])
			change.count(posting.Pending, -1)
			change.count(event.Status, 1)
		}
		return a.postings.settle(e, &event)
	}
	return nil
}

func (a *accounts) open(e *domain.Envelope, account *posting.Account) error {
	doc, err := docOf(Account{Account: *account, CreatedAt: e.Time, CreatedSeq: e.Seq})
	if err != nil {
		return err
	}
	a.opened.add(e.Ledger, account.ID, account.Ref, account.CustomerID, account.Type, string(account.Currency),
		keyOf(e.Ledger, byAccount, account.ID), e.Seq, doc)
	zero, err := domain.Decimal{}.Rescale(account.Currency.Decimals())
	sides := posting.Sides{Debits: zero, Credits: zero}
	a.balance(e, &posting.Balance{Account: account.ID, Posted: sides, Pending: sides}).created = true
	return err
}

// balance puts the balance of an account after an event in the place of the one before.
func (a *accounts) balance(e *domain.Envelope, after *posting.Balance) *balanceChange {
	k := entity{e.Ledger, after.Account}
	change := a.balances[k]
	if change == nil {
		change = &balanceChange{}
		a.balances[k] = change
		a.order = append(a.order, k)
	}
	change.after, change.seq = *after, e.Seq
	return change
}

func (c *balanceChange) count(status string, n int64) {
	switch status {
	case posting.Posted:
		c.posted += n
	case posting.Pending:
		c.pending += n
	case posting.Voided:
		c.voided += n
	}
}

func (a *accounts) write(w *writer) error {
	if err := w.run(accountTable, &a.opened); err != nil {
		return err
	}
	slices.SortFunc(a.order, entity.compare)
	for _, k := range a.order {
		c, rows := a.balances[k], &a.changed
		if c.created {
			rows = &a.created
		}
		rows.add(k.ledger, k.id, c.sums(), c.posted, c.pending, c.voided, c.seq)
	}
	if err := w.run(balanceTable, &a.created); err != nil {
		return err
	}
	if err := w.run(balancesChanged, &a.changed); err != nil {
		return err
	}
	return a.postings.write(w)
}

// sums are the four decimals of a balance in one column: posted debits and credits, then pending.
func (c *balanceChange) sums() string {
	b := make([]byte, 0, 64)
	b = append(append(b, c.after.Posted.Debits.String()...), ' ')
	b = append(append(b, c.after.Posted.Credits.String()...), ' ')
	b = append(append(b, c.after.Pending.Debits.String()...), ' ')
	return string(append(b, c.after.Pending.Credits.String()...))
}

const accountsFrom = "accounts JOIN balances ON balances.ledger = accounts.ledger AND balances.account = accounts.id"

const accountColumns = "doc, sums, balances.seq"

func scanAccount(row scanner) (a Account, err error) {
	var doc []byte
	var sums string
	var seq int64
	if err := row.Scan(&doc, &sums, &seq); err != nil {
		return a, err
	}
	if err := json.Unmarshal(doc, &a); err != nil {
		return a, err
	}
	a.Seq = seq
	a.Balances, err = balancesOf(sums)
	return a, err
}

// balancesOf reads what balanceChange.sums wrote.
func balancesOf(sums string) (b Balances, err error) {
	texts := strings.Fields(sums)
	var posted, pending posting.Sides
	for i, to := range []*domain.Decimal{&posted.Debits, &posted.Credits, &pending.Debits, &pending.Credits} {
		if *to, err = domain.ParseDecimal(texts[i]); err != nil {
			return b, err
		}
	}
	return SumUp(posted, pending)
}

// SumUp adds the difference of the sides, which fails if it needs more than 19 digits.
func SumUp(posted, pending posting.Sides) (b Balances, err error) {
	b.Posted.Debits, b.Posted.Credits = posted.Debits, posted.Credits
	b.Pending.Debits, b.Pending.Credits = pending.Debits, pending.Credits
	if b.Posted.Net, err = posted.Debits.Add(posted.Credits.Neg()); err != nil {
		return b, err
	}
	b.Pending.Net, err = pending.Debits.Add(pending.Credits.Neg())
	return b, err
}

// Account gives an account by the caller's id or our ref, or domain.Unknown. Where one account's
// id is another's ref, the id counts.
func (db *DB) Account(ctx context.Context, ledger, id string) (Account, error) {
	text := "SELECT " + accountColumns + " FROM " + accountsFrom + " WHERE accounts.ledger = ? AND accounts."
	a, err := one(ctx, db, "account", scanAccount, text+"id = ?", ledger, id)
	if domain.CodeOf(err) == domain.Unknown {
		return one(ctx, db, "account", scanAccount, text+"ref = ?", ledger, id)
	}
	return a, err
}

// Balance gives the balance of an account by the caller's id or our ref, or domain.Unknown.
func (db *DB) Balance(ctx context.Context, ledger, id string) (Balance, error) {
	a, err := db.Account(ctx, ledger, id)
	return Balance{a.ID, a.Ref, a.Currency, a.Balances, a.Seq}, err
}

// Accounts lists accounts in the order they were opened, and says how many there are.
func (db *DB) Accounts(ctx context.Context, ledger string, f AccountFilter, p Page) ([]Account, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []Account{}, 0, err
	}
	q := listing{columns: accountColumns, from: accountsFrom, where: "accounts.ledger = ?", order: "created_seq", args: []any{ledger}}
	if customerID != "" {
		q.where += " AND customer_id <> ''" // lets the partial index be used
	}
	q.narrow("customer_id", customerID)
	q.narrow("type", f.Type)
	q.narrow("currency", f.Currency)
	return list(ctx, db, q, p, scanAccount)
}
