package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
	"whocomply/eventstore/eventstoretest"
)

// follower reads a ledger up to its end whenever it is woken, as a projection does.
type follower struct {
	store *eventstore.ESDB
	mu    sync.Mutex
	seen  map[string]int64
	woken chan string
}

// follow watches with a store, for the length of the test.
func follow(t *testing.T, s *eventstore.ESDB) *follower {
	f := &follower{store: s, seen: make(map[string]int64), woken: make(chan string, 1<<16)}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		defer close(f.woken)
		if err := s.Watch(ctx, func(ledger string) { f.woken <- ledger }); !errors.Is(err, context.Canceled) {
			t.Errorf("watch ended with %v", err)
		}
	})
	group.Go(func() { f.run(t) })
	t.Cleanup(func() {
		cancel()
		group.Wait()
	})
	return f
}

func (f *follower) run(t *testing.T) {
	for ledger := range f.woken {
		f.mu.Lock()
		next := f.seen[ledger]
		f.mu.Unlock()
		for away := true; away; { // from the server
			away = false
			for r, err := range f.store.Read(t.Context(), ledger, next) {
				if away = errors.Is(err, eventstore.ErrUnavailable); err == nil {
					next = r.Seq + 1
				}
			}
		}
		f.mu.Lock()
		f.seen[ledger] = next
		f.mu.Unlock()
	}
}

// reached reports whether the follower comes to have seen so many records of a ledger in time.
func (f *follower) reached(ledger string, size int64, in time.Duration) bool {
	for end := time.Now().Add(in); ; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		seen := f.seen[ledger]
		f.mu.Unlock()
		if seen >= size || time.Now().After(end) {
			return seen >= size
		}
	}
}

func (f *follower) wait(t *testing.T, ledger string, size int64) {
	t.Helper()
	if !f.reached(ledger, size, 10*time.Second) {
		t.Fatalf("the follower has not seen %d records of %s", size, ledger)
	}
}

// TestESDBWatch follows what another process writes, while the server drops subscriptions, breaks connections, goes
// away and is restored to an older state.
func TestESDBWatch(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	writer := openESDB(t, server.URL())
	var sizes [3]int64
	write := func(ledger, n int) {
		t.Helper()
		name := fmt.Sprintf("tenant/%d", ledger)
		for range n {
			if err := writer.Append(t.Context(), eventstoretest.BatchOf(name, sizes[ledger], 1)); err != nil {
				t.Fatal(err)
			}
			sizes[ledger]++
		}
	}
	write(0, 3)
	f := follow(t, openESDB(t, server.URL()))
	f.wait(t, "tenant/0", 3) // What was there before.
	for round, harm := range []func(){
		func() {},
		server.DropSubscriptions,
		server.DropConnections,
		func() { server.Stop(); server.Restart(t) },
	} {
		write(round%2, 5)
		harm()
		write(1-round%2, 5)
		write(2, 1)
		for ledger, size := range sizes {
			f.wait(t, fmt.Sprintf("tenant/%d", ledger), size)
		}
	}
	behind := server.End()
	others(t, server, 3000)
	for end := time.Now().Add(5 * time.Second); server.SubscribedAfter() <= behind; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("checkpoints do not move on where the watch begins again")
		}
		server.DropSubscriptions()
	}
	write(0, 1)
	f.wait(t, "tenant/0", sizes[0])
}

// TestESDBWatchAfterRestore shows that nobody waits for a position that the server has not reached again.
func TestESDBWatchAfterRestore(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	writer := openESDB(t, within(server, 500))
	for first := range int64(9) {
		if err := writer.Append(t.Context(), eventstoretest.BatchOf("acme", first, 1)); err != nil {
			t.Fatal(err)
		}
	}
	f := follow(t, openESDB(t, within(server, 500)))
	f.wait(t, "acme", 9)
	server.Rollback(5)
	after := openESDB(t, server.URL()) // a process that has seen nothing of what is lost
	if err := after.Append(t.Context(), eventstoretest.BatchOf("other", 0, 1)); err != nil {
		t.Fatal(err)
	}
	for range 50 { // The first may come before the follower has subscribed.
		server.DropSubscriptions()
		if f.reached("other", 1, 200*time.Millisecond) {
			return
		}
	}
	t.Error("the follower waits for a position that is far ahead")
}

// others writes events to streams that are no ledgers.
func others(t *testing.T, server *esdbtest.Server, n int) {
	t.Helper()
	administrator(t, server, func(ctx context.Context, c *esdb.Client) error {
		for range n / 500 {
			_, err := c.AppendToStream(ctx, "ledgerless", esdb.AppendToStreamOptions{}, make([]esdb.EventData, 500)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// TestESDBWatchSeesTruncation shows that a ledger whose stream is given a limit gets no further record, though nothing
// is hidden yet.
func TestESDBWatchSeesTruncation(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	s := openESDB(t, within(server, 500))
	f := follow(t, s)
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 5)); err != nil {
		t.Fatal(err)
	}
	f.wait(t, "acme", 5)
	administrator(t, server, setMetadata(func(m *esdb.StreamMetadata) { m.SetMaxCount(1000) }))
	var err error
	for size := int64(5); size < 1000 && err == nil; size++ {
		time.Sleep(time.Millisecond)
		err = s.Append(t.Context(), eventstoretest.BatchOf("acme", size, 1))
	}
	wantDamage(t, "append", err, "record 0: the stream's metadata hide records by $maxCount")
}

func TestESDBWatchEnds(t *testing.T) {
	t.Parallel()
	server := esdbtest.Start(t)
	s := openESDB(t, server.URL())
	ended := make(chan error)
	go func() { ended <- s.Watch(t.Context(), func(string) {}) }()
	time.Sleep(50 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("watch of a closed store: %v", err)
	}
	denied := openESDB(t, server.URL())
	server.SetQuirks(esdbtest.Quirks{Denied: true})
	if err := denied.Watch(t.Context(), func(string) {}); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("watch without access: %v", err)
	}
}
