package screening

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/screening/match"
)

// Lists is a set of lists to look for names on: an immutable snapshot, safe for concurrent use.
type Lists struct {
	lists    []*List
	versions []domain.ListVersion
	policy   Policy
	matcher  string
	memo     *memo
	lexicon  *match.Lexicon // of the shared lists
	fresh    time.Time      // until when no list is too old; zero: for ever
}

// Query is who to look for. Only names are looked up, and identifiers; the rest is evidence for or
// against what they find.
type Query struct {
	Names       []Name
	EntityType  string // individual, business, vessel, aircraft, or "" if not known
	DateOfBirth string // as in an entry
	Gender      string // male, female or ""
	Countries   []string
	Identifiers []Identifier
}

// Name is a name to look for. Field says where it stood in the input, such as "full_name".
type Name struct {
	Field string
	Text  string
}

// NewLists makes a set of the shared lists in force for a tenant and the tenant's own, under the
// default policy. It makes the digest and the index of a list that nobody has searched yet.
func NewLists(shared, own []*List) *Lists {
	all := slices.Concat(shared, own)
	slices.SortStableFunc(all, func(a, b *List) int { return strings.Compare(a.name, b.name) })
	l := &Lists{lists: all, versions: make([]domain.ListVersion, len(all))}
	for i, list := range all {
		l.versions[i] = list.Version()
		list.searchable()
	}
	l.lexicon = lexiconOf(shared)
	return l.Under(DefaultPolicy())
}

// Under gives the same lists with another policy.
func (l *Lists) Under(p Policy) *Lists {
	under := *l
	under.policy, under.matcher, under.memo = p, p.version(), newMemo()
	return &under
}

// FreshUntil gives the same lists, of which one is too old from a time on.
func (l *Lists) FreshUntil(at time.Time) *Lists {
	until := *l
	until.fresh = at
	return &until
}

// Stale reports whether one of the lists is too old at a time.
func (l *Lists) Stale(at time.Time) bool { return !l.fresh.IsZero() && !at.Before(l.fresh) }

// Entry gives an entry of one of the lists, nil if it is not on it. watched is false if the list is
// none of the set.
func (l *Lists) Entry(list, id string) (entry *Entry, watched bool) {
	among, watched := l.list(list)
	if watched {
		entry, _ = among.Entry(id)
	}
	return entry, watched
}

// Matcher names the matcher and the policy by version.
func (l *Lists) Matcher() string { return l.matcher }

// Versions names the lists of the set, ordered by name. The slice may not be changed.
func (l *Lists) Versions() []domain.ListVersion { return slices.Clip(l.versions) }

// maxCleared bounds the names that are recorded as cleared: those most alike.
const maxCleared = 20

// Screen looks for somebody on every list of the set. What it gives may not be changed.
func (l *Lists) Screen(q Query) domain.Screened {
	var short [128]byte
	key, memorable := q.memoKey(short[:0])
	if !memorable {
		return l.search(q)
	}
	found, known := l.memo.get(key)
	if !known {
		found = l.search(q)
		l.memo.put(string(key), found)
	}
	return found
}

func (l *Lists) search(q Query) domain.Screened {
	out := domain.Screened{Lists: l.Versions(), Matcher: l.matcher}
	for _, name := range q.Names {
		looking := match.NewQuery(name.Text).Search(l.lexicon)
		for _, list := range l.lists {
			s := search{list: list, policy: &l.policy, query: &q, name: name, match: looking}
			s.run(&out)
		}
		looking.End()
	}
	slices.SortStableFunc(out.Hits, bySimilarity)
	slices.SortStableFunc(out.Cleared, bySimilarity)
	out.Cleared = out.Cleared[:min(len(out.Cleared), maxCleared)]
	return out
}

func bySimilarity(a, b domain.Hit) int {
	return cmp.Or(b.Similarity-a.Similarity, b.Evidence-a.Evidence, strings.Compare(a.List.List, b.List.List), strings.Compare(a.EntryID, b.EntryID))
}

// search is looking for one name on one list.
type search struct {
	list   *List
	policy *Policy
	query  *Query
	name   Name
	match  *match.Search
}

// found is the best name of an entry.
type found struct {
	similarity int
	name       int         // of the entry's names
	parsed     *match.Name // the same, read
}

// weakness is taken off the similarity to a weak alias.
const weakness = 15

func (s *search) run(out *domain.Screened) {
	floor := float64(s.policy.least(s.list.name)) / 100
	for _, seg := range s.list.searchable().segments {
		best := map[int32]found{}
		seg.names.Find(s.match, floor, func(at int, similarity float64) {
			r := seg.refs[at]
			f := found{rate(similarity), int(r.name), seg.names.Name(at)}
			if _, _, weak := seg.entries[r.entry].nameAt(f.name); weak {
				f.similarity -= weakness
			}
			if had, known := best[r.entry]; !known || had.similarity < f.similarity {
				best[r.entry] = f
			}
		})
		s.identified(seg, best)
		for entry, f := range best {
			s.judge(seg.entries[entry], f, out)
		}
	}
}

// rate gives a similarity in whole points; only the same name has 100.
func rate(similarity float64) int { return int(similarity*100 + 0.0001) }

// identified adds the entries that share an identifier, whatever their names.
func (s *search) identified(seg *segment, best map[int32]found) {
	for _, id := range s.query.Identifiers {
		for _, entry := range seg.identifiers[identifierKey(id.Value)] {
			if _, known := best[entry]; known || !seg.entries[entry].hasIdentifier(id) {
				continue
			}
			e := seg.entries[entry]
			f := found{similarity: -1}
			for i := range e.names() {
				name, _, _ := e.nameAt(i)
				parsed := match.Parse(name, kindOf(e.EntityType))
				if got := rate(s.match.Compare(parsed).Similarity); got > f.similarity {
					f = found{got, i, parsed}
				}
			}
			best[entry] = f
		}
	}
}

// judge makes a hit of an entry, clears it, or drops it.
func (s *search) judge(e *Entry, f found, out *domain.Screened) {
	if !s.list.holds(e) {
		return
	}
	ev := s.query.weigh(e)
	if f.similarity < s.policy.threshold(e.List, e.Category) && !ev.identified {
		return
	}
	hit := s.hit(e, f, ev)
	if ev.strength < s.policy.Evidence && !ev.identified {
		out.Cleared = append(out.Cleared, hit)
		return
	}
	out.Hits = append(out.Hits, hit)
}

func (s *search) hit(e *Entry, f found, ev evidence) domain.Hit {
	name, alias, weak := e.nameAt(f.name)
	result := s.match.Compare(f.parsed)
	return domain.Hit{
		EntryID: e.ID, List: s.list.Version(), Category: e.Category, EntityType: e.EntityType,
		Name: name, Screened: s.name.Text, Field: s.name.Field, Similarity: f.similarity,
		Explained: explain(e, s.name, name, alias, weak, result), Programs: e.Programs,
		Weak: weak, Evidence: ev.strength, Grounds: ev.grounds, Aligned: aligned(result),
	}
}
