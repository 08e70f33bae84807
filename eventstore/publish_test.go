package eventstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/eventstore"
)

// listed is a list whose publication takes several appends; its first entry has the name given.
func listed(name string) screening.PublishList {
	cmd := screening.PublishList{
		List: "sanctions", Category: "sanctions", Format: "test", Source: "list.csv", SourceHash: strings.Repeat("0", 64),
		RetrievedAt: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC),
		Entries:     []screening.Entry{{ID: "1", EntityType: "individual", Name: name}},
	}
	for i := range 600 {
		cmd.Entries = append(cmd.Entries, screening.Entry{
			ID: fmt.Sprint("x", i), EntityType: "business", Name: fmt.Sprint(name, " Trading ", i), Reason: strings.Repeat("r", 4000),
		})
	}
	return cmd
}

func publishList(t *testing.T, l *eventstore.Ledgers, cmd screening.PublishList) *screening.Publication {
	t.Helper()
	p, err := l.PublishList(t.Context(), "test", cmd)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pushed pushes a customer and gives what it was screened against, and how many hits there were.
func pushed(t *testing.T, l *eventstore.Ledgers, slug, id, name string) ([]domain.ListVersion, int) {
	t.Helper()
	cmd := push(id).(*ledger.PushCustomer)
	cmd.Profile.FullName = name
	outcome, err := l.Execute(t.Context(), slug, "test", cmd)
	if err != nil {
		t.Fatal(err)
	}
	found := outcome.Reply.(*ledger.CustomerView).Screening
	return found.Lists, len(found.Hits)
}

func checkScreened(t *testing.T, l *eventstore.Ledgers, slug, id, name string, want domain.ListVersion) {
	t.Helper()
	if lists, hits := pushed(t, l, slug, id, name); len(lists) != 1 || lists[0] != want || hits != 1 {
		t.Errorf("%s was screened against %v with %d hits, want a hit on %v", name, lists, hits, want)
	}
}

func TestPublicationReachesTenants(t *testing.T) {
	store, dir := eventstore.NewMemory(), t.TempDir()
	var second domain.ListVersion
	t.Run("while they are loaded", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		if lists, _ := pushed(t, l, "acme", "c-0", "Olga Alpha"); len(lists) != 0 {
			t.Errorf("screened against %v before any list was published", lists)
		}
		checkScreened(t, l, "acme", "c-1", "Olga Alpha", publishList(t, l, listed("Olga Alpha")).ListVersion)
		second = publishList(t, l, listed("Olga Beta")).ListVersion
		checkScreened(t, l, "acme", "c-2", "Olga Beta", second)
	})
	t.Run("after a restart", func(t *testing.T) {
		checkScreened(t, openLedgers(t, store, dir), "acme", "c-3", "Olga Beta", second)
	})
	t.Run("those made later", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		if _, err := l.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "late", Name: "Late Bank"}); err != nil {
			t.Fatal(err)
		}
		checkScreened(t, l, "late", "c-1", "Olga Beta", second)
	})
}

// TestInterruptedPublication stops publications between two of their appends: nothing of them shows.
func TestInterruptedPublication(t *testing.T) {
	store, dir := eventstore.NewMemory(), t.TempDir()
	var third domain.ListVersion
	t.Run("interrupted", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		first := publishList(t, l, listed("Olga Alpha")).ListVersion
		for range 2 {
			store.Inject(eventstore.Fault{}, eventstore.Fault{Err: eventstore.ErrUnavailable})
			if _, err := l.PublishList(t.Context(), "test", listed("Olga Gone")); domain.CodeOf(err) != domain.Unavailable {
				t.Fatalf("got %v, want unavailable", err)
			}
		}
		checkScreened(t, l, "acme", "c-1", "Olga Alpha", first)
		third = publishList(t, l, listed("Olga Beta")).ListVersion
		checkScreened(t, l, "acme", "c-2", "Olga Beta", third)
	})
	t.Run("after a restart", func(t *testing.T) {
		l := openLedgers(t, store, dir)
		checkScreened(t, l, "acme", "c-3", "Olga Beta", third)
		if lists, hits := pushed(t, l, "acme", "c-4", "Olga Gone"); hits != 0 {
			t.Errorf("%d hits on what was never published, lists %v", hits, lists)
		}
		audit(t, l, "system")
	})
}

// TestOnlyDurableListsAreAdopted opens a tenant while a publication that will fail is being made durable.
func TestOnlyDurableListsAreAdopted(t *testing.T) {
	memory := eventstore.NewMemory()
	t.Run("make the tenant", func(t *testing.T) { openLedgers(t, memory, t.TempDir()) })
	store := newGated(memory, "system")
	l, err := newLedgers(t, store, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store.shut.Store(true)
	published := make(chan error, 1)
	go func() {
		_, err := l.PublishList(t.Context(), "test", listed("Olga Alpha"))
		published <- err
	}()
	<-store.waits
	pushing := make(chan error, 1)
	go func() {
		_, err := l.Execute(t.Context(), "acme", "test", push("c-1"))
		pushing <- err
	}()
	select {
	case err := <-pushing:
		t.Errorf("the tenant was opened before it was known what is published: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	store.pass <- eventstore.ErrUnavailable
	store.open()
	if err := <-published; domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("the publication: %v, want unavailable", err)
	}
	err = <-pushing
	if domain.CodeOf(err) == domain.Unavailable { // refused with the publication it waited behind
		_, err = l.Execute(t.Context(), "acme", "test", push("c-1"))
	}
	if err != nil {
		t.Error(err)
	}
	for e, err := range l.Envelopes(t.Context(), "acme", 0) {
		if _, adopted := e.Event.(screening.Adopted); adopted || err != nil {
			t.Errorf("event %d is %T, %v", e.Seq, e.Event, err)
		}
	}
}
