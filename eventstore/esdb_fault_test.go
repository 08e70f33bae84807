package eventstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
	"whocomply/eventstore/eventstoretest"
)

// TestESDBFaults appends through one fault of each kind, and through two of a kind: the answer is yes and the batch is
// there once.
func TestESDBFaults(t *testing.T) {
	for fault := range esdbtest.Fault(esdbtest.Faults) {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			s := openESDB(t, within(server, 500))
			server.Inject(fault, esdbtest.None, fault, fault)
			for first := int64(0); first < 6; first += 2 {
				if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", first, 2)); err != nil {
					t.Fatalf("append at %d: %v", first, err)
				}
			}
			eventstoretest.CheckPrefix(t, s, "acme", 6)
			if n := len(server.Events("ledger-acme")); n != 6 {
				t.Errorf("the stream has %d events, want 6", n)
			}
		})
	}
}

// TestESDBPatienceEnds shows that an outcome which stays open is ErrUnavailable, and that it is settled by looking.
func TestESDBPatienceEnds(t *testing.T) {
	for _, tc := range []struct {
		fault esdbtest.Fault
		size  int64 // afterwards
	}{{esdbtest.Refused, 0}, {esdbtest.NoAnswer, 0}, {esdbtest.LostAnswer, 2}, {esdbtest.Torn, 2}} {
		t.Run(tc.fault.String(), func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			s := openESDB(t, within(server, 100))
			for range 100 {
				server.Inject(tc.fault)
			}
			if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 2)); !errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("append: %v", err)
			}
			if size, err := s.Size(t.Context(), "acme"); size != tc.size || err != nil {
				t.Errorf("size %d, %v; want %d", size, err, tc.size)
			}
		})
	}
}

// TestESDBExactlyOnce lets writers in two processes append to one ledger while faults rain down. Every batch that was
// acknowledged is there once and whole; every one that was refused is not; the rest may be, once and whole.
func TestESDBExactlyOnce(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			random := rand.New(rand.NewPCG(seed, 0))
			for range 60 {
				server.Inject(esdbtest.Fault(random.IntN(esdbtest.Faults)), esdbtest.None)
			}
			var group sync.WaitGroup
			outcomes := make([]map[string]error, 2)
			for w := range outcomes {
				s := openESDB(t, within(server, 100))
				outcomes[w] = make(map[string]error)
				group.Go(func() { fight(t, s, outcomes[w], fmt.Sprintf("%d", w), rand.New(rand.NewPCG(seed, uint64(w+1)))) })
			}
			group.Wait()
			checkOnce(t, openESDB(t, server.URL()), outcomes)
		})
	}
}

// fight appends 40 batches, each as often as it takes to be acknowledged or to stay unsettled.
func fight(t *testing.T, s eventstore.Store, outcomes map[string]error, writer string, random *rand.Rand) {
	for i := range 40 {
		for try := 0; ; try++ {
			size, err := s.Size(t.Context(), "acme")
			if err != nil {
				continue // The server was away for longer than the patience.
			}
			name := fmt.Sprintf("%s.%d.%d", writer, i, try)
			b := eventstore.Batch{Ledger: "acme", First: size}
			for part := range 1 + random.IntN(3) {
				b.Records = append(b.Records, chain.Record{Note: fmt.Appendf(nil, "%s/%d", name, part)})
			}
			outcomes[name] = s.Append(t.Context(), b)
			if errors.Is(outcomes[name], eventstore.ErrDamaged) {
				t.Errorf("%s: %v", name, outcomes[name])
				return
			}
			if outcomes[name] == nil || errors.Is(outcomes[name], eventstore.ErrUnavailable) {
				break
			}
		}
	}
}

func checkOnce(t *testing.T, s eventstore.Store, outcomes []map[string]error) {
	t.Helper()
	seen := make(map[string]int)
	last := ""
	for r, err := range s.Read(t.Context(), "acme", 0) {
		if err != nil {
			t.Fatal(err)
		}
		name, part, _ := strings.Cut(string(r.Note), "/")
		if fmt.Sprint(seen[name]) != part || part != "0" && name != last {
			t.Errorf("record %d is %s, doubled or out of order", r.Seq, r.Note)
		}
		last = name
		seen[name]++
	}
	acknowledged, open := 0, 0
	for _, of := range outcomes {
		for name, err := range of {
			_, refused := errors.AsType[*eventstore.ConflictError](err)
			switch {
			case err == nil && seen[name] == 0:
				t.Errorf("%s was acknowledged and is lost", name)
			case refused && seen[name] > 0:
				t.Errorf("%s was refused and is there", name)
			case err == nil:
				acknowledged++
			case errors.Is(err, eventstore.ErrUnavailable):
				open++
			}
		}
	}
	if acknowledged < 40 {
		t.Errorf("only %d batches were acknowledged, %d stayed open", acknowledged, open)
	}
}
