package match

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// listedNames gives the names of the official list that the tests have.
func listedNames(tb testing.TB) (items []Item) {
	tb.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "testdata", "lists", "ofac-sdn", "sdn.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	for _, row := range rows {
		if len(row) < 3 {
			continue
		}
		kind, known := map[string]Kind{"individual": Person, "vessel": Vessel, "aircraft": Vessel}[strings.TrimSpace(row[2])]
		if !known {
			kind = Organisation
		}
		items = append(items, Item{row[1], kind})
	}
	return items
}

// drawnWord draws words of many scripts, of the tables, and damaged ones.
var drawnWord = rapid.OneOf(
	rapid.StringMatching(`[a-z]{1,9}`), rapid.StringMatching(`[A-Za-z0-9?^.-]{1,24}`), rapid.StringMatching(`[а-яё]{1,9}`),
	rapid.StringMatching(`[\x{0621}-\x{064A}]{1,7}`), rapid.StringMatching(`[\x{05D0}-\x{05EA}]{1,7}`), rapid.StringMatching(`[\x{4E00}-\x{4FFF}]{1,4}`),
	rapid.StringMatching(`[가-힣]{1,4}`), rapid.StringMatching(`[ァ-ヴ]{1,7}`), rapid.String(),
	rapid.SampledFrom(strings.Fields(`al-Din Abd al-Rahman Abdulrahman Abdul Rahman GmbH S.A. OOO LLC bin Dr. III 1982 Mohammed Muhamad Mehmet
		Ahmed Aleksandr Alexander Sasha Ivanovich Ivanovna Sergeevich Bob Robert Maria Mario Trading Company Limited Bank of A. B`)),
)

// drawName draws a name, or one of a list as somebody else may write it.
func drawName(t *rapid.T, items []Item, label string) Item {
	item := rapid.SampledFrom(items).Draw(t, label)
	words := strings.Fields(item.Text)
	if rapid.Bool().Draw(t, label+" invented") {
		words = rapid.SliceOfN(drawnWord, 1, 8).Draw(t, label+" words")
		item.Kind = rapid.SampledFrom([]Kind{Unknown, Person, Organisation, Vessel}).Draw(t, label+" kind")
	}
	for range rapid.IntRange(0, 2).Draw(t, label+" changes") {
		if words = strings.Fields(strings.Join(words, " ")); len(words) == 0 {
			words = []string{"x"}
		}
		at := rapid.IntRange(0, len(words)-1).Draw(t, label+" at")
		w := []rune(words[at])
		place := rapid.IntRange(0, len(w)-1).Draw(t, label+" letter")
		switch rapid.SampledFrom([]string{"letter", "less", "word", "join", "order"}).Draw(t, label+" change") {
		case "letter":
			w[place] = rapid.SampledFrom([]rune("aeiouhkstmrlv?1")).Draw(t, label+" other")
			words[at] = string(w)
		case "less":
			words[at] = string(w[:place]) + "a" + string(w[place+1:])
		case "word":
			words[at] = drawnWord.Draw(t, label+" word")
		case "join":
			if at > 0 {
				words = append(append(words[:at-1:at-1], words[at-1]+words[at]), words[at+1:]...)
			}
		case "order":
			words[0], words[at] = words[at], words[0]
		}
	}
	item.Text = strings.Join(words, " ")
	return item
}

// unpruned finds what Find finds without a bound, a memory or a shortcut in comparing words.
func unpruned(x *Index, q *Query, floor float64) map[int]float64 {
	s, search := newScratch(x), q.Search(nil)
	defer search.End()
	x.look(s, search)
	found := map[int]float64{}
	for _, at := range s.touched {
		n := x.names[at]
		if !s.tallies[at].promising(q.total, float32(floor)) {
			continue
		}
		if _, similarity := compare(q.as(n.kind), n, plainly, true); float64(similarity) >= floor {
			found[int(at)] = float64(similarity)
		}
	}
	return found
}

