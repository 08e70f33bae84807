package screening_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/screening"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func meta() domain.Meta {
	return domain.Meta{At: noon, Actor: "test", IDs: domain.NewIDs(ulid.MustParse("01JQ7ZK3V0R8M4T6W2X9Y5B1CD"))}
}

// ledger is a state and the events that led to it.
type ledger struct {
	*screening.State
	events []domain.Event
	meta   domain.Meta
}

func newLedger() *ledger { return &ledger{State: screening.New(), meta: meta()} }

// do decides a command and folds its events, which it gives.
func (l *ledger) do(command any) ([]domain.Event, error) {
	events, err := l.decide(command)
	for _, event := range events {
		l.Evolve(&domain.Envelope{Event: event})
	}
	l.events = append(l.events, events...)
	return events, err
}

func (l *ledger) decide(command any) ([]domain.Event, error) {
	switch c := command.(type) {
	case screening.AddEntry:
		return l.DecideAdd(l.meta, c)
	case screening.RemoveEntry:
		return l.DecideRemove(l.meta, c)
	case screening.PublishList:
		return l.DecidePublish(l.meta, c)
	case screening.AdoptList:
		return l.DecideAdopt(l.meta, c)
	case screening.RecordScreening:
		return l.DecideScreening(l.meta, c)
	}
	panic("no such command")
}

// must does a command that may not fail.
func (l *ledger) must(t testing.TB, command any) []domain.Event {
	t.Helper()
	events, err := l.do(command)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// refolded gives the state folded anew from the same events.
func (l *ledger) refolded() *screening.State { return fold(l.events) }

func fold(events []domain.Event) *screening.State {
	s := screening.New()
	for _, event := range events {
		s.Evolve(&domain.Envelope{Event: event})
	}
	return s
}

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// publish states the content of the shared list "sanctions".
func publish(entries ...screening.Entry) screening.PublishList {
	return screening.PublishList{
		List: "sanctions", Category: "sanctions", Format: "test", Source: "list.csv", SourceHash: hash,
		RetrievedAt: noon.Add(-time.Hour), Entries: entries,
	}
}

func person(id, name string, aliases ...string) screening.Entry {
	return screening.Entry{ID: id, EntityType: "individual", Name: name, Aliases: aliases}
}

func company(id, name string) screening.Entry {
	return screening.Entry{ID: id, EntityType: "business", Name: name}
}

// own is an entry of a tenant's own.
func own(list, name string) screening.AddEntry {
	return screening.AddEntry{Entry: screening.Entry{List: list, Category: "internal", EntityType: "individual", Name: name}}
}

// content gives the shared list of a ledger that has one.
func (l *ledger) content() *screening.List { return l.Shared()[0] }
