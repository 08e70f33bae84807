package chain

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const (
	algEd25519 = 0x01 // C2SP signed-note signature type.
	sigPrefix  = "— "
	sigSize    = 4 + ed25519.SignatureSize // Key id and signature.
)

// Signer signs the event texts and checkpoints of one ledger. It is safe for concurrent use if its key is.
type Signer struct {
	key      crypto.Signer
	verifier *Verifier
}

// NewSigner returns the signer of the named ledger. The key must be an Ed25519 key; it may live in a hardware module.
// The same key serves many ledgers, under another key id in each.
func NewSigner(ledger string, key crypto.Signer) (*Signer, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("chain: signing key is a %T, not Ed25519", key.Public())
	}
	verifier, err := NewVerifier(ledger, public)
	if err != nil {
		return nil, err
	}
	return &Signer{key: key, verifier: verifier}, nil
}

// Verifier returns the key that verifies what the signer signs.
func (s *Signer) Verifier() *Verifier { return s.verifier }

// Sign returns the signed note of a text that ends in a newline and holds no empty line.
func (s *Signer) Sign(text []byte) ([]byte, error) {
	return s.AppendSignature(append(make([]byte, 0, len(text)+s.SignatureSize()), text...))
}

// AppendSignature makes the signed note that [Signer.Sign] returns by appending to the text.
func (s *Signer) AppendSignature(text []byte) ([]byte, error) {
	return s.appendLine(append(text, '\n'), text)
}

// SignatureSize is how many bytes longer than its text a signed note is.
func (s *Signer) SignatureSize() int {
	return len("\n") + len(s.verifier.line) + base64.StdEncoding.EncodedLen(sigSize) + len("\n")
}

// Cosign returns the note with one more signature line. Events that change keys are signed by the old key and the new.
func (s *Signer) Cosign(signed []byte) ([]byte, error) {
	text, _, ok := cutNote(signed)
	if !ok {
		return nil, errNote
	}
	return s.appendLine(slices.Clone(signed), text)
}

func (s *Signer) appendLine(dst, text []byte) ([]byte, error) {
	sig, err := s.key.Sign(nil, text, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("chain: sign: %w", err)
	}
	if len(sig) != ed25519.SignatureSize {
		return nil, fmt.Errorf("chain: sign: signature of %d bytes", len(sig))
	}
	return s.verifier.appendLine(dst, sig), nil
}

// Verifier is a public key under the name of the ledger it signs for, or of a witness. It implements [note.Verifier].
type Verifier struct {
	name string
	id   uint32
	key  ed25519.PublicKey
	line string // "— <name> ", the start of its signature lines.
}

var _ note.Verifier = (*Verifier)(nil)

// NewVerifier returns the verifier of the named ledger's notes. Its key id depends on the name and the key.
func NewVerifier(ledger string, key ed25519.PublicKey) (*Verifier, error) {
	if !isKeyName(ledger) {
		return nil, fmt.Errorf("chain: %q cannot name a key", ledger)
	}
	if len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("chain: public key of %d bytes", len(key))
	}
	sum := sha256.Sum256(slices.Concat([]byte(ledger), []byte{'\n', algEd25519}, key))
	return &Verifier{
		name: ledger,
		id:   binary.BigEndian.Uint32(sum[:]),
		key:  slices.Clone(key),
		line: sigPrefix + ledger + " ",
	}, nil
}

var errVkey = errors.New("chain: not a verifier key <ledger>+<key id>+<base64>")

// ParseVerifier parses a C2SP signed-note verifier key and accepts only the spelling that [Verifier.String] gives.
func ParseVerifier(vkey string) (*Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, b64, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algEd25519 {
		return nil, errVkey
	}
	v, err := NewVerifier(name, raw[1:])
	if err != nil {
		return nil, err
	}
	if v.String() != vkey {
		return nil, errVkey
	}
	return v, nil
}

// String returns the verifier key text "<ledger>+<key id>+<base64(0x01 ‖ public key)>" of C2SP signed notes.
func (v *Verifier) String() string {
	raw := append([]byte{algEd25519}, v.key...)
	return fmt.Sprintf("%s+%08x+%s", v.name, v.id, base64.StdEncoding.EncodeToString(raw))
}

// Name returns the name of the ledger.
func (v *Verifier) Name() string { return v.name }

// KeyHash returns the key id that signature lines carry.
func (v *Verifier) KeyHash() uint32 { return v.id }

// PublicKey returns the Ed25519 key.
func (v *Verifier) PublicKey() ed25519.PublicKey { return slices.Clone(v.key) }

// Verify reports whether sig is this key's Ed25519 signature of text.
func (v *Verifier) Verify(text, sig []byte) bool { return ed25519.Verify(v.key, text, sig) }

func (v *Verifier) appendLine(dst, sig []byte) []byte {
	raw := append(binary.BigEndian.AppendUint32(make([]byte, 0, sigSize), v.id), sig...)
	return append(base64.StdEncoding.AppendEncode(append(dst, v.line...), raw), '\n')
}

var (
	errNote         = errors.New("chain: not a signed note")
	errSignatureKey = errors.New("chain: a signature line is not by a key of the ledger, or is there twice")
	errSignature    = errors.New("chain: a signature does not verify")
)

// verifyNote checks a note of which every byte must be accounted for: a text, an empty line and one or more signature
// lines, each by another of the keys, valid, and spelled as the signer spells it. It returns how many there are.
// (note.Open is made for notes with witnesses: it skips lines by unknown keys and loose base64.)
func verifyNote(signed []byte, keys []*Verifier) (signatures int, err error) {
	text, lines, ok := cutNote(signed)
	if !ok || len(lines) == 0 {
		return 0, errNote
	}
	used := make([]bool, len(keys))
	for len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n') + 1
		if end == 0 || !bytes.HasPrefix(lines, []byte(sigPrefix)) {
			return signatures, errNote
		}
		i, sig := findSigner(lines[:end], keys)
		if i < 0 || used[i] {
			return signatures, errSignatureKey
		}
		if !keys[i].Verify(text, sig) {
			return signatures, errSignature
		}
		used[i], lines = true, lines[end:]
		signatures++
	}
	return signatures, nil
}

// findSigner returns the index of the key that a signature line names, and the signature, or -1.
func findSigner(line []byte, keys []*Verifier) (int, []byte) {
	var raw [sigSize + 2]byte
	for i, k := range keys {
		b64, ok := bytes.CutPrefix(line, []byte(k.line))
		if !ok || len(b64) != base64.StdEncoding.EncodedLen(sigSize)+1 {
			continue
		}
		n, err := base64.StdEncoding.Strict().Decode(raw[:], b64[:len(b64)-1])
		if err == nil && n == sigSize && binary.BigEndian.Uint32(raw[:]) == k.id {
			return i, raw[4:sigSize]
		}
	}
	return -1, nil
}
