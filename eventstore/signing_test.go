package eventstore_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
)

// signingKey is the n'th of the keys of these tests; the first is that of newLedgers.
func signingKey(n byte) crypto.Signer {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// withKeys opens the ledgers of a store with these signing keys.
func withKeys(t *testing.T, store eventstore.Store, key, next crypto.Signer) *eventstore.Ledgers {
	t.Helper()
	ids, err := eventstore.OpenIDs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := eventstore.Open(t.Context(), eventstore.Options{
		Store: store, IDs: ids, Origin: "test.example", Key: key, NextKey: next,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Appended: func(string, []domain.Envelope) {},
	})
	if err != nil {
		t.Fatal(errors.Join(err, ids.Close()))
	}
	t.Cleanup(func() {
		l.Close()
		if err := ids.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// auditSigned wants the ledger intact, signed once more for each rotation, and its checkpoint by a key.
func auditSigned(t *testing.T, l *eventstore.Ledgers, slug string, rotations int64, key crypto.Signer) {
	t.Helper()
	signed, err := l.Checkpoint(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := chain.NewSigner(l.Name(slug), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chain.OpenCheckpoint(signed, signer.Verifier()); err != nil {
		t.Errorf("checkpoint of %s: %v", slug, err)
	}
	auditor := chain.Auditor{Ledger: l.Name(slug), Trusted: signed, Keys: []*chain.Verifier{signer.Verifier()}}
	report, err := auditor.Audit(t.Context(), bare(l.Records(t.Context(), slug, 0)))
	if err != nil || report.Verdict != chain.Intact || report.Signatures != report.Size+rotations {
		t.Errorf("%+v, %v; want %d signatures more than events", report, err, rotations)
	}
}

// bare gives stored records without their places, to be kept.
func bare(stored iter.Seq2[eventstore.Stored, error]) iter.Seq2[chain.Record, error] {
	return func(yield func(chain.Record, error) bool) {
		for s, err := range stored {
			if !yield(s.Clone(), err) {
				return
			}
		}
	}
}

// issueKeys adds n events to acme's ledger.
func issueKeys(t *testing.T, l *eventstore.Ledgers, first, n int) {
	t.Helper()
	for i := range n {
		key := access.Key{ID: fmt.Sprintf("%012x", first+i), Name: "test", SecretHash: strings.Repeat("0", 64), Scopes: []string{"admin"}}
		if _, err := l.Execute(t.Context(), "acme", "test", ledger.IssueKey(access.IssueKey{Key: key})); err != nil {
			t.Error(err)
		}
	}
}

// TestLedgersChangeTheirSigningKey rotates the key under load, opens the ledgers again, and rotates
// it once more.
func TestLedgersChangeTheirSigningKey(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	var load sync.WaitGroup
	for i := range 4 {
		load.Go(func() { issueKeys(t, l, 1000*i, 50) })
	}
	rotated, err := l.RotateKey(t.Context(), "operator", signingKey(2))
	if err != nil || len(rotated) != 2 || rotated[0].Ledger != "test.example/acme" || rotated[1].Ledger != "test.example/system" {
		t.Fatalf("%+v, %v", rotated, err)
	}
	load.Wait()
	issueKeys(t, l, 5000, 3)
	for _, slug := range []string{"acme", "system"} {
		auditSigned(t, l, slug, 1, signingKey(2))
	}
	size, err := l.Size(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.RotateKey(t.Context(), "operator", signingKey(2)); err != nil {
		t.Error(err)
	}
	if again, err := l.Size(t.Context(), "acme"); err != nil || again != size {
		t.Errorf("the same key again made %d events, %v", again-size, err)
	}
	if _, err := l.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "late", Name: "Late Bank"}); err != nil {
		t.Fatal(err)
	}
	auditSigned(t, l, "late", 0, signingKey(2))
	l.Close()

	again := withKeys(t, store, signingKey(2), nil)
	issueKeys(t, again, 6000, 3)
	if _, err := again.RotateKey(t.Context(), "operator", signingKey(3)); err != nil {
		t.Fatal(err)
	}
	issueKeys(t, again, 7000, 3)
	auditSigned(t, again, "acme", 2, signingKey(3))
	auditSigned(t, again, "late", 1, signingKey(3))
}

// TestALedgerWantsItsKey opens ledgers after a rotation with the keys that a crash may leave.
func TestALedgerWantsItsKey(t *testing.T) {
	store := eventstore.NewMemory()
	l := openLedgers(t, store, t.TempDir())
	first := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	if _, err := l.RotateKey(t.Context(), "operator", signingKey(2)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for name, row := range map[string]struct {
		key, next crypto.Signer
		fits      bool
	}{
		"the new key":                 {signingKey(2), nil, true},
		"the old key and the new one": {first, signingKey(2), true},
		"the old key alone":           {first, nil, false},
		"another key":                 {signingKey(9), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := withKeys(t, store, row.key, row.next)
			defer l.Close()
			before, err := l.Size(t.Context(), "acme")
			if err != nil {
				t.Fatal(err)
			}
			key := access.Key{ID: fmt.Sprintf("%012x", before), Name: "test", SecretHash: strings.Repeat("0", 64), Scopes: []string{"admin"}}
			_, err = l.Execute(t.Context(), "acme", "test", ledger.IssueKey(access.IssueKey{Key: key}))
			if row.fits != (err == nil) || !row.fits && !strings.Contains(err.Error(), "that key is not here") {
				t.Errorf("error %v", err)
			}
			after, err := l.Size(t.Context(), "acme")
			if err != nil || (after > before) != row.fits {
				t.Errorf("%d events more, %v", after-before, err)
			}
		})
	}
}
