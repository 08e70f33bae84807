package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// TestSigningKeyIsRotated rotates the signing key of a running server, and once more after a crash
// that left it half done. The auditor's verifier accepts the ledger with each of the keys.
func TestSigningKeyIsRotated(t *testing.T) {
	p := newProgram(t)
	c := p.tenant()
	keyAt, nextAt := filepath.Join(p.data, keyFile), filepath.Join(p.data, nextKeyFile)
	read := func(path string) []byte {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := read(keyAt)
	s := p.serve()
	c = c.on(s)
	c.made(c.customer("c-1", "Ann Example"))
	rotated := must[[]eventstore.Rotation](p, "key", "rotate-signing")
	c.made(c.customer("c-2", "Bea Example"))
	s.stop()
	second := read(keyAt)
	if _, err := os.Stat(nextAt); err == nil || bytes.Equal(first, second) || len(rotated) != 2 {
		t.Fatalf("%s is there, the key is the same or %+v", nextKeyFile, rotated)
	}

	// A crash before the last step leaves the key of before in its place.
	if err := os.WriteFile(nextAt, second, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyAt, first, 0o600); err != nil {
		t.Fatal(err)
	}
	again := must[[]eventstore.Rotation](p, "key", "rotate-signing")
	if len(again) != 2 || again[0].Key != rotated[0].Key || !bytes.Equal(read(keyAt), second) {
		t.Errorf("%+v", again)
	}
	if reports := must[[]chain.Report](p, "verify"); len(reports) != 2 || reports[0].Verdict != chain.Intact {
		t.Errorf("%+v", reports)
	}
	bundle := filepath.Join(t.TempDir(), "bundle")
	must[exported](p, "export", "--tenant", "acme", "--out", bundle)
	keys := bytes.TrimSpace(read(filepath.Join(bundle, "keys")))
	newVerifier(t).check(t, chain.Report{Verdict: chain.Intact}, bundle, "--key", string(keys), "--key", rotated[0].Key)
}
