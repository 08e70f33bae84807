package match

import "slices"

// Likeness of words that the tables say are one name.
const (
	sameName  = 0.98
	cognate   = 0.86
	nickname  = 0.88
	otherName = 0.55 // at most, of two different names of the tables

	initialLikeness = 0.85
)

// likeness says how alike two words are, 1 for the same. Of words that are less than alike it may
// give anything less than that.
func likeness(a, b *token) float32 {
	if a == b || a.text == b.text {
		return 1
	}
	if a.class == initial || b.class == initial {
		return initials(a, b)
	}
	if a.class == number || b.class == number {
		return 0
	}
	if a.class == legalForm || b.class == legalForm {
		return formLikeness(a, b)
	}
	if share(a.groups, b.groups) {
		return sameName
	}
	s := float32(0)
	if !distinct(a, b) {
		s = spelled(a, b)
	}
	if !a.family && !b.family {
		s = stemmed(s, max(len(a.sound), len(b.sound)))
	}
	if s < sameName && (a.listed && b.listed) {
		s = min(s, listedLikeness(a, b))
	}
	if s < nickname && a.kin && b.kin {
		s = max(s, tabled(a.text, b.text))
	}
	if s < damagedWord && a.minor() != b.minor() {
		return 0
	}
	return s
}

// damagedWord is the least likeness of a title or particle and a word that may be it, misspelt.
const damagedWord = 0.8

func (t *token) minor() bool { return t.class == title || t.class == particle }

// formLikeness compares a legal form with what may be a damaged one; forms of other classes differ.
func formLikeness(a, b *token) float32 {
	if a.class == b.class || len(a.letters) > maxSound || len(b.letters) > maxSound {
		return 0
	}
	longest := max(len(a.letters), len(b.letters))
	return 1 - float32(edits(spelling, a.letters, b.letters, longest*whole*2/5))/float32(whole*longest)
}

// listedLikeness bounds that of two names that both are names of their own: unless they sound the
// same, one is no misspelling of the other.
func listedLikeness(a, b *token) float32 {
	if a.sound == b.sound || a.script != b.script && a.script+b.script == abjad && len(a.groups)+len(b.groups) < 2 {
		return 1
	}
	return otherName
}

// shortListed is how long words are whose least difference makes them less than the same name.
const shortListed = 14

// distinct reports whether two words are different names of the tables, whatever their letters.
func distinct(a, b *token) bool {
	return a.listed && b.listed && max(len(a.text), len(b.text), len(a.sound), len(b.sound)) <= shortListed && a.script == latin &&
		b.script == latin && a.sound != b.sound
}

// tabled gives the likeness of words that the tables relate.
func tabled(a, b string) float32 {
	if share(known.cognates[a], known.cognates[b]) {
		return cognate
	}
	if slices.Contains(known.nicknames[a], b) {
		return nickname
	}
	return 0
}

func share(a, b []uint16) bool {
	return slices.ContainsFunc(a, func(x uint16) bool { return slices.Contains(b, x) })
}

// initials compares a single letter with a word.
func initials(a, b *token) float32 {
	if a.class != initial {
		a, b = b, a
	}
	if b.text[0] == a.text[0] && (b.class == initial || b.class == word || b.class == title) {
		return initialLikeness
	}
	return 0
}

// patronymicEnd is how many letters of a patronymic say nothing of the father.
const patronymicEnd = 5

// stemmed gives the likeness of two patronymics, the longer of so many sounds, without what all of them
// have in common.
func stemmed(s float32, longest int) float32 {
	return 1 - (1-s)*float32(longest)/float32(max(longest-patronymicEnd, 2))
}

// consonants counts what a script without vowels writes of a sound.
func consonants(sound string) (n int) {
	for i := range len(sound) {
		switch sound[i] {
		case 'a', 'e', 'i', 'o', 'u', 'h', 'A', 'W', 'Y':
		default:
			n++
		}
	}
	return n
}

// spelled compares words by spelling and by sound.
func spelled(a, b *token) float32 {
	if a.script == b.script && a.script != latin {
		// As written: a letter or syllable more or less is another name there.
		longest := max(len(a.text), len(b.text), 1)
		return 1 - 1.4*float32(spelling.between(a.text, b.text, a.spells, b.spells, 29*longest))/float32(whole*longest)
	}
	s, guessed := sounded(a, b)
	switch {
	case guessed, max(len(a.sound), len(b.sound)) > maxSound:
		return s
	case a.native != b.native:
		return 1 - 1.6*(1-s) // its syllables are spelled alike in every system, or nearly
	case a.sound == b.sound:
		return 0.99
	}
	written := max(len(a.text), len(b.text), 1)
	s *= 0.99
	return better(s, spelling.between(a.text, b.text, a.spells, b.spells, limitOf(s, written)), written)
}

// limitOf is the cost beyond which words of so many letters are less alike as written than s, or less than alike.
func limitOf(s float32, written int) int {
	return int((1-max(s, alike))*float32(whole*written)) + 1 // for what rounding takes away
}

// better gives how alike words of so many letters are as written, by the cost of turning one into the other: s
// if that is more, or if they are less than alike so.
func better(s float32, cost, written int) float32 {
	if spelled := 1 - float32(cost)/float32(whole*written); spelled >= alike {
		return max(s, spelled)
	}
	return s
}

// between is edits for words whose letters are known.
func (c *costs) between(a, b string, inA, inB letterSet, limit int) int {
	if c.least(inA, inB) > limit {
		return unlimited
	}
	return edits(c, a, b, limit)
}

// sounded compares words by their sounds. It is guessed where a script does not write what the
// other does.
func sounded(a, b *token) (s float32, guessed bool) {
	longest := max(len(a.sound), len(b.sound))
	if a.script == abjad || b.script == abjad {
		most := max(consonants(a.sound), consonants(b.sound), 2)
		cost := float32(abjadCosts.between(a.sound, b.sound, a.sounds, b.sounds, 34*most)) / whole
		return 0.97 - 1.1*cost/float32(most), true
	}
	limit := longest * whole * 2 / 5 // beyond it, words are not alike by any measure
	if a.script != b.script && longest > 5 && !a.native && !b.native {
		return 0.96 - 1.1*float32(cjkCosts.between(a.sound, b.sound, a.sounds, b.sounds, limit))/float32(whole*longest), true
	}
	return 1 - float32(soundCosts(longest).between(a.sound, b.sound, a.sounds, b.sounds, limit))/float32(whole*longest), false
}

// soundCosts gives the costs for words in alphabets of which the longer has so many sounds.
func soundCosts(longest int) *costs {
	if longest <= 4 {
		return shortCosts
	}
	return plainCosts
}
