package screening

import (
	"slices"
	"strings"
	"sync/atomic"

	"whocomply/domain"
)

// List is one version of a list's content. It is immutable and safe for concurrent use. Its digest
// and its indexes are made when first needed, the first two from those of the version before where it has
// them.
type List struct {
	name    string
	version int
	entries []*Entry // ordered by id
	digest  atomic.Pointer[digest]
	index   atomic.Pointer[index]
	begun   atomic.Pointer[typedIndex] // for names that are being typed
}

// NewList makes version 1 of a list of entries that have passed CheckEntry, whose ids differ. It is
// for lists that no ledger keeps.
func NewList(name string, entries []*Entry) *List {
	return (&List{name: name}).next(entries, nil)
}

// Name is the name of the list.
func (l *List) Name() string { return l.name }

// Entries gives the entries in the order of their ids. Neither slice nor entries may be changed.
func (l *List) Entries() []*Entry { return slices.Clip(l.entries) }

// Version names the content, with its digest.
func (l *List) Version() domain.ListVersion {
	d := l.digest.Load()
	if d == nil {
		d = digestOf(l.entries)
		l.digest.Store(d)
	}
	return domain.ListVersion{List: l.name, Version: l.version, Digest: d.hex}
}

// Entry gives the entry with an id.
func (l *List) Entry(id string) (*Entry, bool) {
	i, known := l.find(id)
	if !known {
		return nil, false
	}
	return l.entries[i], true
}

func (l *List) find(id string) (int, bool) {
	return slices.BinarySearchFunc(l.entries, id, func(e *Entry, id string) int { return strings.Compare(e.ID, id) })
}

// holds reports whether this version has exactly this entry.
func (l *List) holds(e *Entry) bool {
	found, _ := l.Entry(e.ID)
	return found == e
}

// next gives the version after l: put added or in place of what had their ids, removed taken off.
func (l *List) next(put []*Entry, removed []string) *List {
	n := &List{name: l.name, version: l.version + 1, entries: slices.Grow(slices.Clone(l.entries), len(put))}
	for _, id := range removed {
		if i, known := n.find(id); known {
			n.entries = slices.Delete(n.entries, i, i+1)
		}
	}
	for _, entry := range put {
		if i, known := n.find(entry.ID); known {
			n.entries[i] = entry
		} else {
			n.entries = slices.Insert(n.entries, i, entry)
		}
	}
	if d := l.digest.Load(); d != nil && slices.Equal(n.entries[:min(len(l.entries), len(n.entries))], l.entries) {
		n.digest.Store(d.with(n.entries[len(l.entries):]))
	}
	if x := l.index.Load(); x != nil && x.size+len(put) <= 2*len(n.entries) {
		n.index.Store(x.with(put))
	}
	return n
}

// searchable gives the index. Two goroutines may both make it; either is as good.
func (l *List) searchable() *index {
	x := l.index.Load()
	if x == nil {
		x = (&index{}).with(l.entries)
		l.index.Store(x)
	}
	return x
}

// Difference is what changed from one version of a list to another, each part ordered by id.
type Difference struct {
	Added   []*Entry
	Altered []*Entry // as they are now
	Before  []*Entry // what Altered were
	Removed []*Entry // as they were
}

// Since gives what differs from another version, which is nil if there was none.
func (l *List) Since(before *List) (d Difference) {
	if before == nil {
		return Difference{Added: l.Entries()}
	}
	put, removed := before.differences(l.entries)
	for _, entry := range put {
		if was, known := before.Entry(entry.ID); known {
			d.Altered, d.Before = append(d.Altered, entry), append(d.Before, was)
		} else {
			d.Added = append(d.Added, entry)
		}
	}
	for _, id := range removed {
		was, _ := before.Entry(id)
		d.Removed = append(d.Removed, was)
	}
	return d
}
