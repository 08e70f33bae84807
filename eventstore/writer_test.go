package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/activity"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/eventstore"
)

// gated is a store whose appends to one ledger wait at a gate once it is shut.
type gated struct {
	eventstore.Store
	ledger string
	shut   atomic.Bool
	waits  chan struct{} // told of each append that waits
	pass   chan error    // lets one append through, or has it fail unwritten
}

func newGated(store eventstore.Store, ledger string) *gated {
	return &gated{Store: store, ledger: ledger, waits: make(chan struct{}, 100), pass: make(chan error)}
}

// Append waits at the gate.
func (g *gated) Append(ctx context.Context, b eventstore.Batch) error {
	if b.Ledger == g.ledger && g.shut.Load() {
		g.waits <- struct{}{}
		if err := <-g.pass; err != nil {
			return err
		}
	}
	return g.Store.Append(ctx, b)
}

// open lets all appends through.
func (g *gated) open() {
	g.shut.Store(false)
	close(g.pass)
}

// insist sends a command as a client does: again while it is told to come back.
func insist(t *testing.T, l *eventstore.Ledgers, slug string, cmd func() ledger.Command) ledger.Outcome {
	t.Helper()
	for {
		outcome, err := l.Execute(t.Context(), slug, "test", cmd())
		if err == nil {
			return outcome
		}
		if domain.CodeOf(err) != domain.Unavailable {
			t.Error(err)
			return outcome
		}
	}
}

// recorded counts the events of a ledger by the caller's event_id.
func recorded(t *testing.T, l *eventstore.Ledgers, slug string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for e, err := range l.Envelopes(t.Context(), slug, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if event, ok := e.Event.(activity.Recorded); ok {
			count[event.EventID]++
		}
	}
	return count
}

func TestLostAcknowledgement(t *testing.T) {
	for _, written := range []bool{true, false} {
		t.Run(fmt.Sprint("written ", written), func(t *testing.T) {
			store := eventstore.NewMemory()
			l := openLedgers(t, store, t.TempDir())
			execute(t, l, push("c-1"))
			next := audit(t, l, "acme").Size
			store.Inject(eventstore.Fault{Err: fmt.Errorf("%w: no answer", eventstore.ErrUnavailable), Written: written})
			if _, err := l.Execute(t.Context(), "acme", "test", payment("e-1", "c-1")); domain.CodeOf(err) != domain.Unavailable {
				t.Fatalf("got %v, want unavailable", err)
			}
			again := execute(t, l, payment("e-1", "c-1"))
			if again.Repeat != written || again.Receipt.Seq != next {
				t.Errorf("again: %+v, want a repetition %t of event %d", again, written, next)
			}
			if third := execute(t, l, payment("e-1", "c-1")); !third.Repeat || third.Receipt != again.Receipt {
				t.Errorf("a third time: %+v, want %+v", third, again.Receipt)
			}
			if n := recorded(t, l, "acme")["e-1"]; n != 1 {
				t.Errorf("recorded %d times", n)
			}
			audit(t, l, "acme")
		})
	}
}

