package screening

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
	"whocomply/domain/screening/match"
)

// typedIndex finds the names of a list by the beginnings of their words.
type typedIndex struct {
	names []typedName
	words []typedWord // of all names, in order
}

// typedName is a name of an entry, both by position, in its normal form.
type typedName struct {
	entry, name int
	text        string
	letters     int // bytes of it, spaces aside
}

// typedWord is a word of a name.
type typedWord struct {
	text string
	at   int32 // of names
}

func newTypedIndex(entries []*Entry) *typedIndex {
	x := &typedIndex{}
	for i, e := range entries {
		for j := range e.names() {
			name, _, _ := e.nameAt(j)
			n := typedName{entry: i, name: j, text: Normalise(name)}
			n.letters = len(n.text) - strings.Count(n.text, " ")
			for word := range strings.FieldsSeq(n.text) {
				x.words = append(x.words, typedWord{word, int32(len(x.names))})
			}
			x.names = append(x.names, n)
		}
	}
	slices.SortFunc(x.words, func(a, b typedWord) int { return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.at, b.at)) })
	return x
}

// beginning gives the words that begin so.
func (x *typedIndex) beginning(prefix string) []typedWord {
	from, _ := slices.BinarySearchFunc(x.words, prefix, func(w typedWord, p string) int { return strings.Compare(w.text, p) })
	rest := x.words[from:]
	to, _ := slices.BinarySearchFunc(rest, prefix, func(w typedWord, p string) int {
		if strings.HasPrefix(w.text, p) {
			return -1
		}
		return 1
	})
	return rest[:to]
}

// typed gives the index. Two goroutines may both make it; either is as good.
func (l *List) typed() *typedIndex {
	x := l.begun.Load()
	if x == nil {
		x = newTypedIndex(l.entries)
		l.begun.Store(x)
	}
	return x
}

// suggestion is a name whose words begin as was typed.
type suggestion struct {
	list    *List
	entry   *Entry
	name    int
	covered int // percent of its letters that were typed
}

// suggestions are the best there are, up to a limit.
type suggestions struct {
	limit int
	best  []suggestion
	least int // what covers less is none of them
}

func (s *suggestions) add(one suggestion) {
	if s.best = append(s.best, one); len(s.best) == 8*s.limit {
		s.settle()
	}
}

// settle orders them, an entry once, and leaves out what is beyond the limit.
func (s *suggestions) settle() {
	slices.SortFunc(s.best, func(a, b suggestion) int {
		return cmp.Or(b.covered-a.covered, strings.Compare(a.list.name, b.list.name), strings.Compare(a.entry.ID, b.entry.ID), a.name-b.name)
	})
	seen := map[*Entry]bool{}
	s.best = slices.DeleteFunc(s.best, func(one suggestion) bool {
		again := seen[one.entry]
		seen[one.entry] = true
		return again
	})
	if len(s.best) >= s.limit {
		s.best = s.best[:s.limit]
		s.least = s.best[s.limit-1].covered
	}
}

// fuzzyLetters is how much must be typed for what is alike to it to be worth looking for.
const fuzzyLetters = 4

// Typed looks for a name of which only the beginnings of words may have been typed yet, in any order:
// first what they begin, the more of a name is typed the earlier, and then what Screen finds of it.
func (l *Lists) Typed(text string, limit int) domain.Screened {
	out := domain.Screened{Lists: l.Versions(), Matcher: l.matcher, Hits: []domain.Hit{}}
	q := Query{Names: []Name{{Field: "name", Text: text}}}
	query := match.NewQuery(text)
	normal := Normalise(text)
	for _, found := range l.suggest(strings.Fields(normal), limit) {
		out.Hits = append(out.Hits, found.hit(&q, query, &l.policy))
	}
	if len(out.Hits) == limit || len(normal) < fuzzyLetters {
		return out
	}
	for _, hit := range l.Screen(q).Hits {
		known := slices.ContainsFunc(out.Hits, func(h domain.Hit) bool { return h.List == hit.List && h.EntryID == hit.EntryID })
		if len(out.Hits) < limit && !known {
			out.Hits = append(out.Hits, hit)
		}
	}
	return out
}

// suggest gives the entries with a name that the typed words begin, by the best name of each.
func (l *Lists) suggest(typed []string, limit int) []suggestion {
	found, letters := suggestions{limit: limit}, 0
	if len(typed) == 0 {
		return nil
	}
	for _, word := range typed {
		letters += len(word)
	}
	for _, list := range l.lists {
		x := list.typed()
		rarest := x.beginning(typed[0])
		for _, word := range typed[1:] {
			if words := x.beginning(word); len(words) < len(rarest) {
				rarest = words
			}
		}
		for _, word := range rarest {
			n := &x.names[word.at]
			if covered := max(1, letters*100/n.letters); covered >= found.least && n.begins(typed) {
				found.add(suggestion{list, list.entries[n.entry], n.name, covered})
			}
		}
	}
	found.settle()
	return found.best
}

// begins reports whether each of the typed words begins a word of the name, each of which is taken once.
func (n *typedName) begins(typed []string) bool {
	if len(typed) == 1 {
		return true // it was found by this word
	}
	var taken uint64 // words of the name, by position; those after the 64th are free for all
	for _, prefix := range typed {
		best, exact, at := -1, false, 0
		for word := range strings.FieldsSeq(n.text) {
			if taken&(1<<at) == 0 && strings.HasPrefix(word, prefix) && (best < 0 || !exact && word == prefix) {
				best, exact = at, word == prefix
			}
			at++
		}
		if best < 0 {
			return false
		}
		taken |= 1 << best
	}
	return true
}

func (s *suggestion) hit(q *Query, query *match.Query, p *Policy) domain.Hit {
	name, alias, weak := s.entry.nameAt(s.name)
	f := found{name: s.name, parsed: match.Parse(name, kindOf(s.entry.EntityType))}
	f.similarity = rate(query.Compare(f.parsed).Similarity)
	if weak {
		f.similarity = max(0, f.similarity-weakness)
	}
	looking := query.Search(nil)
	defer looking.End()
	search := search{list: s.list, policy: p, query: q, name: q.Names[0], match: looking}
	hit := search.hit(s.entry, f, q.weigh(s.entry))
	hit.Explained = fmt.Sprintf("%q begins words of the listed name %q.", q.Names[0].Text, name)
	if alias {
		hit.Explained = fmt.Sprintf("%q begins words of the alias %q of %q.", q.Names[0].Text, name, s.entry.Name)
	}
	return hit
}
