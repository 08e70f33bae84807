package monitoring

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// rows is the events of one ledger in short, in the order in which they were recorded, numbered from 1.
// One goroutine appends to it; any number may read what was appended before they asked.
type rows struct {
	chunks atomic.Pointer[[]*[rowChunk]entry]
	kinds  atomic.Pointer[[]*kind]
	known  map[kind]uint32
	n      uint32
}

const rowChunk = 256

// entry is an event in short, in 40 bytes without a pointer. First comes what most windows look at, so that most
// often it comes out of memory at once.
type entry struct {
	at       int64            // Unix time in nanoseconds
	amount   uint64           // coefficient of the amount
	kind     uint32           // number of the kind
	scale    scale            // of the amount
	subjects [subjects]uint32 // numbers in the rolls; 0 of what is not named
}

// scale is the scale of an amount, with its sign.
type scale uint8

const negative scale = 1 << 7

// kind is what events of one sort have in common.
type kind struct {
	words       [words]string
	transaction bool
}

// The words of a kind.
const (
	typeWord = iota
	directionWord
	channelWord
	methodWord
	currencyWord
	countryWord // of the counterparty
	placeWord   // country of the session
	words
)

// What the event at hand has in the place of numbers, since nothing of it was recorded.
const (
	unseen  = math.MaxUint32 // subject
	ownKind = math.MaxUint32
)

// kindOf gives the kind of an event.
func kindOf(in *Input) kind {
	k := kind{words: [words]string{typeWord: in.Event.Type, placeWord: in.Session.Country}}
	if t := in.Transaction; t != nil {
		k.transaction = true
		k.words[directionWord], k.words[channelWord], k.words[methodWord] = t.Direction, t.Channel, t.Method
		k.words[currencyWord], k.words[countryWord] = string(t.Currency), t.Counterparty.Country
	}
	return k
}

// newEntry gives an event in short, without its subjects and kind.
func newEntry(in *Input) entry {
	e := entry{at: instant(in.Event.OccurredAt)}
	if t := in.Transaction; t != nil {
		e.amount, e.scale = t.Amount.Coefficient(), scale(t.Amount.Scale())
		if t.Amount.Sign() < 0 {
			e.scale |= negative
		}
	}
	return e
}

// The times that entries can have, in seconds.
var (
	firstSecond = time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	endSecond   = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

// instant gives a time as entries have it. Times outside of the years 1678 to 2261 are moved to
// the border.
func instant(t time.Time) int64 {
	switch at := t.Unix(); {
	case at < firstSecond:
		return math.MinInt64 + 1
	case at >= endSecond:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func (e *entry) figure() figure { return figure{e.amount, e.scale} }

func newRows() *rows {
	r := &rows{known: make(map[kind]uint32)}
	r.chunks.Store(new([]*[rowChunk]entry))
	r.kinds.Store(new([]*kind))
	return r
}

// add appends an event and gives its number.
func (r *rows) add(e entry) uint32 {
	at := int(r.n)
	if at%rowChunk == 0 {
		more := append(*r.chunks.Load(), new([rowChunk]entry))
		r.chunks.Store(&more)
	}
	(*r.chunks.Load())[at/rowChunk][at%rowChunk] = e
	r.n++
	return r.n
}

// kind gives the number of a kind, a new one if it has none.
func (r *rows) kind(k *kind) uint32 {
	if id, known := r.known[*k]; known {
		return id
	}
	own := &kind{transaction: k.transaction}
	for i, w := range k.words {
		own.words[i] = strings.Clone(w)
	}
	kinds := append(*r.kinds.Load(), own)
	r.kinds.Store(&kinds)
	r.known[*own] = uint32(len(kinds) - 1)
	return uint32(len(kinds) - 1)
}

// read gives what was appended up to now.
func (r *rows) read() reading { return reading{*r.chunks.Load(), *r.kinds.Load()} }

// reading is rows as they are looked at. It does not change.
type reading struct {
	chunks []*[rowChunk]entry
	kinds  []*kind
}

func (r reading) at(row uint32) *entry { return &r.chunks[(row-1)/rowChunk][(row-1)%rowChunk] }

// clone gives rows that go their own way from here.
func (r *rows) clone() *rows {
	c := &rows{known: make(map[kind]uint32, len(r.known)), n: r.n}
	chunks, kinds := slices.Clone(*r.chunks.Load()), slices.Clone(*r.kinds.Load())
	if last := len(chunks) - 1; last >= 0 {
		own := *chunks[last]
		chunks[last] = &own
	}
	for id, k := range kinds {
		c.known[*k] = uint32(id)
	}
	c.chunks.Store(&chunks)
	c.kinds.Store(&kinds)
	return c
}
