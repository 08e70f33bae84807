package screening

import (
	"slices"
	"strings"

	"whocomply/domain/screening/match"
)

// Reach says whom a change of the lists can touch: those whose names or identifiers meet an entry that
// was added or altered, and those who were found on one that was altered or removed. Looking for a
// customer on the changed entries alone gives exactly what it would give of them on the whole lists,
// because how alike two names are does not depend on what else is listed.
type Reach struct {
	put     *Lists
	changed map[met]bool
}

// Reach makes the reach of changes, the entries of which are taken from the lists.
func (l *Lists) Reach(changes []ListChange) *Reach {
	r := &Reach{changed: map[met]bool{}}
	var put []*List
	for _, change := range changes {
		var entries []*Entry
		for _, id := range change.Put {
			if entry, _ := l.Entry(change.List, id); entry != nil {
				entries = append(entries, entry)
			}
			r.changed[met{list: change.List, entry: id}] = true
		}
		for _, id := range change.Removed {
			r.changed[met{list: change.List, entry: id}] = true
		}
		slices.SortFunc(entries, func(a, b *Entry) int { return strings.Compare(a.ID, b.ID) })
		put = append(put, NewList(change.List, entries))
	}
	r.put = NewLists(put, nil).Under(l.policy)
	return r
}

// Touches reports whether a customer, looked for by these queries and last screened so, is in reach.
func (r *Reach) Touches(last *Completed, queries []Query) bool {
	if last == nil || last.names(r.changed) {
		return true
	}
	for i := range queries {
		if r.put.meets(&queries[i]) {
			return true
		}
	}
	return false
}

// meets reports whether a name is alike enough to be a hit, or an identifier is the same, whatever the
// evidence says.
func (l *Lists) meets(q *Query) bool {
	return slices.ContainsFunc(q.Names, func(name Name) bool {
		looking := match.NewQuery(name.Text).Search(l.lexicon)
		defer looking.End()
		for _, list := range l.lists {
			s := search{list: list, policy: &l.policy, query: q, name: name, match: looking}
			if s.meets() {
				return true
			}
		}
		return false
	})
}

func (s *search) meets() (met bool) {
	floor := float64(s.policy.least(s.list.name)) / 100
	for _, seg := range s.list.searchable().segments {
		seg.names.Find(s.match, floor, func(int, float64) { met = true })
		best := map[int32]found{}
		s.identified(seg, best)
		if met = met || len(best) > 0; met {
			return true
		}
	}
	return false
}

// Changes gives what differs between the lists that customers were screened on and these. It is not
// known, and everything must be looked at, where the matcher or the policy is another.
func (l *Lists) Changes(before *Lists) (changes []ListChange, known bool) {
	if before == nil || before.matcher != l.matcher {
		return nil, false
	}
	for _, now := range l.lists {
		was, _ := before.list(now.name)
		if was == now {
			continue
		}
		d := now.Since(was)
		change := ListChange{List: now.name, Put: append(idsOf(d.Added), idsOf(d.Altered)...), Removed: idsOf(d.Removed)}
		if len(change.Put)+len(change.Removed) > 0 {
			changes = append(changes, change)
		}
	}
	for _, was := range before.lists {
		if _, still := l.list(was.name); !still {
			changes = append(changes, ListChange{List: was.name, Removed: idsOf(was.entries)})
		}
	}
	return changes, true
}

func (l *Lists) list(name string) (*List, bool) {
	at, found := slices.BinarySearchFunc(l.lists, name, func(l *List, name string) int { return strings.Compare(l.name, name) })
	if !found {
		return nil, false
	}
	return l.lists[at], true
}

func idsOf(entries []*Entry) []string {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}
