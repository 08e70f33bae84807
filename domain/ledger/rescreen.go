package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/screening"
)

// StartRun wants customers to be screened again on the lists in force. Its reply is the
// *screening.RunStanding that began, or that of the same cause that has not ended.
func StartRun(cmd screening.StartRun) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		s := t.state
		if cmd.Lists = s.Lists(); cmd.Lists == nil {
			return nil, nil, errListsMissing
		}
		events, err := s.Screening.DecideStartRun(t.meta, cmd)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		if cmd.Cause == screening.RunRequested {
			return nil, s.Screening.Requested(), nil
		}
		return nil, s.Screening.Unfinished(), nil
	}}
}

// AdvanceRun records how far a run has come. Its reply is nil.
func AdvanceRun(cmd screening.RunAdvanced) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) { return t.state.Screening.DecideAdvance(cmd), nil, nil }}
}

// EndRun records what a run has shown. Its reply is a screening.RunEnded, or nil if it had ended.
func EndRun(cmd screening.RunEnded) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events := t.state.Screening.DecideEnd(cmd, t.state.Customers.Len())
		return events, first(events), nil
	}}
}

// RescreenCustomer screens a customer again as it is, on the lists in force, and raises alerts on and
// rates what has changed. Its reply is whether something has, a bool.
type RescreenCustomer struct {
	ID       string // ours
	customer *customer.Customer
	lists    *screening.Lists
	screened domain.Screened
}

// Idempotency is none: a result that is the same is not recorded twice.
func (c *RescreenCustomer) Idempotency() domain.Idempotency { return domain.Idempotency{} }

func (c *RescreenCustomer) check(domain.Meta) error { return nil }

func (c *RescreenCustomer) look(s *State) bool {
	known, lists := s.Customers.Find(c.ID), s.Lists()
	changed := known != c.customer || lists != c.lists
	c.customer, c.lists = known, lists
	return changed
}

func (c *RescreenCustomer) prepare(domain.Meta) (err error) {
	if c.customer == nil {
		return domain.Errorf(domain.Unknown, "customer not found")
	}
	c.screened, err = search(c.lists, queriesOf(&c.customer.Profile)...)
	return err
}

func (c *RescreenCustomer) decide(t *turn) (any, error) {
	before := len(t.events)
	if err := t.screen(c.customer, c.screened, true); err != nil {
		return nil, err
	}
	changed := len(t.events) > before
	if changed {
		t.rate(c.customer)
	}
	return changed, nil
}

// Population is the customers of a ledger at one moment, ordered by id, and the lists in force then.
type Population struct {
	Customers []*customer.Customer
	Lists     *screening.Lists
	sum       hash.Hash
}

// Population gives the customers there are, in no order yet: Sort them outside the lock.
func (s *State) Population() *Population {
	p := &Population{Customers: make([]*customer.Customer, 0, s.Customers.Len()), Lists: s.Lists(), sum: sha256.New()}
	for c := range s.Customers.All {
		p.Customers = append(p.Customers, c)
	}
	return p
}

// Sort orders the customers by id and gives the digest that screening.RunEnded speaks of.
func (p *Population) Sort() (digest string) {
	slices.SortFunc(p.Customers, func(a, b *customer.Customer) int { return strings.Compare(a.ID, b.ID) })
	p.sum.Reset()
	for _, c := range p.Customers {
		fmt.Fprintf(p.sum, "%s %d\n", c.ID, c.Version)
	}
	return hex.EncodeToString(p.sum.Sum(nil))
}

// Case is a customer of a run, and what was found of it last.
type Case struct {
	Customer *customer.Customer
	last     *screening.Completed
	disposed *screening.Dispositions
	guys     *screening.GoodGuys
}

// Cases gives some customers with what is known of them, from under the lock.
func (s *State) Cases(customers []*customer.Customer) []Case {
	cases := make([]Case, len(customers))
	for i, c := range customers {
		last, _ := s.Screening.Screening(c.ID)
		cases[i] = Case{c, last, s.Screening.DispositionsOf(c.ID), s.Screening.Approved()}
	}
	return cases
}

// Touched reports whether a change of the lists can touch a customer. A nil reach is that of a full run.
func (c *Case) Touched(r *screening.Reach) bool {
	return r == nil || r.Touches(c.last, queriesOf(&c.Customer.Profile))
}

// Differs reports whether screening the customer on these lists finds something else than the last time.
func (c *Case) Differs(lists *screening.Lists) bool {
	queries := queriesOf(&c.Customer.Profile)
	found, err := search(lists, queries...)
	if err != nil || c.last == nil || c.last.Profile != c.Customer.Version {
		return true
	}
	found = c.disposed.Apply(found, screening.SideOfQueries(queries...), "", c.guys, lists)
	return !c.last.Finds(found)
}

// Behind reports whether a customer was last screened on other versions of the lists than these, by
// itself or by a run.
func (s *State) Behind() bool {
	lists := s.Lists()
	if lists == nil || s.Customers.Len() == 0 {
		return false
	}
	if last := s.Screening.LastRun(); last != nil && slices.Equal(last.Lists, lists.Versions()) {
		return false
	}
	for c := range s.Customers.All {
		if last, known := s.Screening.Screening(c.ID); !known || !slices.Equal(last.Lists, lists.Versions()) {
			return true
		}
	}
	return false
}
