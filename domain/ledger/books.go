package ledger

import (
	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/posting"
)

// OpenAccount opens an account, of a customer's or of the institution's own. Its reply is a
// *posting.Standing.
type OpenAccount struct {
	posting.OpenAccount // CustomerID may be ours or the caller's external_id
	named               string
	owner               *customer.Customer
}

func (c *OpenAccount) check(domain.Meta) error { return nil }

func (c *OpenAccount) look(s *State) bool {
	if c.named == "" {
		c.named = c.CustomerID
	}
	owner := s.Customers.Find(c.named)
	changed := owner != c.owner
	c.owner = owner
	return changed
}

func (c *OpenAccount) prepare(domain.Meta) error {
	if c.named != "" {
		if c.owner == nil {
			return domain.InvalidField("customer_id", "names no customer; push the customer first")
		}
		c.CustomerID = c.owner.ID
	}
	var err error
	c.OpenAccount, err = c.Prepare()
	return err
}

func (c *OpenAccount) decide(t *turn) (any, error) {
	events, err := t.state.Books.DecideOpenAccount(t.meta, c.OpenAccount)
	if err != nil {
		return nil, err
	}
	t.emit(events...)
	return t.state.Books.Account(c.ID), nil
}

// RecordPosting makes a posting, and decides what it moves on customers' accounts. Its reply is a
// Booked.
type RecordPosting struct {
	posting.Record
	moves movements
}

func (c *RecordPosting) check(domain.Meta) (err error) {
	c.Record, err = c.Prepare()
	return err
}

func (c *RecordPosting) look(s *State) bool {
	p := c.Posting()
	return c.moves.look(s, &p)
}

func (c *RecordPosting) prepare(m domain.Meta) error { return c.moves.prepare(m) }

func (c *RecordPosting) decide(t *turn) (any, error) {
	if err := c.moves.renew(t.meta); err != nil {
		return nil, err
	}
	events, err := t.state.Books.DecideRecord(t.meta, c.Record)
	return t.book(&c.moves, events, err)
}

// ReversePosting records the opposite of a posting, and decides what that moves on customers'
// accounts. Its reply is a Booked.
type ReversePosting struct {
	posting.Reverse
	moves movements
}

func (c *ReversePosting) check(domain.Meta) (err error) {
	c.Reverse, err = c.Prepare()
	return err
}

func (c *ReversePosting) look(s *State) bool {
	p := s.Books.Reversal(c.Reverse)
	return c.moves.look(s, &p)
}

func (c *ReversePosting) prepare(m domain.Meta) error { return c.moves.prepare(m) }

func (c *ReversePosting) decide(t *turn) (any, error) {
	if err := c.moves.renew(t.meta); err != nil {
		return nil, err
	}
	events, err := t.state.Books.DecideReverse(t.meta, c.Reverse)
	return t.book(&c.moves, events, err)
}

// PostPosting posts a pending posting, all of it or a part. Its reply is a posting.Settled.
type PostPosting struct{ posting.Post }

func (c *PostPosting) check(domain.Meta) error { return nil }

func (c *PostPosting) look(*State) bool { return false }

func (c *PostPosting) prepare(domain.Meta) (err error) {
	c.Post, err = c.Prepare()
	return err
}

func (c *PostPosting) decide(t *turn) (any, error) {
	events, err := t.state.Books.DecidePost(t.meta, c.Post)
	return t.recorded(events, err)
}

// VoidPosting gives up a pending posting. Its reply is a posting.Settled.
func VoidPosting(cmd posting.Void) Command {
	return &simple{idem: cmd.Idempotency(), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Books.DecideVoid(t.meta, cmd)
		reply, err := t.recorded(events, err)
		return nil, reply, err
	}}
}

// recorded emits a decision and replies with its first event, or with nil if there is none.
func (t *turn) recorded(events []domain.Event, err error) (any, error) {
	if err != nil || len(events) == 0 {
		return nil, err
	}
	t.emit(events...)
	return events[0], nil
}
