package posting

import (
	"fmt"
	"time"

	"whocomply/domain"
)

const (
	maxName        = 200
	maxDescription = 500
	minEntries     = 2
	maxEntries     = 200
	maxMetadata    = 16 << 10
)

// Prepare checks what can be checked without the state, brings the content into the form it is
// recorded in and computes its Idempotency, so that this work can be done ahead and in parallel.
// Decisions prepare what is not; a prepared command must not be changed.
func (c OpenAccount) Prepare() (OpenAccount, error) {
	if c.idem.Key != "" {
		return c, nil
	}
	if c.Constraint == "" {
		c.Constraint = NoConstraint
	}
	if err := c.check(); err != nil {
		return c, err
	}
	c.idem = domain.NewIdempotency("account/"+c.ID, c.account())
	return c, nil
}

func (c *OpenAccount) check() error {
	if err := domain.CheckID("id", c.ID); err != nil {
		return err
	}
	if err := domain.CheckText("name", c.Name, maxName, true); err != nil {
		return err
	}
	if err := domain.CheckOneOf("type", c.Type, "asset", "liability", "equity", "income", "expense"); err != nil {
		return err
	}
	if !c.Currency.Valid() {
		return domain.InvalidField("currency", "must be an ISO 4217 code such as EUR")
	}
	if c.CustomerID != "" {
		if err := domain.CheckID("customer_id", c.CustomerID); err != nil {
			return err
		}
	}
	return domain.CheckOneOf("constraint", c.Constraint, NoConstraint, NoDebitBalance, NoCreditBalance)
}

func (c *OpenAccount) account() Account {
	return Account{
		ID: c.ID, Name: c.Name, Type: c.Type, Currency: c.Currency, CustomerID: c.CustomerID, Constraint: c.Constraint,
	}
}

// Prepare does for a posting what it does for an account; see OpenAccount.Prepare.
func (c Record) Prepare() (Record, error) {
	if c.idem.Key != "" {
		return c, nil
	}
	if c.Status == "" {
		c.Status = Posted
	}
	if err := domain.CheckID("posting_id", c.ID); err != nil {
		return c, err
	}
	if c.Status != Posted && c.Status != Pending {
		return c, domain.CheckOneOf("status", c.Status, Posted, Pending)
	}
	if c.EffectiveAt.IsZero() {
		return c, domain.InvalidField("effective_at", "is required")
	}
	var err error
	if c.EffectiveAt, err = valueDate(c.EffectiveAt); err != nil {
		return c, err
	}
	if err = domain.CheckText("description", c.Description, maxDescription, false); err != nil {
		return c, err
	}
	if c.Entries, err = prepareEntries(c.Entries); err != nil {
		return c, err
	}
	if c.Metadata, err = domain.StoredObject("metadata", c.Metadata, maxMetadata); err != nil {
		return c, err
	}
	c.idem = domain.NewIdempotency("posting/"+c.ID, new(content(c.Posting())))
	return c, nil
}

// Posting is the posting that is asked for. The command must come from Prepare.
func (c *Record) Posting() Posting {
	return Posting{
		ID: c.ID, Status: c.Status, EffectiveAt: c.EffectiveAt, Description: c.Description,
		Entries: c.Entries, Metadata: c.Metadata,
	}
}

// Prepare does for a reversal what it does for an account; see OpenAccount.Prepare.
func (c Reverse) Prepare() (Reverse, error) {
	if c.idem.Key != "" {
		return c, nil
	}
	if err := domain.CheckID("posting_id", c.ID); err != nil {
		return c, err
	}
	if err := domain.CheckID("reverses", c.Reverses); err != nil {
		return c, err
	}
	if c.ID == c.Reverses {
		return c, domain.InvalidField("posting_id", "must be a new one, not that of the posting to reverse")
	}
	var err error
	if !c.EffectiveAt.IsZero() {
		if c.EffectiveAt, err = valueDate(c.EffectiveAt); err != nil {
			return c, err
		}
	}
	if err = domain.CheckText("description", c.Description, maxDescription, false); err != nil {
		return c, err
	}
	if c.Metadata, err = domain.StoredObject("metadata", c.Metadata, maxMetadata); err != nil {
		return c, err
	}
	c.idem = domain.NewIdempotency("posting/"+c.ID, new(content(c.posting())))
	return c, nil
}

