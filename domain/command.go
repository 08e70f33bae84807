package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Meta is what a command is given from outside so that deciders need no clock and no
// randomness: when, by whom, and a seed for the ids it makes.
type Meta struct {
	At    time.Time // recorded time, UTC, microseconds
	Actor string
	IDs   *IDs
}

// IDs makes the ids of one command: ULIDs that count up from a seed.
type IDs struct {
	next ulid.ULID
}

// NewIDs starts counting at seed, which must come from a cryptographic source.
func NewIDs(seed ulid.ULID) *IDs { return &IDs{next: seed} }

// IDsFrom counts up from an id that was made before, without its prefix, so that a decision that is
// made again gives the ids of the first time. From what is no ULID it counts up from zero.
func IDsFrom(id string) *IDs {
	seed, err := ulid.ParseStrict(id)
	if err != nil {
		return NewIDs(ulid.ULID{})
	}
	return NewIDs(seed)
}

// Next gives the next ULID. Deciding the same command from the same seed gives the same ids.
func (g *IDs) Next() ulid.ULID {
	id := g.next
	for i := len(g.next) - 1; i >= 6; i-- {
		g.next[i]++
		if g.next[i] != 0 {
			break
		}
	}
	return id
}

// Peek gives the id that New will give next.
func (g *IDs) Peek(prefix string) string { return prefix + "_" + g.next.String() }

// New gives the next id with a prefix that says what it names, such as "cus" or "alr".
func (g *IDs) New(prefix string) string { return prefix + "_" + g.Next().String() }

// Idempotency binds a caller's own id to the content it was first used with, for ever.
type Idempotency struct {
	Key    string `json:"key"`    // kind and caller's id, such as "event/evt-1"
	Digest string `json:"digest"` // first 16 bytes of SHA-256 of the content, lower-case hex
}

// Idempotent is implemented by the events that answer a command with an idempotency key.
type Idempotent interface {
	Idempotency() Idempotency
}

// NewIdempotency binds key to content.
func NewIdempotency(key string, content any) Idempotency {
	digest := ContentDigest(content)
	return Idempotency{Key: key, Digest: hex.EncodeToString(digest[:])}
}

// requestKeys starts the keys that are made of a request's Idempotency-Key.
const requestKeys = "idem/"

// RequestKey is the key of a request to a route under an Idempotency-Key.
func RequestKey(route, key string) string { return requestKeys + route + "/" + key }

// OfRequest reports whether the key is made of a request's Idempotency-Key: it says nothing about
// what the request is about, so that no event but the request's own can bind it.
func (i Idempotency) OfRequest() bool { return strings.HasPrefix(i.Key, requestKeys) }

// WriteMember writes i as a member.
func (i *Idempotency) WriteMember(w *Writer, name string) {
	w.Open(name)
	w.Text("key", i.Key)
	w.Text("digest", i.Digest)
	w.Close()
}

// IdempotencyOf gives what i points at, or the zero value: no idempotency key.
func IdempotencyOf(i *Idempotency) Idempotency {
	if i == nil {
		return Idempotency{}
	}
	return *i
}

// ContentDigest gives the digest by which two uses of the same idempotency key are compared. The
// order of the members of free-form JSON and the space between them do not matter.
// It panics on a content that cannot be written as JSON, which no command holds.
func ContentDigest(content any) [16]byte {
	w := writers.Get().(*Writer)
	defer writers.Put(w)
	*w = Writer{b: w.b[:0], sorted: true}
	if w.whole(content); w.err != nil {
		panic("content of a command is not JSON: " + w.err.Error())
	}
	sum := sha256.Sum256(w.b)
	return [16]byte(sum[:16])
}

// writers are used again: what a digest is taken of is not kept.
var writers = sync.Pool{New: func() any { return new(Writer) }}
