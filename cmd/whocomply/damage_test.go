package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"whocomply/domain/chain"
	"whocomply/eventstore/esdbtest"
)

const acmeStream = "ledger-acme"

// administrator is what somebody with rights does to a stream.
func administrator(t *testing.T, store *esdbtest.Server, harm func(context.Context, *esdb.Client) error) {
	t.Helper()
	config, err := esdb.ParseConnectionString(store.URL())
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

func metadata(change func(*esdb.StreamMetadata)) func(*testing.T, *esdbtest.Server) {
	return func(t *testing.T, store *esdbtest.Server) {
		administrator(t, store, func(ctx context.Context, c *esdb.Client) error {
			var m esdb.StreamMetadata
			change(&m)
			_, err := c.SetStreamMetadata(ctx, acmeStream, esdb.AppendToStreamOptions{}, m)
			return err
		})
	}
}

// TestDamageInTheStore harms a tenant's stream in every way a server offers, behind the back of an
// installation. The next start and the command verify say what was done and where; the ledger gets no
// further record, and other ledgers go on.
func TestDamageInTheStore(t *testing.T) {
	t.Parallel()
	sound := esdbtest.Start(t)
	first := node(t, sound.URL()+"&defaultDeadline=500", nil)
	c := first.tenant()
	s := first.serve()
	for _, w := range []write{c.customer("c-1", "Ann Example"), c.event("e-1", "c-1"), c.event("e-2", "c-1")} {
		c.on(s).made(w)
	}
	s.stop()
	size := len(sound.Events(acmeStream))
	for _, tc := range []struct {
		name string
		harm func(*testing.T, *esdbtest.Server)
		seq  int
		want string
	}{
		{"$tb", metadata(func(m *esdb.StreamMetadata) { m.SetTruncateBefore(2) }), 0, "the stream's metadata hide records by $tb: 2"},
		{"$maxCount", metadata(func(m *esdb.StreamMetadata) { m.SetMaxCount(3) }), 0, "the stream's metadata hide records by $maxCount: 3"},
		{"$maxAge", metadata(func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Hour) }), 0, "the stream's metadata hide records by $maxAge: 3600"},
		{"deleted", func(t *testing.T, store *esdbtest.Server) {
			administrator(t, store, func(ctx context.Context, c *esdb.Client) error {
				_, err := c.DeleteStream(ctx, acmeStream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
				return err
			})
		}, 0, "the stream was deleted"},
		{"tombstone", func(t *testing.T, store *esdbtest.Server) {
			administrator(t, store, func(ctx context.Context, c *esdb.Client) error {
				_, err := c.TombstoneStream(ctx, acmeStream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
				return err
			})
		}, 0, "the stream was deleted for good"},
		{"scavenged", func(_ *testing.T, store *esdbtest.Server) { store.Scavenge(acmeStream, 2) }, 2, "it is not shown, the stream goes on at 3"},
		{"redacted", func(_ *testing.T, store *esdbtest.Server) { store.Redact(acmeStream, 3) }, 3, "its data were redacted"},
		{"altered", func(_ *testing.T, store *esdbtest.Server) {
			store.Alter(acmeStream, 3, func(data []byte) []byte { data[len(data)/2] ^= 1; return data })
		}, 3, "its data are not what was written"},
		{"restored older", func(_ *testing.T, store *esdbtest.Server) { store.Rollback(2) }, size - 2, "the ledger ends here but had"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			store := sound.Backup(t)
			tc.harm(t, store)
			p := node(t, store.URL()+"&defaultDeadline=500", nil)
			err := os.CopyFS(p.data, os.DirFS(first.data))
			for _, secret := range []string{keyFile, webhookFile} { // copies are open to all
				err = errors.Join(err, os.Chmod(filepath.Join(p.data, secret), 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			c := *c
			c.t = t
			before := len(store.Events(acmeStream))
			wantVerified(t, p.run("verify", "--json"), tc.seq, tc.want)
			s := p.serve()
			s.await(`"ledger is damaged"`)
			if line := s.stderr.line(`"ledger is damaged"`); !strings.Contains(line, "ledger acme, record ") || !strings.Contains(line, tc.want) {
				t.Errorf("startup says %s", line)
			}
			if got, err := c.on(s).write(c.event("e-3", "c-1")); err != nil || got.status < http.StatusInternalServerError {
				t.Errorf("an event is answered by %v, %v", got, err)
			}
			wantVerified(t, p.run("verify", "--json"), tc.seq, tc.want) // by the server
			if other := must[tenantCreated](p, "tenant", "create", "--slug", "other", "--name", "Other"); other.Slug != "other" {
				t.Errorf("another tenant: %+v", other)
			}
			s.stop()
			if after := len(store.Events(acmeStream)); after != before {
				t.Errorf("the damaged ledger went from %d to %d records", before, after)
			}
		})
	}
}

// wantVerified wants one tampered ledger, with what was done to it and where.
func wantVerified(t *testing.T, got ended, seq int, want string) {
	t.Helper()
	var reports []chain.Report
	if err := json.Unmarshal([]byte(got.stdout), &reports); err != nil || got.code != 1 || len(reports) < 2 {
		t.Fatalf("exit code %d, %v: %s %s", got.code, err, got.stdout, got.stderr)
	}
	for _, r := range reports {
		switch {
		case !strings.HasSuffix(r.Ledger, "/acme"):
			if r.Verdict != chain.Intact {
				t.Errorf("ledger %s is %s: %s", r.Ledger, r.Verdict, r.Detail)
			}
		case r.Verdict != chain.Tampered, r.Reason != chain.CodeStore, r.FirstBadSeq == nil || *r.FirstBadSeq != int64(seq), !strings.Contains(r.Detail, want):
			t.Errorf("got %+v, want seq %d: %s", r, seq, want)
		}
	}
}
