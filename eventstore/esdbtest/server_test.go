package esdbtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.uber.org/goleak"

	"whocomply/eventstore/esdbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t *testing.T, url string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = nil
	c, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// batch makes one event for each letter, with an id and data of its own.
func batch(letters string) (events []esdb.EventData) {
	for _, l := range []byte(letters) {
		events = append(events, esdb.EventData{EventID: [16]byte{6: 0x80, 15: l}, EventType: "letter", Data: []byte{l}})
	}
	return events
}

// TestAppend holds the server to what a real one decides, by the expected revision and the ids alone.
func TestAppend(t *testing.T) {
	const wrong = esdb.ErrorCodeWrongExpectedVersion
	for _, tc := range []struct {
		name, there, batch string
		expected           esdb.ExpectedRevision
		deleted            bool // softly, before the append
		refused            esdb.ErrorCode
		revision           uint64
		after              string
	}{
		{"first", "", "abc", esdb.NoStream{}, false, 0, 2, "abc"},
		{"next", "abc", "d", esdb.Revision(2), false, 0, 3, "abcd"},
		{"too early", "abc", "d", esdb.Revision(3), false, wrong, 0, "abc"},
		{"too late", "abc", "d", esdb.Revision(1), false, wrong, 0, "abc"},
		{"exists", "abc", "d", esdb.NoStream{}, false, wrong, 0, "abc"},
		{"again", "abc", "bc", esdb.Revision(0), false, 0, 2, "abc"},
		{"first again", "abc", "ab", esdb.NoStream{}, false, 0, 1, "abc"},
		{"again with more", "abc", "bcd", esdb.Revision(0), false, wrong, 0, "abc"},
		{"again in another place", "abc", "bc", esdb.Revision(2), false, 0, 4, "abcbc"},
		{"any", "abc", "d", esdb.Any{}, false, 0, 3, "abcd"},
		{"any again", "abc", "b", esdb.Any{}, false, 0, 1, "abc"},
		{"must exist", "", "a", esdb.StreamExists{}, false, wrong, 0, ""},
		{"deleted, begun anew", "abc", "d", esdb.NoStream{}, true, 0, 3, "abcd"},
		{"deleted, gone on with", "abc", "d", esdb.Revision(2), true, 0, 3, "abcd"},
		{"deleted, must exist", "abc", "d", esdb.StreamExists{}, true, esdb.ErrorCodeStreamDeleted, 0, "abc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := esdbtest.Start(t)
			c := connect(t, server.URL())
			if tc.there != "" {
				if _, err := c.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{}, batch(tc.there)...); err != nil {
					t.Fatal(err)
				}
			}
			if tc.deleted {
				if _, err := c.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
					t.Fatal(err)
				}
			}
			result, err := c.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: tc.expected}, batch(tc.batch)...)
			refused, _ := errors.AsType[*esdb.Error](err)
			if tc.refused != 0 && (refused == nil || refused.Code() != tc.refused) || tc.refused == 0 && err != nil {
				t.Fatalf("got %v, want error %d", err, tc.refused)
			}
			if err == nil && result.NextExpectedVersion != tc.revision {
				t.Errorf("revision %d, want %d", result.NextExpectedVersion, tc.revision)
			}
			if got := string(slices.Concat(server.Events("s")...)); got != tc.after {
				t.Errorf("the stream holds %q, want %q", got, tc.after)
			}
		})
	}
}

// TestSubscribe reads with the library what a subscriber is told, from behind the first event.
func TestSubscribe(t *testing.T) {
	server := esdbtest.Start(t)
	c := connect(t, server.URL())
	write := func(stream, letters string) {
		t.Helper()
		if _, err := c.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{}, batch(letters)...); err != nil {
			t.Fatal(err)
		}
	}
	write("s", "ab")
	sub, err := c.SubscribeToStream(t.Context(), "s", esdb.SubscribeToStreamOptions{From: esdb.Revision(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	filter := &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"t"}}
	all, err := c.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: filter, MaxSearchWindow: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	for i, want := range []struct{ stream, all string }{{"b.", "+."}, {"c", "d"}} {
		if got := told(sub, len(want.stream)); got != want.stream {
			t.Errorf("the stream's subscriber was told %q, want %q", got, want.stream)
		}
		if got := told(all, len(want.all)); got != want.all {
			t.Errorf("the subscriber of all was told %q, want %q", got, want.all)
		}
		if i == 0 {
			write("s", "c")
			write("t", "d")
		}
	}
	server.DropSubscriptions()
	if got := told(sub, 1); got != "!" {
		t.Errorf("the subscriber was told %q, want that it was dropped", got)
	}
}

// told writes what a subscriber is told: an event's data, "+" for a checkpoint, "." for caught up, "!" for dropped.
func told(sub *esdb.Subscription, n int) (all string) {
	for range n {
		switch e := sub.Recv(); {
		case e.EventAppeared != nil:
			all += string(e.EventAppeared.Event.Data)
		case e.CheckPointReached != nil:
			all += "+"
		case e.CaughtUp != nil:
			all += "."
		case e.SubscriptionDropped != nil:
			all += "!"
		}
	}
	return all
}

// TestListenAndServe serves as a process of its own does; it ends with this one.
func TestListenAndServe(t *testing.T) {
	addr := make(chan string, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- esdbtest.ListenAndServe(ctx, "127.0.0.1:0", func(a string) { addr <- a }) }()
	c := connect(t, "esdb://"+<-addr+"?tls=false")
	if _, err := c.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{}, batch("a")...); err != nil {
		t.Error(err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the server goes on")
	}
}
