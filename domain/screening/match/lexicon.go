package match

import "sync"

// Lexicon is the words of several indexes, each once: a search that is given one finds the words like its
// own at once for all of them. It changes nothing of what is found. It is immutable and safe for
// concurrent use, and does not keep the indexes in memory.
type Lexicon struct {
	vocabulary
	holders []holder // of the words, one word after the other, each ordered by index
	from    []int32  // where those of a word begin, and the end
	number  map[*identity]int
	sights  sync.Pool
}

// holder is a word of an index.
type holder struct{ index, word int32 }

// identity tells an index from others.
type identity struct{ _ byte }

// NewLexicon gathers the words of indexes.
func NewLexicon(indexes []*Index) *Lexicon {
	l := &Lexicon{number: make(map[*identity]int, len(indexes))}
	known := map[uint64]int{}
	var held [][]holder
	for n, x := range indexes {
		l.number[x.identity] = n
		for word, t := range x.words {
			f := x.features[word]
			at, seen := known[f.digest]
			if !seen {
				at = len(l.words)
				known[f.digest] = at
				l.words, l.features, held = append(l.words, t), append(l.features, f), append(held, nil)
			}
			held[at] = append(held[at], holder{int32(n), int32(word)})
		}
	}
	for _, all := range held {
		l.from = append(l.from, int32(len(l.holders)))
		l.holders = append(l.holders, all...)
	}
	l.from = append(l.from, int32(len(l.holders)))
	near := newKeyIndex(l.words)
	l.near = func() *keyIndex { return near }
	l.sights.New = func() any { return &sight{seen: make([]int64, len(l.words))} }
	return l
}

// Covers reports whether it has the words of the indexes, but for so few that a search of those by
// themselves costs little.
func (l *Lexicon) Covers(indexes []*Index) bool {
	all, missed := 0, 0
	for _, x := range indexes {
		all += len(x.words)
		if _, known := l.number[x.identity]; !known {
			missed += len(x.words)
		}
	}
	return missed*16 <= all
}

// holding gives the words of indexes that a word is.
func (l *Lexicon) holding(word int32) []holder { return l.holders[l.from[word]:l.from[word+1]] }

// meetings is what a search found in a lexicon for an index.
type meetings struct {
	words  []meeting
	halves [][2]int32
}

// meeting is a word of the index that is like a token of the query.
type meeting struct {
	word int32
	turn uint16
	like float32
}

// look finds the words for each of the indexes.
func (l *Lexicon) look(s *Search) {
	for len(s.met) < len(l.number) {
		s.met = append(s.met, meetings{})
	}
	for i := range s.met {
		s.met[i] = meetings{s.met[i].words[:0], s.met[i].halves[:0]}
	}
	in := l.sights.Get().(*sight)
	defer l.sights.Put(in)
	l.vocabulary.look(in, s, func(word int32, turn uint16, like float32) {
		for _, h := range l.holding(word) {
			met := &s.met[h.index]
			met.words = append(met.words, meeting{h.word, turn, like})
		}
	}, func(first, second int32) {
		rest := l.holding(second)
		for _, h := range l.holding(first) {
			for len(rest) > 0 && rest[0].index < h.index {
				rest = rest[1:]
			}
			if len(rest) > 0 && rest[0].index == h.index {
				met := &s.met[h.index]
				met.halves = append(met.halves, [2]int32{h.word, rest[0].word})
			}
		}
	})
}

// meetings gives what was found for an index; known is false if it must be looked for.
func (s *Search) meetings(x *Index) (met *meetings, known bool) {
	if s.lexicon == nil {
		return nil, false
	}
	n, known := s.lexicon.number[x.identity]
	if !known {
		return nil, false
	}
	return &s.met[n], true
}
