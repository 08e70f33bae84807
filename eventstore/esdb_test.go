package eventstore_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
	"whocomply/eventstore/eventstoretest"
)

// openESDB opens a store on a connection string, for the length of the test.
func openESDB(t testing.TB, url string) *eventstore.ESDB {
	t.Helper()
	s, err := eventstore.OpenESDB(t.Context(), url, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// within is the connection string of a server from which answers are expected in so many milliseconds.
func within(server *esdbtest.Server, milliseconds int) string {
	return fmt.Sprintf("%s&defaultDeadline=%d", server.URL(), milliseconds)
}

func TestESDB(t *testing.T) {
	var servers sync.Map // of the stores that are open
	serverOf := func(s eventstore.Store) *esdbtest.Server {
		server, _ := servers.Load(s)
		return server.(*esdbtest.Server)
	}
	open := func(t *testing.T, server *esdbtest.Server) eventstore.Store {
		s, err := eventstore.OpenESDB(t.Context(), server.URL(), discard)
		if err != nil {
			t.Fatal(err)
		}
		servers.Store(s, server)
		return s
	}
	eventstoretest.Run(t, eventstoretest.Engine{
		Open: func(t *testing.T) eventstore.Store { return open(t, esdbtest.Start(t)) },
		Reopen: func(t *testing.T, s eventstore.Store) eventstore.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, serverOf(s))
		},
		Crash: func(t *testing.T, s eventstore.Store) eventstore.Store {
			return open(t, serverOf(s).Backup(t))
		},
	})
}

var discard = slog.New(slog.DiscardHandler)
