package eventstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"whocomply/eventstore"
	"whocomply/eventstore/eventstoretest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		os.Exit(crashChild(dir))
	}
	goleak.VerifyTestMain(m)
}

func TestMemory(t *testing.T) {
	eventstoretest.Run(t, eventstoretest.Engine{
		Open: func(*testing.T) eventstore.Store { return eventstore.NewMemory() },
		Fail: func(_ *testing.T, s eventstore.Store) {
			s.(*eventstore.Memory).Inject(eventstore.Fault{Err: eventstore.ErrFailed})
		},
	})
}

func TestBolt(t *testing.T) {
	var dirs sync.Map // of the stores that are open
	open := func(t *testing.T, dir string) eventstore.Store {
		s, err := eventstore.OpenBolt(dir)
		if err != nil {
			t.Fatal(err)
		}
		dirs.Store(s, dir)
		return s
	}
	dirOf := func(s eventstore.Store) string {
		dir, _ := dirs.Load(s)
		return dir.(string)
	}
	eventstoretest.Run(t, eventstoretest.Engine{
		Open: func(t *testing.T) eventstore.Store { return open(t, filepath.Join(t.TempDir(), "data")) },
		Reopen: func(t *testing.T, s eventstore.Store) eventstore.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, dirOf(s))
		},
		Crash: func(t *testing.T, s eventstore.Store) eventstore.Store {
			left := t.TempDir()
			if err := os.CopyFS(left, os.DirFS(dirOf(s))); err != nil {
				t.Fatal(err)
			}
			return open(t, left)
		},
	})
}

// TestMemoryFaults shows what writers are tested against: an append that was lost, and an acknowledgement that was.
func TestMemoryFaults(t *testing.T) {
	s := eventstore.NewMemory()
	lost := errors.New("lost")
	s.Inject(eventstore.Fault{Err: lost}, eventstore.Fault{Err: eventstore.ErrUnavailable, Written: true})
	for i, want := range []struct {
		err  error
		size int64
	}{{lost, 0}, {eventstore.ErrUnavailable, 1}, {nil, 2}} {
		size, err := s.Size(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", size, 1)); !errors.Is(err, want.err) {
			t.Errorf("append %d: %v, want %v", i, err, want.err)
		}
		eventstoretest.CheckPrefix(t, s, "acme", want.size)
	}
	if s.Err() != nil {
		t.Errorf("the store failed for good: %v", s.Err())
	}
}
