package posting

import (
	"fmt"
	"slices"
	"time"

	"whocomply/domain"
)

// maxAhead is how far after its recording a posting may take effect.
const maxAhead = 366 * 24 * time.Hour

// DecideOpenAccount gives Opened, nothing for an account that is open with the same content, and
// Conflict for one with other content.
func (s *State) DecideOpenAccount(m domain.Meta, cmd OpenAccount) ([]domain.Event, error) {
	cmd, err := cmd.Prepare()
	if err != nil {
		return nil, err
	}
	if known := s.accounts[cmd.ID]; known != nil {
		return nil, sameContent("id", known.digest, cmd.idem)
	}
	account := cmd.account()
	account.Ref = m.IDs.New("acc")
	return []domain.Event{Opened{account, cmd.idem}}, nil
}

// DecideRecord gives Recorded; nothing for the same content as a pending or voided posting, and
// Conflict for other content. The caller has asked the permanent index about cmd's Idempotency.
func (s *State) DecideRecord(m domain.Meta, cmd Record) ([]domain.Event, error) {
	cmd, err := cmd.Prepare()
	if err != nil {
		return nil, err
	}
	if digest, known := s.digest(cmd.ID); known {
		return nil, sameContent("posting_id", digest, cmd.idem)
	}
	move := recordPosted
	if cmd.Status == Pending {
		move = recordPending
	}
	return s.recorded(m, move, cmd.Posting(), cmd.idem)
}

// DecideReverse gives Recorded with the directions of the original swapped; nothing if this very
// reversal was made, and Conflict if another was or the original is not posted.
func (s *State) DecideReverse(m domain.Meta, cmd Reverse) ([]domain.Event, error) {
	cmd, err := cmd.Prepare()
	if err != nil {
		return nil, err
	}
	if made, reversed := s.reversed[cmd.Reverses]; reversed {
		if made.id != cmd.ID {
			return nil, domain.Errorf(domain.Conflict, "the posting is already reversed by %q", made.id)
		}
		return nil, sameContent("posting_id", made.digest, cmd.idem)
	}
	if digest, known := s.digest(cmd.ID); known {
		return nil, sameContent("posting_id", digest, cmd.idem)
	}
	switch status, err := s.status(cmd.Reverses, cmd.Original); {
	case err != nil:
		return nil, err
	case status != Posted:
		return nil, domain.Errorf(domain.Conflict, "only a posted posting can be reversed; this one is %s", status)
	}
	reversal := s.Reversal(cmd)
	if reversal.EffectiveAt.IsZero() {
		reversal.EffectiveAt = m.At
	}
	return s.recorded(m, recordPosted, reversal, cmd.idem)
}

// Reversal is the posting that a command asks for: the opposite of what was posted. It has no entries
// if there is no original.
func (s *State) Reversal(cmd Reverse) Posting {
	reversal := cmd.posting()
	if part := s.parts[cmd.Reverses]; part != nil {
		reversal.Entries = swapped(part)
	} else if cmd.Original != nil {
		reversal.Entries = swapped(cmd.Original.Entries)
	}
	return reversal
}

// DecidePost gives Settled, nothing for a posting that is posted just so, and Conflict for one that
// is posted in another part or voided.
func (s *State) DecidePost(_ domain.Meta, cmd Post) ([]domain.Event, error) {
	cmd, err := cmd.Prepare()
	if err != nil {
		return nil, err
	}
	held, err := s.unsettled(cmd.ID, Posted, cmd.Original)
	switch {
	case err != nil:
		return nil, err
	case held == nil && !slices.Equal(s.parts[cmd.ID], cmd.Entries):
		return nil, domain.Errorf(domain.Conflict, "the posting is already posted, and in another part")
	case held == nil:
		return nil, nil
	}
	var after []Balance
	if cmd.Entries == nil {
		after, err = s.after(postPending, held.Entries)
	} else if err = checkPart(held.Entries, cmd.Entries); err == nil {
		after, err = s.afterPart(held.Entries, cmd.Entries)
	}
	if err != nil {
		return nil, err
	}
	return settled(held, Posted, cmd.Entries, after, cmd.idem), nil
}

