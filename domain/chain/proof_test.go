package chain_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain/chain"
)

// Every proof made from tiles verifies, and no longer does when any part of the statement or the proof is changed.
func TestProofs(t *testing.T) {
	const limit = 700
	all := leaves(limit)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, limit).Draw(rt, "size")
		seq := rapid.IntRange(0, size-1).Draw(rt, "seq")
		old := rapid.IntRange(0, size).Draw(rt, "old")
		root, oldRoot := naiveRoot(all[:size]), naiveRoot(all[:old])
		_, read := storedTiles(t, all[:size])
		hashes := chain.Checkpoint{Origin: ledgerName, Size: int64(size), Root: root}.Hashes(read)

		path, err := chain.ProveInclusion(int64(size), int64(seq), hashes)
		if err == nil {
			err = chain.CheckInclusion(path, int64(size), root, int64(seq), all[seq])
		}
		if err != nil {
			rt.Fatal(err)
		}
		proof, err := chain.ProveConsistency(int64(size), int64(old), hashes)
		if err == nil {
			err = chain.CheckConsistency(proof, int64(size), root, int64(old), oldRoot)
		}
		if err != nil {
			rt.Fatal(err)
		}

		bit := rapid.IntRange(0, 255).Draw(rt, "bit")
		if chain.CheckInclusion(path, int64(size), root, int64(seq), flipHash(all[seq], bit)) == nil ||
			chain.CheckInclusion(path, int64(size), flipHash(root, bit), int64(seq), all[seq]) == nil ||
			chain.CheckInclusion(append(slices.Clone(path), root), int64(size), root, int64(seq), all[seq]) == nil ||
			chain.CheckInclusion(path, int64(size), root, int64(seq^1), all[seq]) == nil {
			rt.Fatal("an inclusion proof holds for another statement")
		}
		if old != size && chain.CheckConsistency(proof, int64(size), flipHash(root, bit), int64(old), oldRoot) == nil && old > 0 ||
			chain.CheckConsistency(proof, int64(size), root, int64(old), flipHash(oldRoot, bit)) == nil {
			rt.Fatal("a consistency proof holds for another statement")
		}
		for i := range path {
			bad := slices.Clone(path)
			bad[i] = flipHash(bad[i], bit)
			if chain.CheckInclusion(bad, int64(size), root, int64(seq), all[seq]) == nil {
				rt.Fatalf("bit %d of hash %d of an inclusion proof does not matter", bit, i)
			}
		}
		for i := range proof {
			bad := slices.Clone(proof)
			bad[i] = flipHash(bad[i], bit)
			if chain.CheckConsistency(bad, int64(size), root, int64(old), oldRoot) == nil {
				rt.Fatalf("bit %d of hash %d of a consistency proof does not matter", bit, i)
			}
		}
	})
}

func flipHash(h chain.Hash, bit int) chain.Hash {
	h[bit/8] ^= 1 << (bit % 8)
	return h
}

// Tiles that are not of the checkpoint's tree yield an error, not a wrong proof.
func TestHashesAreProved(t *testing.T) {
	all := leaves(300)
	files, read := storedTiles(t, all)
	hashes := chain.Checkpoint{Origin: ledgerName, Size: 300, Root: naiveRoot(all)}.Hashes(read)
	files["tile/0/000"][0] ^= 1
	if path, err := chain.ProveInclusion(300, 1, hashes); err == nil {
		t.Fatalf("proved %v from a bad tile", path)
	}
}

func testProof(t testing.TB) (chain.Proof, []byte, *chain.Signer) {
	t.Helper()
	s := testSigner(t, 1)
	var tree chain.Tree
	var all []chain.Hash
	records := testLedger(t, s, 300)
	for _, r := range records {
		all = append(all, chain.LeafHash(r.Text()))
		tree.Append(all[len(all)-1])
	}
	c := chain.Checkpoint{Origin: ledgerName, Size: tree.Size(), Root: tree.Root()}
	signed, err := s.SignCheckpoint(c)
	if err != nil {
		t.Fatal(err)
	}
	_, read := storedTiles(t, all)
	path, err := chain.ProveInclusion(c.Size, 257, c.Hashes(read))
	if err != nil {
		t.Fatal(err)
	}
	return chain.Proof{Extra: []byte("extra"), Index: 257, Path: path, Checkpoint: signed}, records[257].Text(), s
}

func TestProofText(t *testing.T) {
	want, text, s := testProof(t)
	got, err := chain.ParseProof(want.Format())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := got.Verify(text, s.Verifier()); err != nil || c.Size != 300 {
		t.Fatalf("verified as %+v, %v", c, err)
	}
	if _, err := got.Verify(append([]byte("x"), text...), s.Verifier()); err == nil {
		t.Error("verified with another text")
	}
	if _, err := got.Verify(text, testSigner(t, 2).Verifier()); err == nil {
		t.Error("verified with another key")
	}
	good := string(want.Format())
	for name, edit := range map[string][2]string{
		"magic":             {"proof@v1", "proof@v2"},
		"no index":          {"index 257\n", ""},
		"leading zero":      {"index 257", "index 0257"},
		"negative":          {"index 257", "index -1"},
		"empty extra":       {"extra ZXh0cmE=", "extra "},
		"loose extra":       {"extra ZXh0cmE=", "extra ZXh0cmF="},
		"extra after index": {"extra ZXh0cmE=\nindex 257\n", "index 257\nextra ZXh0cmE=\n"},
		"short hash":        {want.Path[0].String(), "AAAA"},
		"no checkpoint":     {string(want.Checkpoint), ""},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := chain.ParseProof([]byte(bad)); err == nil {
			t.Errorf("%s: accepted %q", name, bad)
		}
	}
}

func FuzzParseProof(f *testing.F) {
	p, _, _ := testProof(f)
	f.Add(p.Format())
	f.Add(chain.Proof{Index: 0, Checkpoint: p.Checkpoint}.Format())
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := chain.ParseProof(text); err == nil && !bytes.Equal(p.Format(), text) {
			t.Fatalf("accepted another spelling: %q", text)
		}
	})
}

func TestCheckpoint(t *testing.T) {
	s, other := testSigner(t, 1), testSigner(t, 2)
	want := chain.Checkpoint{Origin: ledgerName, Size: 7, Root: naiveRoot(leaves(7))}
	signed, err := s.SignCheckpoint(want)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := chain.NewSigner("witness.example", testKey(3))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := witness.Cosign(signed)
	if err != nil {
		t.Fatal(err)
	}
	for name, note := range map[string][]byte{"signed": signed, "cosigned": cosigned} {
		if got, err := chain.OpenCheckpoint(note, s.Verifier()); err != nil || got != want {
			t.Errorf("%s: opened %+v, %v", name, got, err)
		}
		if _, err := chain.OpenCheckpoint(note, other.Verifier()); err == nil {
			t.Errorf("%s: opened with another key", name)
		}
		if _, err := chain.OpenCheckpoint(note, witness.Verifier()); err == nil {
			t.Errorf("%s: opened with the witness's key alone", name)
		}
	}
	if _, err := s.SignCheckpoint(chain.Checkpoint{Origin: "ledger.example/other"}); err == nil {
		t.Error("signed a checkpoint of another ledger")
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(chain.Checkpoint{Origin: ledgerName, Size: 7, Root: chain.LeafHash(nil)}.Format())
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := chain.ParseCheckpoint(text); err == nil && !bytes.Equal(c.Format(), text) {
			t.Fatalf("accepted another spelling: %q", text)
		}
	})
}
