package match

// Costs of edits, in hundredths of a letter.
const (
	whole     = 100
	maxSound  = 32 // letters of a word that are compared; of longer ones, the first
	unlimited = 1 << 20
)

// costs holds what it costs to take one sound for another, and to leave one out.
type costs struct {
	swap     [256][256]uint8
	drop     [256]uint8
	unshared [64]unshared // by the place of the letter
}

// related lists sounds that transliterations and listeners confuse.
const confusions = `ae30 ai45 ao35 au45 ei25 eo45 eu45 io45 iu40 ou25 bp50 bv45 fv30 fp50 dt45 gk45 hk50 gh45 gj45 jZ20 ij35
	jC40 hj55 Zz35 sz35 sS35 CS40 Cc35 cs35 cz45 ct50 Ct55 Ck50 ck50 SZ35 jz45 dj55 dz55 uv40 mn55 lr65 Sk60 hS60 jS55 js60 cS45`

// Confusions of digits and letters that look alike.
const lookalikes = `0o30 1l30 1i30 5s30 8b30 2z40 6b50 9g50 4a50 3e40 7t50`

var (
	plainCosts = newCosts(60, 1).bounded()          // alphabets, longer words
	shortCosts = newCosts(85, 2).bounded()          // words of up to four letters, where every vowel counts
	abjadCosts = newCosts(8, 0.5).abjad().bounded() // vowels are not written
	cjkCosts   = newCosts(28, 0.6).cjk().bounded()  // foreign names bent to syllables
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
func edits[S string | []byte](c *costs, a, b S, limit int) int {
	a, b = a[:min(len(a), maxSound)], b[:min(len(b), maxSound)]
	var rows [3][rowLength]uint16
	above2, above, row := &rows[0], &rows[1], &rows[2]
	sum := int32(0)
	for j := range len(b) {
		sum += int32(c.drop[b[j]])
		above[(j+1)%rowLength] = uint16(sum)
	}
	var last byte // letter of a
	least := int32(0)
	for i := range len(a) {
		letter, swap, drop := a[i], &c.swap[a[i]], int32(c.drop[a[i]])
		diagonal := int32(above[0])
		left := diagonal + drop
		row[0] = uint16(left)
		exchanged := least + exchange // the least that an exchange with the next letter comes to
		least = left
		var before byte // letter of b
		for j := range len(b) {
			up, other := int32(above[(j+1)%rowLength]), b[j]
			best := min(diagonal+int32(swap[other]), up+drop, left+int32(c.drop[other]))
			if letter == before && last == other && i > 0 && j > 0 {
				best = min(best, int32(above2[(j-1)%rowLength])+exchange)
			}
			row[(j+1)%rowLength] = uint16(best)
			least = min(least, best)
			diagonal, left, before = up, best, other
		}
		if int(min(least, exchanged)) > limit {
			return unlimited
		}
		above2, above, row, last = above, row, above2, letter
	}
	return int(above[len(b)%rowLength])
}

// exchange is the cost of two neighbours in the other order.
const exchange = whole * 9 / 10

// rowLength is that of the rows of edits: a power of two above maxSound.
const rowLength = 2 * maxSound

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
	return c.bounded()
}()
