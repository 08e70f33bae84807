package screening_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// listing publishes entries and gives a set of that one list.
func listing(t testing.TB, entries ...screening.Entry) *screening.Lists {
	l := newLedger()
	l.must(t, publish(entries...))
	return screening.NewLists(l.Shared(), nil)
}

func screen(l *screening.Lists, text string) []domain.Hit {
	return l.Screen(screening.Query{Names: []screening.Name{{Field: "full_name", Text: text}}}).Hits
}

func TestScreen(t *testing.T) {
	weak := person("4", "DOE, Jonathan Roe")
	weak.WeakAliases = []string{"The General Leader"}
	l := listing(t, person("1", "BIN LADEN, Usama", "Osama bin Laden", "Bin Laden Osama"), person("2", "AL-ZAWAHIRI, Dr. Ayman"),
		company("3", "ANGLO-CARIBBEAN CO., LTD."), weak, company("5", "SMITH, JONES"), person("6", "習近平"))
	for _, tc := range []struct {
		name, text, entry, matched string
		similarity                 int
		explained                  string
	}{
		{"given name first", "usama bin-laden", "1", "BIN LADEN, Usama", 100, `full_name "usama bin-laden" is the listed name "BIN LADEN, Usama".`},
		{"as the list writes it", "BIN LADEN, Usama", "1", "BIN LADEN, Usama", 100, `full_name "BIN LADEN, Usama" is the listed name "BIN LADEN, Usama".`},
		{"other spelling", "Bin Laden Usama", "1", "Bin Laden Osama", 99, `full_name "Bin Laden Usama" has the same words in another order or spelling as the alias "Bin Laden Osama" of "BIN LADEN, Usama".`},
		{"alias", "OSAMA BIN LADEN", "1", "Osama bin Laden", 100, `full_name "OSAMA BIN LADEN" is the alias "Osama bin Laden" of "BIN LADEN, Usama".`},
		{"best of several aliases", "Bin Laden, Osama", "1", "Osama bin Laden", 100, `full_name "Bin Laden, Osama" is the alias "Osama bin Laden" of "BIN LADEN, Usama".`},
		{"company spelled out", "Anglo Caribbean Company Limited", "3", "ANGLO-CARIBBEAN CO., LTD.", 100, `full_name "Anglo Caribbean Company Limited" is the listed name "ANGLO-CARIBBEAN CO., LTD.".`},
		{"weak alias", "the general leader", "4", "The General Leader", 85, `full_name "the general leader" is the weak alias "The General Leader" of "DOE, Jonathan Roe"; the list itself calls this alias unreliable.`},
		{"weak alias, other order", "Leader, The General", "4", "The General Leader", 85, ""},
		{"weak alias, any order", "General The Leader", "4", "The General Leader", 84, ""},
		{"a company's comma is no given name", "JONES SMITH", "5", "SMITH, JONES", 97, ""},
		{"no spaces", "習近平", "6", "習近平", 100, ""},
		{"one word missing", "Bin Laden", "", "", 0, ""},
		{"nothing to look for", "---", "", "", 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hits := screen(l, tc.text)
			if tc.entry == "" {
				if len(hits) != 0 {
					t.Errorf("hits %v, want none", hits)
				}
				return
			}
			if len(hits) != 1 {
				t.Fatalf("%d hits, want one", len(hits))
			}
			h := hits[0]
			if h.EntryID != tc.entry || h.Name != tc.matched || h.Similarity != tc.similarity || h.Screened != tc.text || h.Field != "full_name" {
				t.Errorf("hit %+v", h)
			}
			if tc.explained != "" && h.Explained != tc.explained {
				t.Errorf("explained as %s\nwant %s", h.Explained, tc.explained)
			}
		})
	}
}

