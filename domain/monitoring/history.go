package monitoring

import (
	"iter"
	"math"
	"slices"
	"sort"
	"time"
	"unique"

	"whocomply/domain"
)

// The limits of what is kept of the past, for each subject.
const (
	maxWindow  = 400 * 24 * time.Hour        // the longest window that a condition may ask for
	keptFor    = maxWindow + 35*24*time.Hour // behind the newest event, so that late events find their windows too
	maxEntries = 1 << 17                     // the oldest are dropped beyond it
	blockSize  = 64
)

// The subjects that have a history, in the order of Past.
const (
	ofCustomer = iota
	ofAccount
	ofCounterparty
	ofDevice
	subjects
)

// subjectNames are the subjects as conditions write them.
var subjectNames = [subjects]string{"customer", "account", "counterparty", "device"}

// Past is what was recorded of an event's subjects before it; nil for those that nothing was.
type Past [subjects]*History

// History is what is kept of one subject's past: its events in order of occurred_at, those of one
// time in the order in which they were recorded. It never changes; Histories makes a new one for
// each event.
type History struct {
	blocks [][]entry // full ones
	tail   []entry   // what follows them, never empty; longer versions append to its array
	size   int
	since  int64 // events up to then are no longer kept
}

// entry is an event in short. Its subjects and words are interned, so that equal ones are equal
// pointers, and it takes 64 bytes.
type entry struct {
	at       int64 // Unix time in nanoseconds
	amount   domain.Decimal
	kind     unique.Handle[kind]
	subjects [subjects]unique.Handle[string]
}

// kind is what events of one sort have in common.
type kind struct {
	eventType                            unique.Handle[string]
	direction, channel, method, currency unique.Handle[string]
	country, place                       unique.Handle[string]
	transaction                          bool
}

var (
	none   = unique.Make("")
	noKind = unique.Make(kind{})
)

// instant gives a time as entries have it. Times outside of the years 1678 to 2262 are moved to
// the border.
func instant(t time.Time) int64 {
	switch {
	case t.Year() < 1678:
		return math.MinInt64 + 1
	case t.Year() > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// newEntry gives an event in short.
func newEntry(in *Input) entry {
	k := kind{eventType: unique.Make(in.Event.Type), place: unique.Make(in.Session.Country)}
	e := entry{at: instant(in.Event.OccurredAt), subjects: [subjects]unique.Handle[string]{
		unique.Make(in.Customer.ID), none, none, unique.Make(in.Session.Device),
	}}
	k.direction, k.channel, k.method, k.currency, k.country = none, none, none, none, none
	if t := in.Transaction; t != nil {
		e.amount, k.transaction = t.Amount, true
		k.direction, k.channel, k.method = unique.Make(t.Direction), unique.Make(t.Channel), unique.Make(t.Method)
		k.currency, k.country = unique.Make(string(t.Currency)), unique.Make(t.Counterparty.Country)
		e.subjects[ofAccount], e.subjects[ofCounterparty] = unique.Make(t.Account), unique.Make(t.Counterparty.key())
	}
	e.kind = unique.Make(k)
	return e
}

// with gives the history that has one more event. It is called on the newest version only.
func (h *History) with(e entry) *History {
	if h == nil {
		return &History{tail: []entry{e}, size: 1, since: math.MinInt64}
	}
	if e.at <= h.since {
		return h
	}
	next := *h
	next.size++
	switch {
	case e.at >= h.tail[len(h.tail)-1].at:
		next.tail = append(h.tail, e)
	case len(h.blocks) == 0 || e.at >= h.tail[0].at:
		next.tail = inserted(h.tail, e)
	default:
		next.insert(e)
	}
	if len(next.tail) > blockSize {
		next.blocks, next.tail = append(next.blocks, next.tail[:blockSize:blockSize]), slices.Clone(next.tail[blockSize:])
	}
	next.trim()
	return &next
}

// insert puts a late event into the block it belongs to, on copies of all that it changes.
func (h *History) insert(e entry) {
	at := max(0, sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i][0].at > e.at })-1)
	block := inserted(h.blocks[at], e)
	h.blocks = slices.Clone(h.blocks)
	if h.blocks[at] = block; len(block) >= 2*blockSize {
		h.blocks[at] = block[:blockSize:blockSize]
		h.blocks = slices.Insert(h.blocks, at+1, block[blockSize:])
	}
}

// inserted gives a copy of entries with one more, behind all that happened no later.
func inserted(entries []entry, e entry) []entry {
	at := sort.Search(len(entries), func(i int) bool { return entries[i].at > e.at })
	return slices.Insert(slices.Clip(slices.Clone(entries)), at, e)
}

// trim drops whole blocks at the beginning that are too old or too many.
func (h *History) trim() {
	for len(h.blocks) > 0 {
		end, newest := h.blocks[0][len(h.blocks[0])-1].at, h.tail[len(h.tail)-1].at
		if h.size <= maxEntries && (newest < math.MinInt64+int64(keptFor) || end > newest-int64(keptFor)) {
			return
		}
		h.size -= len(h.blocks[0])
		h.blocks, h.since = h.blocks[1:], end
	}
}

// between yields what happened after from and up to to, in order, in runs.
func (h *History) between(from, to int64) iter.Seq[[]entry] {
	return func(yield func([]entry) bool) {
		if h == nil {
			return
		}
		at := sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i][len(h.blocks[i])-1].at > from })
		for _, block := range h.blocks[at:] {
			if block[0].at > to || !yield(cutout(block, from, to)) {
				return
			}
		}
		if h.tail[0].at <= to {
			yield(cutout(h.tail, from, to))
		}
	}
}

// cutout gives the entries after from and up to to.
func cutout(entries []entry, from, to int64) []entry {
	if entries[0].at <= from {
		entries = entries[sort.Search(len(entries), func(i int) bool { return entries[i].at > from }):]
	}
	if n := len(entries); n > 0 && entries[n-1].at > to {
		entries = entries[:sort.Search(n, func(i int) bool { return entries[i].at > to })]
	}
	return entries
}
