package match

import "math"

// Costs of edits, in hundredths of a letter.
const (
	whole     = 100
	maxSound  = 32 // letters of a word that are compared
	maxLetter = 40
	unlimited = 1 << 30
)

// costs holds what it costs to take one sound for another, and to leave one out.
type costs struct {
	swap [256][256]uint8
	drop [256]uint8
}

// related lists sounds that transliterations and listeners confuse.
const confusions = `ae30 ai45 ao35 au45 ei25 eo45 eu45 io45 iu40 ou25 bp50 bv45 fv30 fp50 dt45 gk45 hk50 gh45 gj45 jZ20 ij35
	jC40 hj55 Zz35 sz35 sS35 CS40 Cc35 cs35 cz45 ct50 Ct55 Ck50 ck50 SZ35 jz45 dj55 dz55 uv40 mn55 lr65 Sk60 hS60 jS55 js60 cS45`

// Confusions of digits and letters that look alike.
const lookalikes = `0o30 1l30 1i30 5s30 8b30 2z40 6b50 9g50 4a50 3e40 7t50`

var (
	plainCosts = newCosts(60, 1)         // alphabets, longer words
	shortCosts = newCosts(85, 2)         // words of up to four letters, where every vowel counts
	abjadCosts = newCosts(6, 0.3)        // vowels are not written
	cjkCosts   = newCosts(28, 0.6).cjk() // foreign names bent to syllables
)

// newCosts makes a table with a cost of dropping a vowel and a scale for confusions.
func newCosts(vowel uint8, scale float64) *costs {
	c := &costs{}
	for i := range 256 {
		c.drop[i] = whole
		for j := range 256 {
			if i != j {
				c.swap[i][j] = whole
			}
		}
		c.set(byte(i), '?', 40)
	}
	c.swap['?']['?'] = 0
	for _, v := range []byte("aeiou") {
		c.drop[v] = vowel
		for _, u := range []byte("aeiou") {
			if u != v {
				c.set(u, v, min(whole, vowel))
			}
		}
	}
	c.drop['h'], c.drop['j'], c.drop['?'] = 40, 60, 50
	c.read(confusions, scale)
	c.read(lookalikes, 1)
	return c.optional()
}

func (c *costs) read(table string, scale float64) {
	for i := 0; i+3 < len(table); i++ {
		if digit(table[i+2]) && digit(table[i+3]) && (i == 0 || table[i-1] == ' ' || table[i-1] == '\t' || table[i-1] == '\n') {
			cost := float64(table[i+2]-'0')*10 + float64(table[i+3]-'0')
			c.set(table[i], table[i+1], uint8(min(whole, cost*scale)))
		}
	}
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (c *costs) set(a, b byte, cost uint8) { c.swap[a][b], c.swap[b][a] = cost, cost }

// optional gives the letters of scripts without vowels what they may stand for.
func (c *costs) optional() *costs {
	for letter, sounds := range map[byte]string{'A': "aeiouhYW", 'W': "ouvaAY", 'Y': "iejaAWo"} {
		c.drop[letter] = 15
		for i := range len(sounds) {
			c.set(letter, sounds[i], 8)
		}
	}
	c.set('W', 'v', 5)
	c.drop['h'] = min(c.drop['h'], 40)
	return c
}

// abjad makes sounds one that Arabic and Hebrew letters do not tell apart.
func (c *costs) abjad() *costs {
	c.read("bp10 fv20 gj30 gk30 bv30 kh30 sS30 oW05", 1)
	c.drop['h'] = 30
	return c
}

// cjk makes sounds one that East Asian scripts do not tell apart.
func (c *costs) cjk() *costs {
	c.drop['u'], c.drop['o'] = 12, 20 // written where a syllable must end in a vowel
	c.read("lr10 bv15 hf25 Ct30 jd30 jz20 St40 sS20 st30 jt40 ng40 mn30 bp20 dt20 gk20 fp20 kh25 vu20", 1)
	return c
}

// edits gives the cost of turning a into b: insertions, deletions, substitutions and exchanges of
// neighbours (optimal string alignment). Beyond the limit it may give any greater cost.
func (c *costs) edits(a, b string, limit int) int {
	a, b = a[:min(len(a), maxSound)], b[:min(len(b), maxSound)]
	var rows [3][maxSound + 1]int
	above2, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		above[j+1] = above[j] + int(c.drop[b[j]])
	}
	for i := range len(a) {
		row[0] = above[0] + int(c.drop[a[i]])
		swap, least := &c.swap[a[i]], row[0]
		for j := range len(b) {
			best := min(above[j]+int(swap[b[j]]), above[j+1]+int(c.drop[a[i]]), row[j]+int(c.drop[b[j]]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				best = min(best, above2[j-1]+whole*9/10)
			}
			row[j+1] = best
			least = min(least, best)
		}
		if least > limit {
			return least
		}
		above2, above, row = above, row, above2
	}
	return above[len(b)]
}

// spelling is the cost table of letters as written.
var spelling = func() *costs {
	c := &costs{}
	for i := range 256 {
		c.drop[i] = whole
		for j := range 256 {
			if i != j {
				c.swap[i][j] = whole
			}
		}
		c.set(byte(i), '?', 40)
	}
	c.swap['?']['?'] = 0
	c.drop['?'] = 50
	c.read(lookalikes, 1)
	return c
}()

// Likeness of words that the tables say are one name.
const (
	sameName  = 0.98
	cognate   = 0.86
	nickname  = 0.88
	otherName = 0.55 // at most, of two different names of the tables
)

// likeness says how alike two words are, 1 for the same.
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
	s := spelled(a, b)
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
	if a.class == b.class || len(a.letters) > maxLetter || len(b.letters) > maxLetter {
		return 0
	}
	return 1 - float32(spelling.edits(a.letters, b.letters, unlimited))/float32(whole*max(len(a.letters), len(b.letters)))
}

