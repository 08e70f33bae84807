package eventstore_test

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/eventstore"
)

// openNode opens one of several nodes over a store.
func openNode(t *testing.T, store eventstore.Store) *eventstore.Ledgers {
	t.Helper()
	ids, err := eventstore.OpenIDs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := eventstore.Open(t.Context(), eventstore.Options{
		Store: store, IDs: ids, Origin: "test.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)), Shared: true,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Appended: func(string, []domain.Envelope) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		if err := ids.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestNodesWriteOneLedger(t *testing.T) {
	const writers, each = 16, 40
	store := eventstore.NewMemory()
	a, b := openNode(t, store), openNode(t, store)
	if _, err := a.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	execute(t, a, push("c-1"))
	var group sync.WaitGroup
	for i, node := range []*eventstore.Ledgers{a, b} {
		for w := range writers {
			group.Go(func() {
				for n := range each {
					id := fmt.Sprintf("e-%d-%d-%d", i, w, n)
					if _, err := node.Execute(t.Context(), "acme", "test", payment(id, "c-1")); err != nil {
						t.Errorf("node %d: %v", i, err)
						return
					}
				}
			})
		}
	}
	group.Wait()
	report := audit(t, a, "acme")
	ids := map[string]int{}
	for e, err := range b.Envelopes(t.Context(), "acme", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if bound, ok := e.Event.(domain.Idempotent); ok && bound.Idempotency().Key != "" {
			ids[bound.Idempotency().Key]++
		}
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	if len(ids) != 2*writers*each {
		t.Errorf("%d of %d acknowledged events are there", len(ids), 2*writers*each)
	}
	for i, node := range []*eventstore.Ledgers{a, b} { // of hashes that survive lost races
		if err := node.Refresh(t.Context(), "acme"); err != nil {
			t.Error(err)
		}
		if _, err := node.Prove(t.Context(), "acme", 300); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
	t.Logf("%d events", report.Size)
}

func TestNodesLearnFromEachOther(t *testing.T) {
	store := eventstore.NewMemory()
	a, b := openNode(t, store), openNode(t, store)
	if _, err := a.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	refresh := func(slugs ...string) {
		t.Helper()
		for _, slug := range slugs {
			if err := b.Refresh(t.Context(), slug); err != nil {
				t.Fatal(err)
			}
		}
	}
	key := access.Key{ID: "0123456789ab", Name: "key", SecretHash: "00", Scopes: []string{"admin"}}
	if _, err := a.Execute(t.Context(), "acme", "test", ledger.IssueKey(access.IssueKey{Key: key})); err != nil {
		t.Fatal(err)
	}
	refresh("system", "acme")
	if slug, known, err := b.KeyOwner(t.Context(), key.ID); err != nil || !known || slug != "acme" {
		t.Errorf("the other node's key: got %q, %v, %v", slug, known, err)
	}
	if outcome := execute(t, b, push("c-1")); outcome.Reply.(*ledger.CustomerView).Rating.SanctionsFlag {
		t.Fatal("flagged before the list was published")
	}
	if _, err := a.PublishList(t.Context(), "test", screening.PublishList{
		List: "ofac-sdn", Category: "sanctions", Format: "test", Source: "test", SourceHash: fmt.Sprintf("%064d", 1),
		RetrievedAt: time.Now().Add(-time.Hour), Entries: []screening.Entry{{ID: "1", EntityType: "individual", Name: "EXAMPLE, Ann"}},
	}); err != nil {
		t.Fatal(err)
	}
	refresh("system", "acme")
	outcome := execute(t, b, push("c-2"))
	if !outcome.Reply.(*ledger.CustomerView).Rating.SanctionsFlag {
		t.Error("the other node's list is not in force")
	}
	if _, err := a.Execute(t.Context(), "acme", "test", ledger.RevokeKey(access.RevokeKey{KeyID: key.ID})); err != nil {
		t.Fatal(err)
	}
	refresh("acme")
	if err := b.View(t.Context(), "acme", func(s *ledger.State) error {
		if s.Access.Key(key.ID).Usable(time.Now()) {
			t.Error("the key the other node revoked is usable")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	audit(t, a, "acme")
}

// TestNodesRefuseNothingTheyDoNotKnowYet has a node answer at once on what another wrote a moment ago.
func TestNodesRefuseNothingTheyDoNotKnowYet(t *testing.T) {
	store := eventstore.NewMemory()
	a, b := openNode(t, store), openNode(t, store)
	if _, err := a.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	execute(t, b, push("c-0"))
	nodes := []*eventstore.Ledgers{a, b}
	for i := range 20 {
		here, there := nodes[i%2], nodes[1-i%2]
		id := fmt.Sprintf("c-%d", i+1)
		first := execute(t, here, push(id)).Receipt
		execute(t, there, payment("e-"+id, id)) // refused when prepared, if the customer is not known
		if again := execute(t, there, push(id)); again.Changed || again.Receipt != first {
			t.Errorf("the same profile again: changed %v, receipt %+v, first %+v", again.Changed, again.Receipt, first)
		}
		if _, err := there.Execute(t.Context(), "acme", "test", ledger.CloseCustomer(customer.Close{Customer: id, Reason: "gone"})); err != nil {
			t.Fatal(err)
		}
	}
	audit(t, a, "acme")
}
