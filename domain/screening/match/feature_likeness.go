package match

// likeness is that of the words, if it can be told from the features; 0 may stand for less than alike.
func (f *feature) likeness(o *feature) (s float32, told bool) {
	either, both := f.traits|o.traits, f.traits&o.traits
	switch {
	case either&(lettered|numeric) != 0 && both&written != 0:
		return f.abbreviated(o), true
	case either&formal != 0:
		return f.formed(o)
	case both&kindred != 0, either&regroup != 0 && either&grouped|both&regroup != 0:
		return 0, false
	case both&plain != 0:
		return f.alphabetic(o)
	case either&semitic != 0 && f.traits&(semitic|brief) != 0 && o.traits&(semitic|brief) != 0:
		return f.guessed(o)
	}
	return 0, false
}

// abbreviated compares with an initial or a number.
func (f *feature) abbreviated(o *feature) float32 {
	either, both := f.traits|o.traits, f.traits&o.traits
	switch {
	case f.letters == o.letters:
		return 1
	case either&lettered != 0 && both&named != 0 && f.letters[0] == o.letters[0]:
		return initialLikeness
	}
	return 0
}

// formed compares with a legal form.
func (f *feature) formed(o *feature) (s float32, told bool) {
	switch {
	case f.traits&o.traits&formal != 0:
		if f.voice == o.voice {
			return 1, true
		}
		return 0, true
	case o.traits&formal != 0:
		f, o = o, f
	}
	if o.traits&written == 0 || o.traits&(lettered|numeric) != 0 {
		return 0, false
	}
	if f.voice == o.letters {
		return 1, true
	}
	longest := int(max(f.text, o.text))
	limit := longest * whole * 2 / 5
	if spelling.least(f.spells, o.spells) > limit {
		return 0, true
	}
	return 1 - float32(edits(spelling, f.letters[:f.text], o.letters[:o.text], limit))/float32(whole*longest), true
}

// alphabetic compares words in Latin letters.
func (f *feature) alphabetic(o *feature) (s float32, told bool) {
	either, both := f.traits|o.traits, f.traits&o.traits
	same := both&grouped != 0 && f.group == o.group
	longest, written := int(max(f.sound, o.sound)), int(max(f.text, o.text))
	heard, seen := soundCosts(longest).least(f.sounds, o.sounds), spelling.least(f.spells, o.spells)
	switch {
	case heard > longest*whole*2/5 && seen > written*whole*2/5 && !same:
		return 0, true
	case both&brief == 0:
		return 0, false
	case f.letters == o.letters:
		return 1, true
	case same:
		return sameName, true
	case f.voice == o.voice:
		s = 0.99
	case both&listed != 0:
		return 0, max(longest, written) <= shortListed
	default:
		s = f.spelled(o, longest, written, heard, seen)
	}
	if both&descent != 0 {
		s = stemmed(s, longest)
	}
	if s < damagedWord && either&^both&minor != 0 {
		return 0, true
	}
	return s, true
}

// spelled is spelled for brief words of other sounds.
func (f *feature) spelled(o *feature, longest, written, heard, seen int) (s float32) {
	if limit := longest * whole * 2 / 5; heard <= limit {
		cost := edits(soundCosts(longest), f.voice[:f.sound], o.voice[:o.sound], limit)
		s = (1 - float32(cost)/float32(whole*longest)) * 0.99
	}
	if limit := limitOf(s, written); seen <= limit {
		return better(s, edits(spelling, f.letters[:f.text], o.letters[:o.text], limit), written)
	}
	return s
}

// guessed compares words of which one at least is in a script without vowels.
func (f *feature) guessed(o *feature) (s float32, told bool) {
	either, both := f.traits|o.traits, f.traits&o.traits
	switch {
	case f.letters == o.letters:
		return 1, true
	case either&regroup != 0, both&descent != 0:
		return 0, false
	case both&grouped != 0 && f.group == o.group:
		return sameName, true
	case both&listed != 0 && f.voice != o.voice && (both&semitic != 0 || both&grouped != 0):
		return 0, true
	case both&semitic != 0:
		longest := int(max(f.text, o.text))
		if limit := 29 * longest; spelling.least(f.spells, o.spells) <= limit {
			s = 1 - 1.4*float32(edits(spelling, f.letters[:f.text], o.letters[:o.text], limit))/float32(whole*longest)
		}
	default:
		most := int(max(f.consonants, o.consonants, 2))
		if limit := 34 * most; abjadCosts.least(f.sounds, o.sounds) <= limit {
			s = 0.97 - 1.1*(float32(edits(abjadCosts, f.voice[:f.sound], o.voice[:o.sound], limit))/whole)/float32(most)
		}
	}
	if s < damagedWord && either&^both&minor != 0 {
		return 0, true
	}
	return s, true
}
