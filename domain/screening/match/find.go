package match

import "slices"

// Query is a name to look for. It is safe for concurrent use.
type Query struct {
	person, organisation, vessel *Name
	tokens                       []*token // of all readings, each once
	joined                       []*token // neighbours written together
	acronyms, wholes             []string
	total                        float32
}

// NewQuery reads a name to look for. It is compared with each name of a list by the rules of that
// name's kind.
func NewQuery(text string) *Query {
	q := &Query{person: Parse(text, Person), organisation: Parse(text, Organisation), vessel: Parse(text, Vessel)}
	if !hasOrganisation(q.organisation.tokens) {
		q.organisation.acronym = "" // more likely a person, whose initials mean nothing
	}
	q.total = min(tellingSum(q.person.tokens), tellingSum(q.organisation.tokens), tellingSum(q.vessel.tokens))
	for _, n := range []*Name{q.person, q.organisation} {
		telling := slices.ContainsFunc(n.tokens, (*token).telling)
		for _, t := range n.tokens {
			if (t.telling() || !telling) && !slices.ContainsFunc(q.tokens, func(o *token) bool { return o.text == t.text }) {
				q.tokens = append(q.tokens, t)
			}
		}
		if n.acronym != "" {
			q.acronyms = append(q.acronyms, n.acronym)
		}
	}
	if len(q.person.tokens) == 1 {
		q.wholes = append(q.wholes, q.person.tokens[0].text)
	}
	q.join()
	return q
}

// join collects what neighbouring tokens are when they are written as one.
func (q *Query) join() {
	tokens := q.person.tokens
	for n := 2; n <= 3; n++ {
		for i := range len(tokens) - n + 1 {
			t := together(tokens[i : i+n])
			t.bones = bones(t.sound)
			q.joined = append(q.joined, t)
		}
	}
	if n := len(tokens); n > 2 { // a last name first, as lists have it
		t := together([]*token{tokens[n-1], tokens[0]})
		t.bones = bones(t.sound)
		q.joined = append(q.joined, t)
	} else if n == 2 {
		t := together([]*token{tokens[1], tokens[0]})
		t.bones = bones(t.sound)
		q.joined = append(q.joined, t)
	}
}

// as gives the query as a name of some kind is read.
func (q *Query) as(kind Kind) *Name {
	switch kind {
	case Organisation:
		return q.organisation
	case Vessel:
		return q.vessel
	}
	return q.person
}

// Empty reports whether there is nothing to look for.
func (q *Query) Empty() bool { return len(q.person.tokens) == 0 }

// Compare says how alike the query and a name are.
func (q *Query) Compare(n *Name) Result { return Compare(q.as(n.kind), n) }

// scratch is the memory of one search.
type scratch struct {
	sum      []float32 // by name: agreement of the tokens found
	part     []float32 // by name: that of the token at hand
	turn     []int32   // by name: the token part is of
	rare     []bool    // by name: shares a word that few bear
	marked   []bool    // by name: a candidate whatever the sum
	touched  []int32   // names with a sum
	seen     []int64   // by word: the turn it was compared
	now      int32
	seenNow  int64
	known    []likened // by a digest of the two words
	likeness liken
}

