package posting_test

import (
	"errors"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/posting"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

func meta() domain.Meta {
	return domain.Meta{At: at, Actor: "key_1", IDs: domain.NewIDs(ulid.Make())}
}

func amount(s string) domain.Decimal {
	d, err := domain.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

func debit(account, n string) posting.Entry {
	return posting.Entry{Account: account, Direction: posting.Debit, Amount: amount(n), Currency: "EUR"}
}

func credit(account, n string) posting.Entry {
	return posting.Entry{Account: account, Direction: posting.Credit, Amount: amount(n), Currency: "EUR"}
}

func record(id string, entries ...posting.Entry) posting.Record {
	return posting.Record{ID: id, EffectiveAt: at, Entries: entries}
}

func pending(id string, entries ...posting.Entry) posting.Record {
	cmd := record(id, entries...)
	cmd.Status = posting.Pending
	return cmd
}

func part(id string, entries ...posting.Entry) posting.Post {
	return posting.Post{ID: id, Entries: entries}
}

// decide holds any of the five commands against the state.
func decide(s *posting.State, m domain.Meta, cmd any) ([]domain.Event, error) {
	switch cmd := cmd.(type) {
	case posting.OpenAccount:
		return s.DecideOpenAccount(m, cmd)
	case posting.Record:
		return s.DecideRecord(m, cmd)
	case posting.Post:
		return s.DecidePost(m, cmd)
	case posting.Void:
		return s.DecideVoid(m, cmd)
	case posting.Reverse:
		return s.DecideReverse(m, cmd)
	}
	panic("no such command")
}

// given folds what the commands give, which must be one event each.
func given(t testing.TB, cmds ...any) *posting.State {
	t.Helper()
	s := posting.New()
	for _, cmd := range cmds {
		apply(t, s, cmd)
	}
	return s
}

func apply(t testing.TB, s *posting.State, cmd any) domain.Event {
	t.Helper()
	events, err := decide(s, meta(), cmd)
	if err != nil || len(events) != 1 {
		t.Fatalf("%+v gave %d events, error %v", cmd, len(events), err)
	}
	s.Evolve(&domain.Envelope{Event: events[0]})
	return events[0]
}

// books has an unconstrained account, a deposit that must not be overdrawn, a claim that must
// not be overpaid, and one account in JPY.
func books() []any {
	return []any{
		posting.OpenAccount{ID: "cash", Name: "Cash", Type: "asset", Currency: "EUR"},
		posting.OpenAccount{ID: "deposit", Name: "Deposit", Type: "liability", Currency: "EUR", Constraint: posting.NoDebitBalance},
		posting.OpenAccount{ID: "loan", Name: "Loan", Type: "asset", Currency: "EUR", Constraint: posting.NoCreditBalance},
		posting.OpenAccount{ID: "yen", Name: "Yen", Type: "asset", Currency: "JPY"},
	}
}

// wantError checks code, field and message; an empty want means no error.
func wantError(t *testing.T, err error, code domain.Code, field, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Fatalf("error %v, want none", err)
		}
		return
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != code || e.Field != field || e.Message != message {
		t.Fatalf("error %#v,\nwant %s in %q: %s", err, code, field, message)
	}
}
