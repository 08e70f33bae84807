package ledger

import (
	"slices"
	"strconv"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/posting"
)

// Booked is a posting and what was decided on the movements that it makes on customers' accounts.
type Booked struct {
	posting.Recorded
	Moved []activity.Recorded
}

// movements are what a posting moves on customers' accounts, each decided as an event of its customer.
// There are none unless a rule in force looks at events of the posting's type.
type movements struct {
	effective time.Time
	moved     []activity.Movement
	events    []*RecordEvent
}

// look takes the basis of all movements from the state; see Command.
func (v *movements) look(s *State, p *posting.Posting) (changed bool) {
	v.effective = p.EffectiveAt
	var moved []activity.Movement
	if s.Rules.RuleSet().LooksAt(activity.PostingType(p.Reverses)) {
		moved = movedBy(s, p)
	}
	if !slices.EqualFunc(moved, v.moved, func(a, b activity.Movement) bool {
		return a.CustomerID == b.CustomerID && a.Account == b.Account && a.Direction == b.Direction && a.Amount == b.Amount
	}) {
		v.moved, v.events, changed = moved, make([]*RecordEvent, len(moved)), true
		for i := range moved {
			v.events[i] = newMovement(&moved[i])
		}
	}
	for _, e := range v.events {
		changed = e.look(s) || changed
	}
	return changed
}

// movedBy sums up the entries of a posting on each account of a customer's, one sum per direction, in
// the order in which the entries first name them.
func movedBy(s *State, p *posting.Posting) (moved []activity.Movement) {
	for i := range p.Entries {
		e := &p.Entries[i]
		standing := s.Books.Account(e.Account)
		if standing == nil || standing.Account.CustomerID == "" {
			continue
		}
		direction := standing.Account.CustomerDirection(e.Direction)
		at := slices.IndexFunc(moved, func(m activity.Movement) bool { return m.Account == e.Account && m.Direction == direction })
		if at < 0 {
			moved = append(moved, activity.Movement{
				PostingID: p.ID, Status: p.Status, Reverses: p.Reverses, Description: p.Description, Metadata: p.Metadata,
				CustomerID: standing.Account.CustomerID, Account: e.Account, Direction: direction, Amount: e.Amount, Currency: e.Currency,
			})
			continue
		}
		if sum, err := moved[at].Amount.Add(e.Amount); err == nil { // else the posting is refused
			moved[at].Amount = sum
		}
	}
	return moved
}

func newMovement(m *activity.Movement) *RecordEvent {
	e := &RecordEvent{}
	e.Input, e.transaction = m.Input()
	e.seen, e.queries = ruleInput(&e.Input, e.transaction, e.Session()), paymentQueries(e.transaction)
	return e
}

// prepare gives each event its id and time and runs the rules; see Command.
func (v *movements) prepare(m domain.Meta) error {
	if len(v.events) == 0 {
		return nil
	}
	ref := m.IDs.Peek("pst")
	for i, e := range v.events {
		e.EventID, e.OccurredAt = ref+"."+strconv.Itoa(i), activity.Occurs(v.effective, m.At)
		e.seen.Event.ID, e.seen.Event.OccurredAt = e.EventID, e.OccurredAt
		e.idem = e.Input.Idempotency()
		if err := e.prepare(m); err != nil {
			return err
		}
	}
	return nil
}

// renew prepares again what was prepared for an earlier time and depends on it.
func (v *movements) renew(m domain.Meta) error {
	if len(v.events) == 0 || activity.Occurs(v.effective, m.At).Equal(v.events[0].OccurredAt) {
		return nil
	}
	return v.prepare(m)
}

// book emits a posting and the decisions on its movements.
func (t *turn) book(v *movements, events []domain.Event, err error) (any, error) {
	recorded, err := t.recorded(events, err)
	if err != nil || recorded == nil {
		return nil, err
	}
	booked := Booked{Recorded: recorded.(posting.Recorded)}
	for _, e := range v.events {
		decided, err := e.decide(t)
		if err != nil {
			return nil, err
		}
		booked.Moved = append(booked.Moved, decided.(activity.Recorded))
	}
	return booked, nil
}
