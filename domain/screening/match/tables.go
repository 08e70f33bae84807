package match

import (
	_ "embed" // for the tables
	"strconv"
	"strings"
)

// What the tables say is part of Version.
var (
	//go:embed words.txt
	wordTable string
	//go:embed legal.txt
	legalTable string
	//go:embed variants.txt
	variantTable string
	//go:embed nicknames.txt
	nicknameTable string
	// How rare names are, in bits: -log2 of the share of people who bear them. From the share of
	// names on OFAC's list of October 2021 (public domain) and in the US census of 1990 (public
	// domain), whichever is greater.
	//go:embed frequency.txt
	frequencyTable string
	// The same for names common elsewhere, estimated.
	//go:embed common.txt
	commonTable string
)

// tables is what is known about words.
type tables struct {
	sections  map[string]map[string]bool // of words.txt
	legal     map[string]string          // class, by the words of a form
	longest   int                        // words in a legal form
	groups    map[string][]uint16        // lines of variants.txt, by word
	cognates  map[string][]uint16        // lines that begin with "~"
	nicknames map[string][]string        // both ways
	members   [][]string                 // words of a line of variants.txt
	shared    []float32                  // least bits of them
	bits      map[string]float32         // by sound
	common    map[string]bool            // words that have bits
}

var known = readTables()

func readTables() *tables {
	t := &tables{
		sections: map[string]map[string]bool{}, legal: map[string]string{}, groups: map[string][]uint16{},
		cognates: map[string][]uint16{}, nicknames: map[string][]string{}, bits: map[string]float32{}, common: map[string]bool{},
	}
	t.readWords()
	t.readLegal()
	t.readVariants()
	t.readNicknames()
	t.readBits(frequencyTable)
	t.readBits(commonTable)
	t.shareBits()
	return t
}

// shareBits gives the spellings of a name the rarity of the commonest.
func (t *tables) shareBits() {
	t.shared = make([]float32, len(t.members))
	for group, words := range t.members {
		t.shared[group] = 9
		for _, w := range words {
			if b, ok := t.bits[soundOf(w, latin)]; ok {
				t.shared[group] = min(t.shared[group], b)
			}
		}
	}
}

// romanWords gives the words of a table in Latin letters.
func romanWords(text string) (words []string) {
	for _, field := range split(text) {
		for _, w := range field.parts() {
			words = append(words, w.text)
		}
	}
	return words
}

func (t *tables) readWords() {
	var section map[string]bool
	for line := range lines(wordTable) {
		if line[0] == '[' {
			section = map[string]bool{}
			t.sections[strings.Trim(line, "[]")] = section
			continue
		}
		for _, w := range romanWords(line) {
			section[w] = true
		}
	}
}

func (t *tables) readLegal() {
	for line := range lines(legalTable) {
		class, forms, _ := strings.Cut(line, ":")
		for form := range strings.SplitSeq(forms, ",") {
			words := romanWords(form)
			t.longest = max(t.longest, len(words))
			if key := strings.Join(words, " "); t.legal[key] == "" {
				t.legal[key] = class
			}
		}
	}
}

func (t *tables) readVariants() {
	for line := range lines(variantTable) {
		to, line := t.groups, line
		if rest, cognate := strings.CutPrefix(line, "~"); cognate {
			to, line = t.cognates, rest
		}
		group := uint16(len(t.members))
		words := romanWords(line)
		t.members = append(t.members, words)
		for _, w := range words {
			to[w] = append(to[w], group)
		}
	}
}

func (t *tables) readNicknames() {
	for line := range lines(nicknameTable) {
		words := strings.Fields(line)
		for _, short := range words[1:] {
			t.nicknames[words[0]] = append(t.nicknames[words[0]], short)
			t.nicknames[short] = append(t.nicknames[short], words[0])
		}
	}
}

func (t *tables) readBits(table string) {
	for line := range lines(table) {
		words := strings.Fields(line)
		bits, _ := strconv.ParseFloat(words[0], 32)
		for _, w := range words[1:] {
			t.common[w] = true
			key := soundOf(w, latin)
			if had, listed := t.bits[key]; !listed || float32(bits) < had {
				t.bits[key] = float32(bits)
			}
		}
	}
}

// unlisted is how rare a name is that no table has, in bits.
const unlisted = 13

// rarity gives the bits of a word: its own or those of its commonest spelling.
func (t *tables) rarity(text, sound string) (bits float32, listed bool) {
	bits, listed = unlisted, t.common[text]
	if b, ok := t.bits[sound]; ok {
		bits = b
	}
	for _, group := range t.groups[text] {
		bits, listed = min(bits, t.shared[group]), true
	}
	return bits, listed
}

// related gives the other words that stand for the same name.
func (t *tables) related(text string) (words []string) {
	for _, groups := range [][]uint16{t.groups[text], t.cognates[text]} {
		for _, group := range groups {
			words = append(words, t.members[group]...)
		}
	}
	return append(words, t.nicknames[text]...)
}
