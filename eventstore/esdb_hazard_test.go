package eventstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
	"whocomply/eventstore/eventstoretest"
)

// administrator is what somebody with the library and the rights can do to a stream.
func administrator(t testing.TB, server *esdbtest.Server, harm func(context.Context, *esdb.Client) error) {
	t.Helper()
	config, err := esdb.ParseConnectionString(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = nil
	c, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(harm(t.Context(), c), c.Close()); err != nil {
		t.Fatal(err)
	}
}

func setMetadata(change func(*esdb.StreamMetadata)) func(context.Context, *esdb.Client) error {
	return func(ctx context.Context, c *esdb.Client) error {
		var m esdb.StreamMetadata
		change(&m)
		_, err := c.SetStreamMetadata(ctx, "ledger-acme", esdb.AppendToStreamOptions{}, m)
		return err
	}
}

func softDelete(ctx context.Context, c *esdb.Client) error {
	_, err := c.DeleteStream(ctx, "ledger-acme", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	return err
}

func tombstone(ctx context.Context, c *esdb.Client) error {
	_, err := c.TombstoneStream(ctx, "ledger-acme", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	return err
}

// TestESDBHazards harms a ledger of five records in every way a server offers. Neither the process that wrote it nor
// one that starts afterwards may add to it once the harm can be seen.
func TestESDBHazards(t *testing.T) {
	flip := func(data []byte) []byte { data[len(data)/2] ^= 1; return data }
	for _, tc := range []struct {
		name  string
		harm  func(t *testing.T, s *esdbtest.Server)
		want  string // in the error, beside the ledger
		found string // by what: "append", "read", or "memory" of the process that wrote it
	}{
		{"truncated", byAdmin(setMetadata(func(m *esdb.StreamMetadata) { m.SetTruncateBefore(2) })), "record 0: it is not shown, the stream goes on at 2", "append"},
		{"truncated whole", byAdmin(setMetadata(func(m *esdb.StreamMetadata) { m.SetTruncateBefore(9) })), "record 0: the stream shows none", "append"},
		{"counted out", byAdmin(setMetadata(func(m *esdb.StreamMetadata) { m.SetMaxCount(3) })), "record 0: it is not shown, the stream goes on at 2", "append"},
		{"deleted", byAdmin(softDelete), "record 0: the stream", "append"},
		{"tombstone", byAdmin(tombstone), "record 0: the stream was deleted for good", "append"},
		{"scavenged front", func(_ *testing.T, s *esdbtest.Server) { s.Scavenge("ledger-acme", 0) }, "record 0: it is not shown, the stream goes on at 1", "append"},
		{"redacted front", func(_ *testing.T, s *esdbtest.Server) { s.Redact("ledger-acme", 0) }, "record 0: its data were redacted", "append"},
		{"redacted", func(_ *testing.T, s *esdbtest.Server) { s.Redact("ledger-acme", 3) }, "record 3: its data were redacted", "read"},
		{"flipped bit", func(_ *testing.T, s *esdbtest.Server) { s.Alter("ledger-acme", 3, flip) }, "record 3: its data are not what was written", "read"},
		{"gap", func(_ *testing.T, s *esdbtest.Server) { s.Scavenge("ledger-acme", 2) }, "record 2: it is not shown, the stream goes on at 3", "read"},
		{"restored older", func(_ *testing.T, s *esdbtest.Server) { s.Rollback(2) }, "record 3: the stream ends here, it had 5 records before", "memory"},
		{"restored empty", func(_ *testing.T, s *esdbtest.Server) { s.Rollback(5) }, "record 0: the stream was deleted", "memory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := esdbtest.Start(t)
			writer := openESDB(t, within(server, 500))
			if err := writer.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 5)); err != nil {
				t.Fatal(err)
			}
			tc.harm(t, server)
			stores := map[string]*eventstore.ESDB{"the writer": writer}
			if tc.found != "memory" {
				stores["a new process"] = openESDB(t, within(server, 500))
			}
			before := len(server.Events("ledger-acme"))
			for who, s := range stores {
				if tc.found == "read" {
					wantDamage(t, who+" reads", lastError(t.Context(), s), tc.want)
				}
				for range 2 {
					wantDamage(t, who+" appends", s.Append(t.Context(), eventstoretest.BatchOf("acme", 5, 1)), tc.want)
				}
				if err := s.Append(t.Context(), eventstoretest.BatchOf("other", int64(len(server.Events("ledger-other"))), 1)); err != nil {
					t.Errorf("%s appends to a sound ledger: %v", who, err)
				}
				if s.Err() != nil {
					t.Errorf("the store of %s has failed for good: %v", who, s.Err())
				}
			}
			if after := len(server.Events("ledger-acme")); after != before {
				t.Errorf("the damaged ledger went from %d to %d records", before, after)
			}
		})
	}
}

