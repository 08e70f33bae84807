package match

import (
	"slices"
	"sync"
)

// Item is a name to be found.
type Item struct {
	Text string
	Kind Kind
}

// Index finds the names of a list that are like a name. It is immutable and safe for concurrent use.
type Index struct {
	vocabulary // with one feature more
	identity   *identity
	names      []*Name
	heads      []head
	bearers    []int32            // names by word, one word after the other
	spelled    []int32            // words by name, one name after the other
	same       map[uint64][]int32 // names by their words in any order
	acronyms   map[string][]int32
	whole      map[string][]int32 // names of one word that organisations may abbreviate, by that word
	scratch    sync.Pool
}

// NewIndex reads names and makes them findable.
func NewIndex(items []Item) *Index {
	x := &Index{
		identity: new(identity), names: make([]*Name, len(items)), heads: make([]head, len(items)), same: map[uint64][]int32{}, acronyms: map[string][]int32{}, whole: map[string][]int32{},
	}
	r := reading{Index: x, known: map[wordID]int32{}}
	for i, item := range items {
		r.add(int32(i), Parse(item.Text, item.Kind))
	}
	r.flatten()
	x.near = sync.OnceValue(func() *keyIndex { return newKeyIndex(x.words) })
	x.scratch.New = func() any { return newScratch(x) }
	return x
}

// head is what a search needs of a name before all else.
type head struct {
	total   float32 // weight of the telling tokens
	from    int32   // where its words begin
	words   uint8
	kind    Kind
	acronym bool // it has one
}

// reading is an index being made.
type reading struct {
	*Index
	known   map[wordID]int32
	bearers [][]int32 // names by word
}

// flatten puts the names that bear the words one after the other.
func (r *reading) flatten() {
	r.features = append(r.features, feature{})
	for word, names := range r.bearers {
		r.Index.bearers = append(r.Index.bearers, names...)
		r.features[word+1].bearers = int32(len(r.Index.bearers))
	}
	r.Index.bearers = slices.Clip(r.Index.bearers)
}

// bearing gives the names that bear a word.
func (x *Index) bearing(word int32) []int32 {
	return x.bearers[x.features[word].bearers:x.features[word+1].bearers]
}

// wordID tells apart what the same letters are in names of different kinds.
type wordID struct {
	text, letters  string
	class          class
	script         script
	weight         float32
	native, family bool
}

func (t *token) wordID() wordID {
	return wordID{t.text, t.letters, t.class, t.script, t.weight, t.native, t.family}
}

func (x *reading) add(at int32, n *Name) {
	x.names[at] = n
	telling := slices.ContainsFunc(n.tokens, (*token).telling)
	x.heads[at] = head{tellingSum(n.tokens), int32(len(x.spelled)), uint8(len(n.tokens)), n.kind, n.acronym != ""}
	for i, t := range n.tokens {
		id := t.wordID()
		word, seen := x.known[id]
		if !seen {
			word = int32(len(x.words))
			x.known[id] = word
			x.words = append(x.words, t)
			x.features = append(x.features, featureOf(t))
			x.bearers = append(x.bearers, nil)
		}
		x.spelled = append(x.spelled, word)
		t.digest = x.features[word].digest
		if shown := t.shown; shown == x.words[word].shown {
			n.tokens[i] = x.words[word]
		}
		if !t.telling() && telling {
			continue
		}
		if own := x.bearers[word]; len(own) == 0 || own[len(own)-1] != at {
			x.bearers[word] = append(own, at)
		}
	}
	key := n.unordered()
	x.same[key] = append(x.same[key], at)
	if n.acronym != "" {
		x.acronyms[n.acronym] = append(x.acronyms[n.acronym], at)
	}
	if len(n.tokens) == 1 && len(n.tokens[0].text) > 2 && len(n.tokens[0].text) < 8 {
		x.whole[n.tokens[0].text] = append(x.whole[n.tokens[0].text], at)
	}
}

// Name gives the name of an item.
func (x *Index) Name(at int) *Name { return x.names[at] }

// Len is the number of items.
func (x *Index) Len() int { return len(x.names) }

// unordered digests the words of a name whatever their order.
func (n *Name) unordered() (sum uint64) {
	const prime = 1099511628211
	for _, t := range n.tokens {
		h := uint64(14695981039346656037)
		for i := range len(t.text) {
			h = (h ^ uint64(t.text[i])) * prime
		}
		sum += h
	}
	return sum
}