// Prepare does for the posting of a pending posting what it does for an account; see OpenAccount.Prepare.
func (c Post) Prepare() (Post, error) {
	if c.idem.Key != "" {
		return c, nil
	}
	if c.Entries == nil {
		c.idem = settlement(c.ID, Posted)
		return c, nil
	}
	var err error
	if c.Entries, err = prepareEntries(c.Entries); err != nil {
		return c, err
	}
	c.idem = settlement(c.ID, c.Entries)
	return c, nil
}

// posting leaves out the entries, which follow from the posting reversed.
func (c *Reverse) posting() Posting {
	return Posting{
		ID: c.ID, Status: Posted, EffectiveAt: c.EffectiveAt, Description: c.Description,
		Reverses: c.Reverses, Metadata: c.Metadata,
	}
}

// valueDate gives the instant in UTC and whole microseconds.
func valueDate(at time.Time) (time.Time, error) {
	at = at.UTC().Truncate(time.Microsecond)
	if at.Year() < 1900 {
		return at, domain.InvalidField("effective_at", "is before the year 1900")
	}
	return at, nil
}

// prepareEntries gives a copy of the entries with amounts in the decimals of their currency.
func prepareEntries(entries []Entry) ([]Entry, error) {
	if len(entries) < minEntries || len(entries) > maxEntries {
		return nil, domain.InvalidField("entries", "must be %d to %d, not %d", minEntries, maxEntries, len(entries))
	}
	prepared := make([]Entry, len(entries))
	for i, e := range entries {
		if err := checkEntry(i, &e); err != nil {
			return nil, err
		}
		amount, err := e.Amount.Rescale(e.Currency.Decimals())
		if err != nil {
			return nil, domain.InvalidField(path(i, "amount"), "is too large")
		}
		e.Amount = amount
		prepared[i] = e
	}
	return prepared, checkBalanced(prepared)
}

// checkEntry writes the path of a field only for an error: most entries have none.
func checkEntry(i int, e *Entry) error {
	money := domain.Money{Amount: e.Amount, Currency: e.Currency}
	switch {
	case domain.CheckID("", e.Account) != nil:
		return domain.CheckID(path(i, "account"), e.Account)
	case e.Direction != Debit && e.Direction != Credit:
		return domain.CheckOneOf(path(i, "direction"), e.Direction, Debit, Credit)
	case domain.CheckMoney("", money) != nil:
		return domain.CheckMoney(fmt.Sprintf("entries[%d]", i), money)
	case e.Amount.Sign() <= 0:
		return domain.InvalidField(path(i, "amount"), "must be more than 0")
	}
	return nil
}

func path(entry int, field string) string { return fmt.Sprintf("entries[%d].%s", entry, field) }

// checkBalanced holds debits against credits per currency.
func checkBalanced(entries []Entry) error {
	type total struct {
		currency domain.Currency
		sides    Sides
	}
	var few [4]total
	totals := few[:0]
next:
	for i := range entries {
		e := &entries[i]
		for t := range totals {
			if totals[t].currency == e.Currency {
				if err := totals[t].sides.add(e.Direction, 1, e.Amount); err != nil {
					return domain.InvalidField("entries", "add up to more than 19 digits in %s", e.Currency)
				}
				continue next
			}
		}
		totals = append(totals, total{e.Currency, sidesOf(e)})
	}
	for _, t := range totals {
		if t.sides.Debits.Cmp(t.sides.Credits) != 0 {
			return domain.InvalidField("entries", "do not balance in %s: debits are %s, credits are %s",
				t.currency, t.sides.Debits, t.sides.Credits)
		}
	}
	return nil
}