// DecideVoid gives Settled, nothing for a posting that is voided, and Conflict for a posted one.
func (s *State) DecideVoid(_ domain.Meta, cmd Void) ([]domain.Event, error) {
	held, err := s.unsettled(cmd.ID, Voided, cmd.Original)
	if err != nil || held == nil {
		return nil, err
	}
	after, err := s.after(voidPending, held.Entries)
	if err != nil {
		return nil, err
	}
	return settled(held, Voided, nil, after, cmd.Idempotency()), nil
}

// sameContent is nil if a repetition has the content that the id was first used with.
func sameContent(field, digest string, idem domain.Idempotency) error {
	if digest == idem.Digest {
		return nil
	}
	return &domain.Error{Code: domain.Conflict, Field: field, Message: field + " was used before with other content"}
}

// digest gives the digest of a posting that is pending or voided.
func (s *State) digest(id string) (digest string, known bool) {
	if h := s.pending[id]; h != nil {
		return h.digest, true
	}
	digest, known = s.voided[id]
	return digest, known
}

// status gives what became of the posting; it is Unknown if neither the state nor the caller has it.
func (s *State) status(id string, original *Posting) (string, error) {
	if s.pending[id] != nil {
		return Pending, nil
	}
	if _, voided := s.voided[id]; voided {
		return Voided, nil
	}
	if original == nil {
		return "", domain.Errorf(domain.Unknown, "there is no posting with this posting_id")
	}
	if original.ID != id {
		return "", fmt.Errorf("command for posting %q carries posting %q", id, original.ID)
	}
	return Posted, nil
}

func (s *State) recorded(m domain.Meta, move move, p Posting, idem domain.Idempotency) ([]domain.Event, error) {
	if p.EffectiveAt.After(m.At.Add(maxAhead)) {
		return nil, domain.InvalidField("effective_at", "is more than 366 days ahead")
	}
	after, err := s.after(move, p.Entries)
	if err != nil {
		return nil, err
	}
	p.Ref = m.IDs.New("pst")
	return []domain.Event{Recorded{p, after, idem}}, nil
}

// unsettled gives the posting that is to become posted or voided, and nothing if it is that already.
func (s *State) unsettled(id, want string, original *Posting) (*Posting, error) {
	status, err := s.status(id, original)
	switch {
	case err != nil:
		return nil, err
	case status == want:
		return nil, nil
	case status != Pending:
		return nil, domain.Errorf(domain.Conflict, "the posting is already %s", status)
	}
	return &s.pending[id].posting, nil
}

func settled(p *Posting, status string, part []Entry, after []Balance, idem domain.Idempotency) []domain.Event {
	return []domain.Event{Settled{Ref: p.Ref, ID: p.ID, Status: status, After: after, Idem: idem, Entries: part}}
}

// checkPart says which entry of a part moves more than the posting holds on its account.
func checkPart(held, part []Entry) error {
	left := map[Entry]domain.Decimal{} // by entry without an amount
	key := func(e Entry) Entry { e.Amount = domain.Decimal{}; return e }
	for _, e := range held {
		sum, err := left[key(e)].Add(e.Amount)
		if err != nil {
			return err
		}
		left[key(e)] = sum
	}
	for i, e := range part {
		rest, err := left[key(e)].Add(e.Amount.Neg())
		if err != nil || rest.Sign() < 0 {
			return domain.InvalidField(path(i, "amount"), "is more than the posting holds there")
		}
		left[key(e)] = rest
	}
	return nil
}

// swapped gives the entries with debits as credits and credits as debits.
func swapped(entries []Entry) []Entry {
	opposite := slices.Clone(entries)
	for i := range opposite {
		if opposite[i].Direction == Debit {
			opposite[i].Direction = Credit
		} else {
			opposite[i].Direction = Debit
		}
	}
	return opposite
}
