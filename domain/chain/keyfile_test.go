package chain_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whocomply/domain/chain"
)

func TestKeyFile(t *testing.T) {
	key := testKey(9)
	plain, err := chain.FormatKey(rand.Reader, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := chain.FormatKey(rand.Reader, key, []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file, passphrase string
		want             error
	}{
		"plain":            {string(plain), "", nil},
		"sealed":           {string(sealed), "correct horse", nil},
		"wrong passphrase": {string(sealed), "correct horsf", chain.ErrPassphrase},
		"no passphrase":    {string(sealed), "", chain.ErrPassphrase},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := chain.ParseKey([]byte(c.file), []byte(c.passphrase))
			if !errors.Is(err, c.want) || err == nil && !got.Equal(key) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
	for name, bad := range map[string]string{
		"empty":           "",
		"two blocks":      string(plain) + string(plain),
		"trailing text":   string(plain) + "x",
		"other type":      strings.ReplaceAll(string(plain), "PRIVATE", "PUBLIC"),
		"few iterations":  strings.Replace(string(sealed), "Iterations: 600000", "Iterations: 1000", 1),
		"many iterations": strings.Replace(string(sealed), "Iterations: 600000", "Iterations: 99999999999", 1),
		"other cipher":    strings.Replace(string(sealed), "AES-256-GCM", "AES-128-GCM", 1),
	} {
		if _, err := chain.ParseKey([]byte(bad), []byte("correct horse")); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Keys go both ways between this package and openssl.
func TestKeyFileIsOpenSSLs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key.pem")
	if out, err := exec.Command("openssl", "genpkey", "-algorithm", "ed25519", "-out", file).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v: %s", err, out)
	}
	made, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := chain.ParseKey(made, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := chain.FormatKey(rand.Reader, key, nil)
	if err != nil || !bytes.Equal(again, made) {
		t.Fatalf("wrote another file than openssl, %v", err)
	}
}

func FuzzParseKey(f *testing.F) {
	for _, passphrase := range []string{"", "secret"} {
		file, err := chain.FormatKey(rand.Reader, testKey(1), []byte(passphrase))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		key, err := chain.ParseKey(file, nil)
		if err != nil {
			return
		}
		again, err := chain.FormatKey(rand.Reader, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		if parsed, err := chain.ParseKey(again, nil); err != nil || !parsed.Equal(key) {
			t.Fatalf("does not survive formatting: %v", err)
		}
	})
}

func FuzzParseVerifier(f *testing.F) {
	s := testSigner(f, 1)
	f.Add(s.Verifier().String())
	f.Fuzz(func(t *testing.T, vkey string) {
		if v, err := chain.ParseVerifier(vkey); err == nil && v.String() != vkey {
			t.Fatalf("accepted another spelling: %q", vkey)
		}
	})
}
