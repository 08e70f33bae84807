package chain_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"whocomply/domain/chain"
)

const vectors = "../../testdata/chain"

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectors, name))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readLines reads one JSON value a line.
func readLines[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for line := range strings.Lines(string(data)) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWycheproofEd25519(t *testing.T) {
	var file struct {
		TestGroups []struct {
			PublicKey struct{ Pk string }
			Tests     []struct {
				TcID             int
				Msg, Sig, Result string
			}
		}
	}
	readVectors(t, "wycheproof_ed25519_test.json", &file)
	count := 0
	for _, g := range file.TestGroups {
		v, err := chain.NewVerifier(ledgerName, unhex(t, g.PublicKey.Pk))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Tests {
			count++
			if got := v.Verify(unhex(t, c.Msg), unhex(t, c.Sig)); got != (c.Result == "valid") {
				t.Errorf("case %d: verifies %v, want %s", c.TcID, got, c.Result)
			}
		}
	}
	if count < 150 {
		t.Errorf("only %d cases", count)
	}
}

func TestWycheproofHMAC(t *testing.T) {
	var file struct {
		TestGroups []struct {
			KeySize, TagSize int
			Tests            []struct {
				TcID                  int
				Key, Msg, Tag, Result string
			}
		}
	}
	readVectors(t, "wycheproof_hmac_sha256_test.json", &file)
	count := 0
	for _, g := range file.TestGroups {
		if g.KeySize != 8*chain.SaltSize || g.TagSize != 8*chain.HashSize {
			continue // Not of the sizes that commitments use.
		}
		for _, c := range g.Tests {
			count++
			got := chain.Commit([chain.SaltSize]byte(unhex(t, c.Key)), unhex(t, c.Msg))
			if bytes.Equal(got[:], unhex(t, c.Tag)) != (c.Result == "valid") {
				t.Errorf("case %d: commitment %x, want %s", c.TcID, got, c.Result)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d cases", count)
	}
}

func TestRFC6962Hashes(t *testing.T) {
	var cases []struct{ Desc, Leaf, Left, Right, Want string }
	readVectors(t, "rfc6962/hash_vectors.json", &cases)
	for _, c := range cases {
		var got chain.Hash
		switch {
		case strings.HasPrefix(c.Desc, "empty tree"):
			got = new(chain.Tree).Root()
		case strings.HasPrefix(c.Desc, "leaf"):
			got = chain.LeafHash([]byte(c.Leaf))
		default:
			continue // Nodes hold arbitrary bytes there; trees are compared below.
		}
		if hex.EncodeToString(got[:]) != c.Want {
			t.Errorf("%s: %x, want %s", c.Desc, got, c.Want)
		}
	}
}

func TestRFC6962Inclusion(t *testing.T) {
	type vector struct {
		File           string `json:"_file"`
		LeafIdx        uint64
		TreeSize       uint64
		Root, LeafHash []byte
		Proof          [][]byte
		WantErr        bool
	}
	for _, c := range readLines[vector](t, "rfc6962/inclusion_dev.jsonl") {
		root, leaf, proof, ok := hashesOf(c.Root, c.LeafHash, c.Proof)
		err := errors.New("a hash of another length")
		if ok {
			err = chain.CheckInclusion(proof, int64(c.TreeSize), root, int64(c.LeafIdx), leaf)
		}
		if (err != nil) != c.WantErr {
			t.Errorf("%s: %v, want an error: %v", c.File, err, c.WantErr)
		}
	}
}

func TestRFC6962Consistency(t *testing.T) {
	type vector struct {
		File         string `json:"_file"`
		Size1, Size2 uint64
		Root1, Root2 []byte
		Proof        [][]byte
		WantErr      bool
	}
	for _, c := range readLines[vector](t, "rfc6962/consistency_dev.jsonl") {
		old, root, proof, ok := hashesOf(c.Root1, c.Root2, c.Proof)
		err := errors.New("a hash of another length")
		if ok {
			err = chain.CheckConsistency(proof, int64(c.Size2), root, int64(c.Size1), old)
		}
		if (err != nil) != c.WantErr {
			t.Errorf("%s: %v, want an error: %v", c.File, err, c.WantErr)
		}
	}
}

func hashesOf(a, b []byte, list [][]byte) (x, y chain.Hash, proof []chain.Hash, ok bool) {
	for _, h := range append([][]byte{a, b}, list...) {
		if len(h) != chain.HashSize {
			return x, y, nil, false
		}
		proof = append(proof, chain.Hash(h))
	}
	return proof[0], proof[1], proof[2:], true
}

// Strings are escaped as the RFC 8785 documents have them.
func TestJCSStrings(t *testing.T) {
	for _, name := range []string{"french", "values", "weird"} {
		var doc map[string]any
		readVectors(t, "jcs/input/"+name+".json", &doc)
		canonical, err := os.ReadFile(filepath.Join(vectors, "jcs/output", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range doc {
			s, _ := value.(string)
			for _, s := range []string{key, s} {
				h := validHeader()
				h.Subject = s
				_, rest, _ := bytes.Cut(h.Text(), []byte(`"subject":`))
				spelled, _, _ := bytes.Cut(rest, []byte(`,"time"`))
				if s != "" && !bytes.Contains(canonical, spelled) {
					t.Errorf("%s: %s is not in the canonical document", name, spelled)
				}
			}
		}
	}
}

func TestSignedNoteVectors(t *testing.T) {
	var file struct {
		Signing []struct {
			Skey, Text string
			SignedNote string `json:"signed_note"`
		}
		BadVerifierKeys []string `json:"bad_verifier_keys"`
		Open            []struct {
			Name, Expect string
			Verifiers    []string
			Note         []byte `json:"note_b64"`
		}
	}
	readVectors(t, "signed-note/vectors.json", &file)
	for _, c := range file.Signing {
		parts := strings.Split(c.Skey, "+")
		seed, err := base64.StdEncoding.DecodeString(strings.Join(parts[4:], "+"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := chain.NewSigner(parts[2], ed25519.NewKeyFromSeed(seed[1:]))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Sign([]byte(c.Text)); err != nil || string(got) != c.SignedNote {
			t.Errorf("signed %q, %v; want %q", got, err, c.SignedNote)
		}
	}
	for _, vkey := range file.BadVerifierKeys {
		if v, err := chain.ParseVerifier(vkey); err == nil {
			t.Errorf("accepted %s as %s", vkey, v)
		}
	}
	for _, c := range file.Open {
		var list []note.Verifier
		for _, vkey := range c.Verifiers {
			v, err := chain.ParseVerifier(vkey)
			if err != nil || v.String() != vkey {
				t.Fatalf("%s: parsed as %v, %v", vkey, v, err)
			}
			list = append(list, v)
		}
		if _, err := note.Open(c.Note, note.VerifierList(list...)); (err == nil) != (c.Expect == "ok") {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Expect)
		}
	}
}

func TestCheckpointVectors(t *testing.T) {
	var cases []struct {
		Name, Checkpoint, Rest string
		WantErr                bool `json:"want_err"`
	}
	readVectors(t, "signed-note/checkpoint_parse.json", &cases)
	root := chain.LeafHash(nil).String()
	for _, c := range cases {
		// The vectors' roots are not 32 bytes long and their origins not <origin>/<tenant>; extensions are refused here.
		text := strings.NewReplacer("Log\n", ledgerName+"\n", "Banana\n", ledgerName+"\n",
			"YmFuYW5hcw==", root, "dGhlIHZpZXcgZnJvbSB0aGUgdHJlZSB0b3BzIGlzIGdyZWF0IQ==", root).Replace(c.Checkpoint)
		got, err := chain.ParseCheckpoint([]byte(text))
		if want := c.WantErr || c.Rest != ""; (err != nil) != want {
			t.Errorf("%s: %+v, %v; want an error: %v", c.Name, got, err, want)
		}
	}
}

// A log of another implementation: its checkpoints open, and its tiles and entries are those this package makes.
func TestGoldenLog(t *testing.T) {
	var keys struct {
		PublicKey string `json:"public_key"`
		Entries   []string
	}
	readVectors(t, "tlog-tiles-golden-log/KEYS.json", &keys)
	v, err := chain.ParseVerifier(keys.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(vectors, "tlog-tiles-golden-log", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var tree chain.Tree
	var bundle []byte
	tiles := chain.NewTileBuilder(func(tile tlog.Tile, hashes []byte) error {
		if !bytes.Equal(hashes, file(chain.TilePath(tile))) {
			t.Errorf("%s differs", chain.TilePath(tile))
		}
		return nil
	})
	for i, text := range keys.Entries {
		leaf := chain.LeafHash([]byte(text))
		tree.Append(leaf)
		if err := errors.Join(tiles.Append(leaf), tiles.Flush()); err != nil {
			t.Fatal(err)
		}
		if bundle, err = chain.AppendEntry(bundle, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if name := chain.TilePath(chain.EntryTile(0, i+1)); !bytes.Equal(bundle, file(name)) {
			t.Errorf("%s differs", name)
		}
		c, err := chain.OpenCheckpoint(file(fmt.Sprintf("checkpoint.%d", i+1)), v)
		if err != nil || c.Size != tree.Size() || c.Root != tree.Root() {
			t.Errorf("checkpoint %+v, %v; want size %d, root %s", c, err, tree.Size(), tree.Root())
		}
		if texts, err := chain.ParseEntries(bundle); err != nil || len(texts) != i+1 || string(texts[i]) != text {
			t.Errorf("entries are %q, %v", texts, err)
		}
	}
}