// Neither the bound nor a lexicon nor what a search remembers changes what it finds, on real and on invented names.
func TestPruningChangesNothing(t *testing.T) {
	items := listedNames(t)
	real, few := NewIndex(items), NewIndex(items[:len(items)/3])
	all := NewLexicon([]*Index{few, real})
	check := func(t *rapid.T, x *Index, name string) {
		floor := rapid.SampledFrom([]float64{0.3, 0.5, 0.6, 0.76, 0.86, 0.95}).Draw(t, "floor")
		q := NewQuery(name)
		want, got := unpruned(x, q, floor), map[int]float64{}
		search := q.Search(rapid.SampledFrom([]*Lexicon{nil, all, NewLexicon([]*Index{few, x})}).Draw(t, "lexicon"))
		defer search.End()
		for range 2 { // the second time from memory
			clear(got)
			x.Find(search, floor, func(at int, similarity float64) { got[at] = similarity })
			if !maps.Equal(got, want) {
				t.Fatalf("%q from %.2f: %v, unpruned %v", name, floor, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, real, drawName(t, items, "query").Text)
		var few []Item
		for range rapid.IntRange(1, 6).Draw(t, "names") {
			few = append(few, drawName(t, items, "listed"))
		}
		query := drawName(t, append(few, items[0]), "query").Text
		check(t, NewIndex(few), query)
	})
}

// plainly is likeness without limits, and without a look at letter sets or features.
func plainly(a, b *token) float32 {
	switch {
	case a == b || a.text == b.text:
		return 1
	case a.class == initial || b.class == initial:
		return initials(a, b)
	case a.class == number || b.class == number:
		return 0
	case a.class == legalForm || b.class == legalForm:
		if a.class == b.class || len(a.letters) > maxSound || len(b.letters) > maxSound {
			return 0
		}
		return 1 - float32(edits(spelling, a.letters, b.letters, unlimited))/float32(whole*max(len(a.letters), len(b.letters)))
	case share(a.groups, b.groups):
		return sameName
	}
	s := spelledPlainly(a, b)
	if !a.family && !b.family {
		s = stemmed(s, max(len(a.sound), len(b.sound)))
	}
	if s < sameName && a.listed && b.listed {
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

func spelledPlainly(a, b *token) float32 {
	cost := func(c *costs, a, b string) float32 { return float32(edits(c, a, b, unlimited)) }
	longest, written := max(len(a.sound), len(b.sound)), max(len(a.text), len(b.text), 1)
	switch {
	case a.script == b.script && a.script != latin:
		return 1 - 1.4*cost(spelling, a.text, b.text)/float32(whole*written)
	case a.script == abjad || b.script == abjad:
		return 0.97 - 1.1*(cost(abjadCosts, a.sound, b.sound)/whole)/float32(max(consonants(a.sound), consonants(b.sound), 2))
	case a.script != b.script && longest > 5 && !a.native && !b.native:
		return 0.96 - 1.1*cost(cjkCosts, a.sound, b.sound)/float32(whole*longest)
	}
	s := 1 - cost(soundCosts(longest), a.sound, b.sound)/float32(whole*longest)
	switch {
	case longest > maxSound:
		return s
	case a.native != b.native:
		return 1 - 1.6*(1-s)
	case a.sound == b.sound:
		return 0.99
	}
	if spelled := 1 - cost(spelling, a.text, b.text)/float32(whole*written); spelled >= alike {
		return max(s*0.99, spelled)
	}
	return s * 0.99
}

// However two words are compared, they are as alike, or all ways say that they are less than alike.
func TestWordsAreComparedAlike(t *testing.T) {
	items := listedNames(t)
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawName(t, items, "a"), drawName(t, items, "b")
		for _, v := range Parse(a.Text, a.Kind).tokens {
			for _, w := range Parse(b.Text, b.Kind).tokens {
				plain := plainly(v, w)
				same := func(way string, s float32) {
					if plain >= alike && s != plain || plain < alike && s >= alike {
						t.Fatalf("%+v and %+v: %.4f %s, plainly %.4f", v, w, s, way, plain)
					}
				}
				same("by likeness", likeness(v, w))
				is, other := featureOf(v), featureOf(w)
				if s, told := is.likeness(&other); told {
					same("by features", s)
				}
				for _, c := range []*costs{plainCosts, shortCosts, abjadCosts, cjkCosts, spelling} {
					if least, cost := c.least(v.sounds, w.sounds), edits(c, v.sound, w.sound, unlimited); least > cost {
						t.Fatalf("%q and %q: at least %d, but %d", v.sound, w.sound, least, cost)
					}
				}
			}
		}
	})
}
