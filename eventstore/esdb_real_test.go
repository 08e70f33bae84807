package eventstore_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"testing"

	"whocomply/eventstore"
	"whocomply/eventstore/eventstoretest"
)

// realESDB names the variable with the connection string of a real EventStoreDB or KurrentDB server, on which the
// contract suite then runs too:
//
//	WHOCOMPLY_TEST_ESDB='esdb://admin:changeit@127.0.0.1:2113?tls=true&tlsVerifyCert=false' go test -run TestRealESDB ./eventstore
//
// It leaves some hundred small streams behind, each with a name of its own. Without the variable there is nothing to run.
const realESDB = "WHOCOMPLY_TEST_ESDB"

func TestRealESDB(t *testing.T) {
	url := os.Getenv(realESDB)
	if url == "" {
		return
	}
	eventstoretest.Run(t, eventstoretest.Engine{
		Open: func(t *testing.T) eventstore.Store {
			return &tenant{Store: openReal(t, url), run: rand.Text(), url: url, names: map[string]string{}}
		},
		Reopen: func(t *testing.T, s eventstore.Store) eventstore.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return s.(*tenant).again(t)
		},
		Crash: func(t *testing.T, s eventstore.Store) eventstore.Store { return s.(*tenant).again(t) },
	})
}

func openReal(t *testing.T, url string) eventstore.Store {
	s, err := eventstore.OpenESDB(t.Context(), url, discard)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tenant is a share of a server that many tests use: it gives each ledger a name of its own.
type tenant struct {
	eventstore.Store
	run, url string
	mu       sync.Mutex
	names    map[string]string // ledger by its name on the server
}

func (s *tenant) again(t *testing.T) *tenant {
	return &tenant{Store: openReal(t, s.url), run: s.run, url: s.url, names: s.names}
}

func (s *tenant) name(ledger string) string {
	if !eventstore.ValidLedger(ledger) {
		return ledger
	}
	name := fmt.Sprintf("test-%x", sha256.Sum256([]byte(s.run+ledger)))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = ledger
	return name
}

// Append implements [eventstore.Store].
func (s *tenant) Append(ctx context.Context, b eventstore.Batch) error {
	ledger := b.Ledger
	b.Ledger = s.name(ledger)
	err := s.Store.Append(ctx, b)
	if conflict, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		return &eventstore.ConflictError{Ledger: ledger, Expected: conflict.Expected, Size: conflict.Size}
	}
	return err
}

// Read implements [eventstore.Store].
func (s *tenant) Read(ctx context.Context, ledger string, from int64) iter.Seq2[eventstore.Stored, error] {
	return s.Store.Read(ctx, s.name(ledger), from)
}

// Size implements [eventstore.Store].
func (s *tenant) Size(ctx context.Context, ledger string) (int64, error) {
	return s.Store.Size(ctx, s.name(ledger))
}

// Ledgers implements [eventstore.Store].
func (s *tenant) Ledgers(ctx context.Context) ([]string, error) {
	all, err := s.Store.Ledgers(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	var ours []string
	for _, name := range all {
		if ledger, ok := s.names[name]; ok {
			ours = append(ours, ledger)
		}
	}
	slices.Sort(ours)
	return ours, err
}
