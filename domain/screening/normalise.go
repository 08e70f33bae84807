package screening

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalise gives the normal form of a name: words in lower case with one space between them. Names
// are compared by package match, which reads more into them.
//
//   - Compatibility decomposition (NFKD) and lower case as Unicode defines them; "ß" is "ss", and
//     the final sigma a sigma, as in full case folding.
//   - Accents go; marks that are vowels or sounds of their own (Indic signs, kana voicing) stay.
//   - Apostrophes and invisible characters go; periods between single letters go ("S.A." is "sa");
//     "&" is the word "and"; all else that is no letter or digit separates words.
//   - Legal forms have one spelling ("Limited" is "ltd"), see legalForm.
//
// It is empty if the name has neither letters nor digits.
func Normalise(name string) string { return string(appendNormal(nil, name)) }

// appendNormal appends the normal form of name to dst.
func appendNormal(dst []byte, name string) []byte {
	n := normaliser{out: dst, word: len(dst)}
	text := decompose(name)
	for i, r := range text {
		switch c := charOf(r); c.role {
		case letter:
			n.out = utf8.AppendRune(n.out, c.lower)
			n.run++
		case sign:
			n.out = utf8.AppendRune(n.out, c.lower)
		case sharpS:
			n.out = append(n.out, "ss"...)
			n.run++
		case period:
			n.period(text[i+1:])
		case ampersand:
			n.endWord()
			n.out = append(n.out, "and"...)
			n.endWord()
		case separator:
			n.endWord()
		}
	}
	n.endWord()
	return bytes.TrimSuffix(n.out, []byte(" "))
}

// decompose gives the NFKD form. Bytes that are no UTF-8 separate words.
func decompose(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return norm.NFKD.String(strings.ToValidUTF8(name, " "))
		}
	}
	return name
}

// normaliser collects words in out.
type normaliser struct {
	out  []byte
	word int // start of the current word in out
	run  int // letters and digits since the last separator or period
}

func (n *normaliser) endWord() {
	n.run = 0
	if len(n.out) == n.word {
		return
	}
	if short := legalForm(n.out[n.word:]); short != "" {
		n.out = append(n.out[:n.word], short...)
	}
	n.out = append(n.out, ' ')
	n.word = len(n.out)
}

// period joins what stands between it and the next separator to the word if both are single letters.
func (n *normaliser) period(rest string) {
	next, size := utf8.DecodeRuneInString(rest)
	after, _ := utf8.DecodeRuneInString(rest[size:])
	if n.run != 1 || !unicode.IsLetter(next) || charOf(after).role == letter {
		n.endWord()
	}
	n.run = 0
}

// legalForm gives the short spelling of a word for a legal form, or "". It looks at words wherever
// they stand, so that the order of words never matters.
func legalForm(word []byte) string {
	switch string(word) {
	case "limited", "ltda", "limitada":
		return "ltd"
	case "company", "compania", "compagnie", "companhia":
		return "co"
	case "incorporated":
		return "inc"
	case "corporation", "corporacion":
		return "corp"
	case "aktiengesellschaft":
		return "ag"
	case "private":
		return "pvt"
	case "brothers":
		return "bros"
	}
	return ""
}
