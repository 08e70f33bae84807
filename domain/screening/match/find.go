package match

import (
	"cmp"
	"slices"
)

// scratch is the memory of one search of an index.
type scratch struct {
	sight
	tallies []tally // by name
	touched []int32 // names with a sum
	hopeful []hopeful
	now     uint16
}

// tally is what was found of a name.
type tally struct {
	sum    float32 // agreement of the tokens found, but for that at hand
	part   float32 // that of the token at hand
	total  float32 // weight of the name's telling tokens
	turn   uint16  // the token part is of
	rare   bool    // shares a word that few bear
	marked bool    // a candidate whatever the sum
}

func newScratch(x *Index) *scratch {
	s := &scratch{tallies: make([]tally, len(x.names)), sight: sight{seen: make([]int64, len(x.words))}}
	for at := range s.tallies {
		s.tallies[at].total = x.heads[at].total
	}
	return s
}

// few is how many names may bear a word for all of them to be compared.
const few = 100

// Agreement granted to words that were not found: what shares no key is hardly alike. Names that
// share a word that few bear get more.
const (
	hope     = 0.2
	rareHope = 0.65
)

// Find calls yield with every name whose similarity to the query is at least the floor, in the
// order of the items.
func (x *Index) Find(search *Search, floor float64, yield func(at int, similarity float64)) {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	x.look(s, search)
	like := liken(search.likeness)
	for _, h := range x.hopeful(s, search, float32(floor)) {
		n := x.names[h.at]
		if _, similarity := compare(search.as(n.kind), n, like, h.joins); float64(similarity) >= floor {
			yield(int(h.at), float64(similarity))
		}
	}
}

// look adds up what names share with the query.
func (x *Index) look(s *scratch, search *Search) {
	q := search.Query
	met := func(word int32, turn uint16, like float32) {
		s.now = turn
		weight := x.features[word].weight
		s.credit(x.bearing(word), agreement(like)*(q.sought(turn).weight+weight)/2, like > 0.94 && weight > 0.2)
	}
	both := func(first, second int32) { x.mark(s, common(x.bearing(first), x.bearing(second))) }
	s.now = 1
	if found, known := search.meetings(x); known {
		for _, m := range found.words {
			met(m.word, m.turn, m.like)
		}
		for _, h := range found.halves {
			both(h[0], h[1])
		}
	} else {
		x.vocabulary.look(&s.sight, search, met, both)
	}
	for _, order := range q.orders {
		x.mark(s, x.same[order])
	}
	for _, acronym := range q.acronyms {
		x.mark(s, x.whole[acronym])
	}
	for _, text := range q.wholes {
		x.mark(s, x.acronyms[text])
	}
}

// hopeful is a name to compare.
type hopeful struct {
	at    int32
	joins bool // words may have to be written together
}

// hopeful gives the names to compare in their order, and leaves the scratch as it was before the search.
func (x *Index) hopeful(s *scratch, search *Search, floor float32) []hopeful {
	promising := s.touched[:0]
	for _, at := range s.touched {
		t := &s.tallies[at]
		if t.promising(search.total, floor) {
			promising = append(promising, at)
		}
		*t = tally{total: t.total}
	}
	s.touched, s.now, s.hopeful = s.touched[:0], 0, s.hopeful[:0]
	for _, at := range promising {
		if hopeless, joins := x.hopeless(search, at, floor); !hopeless {
			s.hopeful = append(s.hopeful, hopeful{at, joins})
		}
	}
	slices.SortFunc(s.hopeful, func(a, b hopeful) int { return cmp.Compare(a.at, b.at) })
	return s.hopeful
}

// promising is false only for names that cannot reach the floor.
func (t *tally) promising(total, floor float32) bool {
	least, trust := min(total, t.total), float32(hope)
	if t.rare {
		trust = rareHope
	}
	sum := t.sum + t.part
	return t.marked || sum+trust*max(0, least-sum) >= floor*least-0.001
}

// credit adds to names what a token agrees with them, once for each token and the best.
func (s *scratch) credit(names []int32, worth float32, telling bool) {
	rare := telling && len(names) <= few
	for _, at := range names {
		t := &s.tallies[at]
		switch {
		case t.turn == 0:
			s.touched = append(s.touched, at)
			t.part = worth
		case t.turn != s.now:
			t.sum, t.part = t.sum+t.part, worth
		default:
			t.part = max(t.part, worth)
		}
		t.turn = s.now
		t.rare = t.rare || rare
	}
}

// common gives what two ascending lists share.
func common(a, b []int32) (both []int32) {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, at := range a {
		if _, found := slices.BinarySearch(b, at); found {
			both = append(both, at)
		}
	}
	return both
}

// mark makes names candidates whatever else they share.
func (x *Index) mark(s *scratch, names []int32) {
	for _, at := range names {
		t := &s.tallies[at]
		if t.turn == 0 {
			s.touched = append(s.touched, at)
			t.turn = s.now
		}
		t.marked = true
	}
}
