package chain_test

import (
	"testing"

	"golang.org/x/mod/sumdb/note"

	"whocomply/domain/chain"
)

// A note of ours opens with the reference implementation, and equals what that would have written.
func TestSignIsSignedNote(t *testing.T) {
	s := testSigner(t, 1)
	h := validHeader()
	got, err := s.Sign(h.Text())
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(s.Verifier().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(got, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	if n.Text != string(h.Text()) || len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("opened %+v", n)
	}
	if text := (chain.Record{Note: got}).Text(); string(text) != n.Text {
		t.Fatalf("Text() = %q", text)
	}
	two, err := testSigner(t, 2).Cosign(got)
	if err != nil {
		t.Fatal(err)
	}
	if n, err = note.Open(two, note.VerifierList(v, testSigner(t, 2).Verifier())); err != nil || len(n.Sigs) != 2 {
		t.Fatalf("cosigned note: %+v, %v", n, err)
	}
}

func BenchmarkSign(b *testing.B) {
	s := testSigner(b, 1)
	h := validHeader()
	text := h.Text()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign(text); err != nil {
			b.Fatal(err)
		}
	}
}
