package posting

import (
	"maps"

	"whocomply/domain"
)

// State is what decisions on a tenant's accounts and postings rest on. It is safe for
// concurrent reading while nobody calls Evolve; what it hands out is never changed.
type State struct {
	accounts map[string]*Standing // by the caller's id
	ids      map[string]string    // caller's id by ref
	pending  map[string]*held     // by posting_id
	voided   map[string]string    // digest by posting_id
	reversed map[string]reversal  // by posting_id of the original
	parts    map[string][]Entry   // what was posted of postings that were posted in part, by posting_id
}

// Standing is an account and its balance as of one event.
type Standing struct {
	Account *Account
	Balance Balance
	digest  string
}

// held is a posting that is neither posted nor voided yet.
type held struct {
	posting Posting
	digest  string
}

// reversal is what a repeated Reverse is compared with.
type reversal struct {
	id, digest string
}

// New is the state of a ledger without accounts.
func New() *State {
	return &State{
		accounts: map[string]*Standing{},
		ids:      map[string]string{},
		pending:  map[string]*held{},
		voided:   map[string]string{},
		reversed: map[string]reversal{},
		parts:    map[string][]Entry{},
	}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{
		accounts: maps.Clone(s.accounts), ids: maps.Clone(s.ids), pending: maps.Clone(s.pending),
		voided: maps.Clone(s.voided), reversed: maps.Clone(s.reversed), parts: maps.Clone(s.parts),
	}
}

// Account gives the account with the caller's id, or nil.
func (s *State) Account(id string) *Standing { return s.accounts[id] }

// AccountByRef gives the account with our ref, or nil.
func (s *State) AccountByRef(ref string) *Standing {
	id, known := s.ids[ref]
	if !known {
		return nil
	}
	return s.accounts[id]
}

// Pending gives the posting with this posting_id if it is pending, or nil.
func (s *State) Pending(id string) *Posting {
	if h := s.pending[id]; h != nil {
		return &h.posting
	}
	return nil
}

// Evolve applies one event. It ignores the events of other areas.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Opened:
		s.open(event)
	case Recorded:
		s.record(event)
	case Settled:
		s.settle(event)
	}
}

func (s *State) open(e Opened) {
	zero := Sides{zeroOf(e.Account.Currency), zeroOf(e.Account.Currency)}
	s.ids[e.Account.Ref] = e.Account.ID
	s.accounts[e.Account.ID] = &Standing{
		Account: &e.Account,
		Balance: Balance{Account: e.Account.ID, Posted: zero, Pending: zero},
		digest:  e.Idem.Digest,
	}
}

func (s *State) record(e Recorded) {
	s.set(e.After)
	if e.Posting.Status == Pending {
		s.pending[e.Posting.ID] = &held{e.Posting, e.Idem.Digest}
	}
	if e.Posting.Reverses != "" {
		s.reversed[e.Posting.Reverses] = reversal{e.Posting.ID, e.Idem.Digest}
	}
}

func (s *State) settle(e Settled) {
	s.set(e.After)
	if h := s.pending[e.ID]; h != nil && e.Status == Voided {
		s.voided[e.ID] = h.digest
	}
	if e.Entries != nil {
		s.parts[e.ID] = e.Entries
	}
	delete(s.pending, e.ID)
}

// set puts new standings in the place of the old ones, which readers may still hold.
func (s *State) set(after []Balance) {
	for _, balance := range after {
		next := *s.accounts[balance.Account]
		next.Balance = balance
		s.accounts[balance.Account] = &next
	}
}
