package screening

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
)

// Lists is a set of lists to look for names on: an immutable snapshot, safe for concurrent use.
type Lists struct {
	lists    []*List
	versions []domain.ListVersion
}

// Name is a name to look for. Field says where it stood in the input, such as "full_name".
type Name struct {
	Field string
	Text  string
}

// NewLists makes a set of the shared lists in force for a tenant and the tenant's own. It makes
// the digest and the index of a list that nobody has searched yet.
func NewLists(shared, own []*List) *Lists {
	all := slices.Concat(shared, own)
	slices.SortStableFunc(all, func(a, b *List) int { return strings.Compare(a.name, b.name) })
	l := &Lists{lists: all, versions: make([]domain.ListVersion, len(all))}
	for i, list := range all {
		l.versions[i] = list.Version()
		list.searchable()
	}
	return l
}

// Versions names the lists of the set, ordered by name. The slice may not be changed.
func (l *Lists) Versions() []domain.ListVersion { return slices.Clip(l.versions) }

// Screen looks for names on every list of the set.
func (l *Lists) Screen(names []Name) domain.Screened {
	var normal, sorted [256]byte
	var hits []domain.Hit
	for _, name := range names {
		key := appendSorted(sorted[:0], appendNormal(normal[:0], name.Text))
		for _, list := range l.lists {
			hits = list.search(hits, name, key)
		}
	}
	slices.SortStableFunc(hits, func(a, b domain.Hit) int {
		return cmp.Or(b.Similarity-a.Similarity, strings.Compare(a.List.List, b.List.List), strings.Compare(a.EntryID, b.EntryID))
	})
	return domain.Screened{Lists: l.Versions(), Hits: hits}
}

// search appends the hits for a name whose sorted normal form is key.
func (l *List) search(hits []domain.Hit, name Name, key []byte) []domain.Hit {
	for entry, refs := range l.searchable().find(key) {
		if !l.holds(entry) {
			continue
		}
		var best match
		for _, r := range refs {
			best = better(best, compare(name.Text, entry, int(r.name)))
		}
		hits = append(hits, l.hit(entry, name, best))
	}
	return hits
}

// Similarities of names in normal form; see the package documentation.
const (
	sameOrder     = 100
	anyOrder      = 95
	weakSameOrder = 85
	weakAnyOrder  = 80
)

// match says how a name of an entry is like a name looked for.
type match struct {
	similarity  int
	name        string
	alias, weak bool
}

func better(a, b match) match {
	if b.similarity > a.similarity {
		return b
	}
	return a
}

// compare is given names that have the same words.
func compare(text string, e *Entry, name int) match {
	m := match{similarity: anyOrder}
	m.name, m.alias, m.weak = e.nameAt(name)
	ordered := sameWords(text, m.name, e.EntityType == individualType)
	switch {
	case m.weak && ordered:
		m.similarity = weakSameOrder
	case m.weak:
		m.similarity = weakAnyOrder
	case ordered:
		m.similarity = sameOrder
	}
	return m
}

// sameWords reports whether two names have the same words in the same order.
func sameWords(text, listed string, person bool) bool {
	if !person {
		return Normalise(text) == Normalise(listed)
	}
	listed = Normalise(givenFirst(listed))
	return Normalise(text) == listed || Normalise(givenFirst(text)) == listed
}

func (l *List) hit(e *Entry, name Name, m match) domain.Hit {
	return domain.Hit{
		EntryID: e.ID, List: l.Version(), Category: e.Category, EntityType: e.EntityType,
		Name: m.name, Screened: name.Text, Field: name.Field,
		Similarity: m.similarity, Explained: explain(e, name, m), Programs: e.Programs,
	}
}

// explain says in a sentence why a name is a hit.
func explain(e *Entry, name Name, m match) string {
	how, what, end := "has the same words in another order as", "the listed name", ""
	if m.similarity == sameOrder || m.similarity == weakSameOrder {
		how = "is"
	}
	if m.alias {
		what, end = "the alias", fmt.Sprintf(" of %q", e.Name)
	}
	if m.weak {
		what, end = "the weak alias", end+"; the list itself calls this alias unreliable"
	}
	return fmt.Sprintf("%s %q %s %s %q%s.", name.Field, name.Text, how, what, m.name, end)
}
