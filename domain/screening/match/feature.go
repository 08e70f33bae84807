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
	consonants     uint8 // of the sound
	traits         traits
	group          uint16         // of the tables, if it has one
	ends           [4]byte        // first two letters and last two, 0 if there is only one
	letters, voice [briefest]byte // letters and sound, unless they are long; of a legal form its class for a sound
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
	semitic                    // in a script without vowels, and so short that a feature has it whole
	formal                     // a legal form, as short
	abjadic                    // never the first of them
	numeric                    // nor any
	eastern
	written  // its letters are known
	lettered // an initial
	named    // an initial may stand for it
)

// seed makes the digests of words, on which nothing rests but whether two are the same.
var seed = maphash.MakeSeed()

func featureOf(t *token) feature {
	f := feature{
		digest: maphash.Comparable(seed, t.wordID()), spells: t.spells, sounds: t.sounds, weight: t.weight, bits: t.bits,
		text: uint8(min(len(t.letters), 255)), sound: uint8(min(len(t.sound), 255)), consonants: uint8(min(consonants(t.sound), 255)), ends: endsOf(t.letters),
	}
	if t.class == legalForm {
		f.spells = lettersOf(t.letters)
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
		{semitic, t.script == abjad && !special && short <= briefest},
		{formal, t.class == legalForm && max(len(t.text), len(t.letters)) <= briefest},
		{abjadic, t.script == abjad},
		{numeric, t.class == number},
		{eastern, t.script == cjk},
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
	if f.traits&(written|formal) != 0 {
		copy(f.letters[:], t.letters)
	}
	if f.traits&(brief|semitic|formal) != 0 {
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
