package screening

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// char says what a character of a decomposed name is to its normal form.
type char struct {
	lower rune
	role  role
}

// role is what becomes of a character.
type role uint8

const (
	separator role = iota // ends a word
	letter                // or digit: stays, in lower case
	sign                  // a mark that is a vowel or a sound of its own: stays
	silent                // goes
	sharpS                // becomes "ss"
	period
	ampersand
)

// common holds the characters of the alphabets from Latin to Arabic.
var common = func() (chars [0x700]char) {
	for r := range chars {
		chars[r] = classify(rune(r))
	}
	return chars
}()

func charOf(r rune) char {
	if int(r) < len(common) {
		return common[r]
	}
	return classify(r)
}

// classify knows the apostrophes, as written and as transliterations have them, and the tatweel
// that stretches Arabic words; some of these are letters to Unicode.
func classify(r rune) char {
	switch r {
	case '.':
		return char{r, period}
	case '&':
		return char{r, ampersand}
	case 'ß', 'ẞ':
		return char{r, sharpS}
	case 'ς':
		return char{'σ', letter}
	case '\'', '`', '’', '‘', 'ʼ', 'ʻ', 'ʾ', 'ʿ', 'ـ':
		return char{r, silent}
	}
	switch {
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Cf):
		return char{r, silent}
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return char{unicode.ToLower(r), letter}
	case !unicode.Is(unicode.M, r):
		return char{r, separator}
	case accent(r):
		return char{r, silent}
	}
	return char{r, sign}
}

// accent reports whether a mark only changes the letter before it. Marks that are sounds of their
// own have no combining class (Indic vowel signs), that of kana voicing (8) or of viramas (9).
func accent(mark rune) bool {
	class := norm.NFKD.PropertiesString(string(mark)).CCC()
	return class != 0 && class != 8 && class != 9
}
