package eventstore_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/activity"
	"whocomply/domain/chain"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
)

// newLedgers opens ledgers over a store, with the index of ids in dir.
func newLedgers(t *testing.T, store eventstore.Store, dir string) (*eventstore.Ledgers, error) {
	t.Helper()
	ids, err := eventstore.OpenIDs(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := eventstore.Open(t.Context(), eventstore.Options{
		Store: store, IDs: ids, Origin: "test.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)),
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Appended: func(string, []domain.Envelope) {},
	})
	if err != nil {
		return nil, errors.Join(err, ids.Close())
	}
	t.Cleanup(func() {
		l.Close()
		if err := ids.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, nil
}

// openLedgers opens ledgers over a store with one tenant, "acme".
func openLedgers(t *testing.T, store eventstore.Store, dir string) *eventstore.Ledgers {
	t.Helper()
	l, err := newLedgers(t, store, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	return l
}

func push(id string) ledger.Command {
	return &ledger.PushCustomer{Push: customer.Push{Profile: customer.Profile{
		ExternalID: id, Type: "individual", Email: "ann@example.com", FullName: "Ann Example", CountryOfResidence: "DE",
	}}}
}

func payment(id, customerID string) ledger.Command {
	return &ledger.RecordEvent{Input: activity.Input{
		EventID: id, EventType: "transaction.created", OccurredAt: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC), Customer: customerID,
		Data: jsontext.Value(`{"transaction":{"id":"t-1","amount":"12.50","currency":"EUR","direction":"out"}}`),
	}}
}

func execute(t *testing.T, l *eventstore.Ledgers, cmd ledger.Command) ledger.Outcome {
	t.Helper()
	outcome, err := l.Execute(t.Context(), "acme", "test", cmd)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func audit(t *testing.T, l *eventstore.Ledgers, slug string) chain.Report {
	t.Helper()
	samePayloads(t, l, slug)
	report, err := chain.Auditor{Ledger: l.Name(slug)}.Audit(context.WithoutCancel(t.Context()), func(yield func(chain.Record, error) bool) {
		for s, err := range l.Records(context.Background(), slug, 0) {
			if !yield(s.Clone(), err) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != chain.Intact {
		t.Fatalf("ledger %s is %s: %s", slug, report.Verdict, report.Detail)
	}
	return report
}

// samePayloads holds what is read in haste against what is parsed and checked.
func samePayloads(t *testing.T, l *eventstore.Ledgers, slug string) {
	t.Helper()
	next, stop := iter.Pull2(l.Payloads(context.WithoutCancel(t.Context()), slug, 0))
	defer stop()
	for e, err := range l.Envelopes(context.WithoutCancel(t.Context()), slug, 0) {
		p, failure, more := next()
		if err != nil || failure != nil || !more {
			t.Fatalf("after %d: %v, %v, more %v", e.Seq, err, failure, more)
		}
		payload, err := domain.AppendJSON(nil, e.Event)
		if err != nil || p.Seq != e.Seq || p.Kind != e.Event.Kind() || !bytes.Equal(p.Raw, payload) {
			t.Fatalf("event %d is %v %s, %v, in haste %d %v %s", e.Seq, e.Event.Kind(), payload, err, p.Seq, p.Kind, p.Raw)
		}
	}
}

func TestRepeatedIDsAnswerTheFirstTimeForEver(t *testing.T) {
	store, dir := eventstore.NewMemory(), t.TempDir()
	t.Run("before", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		execute(t, l, push("c-1"))
		first := execute(t, l, payment("e-1", "c-1"))
		again := execute(t, l, payment("e-1", "c-1"))
		if !again.Repeat || again.Receipt != first.Receipt {
			t.Errorf("repeated event: got %+v, want a repetition of %+v", again, first)
		}
		other := payment("e-1", "c-1").(*ledger.RecordEvent)
		other.EventType = "transaction.settled"
		if _, err := l.Execute(t.Context(), "acme", "test", other); domain.CodeOf(err) != domain.Conflict {
			t.Errorf("same id with other content: got %v, want a conflict", err)
		}
	})
	t.Run("after a restart", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		before := audit(t, l, "acme").Size
		if again := execute(t, l, payment("e-1", "c-1")); !again.Repeat {
			t.Errorf("got %+v, want a repetition", again)
		}
		if after := audit(t, l, "acme").Size; after != before {
			t.Errorf("the ledger grew from %d to %d events", before, after)
		}
	})
	t.Run("after the index was lost", func(t *testing.T) {
		l := openLedgers(t, store, t.TempDir())
		if again := execute(t, l, payment("e-1", "c-1")); !again.Repeat {
			t.Errorf("got %+v, want a repetition", again)
		}
	})
}

func TestTheSameProfileAgainAnswersWithItsPush(t *testing.T) {
	l := openLedgers(t, eventstore.NewMemory(), t.TempDir())
	first := execute(t, l, push("c-1"))
	execute(t, l, push("c-2"))
	if again := execute(t, l, push("c-1")); again.Receipt != first.Receipt {
		t.Errorf("got %+v, want %+v", again.Receipt, first.Receipt)
	}
}

func TestConcurrentCallersGetOneEventPerID(t *testing.T) {
	l := openLedgers(t, eventstore.NewMemory(), t.TempDir())
	execute(t, l, push("c-1"))
	var group sync.WaitGroup
	receipts := make([]ledger.Receipt, 200)
	for i := range receipts {
		group.Go(func() {
			outcome, err := l.Execute(t.Context(), "acme", "test", payment(fmt.Sprintf("e-%d", i%20), "c-1"))
			if err != nil {
				t.Error(err)
			}
			receipts[i] = outcome.Receipt
		})
	}
	group.Wait()
	seqs := map[int64]bool{}
	for i, r := range receipts {
		if r != receipts[i%20] {
			t.Errorf("caller %d got %+v, another %+v", i, r, receipts[i%20])
		}
		seqs[r.Seq] = true
	}
	if len(seqs) != 20 {
		t.Errorf("20 ids became %d events", len(seqs))
	}
	audit(t, l, "acme")
}

func TestSeqOfGivesDurableEventsOnly(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	recorded := execute(t, l, payment("e-1", "c-1")).Receipt.Seq
	store.Inject(eventstore.Fault{Err: fmt.Errorf("%w: disk full", eventstore.ErrFailed)})
	if _, err := l.Execute(t.Context(), "acme", "test", payment("e-2", "c-1")); err == nil {
		t.Error("a failed append was acknowledged")
	}
	for _, tc := range []struct {
		slug, key string
		found     bool
	}{{"acme", "event/e-1", true}, {"acme", "event/e-2", false}, {"acme", "posting/e-1", false}, {"rival", "event/e-1", false}} {
		seq, found, err := l.SeqOf(t.Context(), tc.slug, tc.key)
		if err != nil || found != tc.found || found && seq != recorded {
			t.Errorf("%s in %s: %d, %v, %v", tc.key, tc.slug, seq, found, err)
		}
	}
}

func TestFailedStoreAcknowledgesNothing(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	size := audit(t, l, "acme").Size
	store.Inject(eventstore.Fault{Err: fmt.Errorf("%w: disk full", eventstore.ErrFailed)})
	if _, err := l.Execute(t.Context(), "acme", "test", payment("e-1", "c-1")); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	if got, _ := l.Size(t.Context(), "acme"); got != size {
		t.Errorf("the ledger grew to %d events", got)
	}
}

func TestLedgerThatWasCutIsRefused(t *testing.T) {
	whole, dir := eventstore.NewMemory(), t.TempDir()
	t.Run("while it was whole", func(t *testing.T) {
		l := openLedgers(t, whole, dir)
		execute(t, l, push("c-1"))
		execute(t, l, payment("e-1", "c-1"))
	})
	refused := func(t *testing.T, ledger string, keep int64, want string) {
		t.Helper()
		cut := eventstore.NewMemory()
		for _, slug := range []string{"acme", "system"} {
			size, err := whole.Size(t.Context(), slug)
			if err != nil {
				t.Fatal(err)
			}
			if slug == ledger {
				size = keep
			}
			var records []chain.Record
			for s, err := range whole.Read(t.Context(), slug, 0) {
				if err != nil {
					t.Fatal(err)
				}
				if s.Seq < size {
					records = append(records, s.Clone())
				}
			}
			if err := cut.Append(t.Context(), eventstore.Batch{Ledger: slug, Records: records}); err != nil {
				t.Fatal(err)
			}
		}
		ids, err := eventstore.OpenIDs(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer ids.Close()
		l, err := eventstore.Open(t.Context(), eventstore.Options{
			Store: cut, IDs: ids, Origin: "test.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)),
			Log: slog.New(slog.DiscardHandler), Now: time.Now, Appended: func(string, []domain.Envelope) {},
		})
		if err == nil {
			defer l.Close()
			_, err = l.Execute(t.Context(), "acme", "test", payment("e-2", "c-1"))
		}
		if !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	t.Run("a tenant's", func(t *testing.T) { refused(t, "acme", 3, "ledger acme, record 3: the ledger ends here but had") })
	t.Run("the operator's", func(t *testing.T) {
		refused(t, "system", 1, "ledger system, record 1: the ledger ends here but had 2 events")
	})
}

// glance names the tenants that a look at what is in memory shows.
func glance(l *eventstore.Ledgers) (slugs []string) {
	l.Glance(func(s *ledger.State) { slugs = append(slugs, s.Slug()) })
	return slugs
}

// TestGlanceNeitherFoldsNorWaits looks at tenants that nobody has used, and at one that a write waits to change.
func TestGlanceNeitherFoldsNorWaits(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	l.Close()
	l = openLedgers(t, store, t.TempDir())
	if got := glance(l); len(got) != 0 {
		t.Fatalf("before anybody is used: %v", got)
	}
	execute(t, l, push("c-1"))
	if got := glance(l); !slices.Equal(got, []string{"acme"}) {
		t.Errorf("in memory: %v", got)
	}
	written := make(chan error, 1)
	if err := l.View(t.Context(), "acme", func(*ledger.State) error {
		if got := glance(l); !slices.Equal(got, []string{"acme"}) {
			t.Errorf("beside a reader: %v", got)
		}
		go func() {
			_, err := l.Execute(t.Context(), "acme", "test", push("c-2"))
			written <- err
		}()
		for end := time.Now().Add(10 * time.Second); len(glance(l)) > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				return errors.New("the write does not wait, or a look does not see that")
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	if got := glance(l); !slices.Equal(got, []string{"acme"}) {
		t.Errorf("after the write: %v", got)
	}
}
