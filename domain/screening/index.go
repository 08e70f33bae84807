package screening

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// index finds names by the sorted words of their normal form. It is made of segments that are
// never changed: a new version of a list adds one for what is new and shares the others. The last
// two are merged while they are alike in size, so there are few and an entry is indexed again at
// most once for each doubling of its list. Entries that a list no longer holds stay in it; the
// list leaves them out.
type index struct {
	segments []*segment
	size     int // entries in all segments
}

// with gives the index after more entries.
func (x *index) with(more []*Entry) *index {
	segments, last := slices.Clone(x.segments), more
	for n := len(segments); n > 0 && len(segments[n-1].entries) <= len(last); n = len(segments) {
		last = slices.Concat(segments[n-1].entries, last)
		segments = segments[:n-1]
	}
	if len(last) > 0 {
		segments = append(segments, newSegment(last))
	}
	return &index{segments: segments, size: x.size + len(more)}
}

// find gives the entries that have a name with this key, each with the positions of those names.
func (x *index) find(key []byte) iter.Seq2[*Entry, []ref] {
	return func(yield func(*Entry, []ref) bool) {
		for _, s := range x.segments {
			at := s.spans[string(key)]
			for refs := s.refs[at.from:at.to]; len(refs) > 0; {
				n := 1
				for n < len(refs) && refs[n].entry == refs[0].entry {
					n++
				}
				if !yield(s.entries[refs[0].entry], refs[:n]) {
					return
				}
				refs = refs[n:]
			}
		}
	}
}

// segment is the index of some entries.
type segment struct {
	entries []*Entry
	refs    []ref           // grouped by key; within it by entry and name
	spans   map[string]span // of refs, by key
}

// ref points at a name of an entry, both by position.
type ref struct{ entry, name int32 }

type span struct{ from, to int32 }

// keyed is a name of an entry and its key, which is texts[from:to] of those collected.
type keyed struct {
	ref
	span
}

// newSegment indexes every name of the entries. Names without letters and digits are left out.
func newSegment(entries []*Entry) *segment {
	names, texts := keysOf(entries)
	text := func(k keyed) string { return texts[k.from:k.to] }
	slices.SortFunc(names, func(a, b keyed) int {
		return cmp.Or(strings.Compare(text(a), text(b)), cmp.Compare(a.entry, b.entry), cmp.Compare(a.name, b.name))
	})
	s := &segment{entries: entries, refs: make([]ref, len(names)), spans: make(map[string]span, len(names))}
	for i, name := range names {
		s.refs[i] = name.ref
		at, known := s.spans[text(name)]
		if !known {
			at.from = int32(i)
		}
		at.to = int32(i + 1)
		s.spans[text(name)] = at
	}
	return s
}

// keysOf gives the keys of all names of the entries, in one text.
func keysOf(entries []*Entry) (names []keyed, texts string) {
	var all, normal []byte
	for i, entry := range entries {
		for j := range entry.names() {
			name, _, _ := entry.nameAt(j)
			normal = appendNormal(normal[:0], name)
			from := len(all)
			if all = appendSorted(all, normal); len(all) > from {
				names = append(names, keyed{ref{int32(i), int32(j)}, span{int32(from), int32(len(all))}})
			}
		}
	}
	return names, string(all)
}