// listedLikeness bounds that of two names that both are names of their own: unless they sound the
// same, one is no misspelling of the other.
func listedLikeness(a, b *token) float32 {
	if a.sound == b.sound || a.script != b.script && a.script+b.script == abjad && len(a.groups)+len(b.groups) < 2 {
		return 1
	}
	return otherName
}

// tabled gives the likeness of words that the tables relate.
func tabled(a, b string) float32 {
	if share(known.cognates[a], known.cognates[b]) {
		return cognate
	}
	for _, other := range known.nicknames[a] {
		if other == b {
			return nickname
		}
	}
	return 0
}

func share(a, b []uint16) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// initials compares a single letter with a word.
func initials(a, b *token) float32 {
	if a.class != initial {
		a, b = b, a
	}
	if b.text[0] == a.text[0] && (b.class == initial || b.class == word || b.class == title) {
		return 0.85
	}
	return 0
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
		return 1 - 1.4*float32(spelling.edits(a.text, b.text, unlimited))/float32(whole*max(len(a.text), len(b.text), 1))
	}
	longest := max(len(a.sound), len(b.sound))
	c := plainCosts
	switch {
	case a.script == abjad || b.script == abjad:
		c = abjadCosts
	case a.script != b.script && longest > 5 && !a.native && !b.native:
		c = cjkCosts
	}
	if c == plainCosts && longest <= 4 {
		c = shortCosts
	}
	limit := longest * whole / 2 // less is not alike by any measure
	if c == abjadCosts {
		limit = unlimited
	}
	cost := float32(c.edits(a.sound, b.sound, limit)) / whole
	if c == abjadCosts {
		return 0.97 - 1.1*cost/float32(max(consonants(a.sound), consonants(b.sound), 2))
	}
	if c == cjkCosts {
		return 0.96 - 1.1*cost/float32(longest)
	}
	s := 1 - cost/float32(longest)
	if a.native != b.native {
		return 1 - 1.6*(1-s) // its syllables are spelled alike in every system, or nearly
	}
	if a.sound == b.sound {
		return max(s-0.01, 0.99)
	}
	if longest > maxLetter {
		return s
	}
	written := max(len(a.text), len(b.text), 1)
	letters := 1 - float32(spelling.edits(a.text, b.text, written*whole/2))/float32(whole*written)
	return float32(math.Max(float64(s)*0.99, float64(letters)))
}
