package monitoring

import (
	"math"
	"slices"
	"sort"
	"time"
)

// The limits of what is kept of the past, for each subject.
const (
	maxWindow  = 400 * 24 * time.Hour        // the longest window that a condition may ask for
	keptFor    = maxWindow + 35*24*time.Hour // behind the newest event, so that late events find their windows too
	maxEntries = 1 << 17                     // the oldest are dropped beyond it
	blockSize  = 128
)

// History is what is kept of one subject's past: the numbers of its events in order of occurred_at,
// those of one time in the order in which they were recorded. It never changes; Histories makes a new
// one for each event.
type History struct {
	older *older   // nil while all fit into the tail
	tail  []uint32 // never empty; longer versions append to its array
}

// older is what lies before the tail of a long history.
type older struct {
	blocks []block // full ones
	size   int     // events in them
	since  int64   // events up to then are no longer kept
}

// block is a run of events, and what it comes to for each kind of event in it, if the kinds are few.
type block struct {
	rows        []uint32
	first, last int64
	kinds       []kindTally
}

type kindTally struct {
	kind uint32
	tally
}

// kindsAreFew: a block of so many events for each of its kinds keeps what they come to.
const kindsAreFew = 4

func (h *History) size() int {
	if h.older == nil {
		return len(h.tail)
	}
	return h.older.size + len(h.tail)
}

// since says up to when events are no longer kept.
func (h *History) since() int64 {
	if h.older == nil {
		return math.MinInt64
	}
	return h.older.since
}

func (h *History) blocks() []block {
	if h.older == nil {
		return nil
	}
	return h.older.blocks
}

func (h *History) newest(log reading) int64 { return log.at(h.tail[len(h.tail)-1]).at }

// clone gives the history to be gone on with on its own. What both append to must not be the same array.
func (h *History) clone() *History {
	if h == nil {
		return nil
	}
	own := &History{tail: slices.Clip(h.tail)}
	if h.older != nil {
		older := *h.older
		older.blocks = slices.Clip(older.blocks)
		own.older = &older
	}
	return own
}

// with gives the history that has one more event. It is called on the newest version only.
func (h *History) with(log reading, row uint32) *History {
	next := *h
	next.add(log, row)
	return &next
}

// add puts one more event into a history that nobody else has. What it shares with earlier versions stays as it is.
func (h *History) add(log reading, row uint32) {
	switch at := log.at(row).at; {
	case at >= h.newest(log):
		h.tail = append(h.tail, row)
	case len(h.blocks()) == 0 || at >= log.at(h.tail[0]).at:
		h.tail = inserted(log, h.tail, row)
	default:
		h.older = h.older.with(log, row)
	}
	if len(h.tail) > blockSize {
		grown := older{since: math.MinInt64}
		if h.older != nil {
			grown = *h.older
		}
		grown.blocks = append(grown.blocks, newBlock(log, h.tail[:blockSize:blockSize]))
		grown.size += blockSize
		h.older, h.tail = &grown, slices.Clone(h.tail[blockSize:])
	}
}

// newBlock sums up a run of events, which must not change any more.
func newBlock(log reading, run []uint32) block {
	b := block{rows: run, first: log.at(run[0]).at, last: log.at(run[len(run)-1]).at}
	var kinds []kindTally
	for _, row := range run {
		e := log.at(row)
		at := slices.IndexFunc(kinds, func(k kindTally) bool { return k.kind == e.kind })
		if at < 0 {
			at, kinds = len(kinds), append(kinds, kindTally{kind: e.kind})
		}
		if len(kinds)*kindsAreFew > len(run) {
			return b
		}
		kinds[at].add(e)
	}
	for i := range kinds {
		kinds[i].sum.settle()
	}
	b.kinds = slices.Clip(kinds)
	return b
}

// with puts a late event into the block it belongs to, on copies of all that it changes.
func (o *older) with(log reading, row uint32) *older {
	at := max(0, sort.Search(len(o.blocks), func(i int) bool { return o.blocks[i].first > log.at(row).at })-1)
	run := inserted(log, o.blocks[at].rows, row)
	next := &older{blocks: slices.Clone(o.blocks), size: o.size + 1, since: o.since}
	if len(run) < 2*blockSize {
		next.blocks[at] = newBlock(log, run)
		return next
	}
	next.blocks[at] = newBlock(log, run[:blockSize:blockSize])
	next.blocks = slices.Insert(next.blocks, at+1, newBlock(log, run[blockSize:]))
	return next
}

// inserted gives a copy of a run with one more event, behind all that happened no later.
func inserted(log reading, run []uint32, row uint32) []uint32 {
	at := log.at(row).at
	place := sort.Search(len(run), func(i int) bool { return log.at(run[i]).at > at })
	longer := make([]uint32, len(run)+1)
	copy(longer, run[:place])
	longer[place] = row
	copy(longer[place+1:], run[place:])
	return longer
}

// trim gives the history without whole blocks at the beginning that are too old, keep behind the newest
// event, or too many. Dropped is called for each.
func (h *History) trim(log reading, keep time.Duration, dropped func([]uint32)) *History {
	newest, o := h.newest(log), h.older
	for o != nil && len(o.blocks) > 0 {
		first := &o.blocks[0]
		if h.size() <= maxEntries && (newest < math.MinInt64+int64(keep) || first.last > newest-int64(keep)) {
			break
		}
		dropped(first.rows)
		o = &older{blocks: o.blocks[1:], size: o.size - len(first.rows), since: first.last}
		h = &History{older: o, tail: h.tail}
	}
	return h
}

// between yields what happened after from and up to to, in order: blocks that lie wholly within,
// and runs of events at the borders.
func (h *History) between(log reading, from, to int64, whole func(*block), part func([]uint32)) {
	if h == nil || len(h.tail) == 0 {
		return
	}
	blocks := h.blocks()
	at := sort.Search(len(blocks), func(i int) bool { return blocks[i].last > from })
	for i := at; i < len(blocks); i++ {
		switch b := &blocks[i]; {
		case b.first > to:
			return
		case b.first > from && b.last <= to:
			whole(b)
		default:
			part(cutout(log, b.rows, from, to))
		}
	}
	part(cutout(log, h.tail, from, to))
}

// cutout gives the events after from and up to to.
func cutout(log reading, run []uint32, from, to int64) []uint32 {
	run = run[:after(log, run, to)]
	return run[after(log, run, from):]
}

// after gives the place of the first event of a run that happened after a time. It looks from the end on, in
// steps that double: most windows end where the run ends, and are short.
func after(log reading, run []uint32, at int64) int {
	later, step := len(run), 1 // that event and those behind it happened after at
	for later >= step && log.at(run[later-step]).at > at {
		later, step = later-step, 2*step
	}
	earlier := max(0, later-step) // what is before happened no later
	return earlier + sort.Search(later-earlier, func(i int) bool { return log.at(run[earlier+i]).at > at })
}
