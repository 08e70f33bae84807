package match

// joins is false only if join writes together no words of either name.
func (c *candidate) joins() bool {
	for j, w := range c.b.words[:c.b.n] {
		if w.traits&single == 0 && c.b.same&(1<<j) == 0 && c.makes(&c.a, &c.b, j) {
			return true
		}
	}
	for i, w := range c.a.words[:c.a.n] {
		if w.traits&single == 0 && c.a.same&(1<<i) == 0 && c.makes(&c.b, &c.a, i) {
			return true
		}
	}
	return false
}

// makes is false only if no neighbours of one name make a word of the other.
func (c *candidate) makes(a, b *side, at int) bool {
	w := b.words[at]
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
			if mayBegin(first, last, w) && c.make(a, i, k+1, b, at, false) || turns && mayBegin(last, first, w) && c.make(a, i, k+1, b, at, true) {
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

// make is false only if the words of one name from one place to another, written as one, are not taken
// for a word of the other. It remembers.
func (c *candidate) make(a *side, from, to int, b *side, at int, turned bool) bool {
	if a.words[from].traits&eastern != 0 {
		return true // that depends on how they were written
	}
	digest := b.words[at].digest
	for _, f := range a.words[from:to] {
		digest = digest*0x9e3779b97f4a7c15 ^ f.digest
	}
	place := uint64(1 << 32)
	if turned {
		place++
	}
	made, known := c.recall(place, digest)
	if !known {
		made.s = 0
		var parts [mostJoined]*token
		for i := from; i < to; i++ {
			parts[i-from] = c.token(a, i)
		}
		if takenFor(parts[:to-from], c.token(b, at), turned) {
			made.s = 1
		}
	}
	return made.s > 0
}

// token gives a word of one of the names.
func (c *candidate) token(of *side, at int) *token {
	if of == &c.a {
		return c.looked[at]
	}
	return c.x.words[c.listed[at]]
}

// takenFor reports whether words written as one are more alike to another than any of them alone.
func takenFor(parts []*token, whole *token, turned bool) bool {
	if farTogether(parts, whole, turned) {
		return false
	}
	return likeness(together(parts, turned), whole) > max(joinedLikeness, nearest(parts, whole)+0.08)
}

// farTogether reports that words written as one are no more alike to another than joinedLikeness. It
// never says so of those that are.
func farTogether(parts []*token, whole *token, turned bool) bool {
	var letters, voice [maxSound]byte
	text := letters[:0]
	for i, t := range parts {
		if turned {
			t = parts[len(parts)-1-i]
		}
		if t.script != latin || len(text)+len(t.letters) > maxSound {
			return false
		}
		text = append(text, t.letters...)
	}
	sound := appendSound(voice[:0], string(text), latin)
	longest := max(len(sound), len(whole.sound))
	if whole.script != latin || max(longest, len(whole.text)) > maxSound || share(known.groups[string(text)], whole.groups) {
		return false
	}
	return beyond(spelling, text, whole.text, whole.spells) && beyond(soundCosts(longest), sound, whole.sound, whole.sounds)
}

// beyond reports that it costs more to turn letters into a word than words may differ that were written
// together.
func beyond(c *costs, letters []byte, word string, has letterSet) bool {
	const percent = 100 - 100*joinedLikeness
	limit := percent * max(len(letters), len(word))
	return c.between(string(letters), word, lettersOf(string(letters)), has, limit) > limit
}
