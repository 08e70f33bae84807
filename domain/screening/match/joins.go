package match

// joins is false only if joinTo joins no words of a for b.
func (s *Search) joins(a, b *side) bool {
	for j, w := range b.words[:b.n] {
		if w.traits&single == 0 && b.same&(1<<j) == 0 && s.makes(a, w, b.tokens[j]) {
			return true
		}
	}
	return false
}

// makes is false only if no neighbours make a word.
func (s *Search) makes(a *side, w *feature, whole *token) bool {
	for i, first := range a.words[:max(0, a.n-1)] {
		length := int(first.text)
		if first.traits&abjadic != 0 || a.taken(i) {
			continue
		}
		for k := i + 1; k < a.n && k < i+mostJoined && !a.taken(k); k++ {
			last := a.words[k]
			if length += int(last.text); length > int(w.text)+3 && w.text < 255 {
				break
			}
			if length < int(w.text)-3 {
				continue
			}
			turns := k == i+1 && (first.traits|w.traits)&eastern == 0
			if mayBegin(first, last, w) && s.make(a, i, k+1, w, whole, false) || turns && mayBegin(last, first, w) && s.make(a, i, k+1, w, whole, true) {
				return true
			}
		}
	}
	return false
}

// taken is taken for one word.
func (a *side) taken(i int) bool {
	f := a.words[i]
	return f.traits&numeric != 0 || a.same&(1<<i) != 0 && f.weight > 0.2 && f.text > 2
}

// mayBegin is ends for what is known of the words.
func mayBegin(first, last, w *feature) bool {
	return first.ends[0] == w.ends[0] && last.ends[3] == w.ends[3] ||
		first.ends[1] != 0 && first.ends[0] == w.ends[0] && first.ends[1] == w.ends[1] ||
		last.ends[2] != 0 && last.ends[2] == w.ends[2] && last.ends[3] == w.ends[3]
}

// make is false only if the words from one place to another, written as one, are not taken for a
// word. It remembers.
func (s *Search) make(a *side, from, to int, w *feature, whole *token, turned bool) bool {
	if a.words[from].traits&eastern != 0 {
		return true // that depends on how they were written
	}
	digest := w.digest
	for _, f := range a.words[from:to] {
		digest = digest*0x9e3779b97f4a7c15 ^ f.digest
	}
	place := uint64(1 << 32)
	if turned {
		place++
	}
	at, known := s.recall(place, digest)
	if !known {
		at.s = 0
		parts := a.tokens[from:to]
		if t := together(parts, turned); likeness(t, whole) > max(joinedLikeness, nearest(parts, whole)+0.08) {
			at.s = 1
		}
	}
	return at.s > 0
}
