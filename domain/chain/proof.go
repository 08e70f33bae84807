package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ProveInclusion returns the audit path (RFC 6962 §2.1.1) of event seq in the tree of the given size.
func ProveInclusion(size, seq int64, r tlog.HashReader) ([]Hash, error) {
	path, err := tlog.ProveRecord(size, seq, r)
	if err != nil {
		return nil, fmt.Errorf("chain: prove inclusion of %d in %d: %w", seq, size, err)
	}
	return path, nil
}

// CheckInclusion verifies an audit path: that leaf is number seq in the tree with this size and root.
func CheckInclusion(path []Hash, size int64, root Hash, seq int64, leaf Hash) error {
	if err := tlog.CheckRecord(path, size, root, seq, leaf); err != nil {
		return fmt.Errorf("chain: inclusion of %d in %d: %w", seq, size, err)
	}
	return nil
}

// ProveConsistency returns the proof (RFC 6962 §2.1.2) that the tree of the given size extends the one of size old.
// Every tree extends the empty one: that proof is empty.
func ProveConsistency(size, old int64, r tlog.HashReader) ([]Hash, error) {
	if old == 0 && size >= 0 {
		return nil, nil
	}
	proof, err := tlog.ProveTree(size, old, r)
	if err != nil {
		return nil, fmt.Errorf("chain: prove consistency of %d with %d: %w", size, old, err)
	}
	return proof, nil
}

// CheckConsistency verifies a consistency proof: that the tree with this size and root extends the old one.
func CheckConsistency(proof []Hash, size int64, root Hash, old int64, oldRoot Hash) error {
	if old == 0 && size >= 0 && len(proof) == 0 && oldRoot == sha256.Sum256(nil) {
		return nil
	}
	if err := tlog.CheckTree(proof, size, root, old, oldRoot); err != nil {
		return fmt.Errorf("chain: consistency of %d with %d: %w", size, old, err)
	}
	return nil
}

const (
	proofMagic = "c2sp.org/tlog-proof@v1"
	maxPath    = 63
)

// Proof shows to anyone who has the ledger's key that an event is in it. Its text form is a C2SP tlog-proof, by
// convention in a file with the extension .tlog-proof.
type Proof struct {
	Extra      []byte // Opaque to C2SP and not authenticated by it; may be empty. Ours holds the event's signed note.
	Index      int64  // The event's seq.
	Path       []Hash // Audit path in the checkpoint's tree.
	Checkpoint []byte // Signed checkpoint, verbatim.
}

// Format returns the proof's text.
func (p Proof) Format() []byte {
	out := []byte(proofMagic + "\n")
	if len(p.Extra) > 0 {
		out = fmt.Appendf(out, "extra %s\n", base64.StdEncoding.EncodeToString(p.Extra))
	}
	out = fmt.Appendf(out, "index %d\n", p.Index)
	for _, h := range p.Path {
		out = fmt.Appendf(out, "%s\n", h)
	}
	return append(append(out, '\n'), p.Checkpoint...)
}

var errProof = errors.New("chain: not a " + proofMagic)

// ParseProof parses a proof's text and accepts only the spelling of [Proof.Format]. It verifies nothing:
// [Proof.Verify] does.
func ParseProof(text []byte) (Proof, error) {
	head, checkpoint, ok := cutNote(text)
	if !ok || len(checkpoint) == 0 {
		return Proof{}, errProof
	}
	lines := strings.Split(strings.TrimSuffix(string(head), "\n"), "\n")
	if lines[0] != proofMagic {
		return Proof{}, errProof
	}
	lines = lines[1:]
	p := Proof{Checkpoint: checkpoint}
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra, err := base64.StdEncoding.DecodeString(lines[0][len("extra "):])
		if err != nil {
			return Proof{}, errProof
		}
		p.Extra, lines = extra, lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") || len(lines) > 1+maxPath {
		return Proof{}, errProof
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil || index < 0 {
		return Proof{}, errProof
	}
	p.Index = index
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return Proof{}, errProof
		}
		p.Path = append(p.Path, h)
	}
	if !bytes.Equal(p.Format(), text) {
		return Proof{}, errProof
	}
	return p, nil
}

// Verify checks that the event text is in the ledger with these keys, and returns the checkpoint that says so.
func (p Proof) Verify(text []byte, keys ...*Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(p.Checkpoint, keys...)
	if err != nil {
		return Checkpoint{}, err
	}
	if err := CheckInclusion(p.Path, c.Size, c.Root, p.Index, LeafHash(text)); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// VerifyNote checks a proof that carries the event's signed note as Extra: that the note is signed by these keys alone,
// and its event in the ledger, at the place that it states.
func (p Proof) VerifyNote(keys ...*Verifier) (Header, Checkpoint, error) {
	text := Record{Note: p.Extra}.Text()
	h, err := ParseText(text)
	if err != nil {
		return Header{}, Checkpoint{}, fmt.Errorf("chain: proof: the signed note it carries: %w", err)
	}
	if _, err := verifyNote(p.Extra, keys); err != nil {
		return h, Checkpoint{}, err
	}
	c, err := p.Verify(text, keys...)
	if err == nil && (h.Seq != p.Index || h.Ledger != c.Origin) {
		err = fmt.Errorf("chain: proof: the event is number %d of %s, the proof of number %d of %s", h.Seq, h.Ledger, p.Index, c.Origin)
	}
	return h, c, err
}
