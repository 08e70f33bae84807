package match

import "sync"

// liken says how alike two words are.
type liken func(a, b *token) float32

// Search is one use of a query. It remembers how alike words were found, because the same words come
// in many names and lists. It is not safe for concurrent use.
type Search struct {
	*Query
	candidate candidate // the name at hand
	turn      uint64
	lexicon   *Lexicon
	met       []meetings // by index of the lexicon
	known     [1 << recallBits]likened
}

// likened is a word looked for and a word of an index, by a digest of both and of the search, and
// what they were found to be.
type likened struct {
	pair uint64
	s    float32
}

// recallBits is how many pairs are remembered, as a power of two.
const recallBits = 13

var searches = sync.Pool{New: func() any { return &Search{} }}

// Search begins to look for the query, by a lexicon for the indexes that it covers; it may be nil. End it.
func (q *Query) Search(in *Lexicon) *Search {
	s := searches.Get().(*Search)
	s.Query, s.lexicon = q, in
	s.turn++
	if in != nil {
		in.look(s)
	}
	return s
}

// End gives the memory of a search to another.
func (s *Search) End() {
	s.Query, s.lexicon, s.candidate.x = nil, nil, nil
	searches.Put(s)
}

// remembered gives the likeness of a word looked for and one with a digest, if it is known.
func (s *Search) remembered(place, digest uint64) (like float32, known bool) {
	pair := s.pair(place, digest)
	at := s.place(pair)
	return at.s, at.pair == pair
}

// pair is a digest of two words and of the search.
func (s *Search) pair(place, digest uint64) uint64 {
	return digest + place*0x9e3779b97f4a7c15 + s.turn*0xd1b54a32d192ed03
}

// place is where a pair is remembered.
func (s *Search) place(pair uint64) *likened { return &s.known[(pair^pair>>32)%(1<<recallBits)] }

// recall gives where the likeness of a word looked for and one with a digest is remembered, if known
// is true, and else is to be put.
func (s *Search) recall(place, digest uint64) (at *likened, known bool) {
	pair := s.pair(place, digest)
	at = s.place(pair)
	if at.pair == pair {
		return at, true
	}
	at.pair = pair
	return at, false
}

// likeness is that of any two words, remembered if one is of the query and the other of an index.
func (s *Search) likeness(a, b *token) float32 {
	if b.place != 0 {
		a, b = b, a
	}
	if a.place == 0 || b.digest == 0 {
		return likeness(a, b)
	}
	at, known := s.recall(a.place, b.digest)
	if !known {
		at.s = likeness(a, b)
	}
	return at.s
}
