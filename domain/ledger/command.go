package ledger

import (
	"sync"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/screening"
)

// Command is a wish to change a ledger. Each is used once.
type Command interface {
	// Idempotency binds the caller's own id to the content; the zero value binds nothing.
	// It is valid once the command was prepared.
	Idempotency() domain.Idempotency

	// check reads the command and says what is wrong with it by itself.
	check(m domain.Meta) error
	// look takes the basis from the state and reports whether it differs from the one held.
	look(s *State) (changed bool)
	// prepare does what is costly, on the basis held alone.
	prepare(m domain.Meta) error
	// decide emits the command's events and gives the reply; its basis is up to date.
	decide(t *turn) (any, error)
}

// Prepare readies a command for Decide. It holds the lock only to look at the state.
func Prepare(lock sync.Locker, s *State, m domain.Meta, c Command) error {
	if err := c.check(m); err != nil {
		return err
	}
	lock.Lock()
	c.look(s)
	lock.Unlock()
	return c.prepare(m)
}

// Decide carries out a prepared command. It gives the new events, already evolved into the
// state, and the reply, whose type the command states. No events and no error means that the
// state is already as the command wants it; under an Idempotency-Key an access.RequestBound says so.
func Decide(s *State, m domain.Meta, c Command) ([]domain.Envelope, any, error) {
	if m.At.Before(s.last) {
		m.At = s.last
	}
	if c.look(s) {
		if err := c.prepare(m); err != nil {
			return nil, nil, err
		}
	}
	t := &turn{state: s, meta: m}
	reply, err := c.decide(t)
	if err == nil {
		t.bind(c.Idempotency(), reply)
	}
	return t.events, reply, err
}

// bind records a request's Idempotency-Key if none of the request's events holds it: then there was
// nothing to do, and yet the key must never be used with other content.
func (t *turn) bind(idem domain.Idempotency, reply any) {
	if !idem.OfRequest() {
		return
	}
	bound := access.RequestBound{Seq: t.state.next - 1, Idem: idem}
	for i := range t.events {
		if e, binds := t.events[i].Event.(domain.Idempotent); binds && e.Idempotency().Key == idem.Key {
			return
		}
	}
	switch made := reply.(type) {
	case Placed:
		bound.Seq = made.Position()
	case *screening.Entry:
		bound.Seq = t.state.Screening.AddedAt(made.ID)
	}
	t.emit(bound)
}

// turn is one command being decided.
type turn struct {
	state  *State
	meta   domain.Meta
	events []domain.Envelope
}

// emit appends events and evolves the state with them. A command that has emitted cannot fail.
func (t *turn) emit(events ...domain.Event) {
	for _, event := range events {
		e := domain.Envelope{
			Ledger: t.state.slug, Seq: t.state.next, ID: t.meta.IDs.Next().String(),
			Time: t.meta.At, Actor: t.meta.Actor, Event: event,
		}
		if about, ok := event.(domain.Subject); ok {
			e.Subject = about.Subject()
		}
		if len(t.events) > 0 {
			e.Cause = t.events[0].ID
		}
		t.events = append(t.events, e)
		t.state.Evolve(&e)
	}
}

// simple is a command with nothing to prepare and one area to decide it.
type simple struct {
	idem domain.Idempotency
	do   func(t *turn) ([]domain.Event, any, error)
}

// Idempotency is what the command was made with.
func (c *simple) Idempotency() domain.Idempotency { return c.idem }

func (c *simple) check(domain.Meta) error { return nil }

func (c *simple) look(*State) bool { return false }

func (c *simple) prepare(domain.Meta) error { return nil }

func (c *simple) decide(t *turn) (any, error) {
	events, reply, err := c.do(t)
	if err != nil {
		return nil, err
	}
	t.emit(events...)
	return reply, nil
}
