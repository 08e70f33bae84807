package match

import (
	"strings"
	"unicode/utf8"
)

// classify makes tokens of the words of a name.
func classify(parts []part, kind Kind) []*token {
	var tokens []*token
	for i := 0; i < len(parts); {
		if kind != Person {
			if form, n := legalAt(parts, i); n > 0 {
				tokens = append(tokens, newLegal(parts[i:i+n], form))
				i += n
				continue
			}
		}
		tokens = append(tokens, newToken(parts[i], kind))
		i++
	}
	return tokens
}

// legalAt gives the class of the longest legal form that begins at a word. Short forms are words
// of other languages too and count only at the ends of a name.
func legalAt(parts []part, at int) (form string, n int) {
	for n = min(known.longest, len(parts)-at); n > 0; n-- {
		words := make([]string, n)
		letters := 0
		for i := range words {
			words[i] = parts[at+i].text
			letters += len(words[i])
		}
		form, listed := known.legal[strings.Join(words, " ")]
		if !listed || len(parts) == n {
			continue
		}
		if letters > 3 || at == 0 || onlyLegal(parts[at+n:]) {
			return form, n
		}
	}
	return "", 0
}

func onlyLegal(rest []part) bool {
	for _, p := range rest {
		if known.legal[p.text] == "" {
			return false
		}
	}
	return true
}

func newLegal(parts []part, form string) *token {
	var shown, letters []string
	for _, p := range parts {
		shown, letters = append(shown, p.shown), append(letters, p.text)
	}
	return (&token{
		text: form, letters: strings.Join(letters, ""), shown: strings.Join(shown, " "),
		sound: form, bones: form, class: legalForm, weight: 0.05,
	}).lettered()
}

func newToken(p part, kind Kind) *token {
	t := &token{text: p.text, letters: p.text, shown: p.shown, script: p.script, native: p.native, sound: soundOf(p.text, p.script)}
	if t.sound == "" {
		t.sound = t.text
	}
	t.bones = bones(t.sound)
	t.class = classOf(p.text, kind)
	t.groups = known.groups[p.text]
	t.bits, t.listed = known.rarity(p.text, t.sound)
	t.kin = len(known.cognates[p.text])+len(known.nicknames[p.text]) > 0
	t.weigh(kind)
	return t.lettered()
}

// lettered notes the letters of a token.
func (t *token) lettered() *token {
	t.spells, t.sounds = lettersOf(t.text), lettersOf(t.sound)
	return t
}

func classOf(text string, kind Kind) class {
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
	switch {
	case digits, kind != Person && romanNumeral(text):
		return number
	case utf8.RuneCountInString(text) == 1:
		return initial
	case kind != Person && known.sections["generic"][text]:
		return generic
	case kind == Vessel && known.sections["vessel"][text]:
		return particle
	case known.sections["title"][text]:
		return title
	case known.sections["particle"][text]:
		return particle
	}
	return word
}

func romanNumeral(text string) bool {
	switch text {
	case "ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xx":
		return true
	}
	return false
}

// weigh says how much a token names its bearer: rare words do, common ones less, titles hardly.
func (t *token) weigh(kind Kind) {
	t.family = true
	switch t.class {
	case initial:
		t.weight, t.bits = 0.35, 3
	case number:
		t.weight, t.bits = 0.6, 4
	case title:
		t.weight, t.bits = 0.12, 1
	case particle:
		t.weight, t.bits = 0.06, 0
		if strings.HasPrefix(t.text, "abd") {
			t.weight, t.bits = 0.4, 1
		}
	case generic:
		t.weight, t.bits = 0.3, 3
	default:
		t.weight = min(1, 0.5+t.bits/24)
		if kind != Organisation && kind != Vessel && patronymic(t.text) {
			t.weight, t.bits, t.family = 0.7, min(t.bits, 7), false
		}
	}
}

// patronymic reports whether a word is "son or daughter of" in Slavic and Turkic names.
func patronymic(text string) bool {
	if len(text) < 7 {
		return false
	}
	for _, end := range []string{"vich", "vych", "vitch", "vic", "vna", "yvna", "vicz", "vics", "ichna", "inichna", "ogly", "oglu"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}
