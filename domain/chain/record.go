package chain

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// HashSize is the size of a [Hash] in bytes.
	HashSize = tlog.HashSize
	// SaltSize is the size of the random salt of a commitment in bytes.
	SaltSize = 32
	// MaxPayload is the greatest length of a payload in bytes.
	MaxPayload = 16 << 20
)

// Hash is a SHA-256 hash: of a leaf, a tree node, a root or a commitment. It prints as padded base64.
type Hash = tlog.Hash

// LeafHash returns the RFC 6962 leaf hash of an event text, SHA-256(0x00 ‖ text). The next event's Prev is this hash.
func LeafHash(text []byte) Hash {
	buf := make([]byte, 0, 1024) // Holds nearly every text without leaving the stack.
	return sha256.Sum256(append(append(buf, 0), text...))
}

// Commit returns the commitment that ties a payload to its header: HMAC-SHA-256 with the salt as key. The salt keeps
// the commitment of a guessable payload from being confirmed by guessing; it must be random and never used twice.
func Commit(salt [SaltSize]byte, payload []byte) Hash {
	mac := hmac.New(sha256.New, salt[:])
	mac.Write(payload)
	return Hash(mac.Sum(make([]byte, 0, HashSize)))
}

// CheckPayload reports why payload cannot be recorded, or nil. Bundles keep one payload a line, so it has no raw newline.
func CheckPayload(payload []byte) error {
	if len(payload) > MaxPayload {
		return fmt.Errorf("chain: payload of %d bytes is longer than %d", len(payload), MaxPayload)
	}
	if bytes.IndexByte(payload, '\n') >= 0 {
		return errors.New("chain: payload holds a newline")
	}
	return nil
}

// Record is one event as it is stored.
type Record struct {
	Note    []byte         // The signed note: event text, empty line, one or more signature lines.
	Salt    [SaltSize]byte // Key of the commitment.
	Payload []byte         // What the header's Commit commits to.
}

// Clone returns the record in memory of its own.
func (r Record) Clone() Record {
	r.Note, r.Payload = bytes.Clone(r.Note), bytes.Clone(r.Payload)
	return r
}

// Text returns the event text of the note, sharing its memory, or nil if the note has none. It checks nothing else.
func (r Record) Text() []byte {
	text, _, _ := cutNote(r.Note)
	return text
}

// Header parses the event text strictly. It checks no signature and no commitment; [Auditor] does.
func (r Record) Header() (Header, error) { return ParseText(r.Text()) }

// cutNote splits a note at its first empty line. That is the right place for event texts and checkpoints, which hold
// no empty line themselves.
func cutNote(note []byte) (text, signatures []byte, ok bool) {
	i := bytes.Index(note, []byte("\n\n"))
	if i < 0 {
		return nil, nil, false
	}
	return note[:i+1], note[i+2:], true
}
