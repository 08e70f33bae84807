package ledger

import (
	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

// PushCustomer states a customer's whole profile, screens it, raises alerts on what was found
// and rates the customer. Its reply is a *CustomerView.
type PushCustomer struct {
	customer.Push
	lists    *screening.Lists
	screened domain.Screened
}

// PatchCustomer is PushCustomer with the profile merged from a part (RFC 7396).
type PatchCustomer struct {
	customer.Patch
	known *customer.Customer
	push  PushCustomer
}

// CustomerView is a customer as the ledger knows it at one moment.
type CustomerView struct {
	Created   bool // by this very command
	Customer  *customer.Customer
	Screening *screening.Completed
	Rating    *risk.Rating
	Alerts    []*casework.Standing // open ones
}

// Position is of the push that made the customer's version.
func (v *CustomerView) Position() int64 { return v.Customer.Seq }

// ViewCustomer gives the customer with our id or the caller's external_id, or nil.
func (s *State) ViewCustomer(id string) *CustomerView {
	c := s.Customers.Find(id)
	if c == nil {
		return nil
	}
	screened, _ := s.Screening.Screening(c.ID)
	return &CustomerView{Customer: c, Screening: screened, Rating: s.Ratings.Of(c.ID), Alerts: s.Alerts.OpenOf(c.ID)}
}

// Idempotency is the request's Idempotency-Key, if it had one.
func (c *PushCustomer) Idempotency() domain.Idempotency { return domain.IdempotencyOf(c.Idem) }

func (c *PushCustomer) check(domain.Meta) error { return nil }

func (c *PushCustomer) look(s *State) bool {
	changed := c.lists != s.Lists()
	c.lists = s.Lists()
	return changed
}

func (c *PushCustomer) prepare(m domain.Meta) error {
	if err := c.Profile.Check(m.At); err != nil {
		return err
	}
	c.Profile.Metadata = domain.StoredJSON(c.Profile.Metadata)
	var err error
	c.screened, err = search(c.lists, queriesOf(&c.Profile)...)
	return err
}

func (c *PushCustomer) decide(t *turn) (any, error) {
	s := t.state
	before := s.Customers.ByExternalID(c.Profile.ExternalID)
	pushed, err := s.Customers.DecidePush(t.meta, c.Push)
	if err != nil {
		return nil, err
	}
	t.emit(pushed...)
	now := s.Customers.ByExternalID(c.Profile.ExternalID)
	if err := t.screen(now, c.screened, false); err != nil {
		return nil, err
	}
	t.rate(now)
	view := s.ViewCustomer(now.ID)
	view.Created = before == nil
	return view, nil
}

// Idempotency is the request's Idempotency-Key, if it had one.
func (c *PatchCustomer) Idempotency() domain.Idempotency { return domain.IdempotencyOf(c.Idem) }

func (c *PatchCustomer) check(domain.Meta) error { return nil }

func (c *PatchCustomer) look(s *State) bool {
	known := s.Customers.Find(c.Customer)
	changed := c.push.look(s) || known != c.known
	c.known = known
	return changed
}

func (c *PatchCustomer) prepare(m domain.Meta) error {
	push, err := c.MergeInto(c.known)
	if err != nil {
		return err
	}
	c.push.Push = push
	return c.push.prepare(m)
}

func (c *PatchCustomer) decide(t *turn) (any, error) { return c.push.decide(t) }

// screen records the result of screening a customer and raises alerts on what is new in it. Of one
// that is screened again by a run, a result that is the same on other versions of the lists is not
// recorded.
func (t *turn) screen(c *customer.Customer, found domain.Screened, again bool) error {
	found = t.disposed(c, found)
	seq := t.state.next
	found.Stale = t.state.Lists().Stale(t.meta.At)
	record := screening.RecordScreening{
		CustomerID: c.ID, Profile: c.Version, Screened: found, Anew: t.state.Alerts.Uncovered(c.ID, found.Hits),
	}
	if again {
		screened := t.state.Screening.DecideRescreening(record)
		if len(screened) == 0 {
			return nil
		}
		t.emit(screened...)
	} else {
		screened, err := t.state.Screening.DecideScreening(t.meta, record)
		if err != nil {
			return err
		}
		t.emit(screened...)
	}
	for _, raised := range t.state.Alerts.DecideFinding(t.meta, casework.Finding{
		CustomerID: c.ID, Screened: found, Source: casework.Source{Kind: "customer", Seq: seq},
	}) {
		t.emit(raised)
	}
	return nil
}

// CloseCustomer ends the relationship with a customer. Its reply is a *CustomerView.
func CloseCustomer(cmd customer.Close) Command {
	return related(cmd.Customer, cmd.Idem, func(s *customer.State) ([]domain.Event, error) { return s.DecideClose(cmd) })
}

// ReopenCustomer takes up a relationship that was closed. Its reply is a *CustomerView.
func ReopenCustomer(cmd customer.Reopen) Command {
	return related(cmd.Customer, cmd.Idem, func(s *customer.State) ([]domain.Event, error) { return s.DecideReopen(cmd) })
}

func related(id string, idem *domain.Idempotency, decide func(*customer.State) ([]domain.Event, error)) Command {
	return &simple{idem: domain.IdempotencyOf(idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := decide(t.state.Customers)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, t.state.ViewCustomer(id), nil
	}}
}
