package posting

import "whocomply/domain"

// add adds an amount with a sign of -1, 0 or 1 to the side that direction names.
func (s *Sides) add(direction string, sign int, amount domain.Decimal) (err error) {
	side := &s.Debits
	if direction == Credit {
		side = &s.Credits
	}
	switch {
	case sign == 0:
		return nil
	case sign < 0:
		amount = amount.Neg()
	}
	sum, err := side.Add(amount)
	if err == nil {
		*side = sum
	}
	return err
}

func sidesOf(e *Entry) Sides {
	zero := zeroOf(e.Currency)
	if e.Direction == Debit {
		return Sides{Debits: e.Amount, Credits: zero}
	}
	return Sides{Debits: zero, Credits: e.Amount}
}

// zeroOf is 0 with the currency's decimals; 0 fits with any of them.
func zeroOf(c domain.Currency) domain.Decimal {
	zero, _ := domain.Decimal{}.Rescale(c.Decimals())
	return zero
}

// A move says with which sign an entry's amount enters its account's posted and pending sums.
type move struct {
	posted, pending int
}

var (
	recordPosted  = move{posted: 1}
	recordPending = move{pending: 1}
	postPending   = move{posted: 1, pending: -1}
	voidPending   = move{pending: -1}
)

func (b *Balance) apply(m move, e *Entry) error {
	if err := b.Posted.add(e.Direction, m.posted, e.Amount); err != nil {
		return err
	}
	return b.Pending.add(e.Direction, m.pending, e.Amount)
}

// after gives the balance of each account once the entries are moved, in the order in which the
// entries first name it. The error names the entry whose account does not exist, has another
// currency, would exceed 19 digits, or would break its constraint.
func (s *State) after(m move, entries []Entry) ([]Balance, error) {
	after, err := s.moved(make([]Balance, 0, len(entries)), m, entries)
	if err != nil {
		return nil, err
	}
	return after, s.checkConstraints(after, entries)
}

// afterPart gives the balances once entries that are pending are given up and a part of them is posted.
func (s *State) afterPart(pending, part []Entry) ([]Balance, error) {
	after, err := s.moved(make([]Balance, 0, len(pending)), voidPending, pending)
	if err == nil {
		after, err = s.moved(after, recordPosted, part)
	}
	if err != nil {
		return nil, err
	}
	return after, s.checkConstraints(after, pending)
}

// moved moves the entries on the balances that are there, adding those of other accounts.
func (s *State) moved(after []Balance, m move, entries []Entry) ([]Balance, error) {
	for i := range entries {
		e := &entries[i]
		standing := s.accounts[e.Account]
		if standing == nil {
			return nil, domain.InvalidField(path(i, "account"), "is not an account: %q", e.Account)
		}
		if standing.Account.Currency != e.Currency {
			return nil, domain.InvalidField(path(i, "currency"), "must be %s, the currency of the account", standing.Account.Currency)
		}
		at := position(after, e.Account)
		if at == len(after) {
			after = append(after, standing.Balance)
		}
		if err := after[at].apply(m, e); err != nil {
			return nil, domain.InvalidField(path(i, "amount"), "would bring the account to more than 19 digits")
		}
	}
	return after, nil
}

func position(balances []Balance, account string) int {
	for i := range balances {
		if balances[i].Account == account {
			return i
		}
	}
	return len(balances)
}

func (s *State) checkConstraints(after []Balance, entries []Entry) error {
	for i := range after {
		constraint := s.accounts[after[i].Account].Account.Constraint
		holds, err := after[i].holds(constraint)
		if holds && err == nil {
			continue
		}
		entry := 0
		for entries[entry].Account != after[i].Account {
			entry++
		}
		if err != nil {
			return domain.InvalidField(path(entry, "amount"), "would bring the account to more than 19 digits")
		}
		return domain.InvalidField(path(entry, "amount"), "would break the constraint %s of the account", constraint)
	}
	return nil
}

// holds says whether a balance keeps a constraint, as the package doc defines them.
func (b *Balance) holds(constraint string) (bool, error) {
	switch constraint {
	case NoDebitBalance:
		debits, err := b.Posted.Debits.Add(b.Pending.Debits)
		return debits.Cmp(b.Posted.Credits) <= 0, err
	case NoCreditBalance:
		credits, err := b.Posted.Credits.Add(b.Pending.Credits)
		return credits.Cmp(b.Posted.Debits) <= 0, err
	}
	return true, nil
}
