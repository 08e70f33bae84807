package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Kind says by whose rules names are compared.
type Kind uint8

// The kinds of names. Unknown is read as the words suggest.
const (
	Unknown Kind = iota
	Person
	Organisation
	Vessel // and aircraft
)

// Name is a name that has been read. It is immutable.
type Name struct {
	text    string
	kind    Kind
	tokens  []*token
	plain   string // the text of all tokens in their order
	acronym string // initials of an organisation's words
}

// Empty reports whether a name has neither letters nor digits.
func (n *Name) Empty() bool { return len(n.tokens) == 0 }

// class is what a token is in its name.
type class uint8

const (
	word class = iota
	initial
	number
	title
	particle
	generic
	legalForm
)

// token is a word of a name.
type token struct {
	text    string // in Latin letters, or the class of a legal form
	letters string // in Latin letters
	shown   string // as written
	sound   string
	bones   string
	spells  letterSet // of the text
	sounds  letterSet // of the sound
	digest  uint64    // of a word of an index: what it is compared by
	place   uint64    // of a word looked for: tells it from the others, from 1 on
	feature *feature  // of the same
	script  script
	native  bool // of one or two characters of an East Asian script
	class   class
	weight  float32
	bits    float32
	listed  bool // the tables know it as a name
	kin     bool // and relate others to it
	groups  []uint16
	family  bool // patronymics are not, and weigh less
}

// maxTokens bounds the work on one name; what is behind is not compared.
const maxTokens = 24

// field is a word as written.
type field struct {
	shown string
	alone bool // there is no other word: it may be several, written together
	roman
}

// part is one word of a field in Latin letters.
type part struct {
	text, shown string
	script      script
	native      bool // of one or two characters of an East Asian script
}

// Parse reads a name. Of an unknown kind, one with a word that companies have in their names is an
// organisation's, and any other a person's.
func Parse(text string, kind Kind) *Name {
	if kind == Unknown {
		if n := Parse(text, Organisation); hasOrganisation(n.tokens) {
			return n
		}
		kind = Person
	}
	n := &Name{text: text, kind: kind}
	if kind == Person {
		if last, given, found := strings.Cut(text, ","); found && strings.TrimSpace(given) != "" && !strings.Contains(given, ",") {
			text = given + " " + last
		}
	}
	var parts []part
	fields := split(text)
	for _, f := range fields {
		f.alone = len(fields) == 1 || kind == Organisation
		for _, p := range f.parts() {
			if len(parts) < maxTokens {
				parts = append(parts, p)
			}
		}
	}
	n.tokens = classify(parts, kind)
	n.finish()
	return n
}

func hasOrganisation(tokens []*token) bool {
	for _, t := range tokens {
		if t.class == legalForm || t.class == generic && len(t.text) > 3 {
			return true
		}
	}
	return false
}

func (n *Name) finish() {
	var plain strings.Builder
	var acronym []byte
	for _, t := range n.tokens {
		plain.WriteString(t.text)
		plain.WriteByte(' ')
		if t.initialed() {
			acronym = append(acronym, t.text[0])
		}
	}
	n.plain = plain.String()
	if n.kind == Organisation && len(acronym) > 2 {
		n.acronym = string(acronym)
	}
}

// initialed reports whether acronyms have a letter for a token.
func (t *token) initialed() bool {
	switch {
	case t.class == legalForm, t.class == particle, t.class == generic && len(t.text) < 4:
		return false
	}
	return t.text[0] < utf8.RuneSelf
}

