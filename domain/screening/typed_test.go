package screening_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/screening"
)

func typedList() *screening.Lists {
	var entries []*screening.Entry
	for i, names := range []string{
		"PUTIN, Vladimir Vladimirovich", "Vladislav SURKOV|Wladislaw Surkow", "Vladimir Putilin", "Acme Trading Limited", "محمد حسن آخوند|Mohammad Hassan AKHUND", "Zoë Ångström", "Al",
	} {
		name, alias, has := strings.Cut(names, "|")
		e := &screening.Entry{ID: fmt.Sprint(i), List: "sdn", Category: "sanctions", EntityType: "individual", Name: name}
		if has {
			e.WeakAliases = []string{alias}
		}
		entries = append(entries, e)
	}
	return screening.NewLists([]*screening.List{screening.NewList("sdn", entries)}, nil)
}

// TestTyped types names, letter by letter and word by word.
func TestTyped(t *testing.T) {
	l := typedList()
	for _, tc := range []struct{ typed, want string }{
		{"v", "1 2 0"},
		{"vlad", "1 2 0"},
		{"vlad put", "2 0"},
		{"putin v", "0"},
		{"  PUTIN,  Vladimir Vladimirov", "0"},
		{"vlad vlad", "0"}, // a word is taken once
		{"surk", "1"},
		{"ang zo", "5"},
		{"trading ltd", "3"},
		{"limited acme", "3"},
		{"حسن", "4"},
		{"akh", "4"},
		{"Wladimir Putilin", "2"}, // nothing begins so, but it is alike
		{"putinx", ""},
		{"x", ""},
		{"-", ""},
	} {
		var got []string
		for _, h := range l.Typed(tc.typed, 3).Hits {
			got = append(got, h.EntryID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%q finds %v, want %s", tc.typed, got, tc.want)
		}
	}
	akhund := l.Typed("akh", 5).Hits[0]
	if want := `"akh" begins words of the alias "Mohammad Hassan AKHUND" of "محمد حسن آخوند".`; akhund.Explained != want || !akhund.Weak || akhund.Similarity < 0 {
		t.Errorf("explained as %s: %+v", akhund.Explained, akhund)
	}
	if n := len(l.Typed("v", 2).Hits); n != 2 {
		t.Errorf("%d hits within a limit of 2", n)
	}
}

// TestTypedFindsWhatItBegins types the beginnings of the words of a listed name in any order.
func TestTypedFindsWhatItBegins(t *testing.T) {
	l := typedList()
	names := []string{"PUTIN, Vladimir Vladimirovich", "Vladislav SURKOV", "Acme Trading Limited", "Mohammad Hassan AKHUND", "Zoë Ångström"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		words := rapid.Permutation(strings.Fields(screening.Normalise(name))).Draw(t, "order")
		words = words[:rapid.IntRange(1, len(words)).Draw(t, "words")]
		for i, word := range words {
			words[i] = word[:rapid.IntRange(min(3, len(word)), len(word)).Draw(t, "letters")]
		}
		hits := l.Typed(strings.Join(words, " "), 10).Hits
		if !slices.ContainsFunc(hits, func(h domain.Hit) bool { return h.Name == name }) {
			t.Fatalf("%q does not find %s", words, name)
		}
	})
}
