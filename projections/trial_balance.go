package projections

import (
	"cmp"
	"context"
	"math/big"
	"slices"
	"time"

	"whocomply/domain"
)

// TrialBalance is what stood on all accounts at one moment.
type TrialBalance struct {
	Totals   []TrialTotal `json:"totals"`   // of all accounts, by currency
	Accounts []TrialLine  `json:"accounts"` // in the order they were opened, or a page of them
}

// TrialLine is an account in a trial balance.
type TrialLine struct {
	Account    string          `json:"account"` // the caller's id
	Ref        string          `json:"ref"`     // ours
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Currency   domain.Currency `json:"currency"`
	CustomerID string          `json:"customer_id,omitempty"` // ours
	Balances
}

// TrialTotal is the sum of the accounts of a currency. Debits equal credits, and the debit balances
// equal the credit balances.
type TrialTotal struct {
	Currency domain.Currency `json:"currency"`
	Accounts int64           `json:"accounts"`
	Posted   TrialSums       `json:"posted"`
	Pending  TrialSums       `json:"pending"`
}

// TrialSums are the turnover of accounts, and what is left of it: their net balances on the side on
// which each is. They may have more digits than an account may.
type TrialSums struct {
	Debits         Total `json:"debits"`
	Credits        Total `json:"credits"`
	DebitBalances  Total `json:"debit_balances"`
	CreditBalances Total `json:"credit_balances"`
}

// Total is an exact sum of any number of digits, in JSON a decimal string.
type Total struct {
	units big.Int // of the last decimal
	scale int
}

// TrialOf says of which moment a trial balance is.
type TrialOf struct {
	Seq       int64     // what the ledger knew at this position; what it knows, if negative
	Effective time.Time // what takes effect up to then; all of it if zero
	Currency  string    // of the accounts; all if empty
}

// TrialBalance gives the totals and a page of the accounts, and says how many accounts there are.
func (db *DB) TrialBalance(ctx context.Context, ledger string, of TrialOf, p Page) (t TrialBalance, total int64, err error) {
	lines, err := db.trialLines(ctx, ledger, of)
	if err != nil {
		return t, 0, err
	}
	t.Totals, t.Accounts = totals(lines), []TrialLine{}
	from := min(p.Offset, len(lines))
	t.Accounts = append(t.Accounts, lines[from:min(from+p.Limit, len(lines))]...)
	return t, int64(len(lines)), nil
}

// trialLines gives all lines: what is known now stands beside the accounts, all else is added up.
func (db *DB) trialLines(ctx context.Context, ledger string, of TrialOf) ([]TrialLine, error) {
	now := of.Seq < 0 && of.Effective.IsZero()
	if of.Seq < 0 {
		of.Seq = 1<<63 - 1
	}
	q := listing{where: "accounts.ledger = ? AND created_seq <= ?", args: []any{ledger, of.Seq}}
	q.narrow("currency", of.Currency)
	accounts, err := many(ctx, db, scanAccount, "SELECT "+accountColumns+" FROM "+accountsFrom+" WHERE "+q.where+" ORDER BY created_seq", q.args...)
	if err != nil {
		return nil, err
	}
	lines, at := make([]TrialLine, len(accounts)), make(map[string]int, len(accounts))
	for i := range accounts {
		a := &accounts[i]
		lines[i] = TrialLine{Account: a.ID, Ref: a.Ref, Name: a.Name, Type: a.Type, Currency: a.Currency, CustomerID: a.CustomerID, Balances: a.Balances}
		at[a.ID] = i
	}
	if now {
		return lines, nil
	}
	return lines, db.addUp(ctx, ledger, of, lines, at)
}

// addUp puts into the lines what the postings move on their accounts.
func (db *DB) addUp(ctx context.Context, ledger string, of TrialOf, lines []TrialLine, at map[string]int) error {
	sums := make([]sides, len(lines))
	for p, err := range db.PostingsUpTo(ctx, ledger, of.Seq, of.Effective) {
		if err != nil {
			return err
		}
		moves := p.Moves()
		for i := range moves {
			line, listed := at[moves[i].Account]
			if !listed {
				continue
			}
			if err := sums[line].add(p.Status, &moves[i]); err != nil {
				return err
			}
		}
	}
	for i := range lines {
		var err error
		if lines[i].Balances, err = sums[i].balances(lines[i].Currency); err != nil {
			return err
		}
	}
	return nil
}

// totals adds up lines by currency, in the order of the codes.
func totals(lines []TrialLine) []TrialTotal {
	byCurrency := map[domain.Currency]*TrialTotal{}
	list := []TrialTotal{}
	for i := range lines {
		line := &lines[i]
		t := byCurrency[line.Currency]
		if t == nil {
			t = &TrialTotal{Currency: line.Currency}
			byCurrency[line.Currency] = t
		}
		t.Accounts++
		t.Posted.add(line.Posted, line.Currency)
		t.Pending.add(line.Pending, line.Currency)
	}
	for _, t := range byCurrency {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b TrialTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	return list
}

func (t *TrialSums) add(s Sums, c domain.Currency) {
	for _, total := range []*Total{&t.Debits, &t.Credits, &t.DebitBalances, &t.CreditBalances} {
		total.scale = c.Decimals()
	}
	t.Debits.add(s.Debits)
	t.Credits.add(s.Credits)
	if s.Net.Sign() > 0 {
		t.DebitBalances.add(s.Net)
	} else {
		t.CreditBalances.add(s.Net.Abs())
	}
}

// add adds a decimal of the total's scale that is not negative.
func (t *Total) add(d domain.Decimal) {
	t.units.Add(&t.units, new(big.Int).SetUint64(d.Coefficient()))
}

// String gives the sum in plain notation.
func (t Total) String() string {
	text := t.units.String()
	if t.scale == 0 {
		return text
	}
	for len(text) <= t.scale {
		text = "0" + text
	}
	return text[:len(text)-t.scale] + "." + text[len(text)-t.scale:]
}

// MarshalText gives the plain notation.
func (t Total) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