func TestHitNamesItsGrounds(t *testing.T) {
	system, tenant := newLedger(), newLedger()
	listed := person("7", "DOE, John")
	listed.Programs = []string{"SDGT"}
	system.must(t, publish(listed))
	added := tenant.must(t, own("house", "John Doe"))[0].(screening.EntryAdded)
	l := screening.NewLists(system.Shared(), tenant.Own())
	got := l.Screen(screening.Query{Names: []screening.Name{{Field: "full_name", Text: "Jane Roe"}, {Field: "aliases[0]", Text: "John Doe"}}})
	if !slices.Equal(got.Lists, l.Versions()) || len(l.Versions()) != 2 || l.Versions()[0].List != "house" {
		t.Errorf("lists %v, versions %v", got.Lists, l.Versions())
	}
	want := []domain.Hit{
		{
			EntryID: added.Entry.ID, List: l.Versions()[0], Category: "internal", EntityType: "individual", Name: "John Doe",
			Screened: "John Doe", Field: "aliases[0]", Similarity: 100, Explained: `aliases[0] "John Doe" is the listed name "John Doe".`,
		},
		{
			EntryID: "7", List: system.content().Version(), Category: "sanctions", EntityType: "individual", Name: "DOE, John",
			Screened: "John Doe", Field: "aliases[0]", Similarity: 100, Explained: `aliases[0] "John Doe" is the listed name "DOE, John".`,
			Programs: []string{"SDGT"},
		},
	}
	if !slices.EqualFunc(got.Hits, want, func(a, b domain.Hit) bool {
		return slices.Equal(a.Programs, b.Programs) && a.EntryID == b.EntryID && a.List == b.List && a.Explained == b.Explained &&
			a.Category == b.Category && a.EntityType == b.EntityType && a.Name == b.Name && a.Field == b.Field
	}) {
		t.Errorf("hits %+v\nwant %+v", got.Hits, want)
	}
}

func TestNothingFoundStillNamesTheLists(t *testing.T) {
	l := listing(t, person("1", "DOE, John"))
	if got := l.Screen(screening.Query{}); len(got.Lists) != 1 || len(got.Hits) != 0 {
		t.Errorf("got %+v", got)
	}
}

// A name finds the entry that bears it, as written and with its words in any order, and hits come
// in the documented order.
func TestNamesFindThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []screening.Entry
		for i, name := range rapid.SliceOfN(names, 1, 20).Draw(t, "names") {
			entries = append(entries, person(string(rune('A'+i)), name, rapid.SliceOfN(names, 0, 2).Draw(t, "aliases")...))
		}
		system := newLedger()
		if _, err := system.do(publish(entries...)); err != nil {
			t.Fatal(err)
		}
		l := screening.NewLists(system.Shared(), nil)
		for _, e := range entries {
			for _, name := range append(e.Aliases, e.Name) {
				if screening.Normalise(name) == "" {
					continue
				}
				shuffled := strings.Join(rapid.Permutation(strings.Fields(name)).Draw(t, "order"), " ")
				if got := similarity(screen(l, name), e.ID); got != 100 {
					t.Fatalf("%q finds its entry with %d", name, got)
				}
				hits := screen(l, shuffled)
				if got := similarity(hits, e.ID); got < 95 {
					t.Fatalf("%q finds the entry of %q with %d", shuffled, name, got)
				}
				if !slices.IsSortedFunc(hits, func(a, b domain.Hit) int { return b.Similarity - a.Similarity }) {
					t.Fatalf("order %v", hits)
				}
			}
		}
	})
}

// An alias more never makes a name less alike.
func TestAliasesNeverLowerAScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, alias, query := names.Draw(t, "name"), names.Draw(t, "alias"), names.Draw(t, "query")
		score := func(e screening.Entry) int {
			e.List, e.Category = "sanctions", "sanctions"
			l := screening.NewLists([]*screening.List{screening.NewList("sanctions", []*screening.Entry{&e})}, nil)
			return similarity(screen(l.Under(screening.Policy{Threshold: 30}), query), "1")
		}
		if alone, both := score(person("1", name)), score(person("1", name, alias)); both < alone {
			t.Fatalf("%d with the alias, %d without", both, alone)
		}
	})
}

// similarity gives that of the one hit on an entry; 0 for none, -1 for several.
func similarity(hits []domain.Hit, id string) (found int) {
	for _, h := range hits {
		switch {
		case h.EntryID == id && found == 0:
			found = h.Similarity
		case h.EntryID == id:
			return -1
		}
	}
	return found
}

// A list is made searchable and searched by many at once, while the next version grows from it.
func TestConcurrentUse(t *testing.T) {
	system := newLedger()
	system.must(t, publish(people(300)...))
	var wg sync.WaitGroup
	for i := range 8 {
		content := system.content()
		wg.Go(func() {
			l := screening.NewLists([]*screening.List{content}, nil)
			if hits := screen(l, "Person 7"); len(hits) != 1 || l.Versions()[0] != content.Version() {
				t.Errorf("hits %v", hits)
			}
		})
		system.must(t, publish(append(people(300), person("x", fmt.Sprintf("Extra %d", i)))...))
	}
	wg.Wait()
}
