package match

// vocabulary is words that are found by their keys.
type vocabulary struct {
	words    []*token
	features []feature        // of the words
	near     func() *keyIndex // made when first needed
}

// sight is the memory of looking for words in a vocabulary.
type sight struct {
	seen    []int64 // by word: the turn it was compared
	now     int64
	sharing []int32 // words that share a key with the token at hand
}

// look calls met with each word that is like a token of the query, token by token, which are counted from
// 1, and both with two words that one of them may be, written together.
func (v *vocabulary) look(in *sight, s *Search, met func(word int32, turn uint16, like float32), both func(first, second int32)) {
	turn := uint16(0)
	for i := range s.probes {
		turn++
		v.collect(in, s, &s.probes[i], turn, met)
		v.divide(s.divided[i], both)
	}
	for i := range s.joined {
		turn++
		v.collect(in, s, &s.joined[i], turn, met)
	}
}

// collect calls met with the words that are like a token.
func (v *vocabulary) collect(in *sight, s *Search, p *probe, turn uint16, met func(word int32, turn uint16, like float32)) {
	in.now++
	in.sharing = v.near().sharing(p.keys, in.sharing[:0])
	words := in.sharing[:0]
	for _, word := range in.sharing {
		if in.seen[word] != in.now {
			in.seen[word] = in.now
			if !p.feature.far(&v.features[word]) {
				words = append(words, word)
			}
		}
	}
	for _, word := range words {
		if like := v.likeness(s, p.token, p.feature, word); like >= alike {
			met(word, turn, like)
		}
	}
}

// likeness is that of a word looked for and one of the vocabulary; 0 may stand for less than alike.
func (v *vocabulary) likeness(s *Search, t *token, is *feature, word int32) float32 {
	f := &v.features[word]
	at, known := s.recall(t.place, f.digest)
	if !known {
		var told bool
		if at.s, told = is.likeness(f); !told {
			at.s = likeness(t, v.words[word])
		}
	}
	return at.s
}

// divide looks for a token as two words written together.
func (v *vocabulary) divide(all []halves, both func(first, second int32)) {
	near := v.near()
	for i := range all {
		h := &all[i]
		first := near.with(h.firstKey)
		if len(first) == 0 {
			continue
		}
		second := near.with(h.secondKey)
		for _, k := range first {
			if v.words[k.word].sound != h.first {
				continue
			}
			for _, l := range second {
				if v.words[l.word].sound == h.second {
					both(k.word, l.word)
				}
			}
		}
	}
}
