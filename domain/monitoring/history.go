package monitoring

import (
	"maps"
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
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
	blocks []block // full ones
	tail   []entry // what follows them, never empty; longer versions append to its array
	size   int
	since  int64 // events up to then are no longer kept
}

// block is a run of events, and what it comes to for each kind of event in it.
type block struct {
	entries []entry
	kinds   []kindTally
}

type kindTally struct {
	kind *kind
	tally
}

// entry is an event in short. Its subjects and words are interned, so that equal ones are equal
// pointers, and it takes 64 bytes.
type entry struct {
	at       int64 // Unix time in nanoseconds
	amount   domain.Decimal
	kind     *kind
	subjects [subjects]word
}

// word is an interned text.
type word = unique.Handle[string]

var none = unique.Make("")

// commonWords has the words that institutions use over and over: types, channels, currencies,
// countries. To find one there costs a tenth of interning it anew.
var commonWords wordList

// wordList is a list of words that is replaced when it grows.
type wordList struct {
	growing sync.Mutex
	known   atomic.Pointer[map[string]word]
}

// maxWords bounds a wordList: what comes later is interned each time.
const maxWords = 1024

func (l *wordList) intern(s string) word {
	known := l.known.Load()
	if known == nil {
		known = &map[string]word{"": none}
	}
	if w, found := (*known)[s]; found {
		return w
	}
	w := unique.Make(s)
	if len(*known) < maxWords {
		l.add(w)
	}
	return w
}

func (l *wordList) add(w word) {
	l.growing.Lock()
	defer l.growing.Unlock()
	larger := map[string]word{"": none}
	if known := l.known.Load(); known != nil {
		larger = maps.Clone(*known)
	}
	larger[w.Value()] = w
	l.known.Store(&larger)
}

// kind is what events of one sort have in common.
type kind struct {
	words       [words]word
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

// newEntry gives an event in short. The words of its kind repeat, its subjects need not.
func newEntry(in *Input) entry {
	return shortened(in, 1<<subjects-1, commonWords.intern, unique.Make[string])
}

// shortened gives an event in short, with the words of its kind interned, and those of its subjects
// that are asked for, a bit each.
func shortened(in *Input, asked uint, internWord, intern func(string) word) entry {
	k := &kind{words: [words]word{
		internWord(in.Event.Type), none, none, none, none, none, internWord(in.Session.Country),
	}}
	e := entry{at: instant(in.Event.OccurredAt), kind: k, subjects: [subjects]word{
		intern(in.Customer.ID), none, none, none,
	}}
	if in.Session.Device != "" && asked&(1<<ofDevice) != 0 {
		e.subjects[ofDevice] = intern(in.Session.Device)
	}
	if t := in.Transaction; t != nil {
		e.amount, k.transaction = t.Amount, true
		k.words[directionWord], k.words[channelWord], k.words[methodWord] = internWord(t.Direction), internWord(t.Channel), internWord(t.Method)
		k.words[currencyWord], k.words[countryWord] = internWord(string(t.Currency)), internWord(t.Counterparty.Country)
		if asked&(1<<ofAccount) != 0 {
			e.subjects[ofAccount] = intern(t.Account)
		}
		if asked&(1<<ofCounterparty) != 0 {
			e.subjects[ofCounterparty] = intern(t.Counterparty.key())
		}
	}
	return e
}

// with gives the history that has one more event, and no whole block that is older than keep behind
// its newest. It is called on the newest version only.
func (h *History) with(e entry, keep time.Duration) *History {
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
		next.blocks, next.tail = append(next.blocks, newBlock(next.tail[:blockSize:blockSize])), slices.Clone(next.tail[blockSize:])
	}
	next.trim(keep)
	return &next
}

// newBlock sums up a run of events, which must not change any more.
func newBlock(entries []entry) block {
	b := block{entries: entries}
	for i := range entries {
		e := &entries[i]
		at := slices.IndexFunc(b.kinds, func(k kindTally) bool { return k.kind == e.kind })
		if at < 0 {
			at, b.kinds = len(b.kinds), append(b.kinds, kindTally{kind: e.kind})
		}
		b.kinds[at].add(e)
	}
	return b
}

func (b *block) first() int64 { return b.entries[0].at }
func (b *block) last() int64  { return b.entries[len(b.entries)-1].at }

// insert puts a late event into the block it belongs to, on copies of all that it changes.
func (h *History) insert(e entry) {
	at := max(0, sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i].first() > e.at })-1)
	entries := inserted(h.blocks[at].entries, e)
	h.blocks = slices.Clone(h.blocks)
	if len(entries) < 2*blockSize {
		h.blocks[at] = newBlock(entries)
		return
	}
	h.blocks[at] = newBlock(entries[:blockSize:blockSize])
	h.blocks = slices.Insert(h.blocks, at+1, newBlock(entries[blockSize:]))
}

// inserted gives a copy of entries with one more, behind all that happened no later.
func inserted(entries []entry, e entry) []entry {
	at := sort.Search(len(entries), func(i int) bool { return entries[i].at > e.at })
	return slices.Insert(slices.Clip(slices.Clone(entries)), at, e)
}

// trim drops whole blocks at the beginning that are too old or too many.
func (h *History) trim(keep time.Duration) {
	for len(h.blocks) > 0 {
		end, newest := h.blocks[0].last(), h.tail[len(h.tail)-1].at
		if h.size <= maxEntries && (newest < math.MinInt64+int64(keep) || end > newest-int64(keep)) {
			return
		}
		h.size -= len(h.blocks[0].entries)
		h.blocks, h.since = h.blocks[1:], end
	}
}

// between yields what happened after from and up to to, in order: blocks that lie wholly within,
// and runs of events at the borders.
func (h *History) between(from, to int64, whole func(*block), part func([]entry)) {
	if h == nil {
		return
	}
	at := sort.Search(len(h.blocks), func(i int) bool { return h.blocks[i].last() > from })
	for i := at; i < len(h.blocks); i++ {
		switch b := &h.blocks[i]; {
		case b.first() > to:
			return
		case b.first() > from && b.last() <= to:
			whole(b)
		default:
			part(cutout(b.entries, from, to))
		}
	}
	if h.tail[0].at <= to {
		part(cutout(h.tail, from, to))
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
