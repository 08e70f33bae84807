package screening_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"whocomply/domain/screening"
)

func TestNormalise(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"lower case", "Osama BIN Laden", "osama bin laden"},
		{"spaces", "  Osama \t bin\u00a0Laden\n", "osama bin laden"},
		{"composed accents", "José Núñez", "jose nunez"},
		{"decomposed accents", "Jose\u0301 Nu\u0301n\u0303ez", "jose nunez"},
		{"sharp s", "Groß & Söhne", "gross and sohne"},
		{"final sigma", "ΟΔΥΣΣΕΥΣ Οδυσσευς", "οδυσσευσ οδυσσευσ"},
		{"full width", "ＡＢＣ　１２３", "abc 123"},
		{"ligature", "ﬁnance", "finance"},
		{"Cyrillic", "Влади́мир ПУТИН", "владимир путин"},
		{"short i keeps its letter", "Сергей", "сергеи"},
		{"Arabic vowels and tatweel", "مُحَمَّـــد", "محمد"},
		{"Hebrew points", "דָּוִד", "דוד"},
		{"Hindi vowel signs stay", "पुतिन", "पुतिन"},
		{"Japanese voicing stays", "がく", "か\u3099く"},
		{"Chinese", "習近平", "習近平"},
		{"zero width joiners", "می\u200cخواهم\u200f", "میخواهم"},
		{"hyphen", "Al-Zawahiri", "al zawahiri"},
		{"apostrophes", "O'Brien O’Brien Qaʿid", "obrien obrien qaid"},
		{"comma", "BIN LADEN, Usama", "bin laden usama"},
		{"legal forms", "Acme Trading Company Limited, Corporation", "acme trading co ltd corp"},
		{"dotted legal forms", "Banco S.A. de C.V. L.L.C. CO.,LTD.", "banco sa de cv llc co ltd"},
		{"initials", "A.B.Smith J. R. Jones J.Smith", "ab smith j r jones j smith"},
		{"figures", "No. 3.5 (1982)", "no 3 5 1982"},
		{"long runs of accents", "e" + strings.Repeat("\u0301", 100), "e"},
		{"variation selectors", "葛\U000E0100", "葛"},
		{"ampersand", "Smith&Co", "smith and co"},
		{"only marks", "---", ""},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := screening.Normalise(tc.in); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// The normal form of a normal form is itself.
func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"BIN LADEN, Usama", "S.A. de C.V.", "مُحَمَّد", "Groß", "İstanbul", "a.b.c", "\xf0Ȋ", "ͅα", "〆切"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := screening.Normalise(name)
		if twice := screening.Normalise(once); twice != once {
			t.Errorf("%q gives %q, and that gives %q", name, once, twice)
		}
		if utf8.ValidString(name) && !utf8.ValidString(once) {
			t.Errorf("%q gives %q", name, once)
		}
		if strings.Contains(once, "  ") || once != strings.TrimSpace(once) {
			t.Errorf("%q gives %q", name, once)
		}
	})
}

// names draws names in several scripts with the marks that lists use.
var names = rapid.Custom(func(t *rapid.T) string {
	word := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z]{1,8}`), rapid.StringMatching(`[A-Z]\.[A-Z]\.`), rapid.StringMatching(`[а-яё]{1,6}`),
		rapid.StringMatching(`[\x{0620}-\x{064A}]{1,6}`), rapid.SampledFrom([]string{"Co.", "LIMITED", "al-Din", "O'Neil", "&", "José"}),
	)
	return strings.Join(rapid.SliceOfN(word, 1, 6).Draw(t, "words"), " ")
}).Filter(func(name string) bool { return screening.Normalise(name) != "" })
