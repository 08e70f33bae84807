package eventstore

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc"

	"whocomply/eventstore/esdbtest"
)

func openLanes(t *testing.T, url string) *esdbLanes {
	t.Helper()
	config, err := parseESDB(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	options, err := dialOptions(config)
	if err != nil {
		t.Fatal(err)
	}
	node := &esdbNode{config: config, deadline: *config.DefaultDeadline, dial: func(addr string) (*grpc.ClientConn, error) { return grpc.NewClient(addr, options...) }}
	lanes := newESDBLanes(config, node)
	t.Cleanup(func() {
		lanes.close()
		if err := node.close(); err != nil {
			t.Error(err)
		}
	})
	return lanes
}

func appendOne(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
	return c.AppendToStream(ctx, "ledger-acme", esdb.AppendToStreamOptions{}, esdb.EventData{EventType: "t", Data: []byte("d")})
}

// TestLanesOutliveTheirClients breaks clients in the ways their library breaks by itself.
func TestLanesOutliveTheirClients(t *testing.T) {
	for _, tc := range []struct {
		name string
		harm func(t *testing.T, server *esdbtest.Server)
	}{
		{"panic at a trailer that is missing", func(t *testing.T, server *esdbtest.Server) {
			tombstoneForTest(t, server)
			server.SetQuirks(esdbtest.Quirks{NamelessStone: true})
		}},
		{"no answer", func(_ *testing.T, server *esdbtest.Server) { server.Inject(esdbtest.NoAnswer) }},
		{"connection lost", func(_ *testing.T, server *esdbtest.Server) { server.Inject(esdbtest.Lost) }},
		{"server gone", func(_ *testing.T, server *esdbtest.Server) { server.Stop() }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			lanes := openLanes(t, server.URL()+"&defaultDeadline=500")
			if _, err := lanes.do(t.Context(), appendOne); err != nil {
				t.Fatal(err)
			}
			tc.harm(t, server)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if _, err := lanes.do(ctx, appendOne); !errors.Is(err, ErrUnavailable) {
				t.Errorf("got %v, want unavailable", err)
			}
			if n := len(lanes.idle); n != 0 {
				t.Errorf("%d broken clients are kept", n)
			}
		})
	}
}

func tombstoneForTest(t *testing.T, server *esdbtest.Server) {
	t.Helper()
	_, err := openLanes(t, server.URL()+"&defaultDeadline=500").do(t.Context(), func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		_, err := c.TombstoneStream(ctx, "ledger-acme", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStuckCallEnds shows that a call which waits for what will never come ends when its client is closed.
func TestStuckCallEnds(t *testing.T) {
	server := esdbtest.Start(t)
	server.Inject(esdbtest.NoAnswer)
	lanes := openLanes(t, server.URL()+"&defaultDeadline=500")
	ended := make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := lanes.do(ctx, func(_ context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		defer close(ended)
		return appendOne(context.Background(), c)
	})
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the call goes on")
	}
}

func TestStreamNames(t *testing.T) {
	for _, ledger := range []string{"a", "A.b_c-d/e:f", "ledger-ledger-", "0"} {
		if got, ok := ledgerOf(streamOf(ledger)); got != ledger || !ok {
			t.Errorf("%q came back as %q, %v", ledger, got, ok)
		}
	}
	for _, stream := range []string{"", "ledger-", "ledgers", "$$ledger-a", "ledger-a b", "ledger--a", "Ledger-a"} {
		if ledger, ok := ledgerOf(stream); ok {
			t.Errorf("stream %q passes for that of ledger %q", stream, ledger)
		}
	}
}