// split divides a name into words.
func split(text string) []field {
	s := splitter{}
	if !ascii(text) {
		text = norm.NFKC.String(strings.ToValidUTF8(text, "\uFFFD"))
		text = strings.ReplaceAll(text, "عبد الله", "عبدالله") // one name
	}
	for i, r := range text {
		s.take(text, i, r)
	}
	s.close(text, len(text))
	return s.fields
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

type splitter struct {
	fields []field
	word   roman
	from   int
	open   bool
	single int // letters since the last period or separator
}

func (s *splitter) take(text string, at int, r rune) {
	if !s.open {
		s.from = at
	}
	switch {
	case r == '\'' || r == '’' || r == '‘' || r == '`' || r == 'ʼ' || r == '´' || unicode.Is(unicode.Cf, r):
		return
	case r == '.' && s.single == 1 && s.abbreviates(text[at+1:]):
		s.single = 0
		return
	}
	if r == '&' {
		s.close(text, at)
		s.fields = append(s.fields, field{shown: "&", roman: roman{text: []byte("and")}})
		return
	}
	if lower := unicode.ToLower(r); s.mixes(r) {
		s.close(text, at)
		s.from = at
		s.word.add(lower)
		s.open, s.single = true, 1
	} else if s.word.add(lower) {
		s.open = true
		s.single++
	} else if damage(text, at, r) {
		s.open = true
		s.word.text = append(s.word.text, '?')
	} else {
		s.close(text, at)
	}
}

// mixes reports whether a character is of the scripts written without spaces and the word is not,
// or the reverse.
func (s *splitter) mixes(r rune) bool {
	if !s.open || len(s.word.text) == 0 {
		return false
	}
	han := r >= hanFirst && r <= hanLast
	return han != (len(s.word.han) > 0) && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// abbreviates reports whether a period behind a single letter belongs to an abbreviation such as
// S.A.: another single letter follows.
func (s *splitter) abbreviates(rest string) bool {
	next, size := utf8.DecodeRuneInString(rest)
	after, _ := utf8.DecodeRuneInString(rest[size:])
	return unicode.IsLetter(next) && !unicode.IsLetter(after) && !unicode.IsNumber(after)
}

// damage reports whether a character stands for a letter that was lost, as in "Harv^y".
func damage(text string, at int, r rune) bool {
	lost := strings.ContainsRune("^_{}[]|\\~<>=*@#%$?\uFFFD", r) || unicode.IsControl(r) && !unicode.IsSpace(r)
	if !lost || at+1 >= len(text) {
		return false
	}
	switch r {
	case '[', ']', '{', '}', '<', '>':
		if strings.ContainsAny(text, "[{<") && strings.ContainsAny(text, "]}>") {
			return false
		}
	}
	next, _ := utf8.DecodeRuneInString(text[at+utf8.RuneLen(r):])
	return unicode.IsLetter(next) || unicode.IsNumber(next)
}

func (s *splitter) close(text string, to int) {
	if s.open {
		s.word.end()
		if len(s.word.text) == 0 {
			s.word.text = []byte(strings.ToLower(text[s.from:to]))
		}
		s.fields = append(s.fields, field{shown: text[s.from:to], roman: s.word})
	}
	s.word, s.open, s.single = roman{}, false, 0
}

// parts divides a word into those that others write apart.
func (f field) parts() []part {
	text := string(f.text)
	one := []part{{text, f.shown, f.script, f.script == cjk && max(len(f.han), f.hangul) <= 2 && max(len(f.han), f.hangul) > 0}}
	switch {
	case len(f.han) > 1 && f.alone:
		return f.divided(splitHan(f.han))
	case f.hangul > 1 && f.alone && f.hangul == utf8.RuneCountInString(f.shown):
		pieces := splitHangul(f.shown)
		for i, piece := range pieces {
			var letters []byte
			for _, r := range piece {
				letters = appendHangul(letters, r)
			}
			pieces[i] = string(letters)
		}
		if family, known := hangulFamilies[pieces[0]]; known && len(pieces) > 1 {
			pieces[0] = family
		}
		return f.divided(pieces)
	case f.script == abjad:
		if rest, found := strings.CutPrefix(text, "al"); found && len(rest) > 3 && strings.HasPrefix(f.shown, "ال") {
			return []part{{text: "al", shown: "ال", script: abjad}, {text: rest, shown: f.shown, script: abjad}}
		}
		return one
	}
	return splitArabic(text, one)
}

func (f field) divided(pieces []string) (parts []part) {
	for _, piece := range pieces {
		parts = append(parts, part{piece, f.shown, f.script, len(pieces) > 1})
	}
	return parts
}

// splitArabic takes the Abd al- off that some transliterations write together with what follows.
func splitArabic(text string, one []part) []part {
	rest, found := strings.CutPrefix(text, "abd")
	if !found || len(rest) < 4 || strings.HasSuffix(text, "vich") || strings.HasSuffix(text, "vna") {
		return one
	}
	for _, article := range []string{"oul", "al", "el", "ul", "ol", "ur", "us", "ar", "as", "er", "ir", "u", "o", "i"} {
		name, found := strings.CutPrefix(rest, article)
		if !found || len(name) < 3 || strings.HasPrefix(name, "la") || strings.HasPrefix(name, "llah") {
			continue
		}
		return []part{{text: "abdul", shown: one[0].shown, script: one[0].script}, {text: name, shown: one[0].shown, script: one[0].script}}
	}
	return one
}