// TestFailedAppendEndsTheWriterAtOnce shows that nothing that was lost is seen once the caller was told so.
func TestFailedAppendEndsTheWriterAtOnce(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	store.Inject(eventstore.Fault{Err: eventstore.ErrUnavailable})
	if _, err := l.Execute(t.Context(), "acme", "test", push("c-1")); domain.CodeOf(err) != domain.Unavailable {
		t.Fatalf("got %v, want unavailable", err)
	}
	for range 100 {
		var known bool
		if err := l.View(t.Context(), "acme", func(s *ledger.State) error {
			known = s.Customers.Find("c-1") != nil
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !known {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("a customer whose push was refused is still known")
}

func TestTwoNodesNeverFork(t *testing.T) {
	store := eventstore.NewMemory()
	nodes := []*eventstore.Ledgers{openLedgers(t, store, t.TempDir()), openLedgers(t, store, t.TempDir())}
	execute(t, nodes[0], push("c-1"))
	const own, common, clients = 40, 10, 8
	var mu sync.Mutex
	first := map[string]ledger.Receipt{}
	var group sync.WaitGroup
	for n, node := range nodes {
		for client := range clients {
			group.Go(func() {
				for i := client; i < own+common; i += clients {
					id := fmt.Sprintf("node %d event %d", n, i)
					if i < common {
						id = fmt.Sprint("common event ", i)
					}
					got := insist(t, node, "acme", func() ledger.Command { return payment(id, "c-1") }).Receipt
					mu.Lock()
					if known, twice := first[id]; twice && known != got {
						t.Errorf("%s: receipts %+v and %+v", id, known, got)
					}
					first[id] = got
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	counts := recorded(t, nodes[0], "acme")
	if len(counts) != 2*own+common || len(first) != 2*own+common {
		t.Errorf("%d events, %d acknowledged, want %d", len(counts), len(first), 2*own+common)
	}
	for id, n := range counts {
		if n != 1 {
			t.Errorf("%s was recorded %d times", id, n)
		}
	}
	audit(t, nodes[1], "acme")
}

// TestABatchGrowsWhileTheOneBeforeIsWritten sends a few requests apart from each other while an append
// is under way: one more append takes them all. A slow machine may need several tries.
func TestABatchGrowsWhileTheOneBeforeIsWritten(t *testing.T) {
	const apart = 5
	appends := 0
	for range 5 {
		store := newGated(eventstore.NewMemory(), "acme")
		l := openLedgers(t, store, t.TempDir())
		execute(t, l, push("c-1"))
		store.shut.Store(true)
		var group sync.WaitGroup
		for i := range 1 + apart {
			group.Go(func() { execute(t, l, payment(fmt.Sprint("e-", i), "c-1")) })
			time.Sleep(10 * time.Millisecond)
		}
		close(store.pass)
		group.Wait()
		audit(t, l, "acme")
		if appends = len(store.waits); appends == 2 {
			return
		}
	}
	t.Errorf("%d appends", appends)
}

func TestFullQueueRefuses(t *testing.T) {
	store := newGated(eventstore.NewMemory(), "acme")
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	store.shut.Store(true)
	const sent = 6000 // more than a queue and two batches hold
	var acknowledged, refused atomic.Int64
	var group sync.WaitGroup
	for i := range sent {
		group.Go(func() {
			switch _, err := l.Execute(t.Context(), "acme", "test", payment(fmt.Sprint("e-", i), "c-1")); {
			case err == nil:
				acknowledged.Add(1)
			case domain.CodeOf(err) == domain.Unavailable:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	<-store.waits
	for refused.Load() == 0 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	store.open()
	group.Wait()
	if got := recorded(t, l, "acme"); int64(len(got)) != acknowledged.Load() || acknowledged.Load() < 4096 {
		t.Errorf("%d acknowledged, %d refused, %d recorded", acknowledged.Load(), refused.Load(), len(got))
	}
	audit(t, l, "acme")
}

func TestCloseAnswersEveryRequest(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	const sent, before = 400, 100
	receipts := make([]ledger.Receipt, sent)
	var acknowledged atomic.Int64
	var group sync.WaitGroup
	for i := range sent {
		group.Go(func() {
			outcome, err := l.Execute(t.Context(), "acme", "test", payment(fmt.Sprint("e-", i), "c-1"))
			if err != nil && domain.CodeOf(err) != domain.Unavailable {
				t.Error(err)
			}
			if err == nil {
				receipts[i] = outcome.Receipt
				acknowledged.Add(1)
			}
		})
	}
	for acknowledged.Load() < before {
		time.Sleep(time.Millisecond)
	}
	l.Close()
	group.Wait()
	if _, err := l.Execute(t.Context(), "acme", "test", payment("late", "c-1")); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("after Close: %v, want unavailable", err)
	}
	after := openLedgers(t, store, t.TempDir())
	for i, receipt := range receipts {
		if receipt == (ledger.Receipt{}) {
			continue
		}
		if again := execute(t, after, payment(fmt.Sprint("e-", i), "c-1")); !again.Repeat || again.Receipt != receipt {
			t.Errorf("e-%d: %+v, was acknowledged as %+v", i, again, receipt)
		}
	}
	audit(t, after, "acme")
}

// TestManyTenants also has each tenant made by several callers at once.
func TestManyTenants(t *testing.T) {
	l := openLedgers(t, eventstore.NewMemory(), t.TempDir())
	const tenants, callers, payments = 25, 3, 10
	var group sync.WaitGroup
	for n := range tenants {
		slug := fmt.Sprint("tenant-", n)
		for caller := range callers {
			group.Go(func() {
				if _, err := l.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: slug, Name: "Bank"}); err != nil {
					t.Error(err)
					return
				}
				who := fmt.Sprint("c-", caller)
				insist(t, l, slug, func() ledger.Command { return push(who) })
				for i := range payments {
					insist(t, l, slug, func() ledger.Command { return payment(fmt.Sprintf("%s/%d", who, i), who) })
				}
			})
		}
	}
	group.Wait()
	for n := range tenants {
		slug := fmt.Sprint("tenant-", n)
		if got := len(recorded(t, l, slug)); got != callers*payments {
			t.Errorf("%s has %d events, want %d", slug, got, callers*payments)
		}
		audit(t, l, slug)
	}
}

// TestFailedStoreIsStillRead shows what goes on when nothing can be written any more.
func TestFailedStoreIsStillRead(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	execute(t, l, push("c-1"))
	first := execute(t, l, payment("e-1", "c-1"))
	store.Inject(eventstore.Fault{Err: fmt.Errorf("%w: disk full", eventstore.ErrFailed)})
	for range 3 {
		if _, err := l.Execute(t.Context(), "acme", "test", payment("e-2", "c-1")); domain.CodeOf(err) != domain.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
	}
	if !errors.Is(l.Err(), eventstore.ErrFailed) {
		t.Errorf("the ledgers say %v", l.Err())
	}
	if e, err := l.Find(t.Context(), "acme", "event/e-1"); err != nil || e.Seq != first.Receipt.Seq {
		t.Errorf("found %d, %v", e.Seq, err)
	}
	if err := l.View(t.Context(), "acme", func(*ledger.State) error { return nil }); err != nil {
		t.Error(err)
	}
	audit(t, l, "acme")
}

// TestTooLargeToRecord has a decision that no append can hold: it is refused, and the ledger goes on.
func TestTooLargeToRecord(t *testing.T) {
	l := openLedgers(t, eventstore.NewMemory(), t.TempDir())
	execute(t, l, push("c-1"))
	for i := range 60 {
		execute(t, l, ledger.AddEntry(screening.AddEntry{Entry: screening.Entry{
			List: "own", Category: "internal", EntityType: "individual", Name: "John Smith", Reason: fmt.Sprint("case ", i),
		}}))
	}
	profile := push("c-2").(*ledger.PushCustomer).Profile
	for range 64 {
		profile.Aliases = append(profile.Aliases, "Smith John")
	}
	large := func() ledger.Command { return &ledger.PushCustomer{Push: customer.Push{Profile: profile}} }
	if _, err := l.Execute(t.Context(), "acme", "test", large()); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("got %v, want invalid", err)
	}
	execute(t, l, payment("e-1", "c-1"))
	audit(t, l, "acme")
}
