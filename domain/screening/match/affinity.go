package match

// kin is what a word of an index is to the words looked for, which are bits by place.
type kin struct {
	best                         float32 // what it agrees with the word most like it, 0 if it is like none
	alike                        uint32  // words it is like
	same                         uint32  // words it is the same as
	begins, starts, ends, closes uint32  // words with its first letter, its first two, its last, its last two
	made                         bool    // neighbours among the words, written together, may be taken for it
}

// affinity is kin that is remembered.
type affinity struct {
	key uint64
	kin
}

// affinityBits is how many affinities are remembered, as a power of two.
const affinityBits = 12

// kin gives what a word of an index is to the words looked for. It remembers, until the next is asked for.
func (s *Search) kin(q *sought, x *Index, word int32) *kin {
	f := &x.features[word]
	key := f.digest + q.digest*0x9e3779b97f4a7c15 + s.turn*0xd1b54a32d192ed03
	a := &s.affinities[(key^key>>32)%(1<<affinityBits)]
	if a.key == key {
		return &a.kin
	}
	a.key, a.kin = key, kin{}
	for i, w := range q.words {
		a.meets(1<<i, f, w)
		like := x.likeness(s, q.tokens[i], w, word)
		if like < alike {
			continue
		}
		a.alike |= 1 << i
		a.best = max(a.best, agreement(like))
		if like == 1 && f.traits&w.traits&entire != 0 {
			a.same |= 1 << i
		}
	}
	if a.same == 0 && (a.starts|a.closes != 0 || a.begins != 0 && a.ends != 0) {
		a.made = s.madeOf(q, q.numbers, f, x.words[word])
	}
	return &a.kin
}

// meets notes which letters at their ends two words share.
func (k *kin) meets(place uint32, f, w *feature) {
	if f.ends[0] == w.ends[0] {
		k.begins |= place
		if f.ends[1] != 0 && f.ends[1] == w.ends[1] {
			k.starts |= place
		}
	}
	if f.ends[3] == w.ends[3] {
		k.ends |= place
		if f.ends[2] != 0 && f.ends[2] == w.ends[2] {
			k.closes |= place
		}
	}
}
