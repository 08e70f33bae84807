package match

import (
	_ "embed" // for the tables
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// script says how much the letters of a token can be trusted.
type script uint8

const (
	latin script = iota // and alphabets that write their vowels
	abjad               // writes consonants and long vowels
	cjk                 // foreign names are bent to its syllables
)

//go:embed scripts.txt
var scriptTable string

// letters gives the Latin letters of a character; absent is left to decomposition.
var letters = readLetters(scriptTable)

func readLetters(table string) map[rune]string {
	m := map[rune]string{}
	for line := range lines(table) {
		fields := strings.Fields(line)
		for i := 0; i+1 < len(fields); i += 2 {
			r, _ := utf8.DecodeRuneInString(fields[i])
			m[r] = strings.TrimSuffix(fields[i+1], "-")
		}
	}
	return m
}

// lines gives the lines of a table without comments.
func lines(table string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(table) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

// roman is a word in Latin letters.
type roman struct {
	text   []byte
	script script
	han    []rune // if it is written in Han alone
	hangul int    // syllables
	indic  bool   // the last letter is a vowel that is not written
}

// add appends a lower-case, composed character. It reports false for what is no part of a word.
func (w *roman) add(r rune) bool {
	if r < utf8.RuneSelf {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			w.indic = false
			w.text = append(w.text, byte(r))
			return true
		}
		return false
	}
	switch {
	case r >= 0x0590 && r <= 0x06FF || r >= 0x0750 && r <= 0x077F:
		return w.semitic(r)
	case r >= 0x0900 && r <= 0x0D7F:
		return w.brahmic(r)
	case r >= 0x3041 && r <= 0x30FF:
		return w.kana(r)
	case r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF:
		w.script = cjk
		w.han = append(w.han, r)
		w.text = append(w.text, hanSound(r)...)
		return true
	case r >= 0xAC00 && r <= 0xD7A3:
		w.script = cjk
		w.hangul++
		w.text = appendHangul(w.text, r)
		return true
	}
	return w.other(r)
}

// other takes the letters of alphabets.
func (w *roman) other(r rune) bool {
	if text, known := letters[r]; known {
		w.text = append(w.text, text...)
		return true
	}
	if unicode.Is(unicode.M, r) {
		return true
	}
	if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return false
	}
	for _, part := range norm.NFKD.String(string(r)) {
		if text, known := letters[part]; known {
			w.text = append(w.text, text...)
		} else if !unicode.Is(unicode.M, part) {
			w.text = utf8.AppendRune(w.text, unicode.ToLower(part))
		}
	}
	return true
}

func (w *roman) semitic(r rune) bool {
	if unicode.Is(unicode.M, r) || r == 'ـ' || r == '״' || r == '׳' {
		return true
	}
	if unicode.IsNumber(r) {
		w.text = append(w.text, '0'+byte(r&0xF))
		return true
	}
	if !unicode.IsLetter(r) {
		return false
	}
	w.script = abjad
	w.text = append(w.text, letters[r]...)
	return true
}

// brahmic reads the blocks of Indic scripts, which are laid out alike: consonants carry the
// vowel a unless another sign follows.
func (w *roman) brahmic(r rune) bool {
	at := 0x0900 + (r & 0x7F)
	if at >= 0x0966 && at <= 0x096F {
		w.text = append(w.text, '0'+byte(at-0x0966))
		return true
	}
	text, known := letters[at]
	if !known {
		return unicode.In(r, unicode.L, unicode.M)
	}
	sign := at >= 0x093E && at <= 0x094D
	if w.indic && sign {
		w.text = w.text[:len(w.text)-1]
	}
	w.text = append(w.text, text...)
	w.indic = at >= 0x0915 && at <= 0x0939
	if w.indic {
		w.text = append(w.text, 'a')
	}
	return true
}

// kana reads Katakana as Hiragana; a small y takes the place of the vowel before it.
func (w *roman) kana(r rune) bool {
	if r == '・' || r == '゠' {
		return false
	}
	w.script = cjk
	if r >= 'ァ' && r <= 'ヴ' {
		r -= 'ァ' - 'ぁ'
	}
	text := letters[r]
	if strings.ContainsRune("ぁぃぅぇぉゃゅょゎ", r) && len(w.text) > 1 {
		w.text = w.text[:len(w.text)-1]
		if n := len(w.text); n > 1 && w.text[n-1] == 'h' || n > 0 && w.text[n-1] == 'j' {
			text = strings.TrimPrefix(text, "y")
		}
	}
	w.text = append(w.text, text...)
	return true
}

// end drops the vowel that Indic words do not speak at their end.
func (w *roman) end() {
	if n := len(w.text); w.indic && n > 3 {
		w.text = w.text[:n-1]
	}
}