func byAdmin(harm func(context.Context, *esdb.Client) error) func(*testing.T, *esdbtest.Server) {
	return func(t *testing.T, s *esdbtest.Server) { administrator(t, s, harm) }
}

// lastError reads the ledger acme and gives the error it ends with.
func lastError(ctx context.Context, s eventstore.Store) (last error) {
	for _, err := range s.Read(ctx, "acme", 0) {
		last = err
	}
	return last
}

func wantDamage(t *testing.T, what string, err error, want string) {
	t.Helper()
	if !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), "ledger acme, "+want) {
		t.Errorf("%s: got %v, want damage: %s", what, err, want)
	}
}

// TestESDBMetadataThatWillHide shows that a limit counts before it has hidden anything.
func TestESDBMetadataThatWillHide(t *testing.T) {
	server := esdbtest.Start(t)
	before := openESDB(t, within(server, 500))
	if err := before.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 5)); err != nil {
		t.Fatal(err)
	}
	administrator(t, server, setMetadata(func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Hour) }))
	after := openESDB(t, within(server, 500))
	wantDamage(t, "append", after.Append(t.Context(), eventstoretest.BatchOf("acme", 5, 1)), "record 0: the stream's metadata hide records by $maxAge: 3600")
}

// TestESDBTransientDamage shows that a leader which shows an older state for a moment condemns no ledger.
func TestESDBTransientDamage(t *testing.T) {
	old, current := esdbtest.Start(t), (*esdbtest.Server)(nil)
	s := openESDB(t, within(old, 500))
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 0, 5)); err != nil {
		t.Fatal(err)
	}
	current = old.Backup(t)
	old.Rollback(2)
	restored := make(chan struct{})
	go func() {
		defer close(restored)
		time.Sleep(30 * time.Millisecond)
		old.Adopt(current)
	}()
	if size, err := s.Size(t.Context(), "acme"); size != 5 || err != nil {
		t.Errorf("size %d, %v; want 5", size, err)
	}
	<-restored
	if err := s.Append(t.Context(), eventstoretest.BatchOf("acme", 5, 1)); err != nil {
		t.Errorf("append after all: %v", err)
	}
}

// TestESDBAccessList shows that a ledger's stream is closed to others before its first record is written.
func TestESDBAccessList(t *testing.T) {
	server := esdbtest.Start(t)
	s := openESDB(t, within(server, 500))
	server.Inject(esdbtest.Refused)
	if err := s.Append(t.Context(), eventstoretest.BatchOf("a.b/c:d_e-f", 0, 1)); err != nil {
		t.Fatal(err)
	}
	const stream = "ledger-a.b/c:d_e-f"
	want := `{"$acl":{"$d":"$admins","$mr":"$admins","$mw":"$admins","$r":"$admins","$w":"$admins"}}`
	if got := server.Events("$$" + stream); len(got) != 1 || string(got[0]) != want {
		t.Errorf("metadata of %s: %q, want once %s", stream, got, want)
	}
	if log := server.Log(); len(log) != 4 || log[0] != "$$"+stream || log[3] != stream {
		t.Errorf("streams in the order of writing: %q", log)
	}
	if got := server.Events("ledgers"); len(got) != 1 || string(got[0]) != "a.b/c:d_e-f" {
		t.Errorf("list of ledgers: %q", got)
	}
}
