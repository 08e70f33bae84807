package match

import "hash/maphash"

// feature is what a search needs of a word, close together: most words are compared, and most names
// bounded, without a look at the words themselves.
type feature struct {
	digest         uint64
	spells, sounds letterSet
	weight, bits   float32
	bearers        int32 // where the names that bear the word begin
	text, sound    uint8 // lengths
	traits         traits
	group          uint16         // of the tables, if it has one
	ends           [4]byte        // first two letters and last two, 0 if there is only one
	letters, voice [briefest]byte // text, unless it is long or that of a legal form, and of a brief word the sound
}

// briefest is the length up to which a word is brief.
const briefest = 20

// traits are what a word is, as bits.
type traits uint32

const (
	plain   traits = 1 << iota // in Latin letters, and neither an initial nor a number nor a legal form
	brief                      // plain, and so short that a feature has it whole
	inLatin                    // its sound has all vowels
	grouped                    // the tables have other spellings of it, in one group
	regroup                    // or in several
	kindred                    // they relate it to other names
	listed                     // they know it as a name
	minor                      // a title or a particle
	descent                    // a patronymic
	single                     // never several words written together
	abjadic                    // never the first of them
	numeric                    // nor any
	eastern
	entire   // compared whole
	written  // its letters are known
	lettered // an initial
	named    // an initial may stand for it
)

// seed makes the digests of words, on which nothing rests but whether two are the same.
var seed = maphash.MakeSeed()

func featureOf(t *token) feature {
	f := feature{
		digest: maphash.Comparable(seed, t.wordID()), spells: t.spells, sounds: t.sounds, weight: t.weight, bits: t.bits,
		text: uint8(min(len(t.letters), 255)), sound: uint8(min(len(t.sound), 255)), ends: endsOf(t.letters),
	}
	special := t.class == initial || t.class == number || t.class == legalForm
	short := max(len(t.text), len(t.sound))
	for _, is := range []struct {
		traits traits
		so     bool
	}{
		{plain, t.script == latin && !special && short <= maxSound},
		{brief, t.script == latin && !special && short <= briefest},
		{inLatin, t.script == latin},
		{grouped, len(t.groups) == 1},
		{regroup, len(t.groups) > 1},
		{kindred, t.kin},
		{listed, t.listed},
		{minor, t.minor()},
		{descent, !t.family},
		{single, special || len(t.text) < 4},
		{abjadic, t.script == abjad},
		{numeric, t.class == number},
		{eastern, t.script == cjk},
		{entire, t.class != legalForm && len(t.text) <= maxSound},
		{written, t.class != legalForm && len(t.text) <= briefest},
		{lettered, t.class == initial},
		{named, t.class == initial || t.class == word || t.class == title},
	} {
		if is.so {
			f.traits |= is.traits
		}
	}
	if len(t.groups) == 1 {
		f.group = t.groups[0]
	}
	if f.traits&written != 0 {
		copy(f.letters[:], t.text)
	}
	if f.traits&brief != 0 {
		copy(f.voice[:], t.sound)
	}
	return f
}

func endsOf(letters string) (ends [4]byte) {
	n := len(letters)
	ends[0], ends[3] = letters[0], letters[n-1]
	if n > 1 {
		ends[1], ends[2] = letters[1], letters[n-2]
	}
	return ends
}

// far reports that two words are less than alike by the lengths of their sounds.
func (f *feature) far(other *feature) bool {
	return f.traits&other.traits&inLatin != 0 && !near(min(int(f.sound), 127), min(int(other.sound), 127))
}

// near excludes words whose lengths alone make them unlike.
func near(a, b int) bool { return min(a, b)*9 >= max(a, b)*5 }

// likeness is that of the words, if it can be told from the features; 0 may stand for less than alike.
func (f *feature) likeness(o *feature) (s float32, told bool) {
	either, both := f.traits|o.traits, f.traits&o.traits
	if either&(lettered|numeric) != 0 && both&written != 0 {
		return f.abbreviated(o), true
	}
	if both&plain == 0 || both&kindred != 0 || either&regroup != 0 && either&grouped|both&regroup != 0 {
		return 0, false
	}
	same := both&grouped != 0 && f.group == o.group
	longest, written := int(max(f.sound, o.sound)), int(max(f.text, o.text))
	heard, seen := soundCosts(longest).least(f.sounds, o.sounds), spelling.least(f.spells, o.spells)
	switch {
	case heard > longest*whole*2/5 && seen > written*whole*2/5 && !same:
		return 0, true
	case both&brief == 0 || both&descent != 0:
		return 0, false
	case f.letters == o.letters:
		return 1, true
	case same:
		return sameName, true
	case f.voice == o.voice:
		return 0.99, true
	case both&listed != 0:
		return 0, max(longest, written) <= shortListed
	}
	if s = f.spelled(o, longest, written, heard, seen); s < damagedWord && either&^both&minor != 0 {
		return 0, true
	}
	return s, true
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

// spelled is spelled for brief words of other sounds.
func (f *feature) spelled(o *feature, longest, written, heard, seen int) (s float32) {
	if limit := longest * whole * 2 / 5; heard <= limit {
		cost := edits(soundCosts(longest), f.voice[:f.sound], o.voice[:o.sound], limit)
		s = (1 - float32(cost)/float32(whole*longest)) * 0.99
	}
	if better := int((1 - max(s, alike)) * float32(whole*written)); seen <= better {
		s = max(s, 1-float32(edits(spelling, f.letters[:f.text], o.letters[:o.text], better))/float32(whole*written))
	}
	return s
}
