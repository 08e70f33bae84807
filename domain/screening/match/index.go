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
	names    []*Name
	totals   []float32 // weight of the telling tokens of a name
	words    []*token
	lengths  []uint8   // of the sounds of words; at least 128 where vowels may be missing
	bearers  [][]int32 // names by word
	near     *keyIndex
	same     map[uint64][]int32 // names by their words in any order
	acronyms map[string][]int32
	whole    map[string][]int32 // names of one word that organisations may abbreviate, by that word
	scratch  sync.Pool
}

// NewIndex reads names and makes them findable.
func NewIndex(items []Item) *Index {
	x := &Index{
		names: make([]*Name, len(items)), totals: make([]float32, len(items)),
		same: map[uint64][]int32{}, acronyms: map[string][]int32{}, whole: map[string][]int32{},
	}
	known := map[wordID]int32{}
	for i, item := range items {
		x.add(int32(i), Parse(item.Text, item.Kind), known)
	}
	x.near = newKeyIndex(x.words)
	x.scratch.New = func() any { return newScratch(len(x.names), len(x.words)) }
	return x
}

// wordID tells apart what the same letters are in names of different kinds.
type wordID struct {
	text   string
	class  class
	script script
	weight float32
}

func (x *Index) add(at int32, n *Name, known map[wordID]int32) {
	x.names[at] = n
	telling := slices.ContainsFunc(n.tokens, (*token).telling)
	x.totals[at] = tellingSum(n.tokens)
	for i, t := range n.tokens {
		id := wordID{t.text, t.class, t.script, t.weight}
		word, seen := known[id]
		if !seen {
			word = int32(len(x.words))
			known[id] = word
			x.words = append(x.words, t)
			length := min(127, len(t.sound))
			if t.script != latin {
				length += 128
			}
			x.lengths = append(x.lengths, uint8(length))
			x.bearers = append(x.bearers, nil)
		}
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
