package match

import "math/bits"

// joins is false only if join writes together no words of either name.
func (c *candidate) joins(s *Search) bool {
	for j, k := range c.kin[:len(c.words)] {
		if k.made && s.madeOf(c.q, c.q.numbers|c.q.telling&c.same, c.features[j], c.x.words[c.words[j]]) {
			return true
		}
	}
	return c.makes(s)
}

// madeOf is false only if no neighbours among the words looked for, but for those that are taken, are
// taken for a word of an index.
func (s *Search) madeOf(q *sought, taken uint32, w *feature, whole *token) bool {
	if w.traits&single != 0 {
		return false
	}
	for i, first := range q.words[:max(0, len(q.words)-1)] {
		if first.traits&abjadic != 0 || taken&(1<<i) != 0 {
			continue
		}
		length := int(first.text)
		for k := i + 1; k < len(q.words) && k < i+mostJoined && taken&(1<<k) == 0; k++ {
			last := q.words[k]
			length += int(last.text)
			if !w.long(length) {
				continue
			}
			turns := k == i+1 && (first.traits|w.traits)&eastern == 0
			if mayBegin(first, last, w) && s.make(q.words[i:k+1], q.tokens[i:k+1], w, whole, false) ||
				turns && mayBegin(last, first, w) && s.make(q.words[i:k+1], q.tokens[i:k+1], w, whole, true) {
				return true
			}
		}
	}
	return false
}

// makes is false only if no neighbours in the name of the index are taken for a word looked for.
func (c *candidate) makes(s *Search) bool {
	wholes := c.q.wholes &^ c.same
	for i := range c.words[:max(0, len(c.words)-1)] {
		first := c.features[i]
		if first.traits&abjadic != 0 || c.taken(i) {
			continue
		}
		length := int(first.text)
		for k := i + 1; k < len(c.words) && k < i+mostJoined && !c.taken(k); k++ {
			length += int(c.features[k].text)
			turned := uint32(0)
			if k == i+1 && first.traits&eastern == 0 {
				turned = mayMake(&c.kin[k], &c.kin[i])
			}
			if all := wholes & (mayMake(&c.kin[i], &c.kin[k]) | turned); all != 0 && c.makeOne(s, i, k+1, length, all, turned) {
				return true
			}
		}
	}
	return false
}

// makeOne is false only if the words from one place to another are taken for none of some words looked for.
func (c *candidate) makeOne(s *Search, from, to, length int, all, turned uint32) bool {
	var tokens [mostJoined]*token
	for i, word := range c.words[from:to] {
		tokens[i] = c.x.words[word]
	}
	parts := c.features[from:to]
	straight := mayMake(&c.kin[from], &c.kin[to-1])
	for rest := all; rest != 0; rest &= rest - 1 {
		at := bits.TrailingZeros32(rest)
		w, whole := c.q.words[at], c.q.tokens[at]
		if !w.long(length) {
			continue
		}
		if straight&(1<<at) != 0 && s.make(parts, tokens[:to-from], w, whole, false) ||
			turned&(1<<at) != 0 && w.traits&eastern == 0 && s.make(parts, tokens[:to-from], w, whole, true) {
			return true
		}
	}
	return false
}

// long reports whether words of so many letters together may be taken for a word.
func (f *feature) long(letters int) bool {
	return letters >= int(f.text)-3 && (letters <= int(f.text)+3 || f.text == 255)
}

// taken is taken for one word.
func (c *candidate) taken(i int) bool {
	f := c.features[i]
	return f.traits&numeric != 0 || c.kin[i].same != 0 && f.tells()
}

// tells reports whether a word that both names have is a word by itself.
func (f *feature) tells() bool { return f.weight > 0.2 && f.text > 2 }

// mayMake gives the words that may begin with one word and end with another.
func mayMake(first, last *kin) uint32 { return first.begins&last.ends | first.starts | last.closes }

// mayBegin is ends for what is known of the words.
func mayBegin(first, last, w *feature) bool {
	return first.ends[0] == w.ends[0] && last.ends[3] == w.ends[3] ||
		first.ends[1] != 0 && first.ends[0] == w.ends[0] && first.ends[1] == w.ends[1] ||
		last.ends[2] != 0 && last.ends[2] == w.ends[2] && last.ends[3] == w.ends[3]
}

// make is false only if words, written as one, are not taken for another. It remembers.
func (s *Search) make(parts []*feature, tokens []*token, w *feature, whole *token, turned bool) bool {
	if parts[0].traits&eastern != 0 {
		return true // that depends on how they were written
	}
	digest := w.digest
	for _, f := range parts {
		digest = digest*0x9e3779b97f4a7c15 ^ f.digest
	}
	order := uint64(0)
	if turned {
		order = 1
	}
	at, known := s.recall(order, digest)
	if !known {
		at.s = 0
		if !farTogether(tokens, whole, turned) {
			if t := together(tokens, turned); likeness(t, whole) > max(joinedLikeness, nearest(tokens, whole)+0.08) {
				at.s = 1
			}
		}
	}
	return at.s > 0
}

// farTogether reports that tokens written as one are no more alike to another than joinedLikeness. It
// never says so of those that are.
func farTogether(tokens []*token, whole *token, turned bool) bool {
	var buffer, out [maxSound]byte
	text := buffer[:0]
	for i, t := range tokens {
		if turned {
			t = tokens[len(tokens)-1-i]
		}
		if t.script != latin || len(text)+len(t.letters) > maxSound {
			return false
		}
		text = append(text, t.letters...)
	}
	sound := appendSound(out[:0], string(text), latin)
	if whole.script != latin || max(len(sound), len(whole.sound), len(whole.text)) > maxSound || share(known.groups[string(text)], whole.groups) {
		return false
	}
	return beyond(spelling, text, whole.text, whole.spells) && beyond(soundCosts(max(len(sound), len(whole.sound))), sound, whole.sound, whole.sounds)
}

// beyond reports that it costs more to turn letters into a word than words may differ that were written
// together.
func beyond(c *costs, letters []byte, word string, inWord letterSet) bool {
	text := string(letters)
	const percent = 100 - 100*joinedLikeness
	limit := int(percent * max(len(text), len(word)))
	return c.between(text, word, lettersOf(text), inWord, limit) > limit
}