func newScratch(names, words int) *scratch {
	s := &scratch{
		sum: make([]float32, names), part: make([]float32, names), turn: make([]int32, names),
		rare: make([]bool, names), marked: make([]bool, names), seen: make([]int64, words),
		known: make([]likened, 1<<likenedBits),
	}
	s.likeness = s.recall
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
func (x *Index) Find(q *Query, floor float64, yield func(at int, similarity float64)) {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	for _, t := range q.tokens {
		s.now++
		x.collect(s, t, queryKeys)
		x.divide(s, t)
	}
	for _, t := range q.joined {
		s.now++
		x.collect(s, t, joinedKeys)
	}
	for _, n := range []*Name{q.person, q.organisation, q.vessel} {
		x.mark(s, x.same[n.unordered()])
	}
	for _, acronym := range q.acronyms {
		x.mark(s, x.whole[acronym])
	}
	for _, text := range q.wholes {
		x.mark(s, x.acronyms[text])
	}
	slices.Sort(s.touched)
	for _, at := range s.touched {
		if x.promising(s, q, at, float32(floor)) {
			n := x.names[at]
			if _, similarity := compare(q.as(n.kind), n, s.likeness); float64(similarity) >= floor {
				yield(int(at), float64(similarity))
			}
		}
		s.sum[at], s.turn[at], s.rare[at], s.marked[at], s.part[at] = 0, 0, false, false, 0
	}
	s.touched, s.now = s.touched[:0], 0
}

// promising is false only for names that cannot reach the floor.
func (x *Index) promising(s *scratch, q *Query, at int32, floor float32) bool {
	least := min(q.total, x.totals[at])
	found, trust := s.sum[at], float32(hope)
	if s.rare[at] {
		trust = rareHope
	}
	return s.marked[at] || found+trust*max(0, least-found) >= floor*least-0.001
}

// collect adds what a token is worth to the names of all words like it.
func (x *Index) collect(s *scratch, t *token, keys func(*token, func(uint32))) {
	s.seenNow++
	keys(t, func(key uint32) { x.compare(s, t, x.near.with(key)) })
	if t.kin || len(t.groups) > 0 {
		for _, text := range known.related(t.text) {
			x.compare(s, t, x.near.with(hash(textKey, text, -1, -1)))
		}
	}
}

func (x *Index) compare(s *scratch, t *token, words []keyed) {
	for _, k := range words {
		if s.seen[k.word] == s.seenNow {
			continue
		}
		s.seen[k.word] = s.seenNow
		if l := int(x.lengths[k.word]); t.script == latin && l < 128 && !near(len(t.sound), l) {
			continue
		}
		w := x.words[k.word]
		like := s.likeness(t, w)
		if like < alike {
			continue
		}
		x.credit(s, x.bearers[k.word], agreement(like)*(t.weight+w.weight)/2, like > 0.94 && w.weight > 0.2)
	}
}

// near excludes words whose lengths alone make them unlike.
func near(a, b int) bool { return min(a, b)*9 >= max(a, b)*5 }

// telling reports whether a token says enough to look names up by it.
func (t *token) telling() bool { return t.weight > 0.2 && t.class != initial }

func tellingSum(tokens []*token) (weight float32) {
	for _, t := range tokens {
		if t.telling() {
			weight += t.weight
		}
	}
	return weight
}

// credit adds to names what a token agrees with them, once for each token and the best.
func (x *Index) credit(s *scratch, names []int32, worth float32, telling bool) {
	rare := telling && len(names) <= few
	for _, at := range names {
		switch {
		case s.turn[at] == 0:
			s.touched = append(s.touched, at)
			s.part[at] = worth
			s.sum[at] = worth
		case s.turn[at] != s.now:
			s.part[at] = worth
			s.sum[at] += worth
		case worth > s.part[at]:
			s.sum[at] += worth - s.part[at]
			s.part[at] = worth
		}
		s.turn[at] = s.now
		s.rare[at] = s.rare[at] || rare
	}
}

// longestDivided bounds the words that may be two: no list has words half as long.
const longestDivided = 2 * maxSound

// divide looks for a token as two words written together.
func (x *Index) divide(s *scratch, t *token) {
	if len(t.text) < 6 || len(t.text) > longestDivided || t.script != latin {
		return
	}
	for i := 3; i < len(t.text)-2; i++ {
		first, second := soundOf(t.text[:i], latin), soundOf(t.text[i:], latin)
		a, b := x.near.with(hash(soundKey, first, -1, -1)), x.near.with(hash(soundKey, second, -1, -1))
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		x.both(s, a, b, first, second)
	}
}

// both marks the names that bear a word of a and one of b.
func (x *Index) both(s *scratch, a, b []keyed, first, second string) {
	for _, k := range a {
		if x.words[k.word].sound != first {
			continue
		}
		for _, l := range b {
			if x.words[l.word].sound == second {
				x.mark(s, common(x.bearers[k.word], x.bearers[l.word]))
			}
		}
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
		if s.turn[at] == 0 {
			s.touched = append(s.touched, at)
			s.turn[at] = s.now
		}
		s.marked[at] = true
	}
}
