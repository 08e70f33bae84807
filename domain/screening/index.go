package screening

import (
	"cmp"
	"slices"
	"strings"
)

// index finds names by the sorted words of their normal form.
type index struct {
	refs  []ref           // grouped by key; within it by entry and name
	spans map[string]span // of refs, by key
}

// ref points at a name of an entry, both by position.
type ref struct{ entry, name int32 }

type span struct{ from, to int32 }

// newIndex indexes every name of the entries. Names without letters and digits are left out.
func newIndex(entries []*Entry) *index {
	type key struct {
		text string
		span // of text among all keys, while they are collected
		ref
	}
	var keys []key
	var all, normal []byte
	for i, entry := range entries {
		for j := range entry.names() {
			name, _, _ := entry.nameAt(j)
			normal = appendNormal(normal[:0], name)
			from := len(all)
			if all = appendSorted(all, normal); len(all) > from {
				keys = append(keys, key{span: span{int32(from), int32(len(all))}, ref: ref{int32(i), int32(j)}})
			}
		}
	}
	texts := string(all)
	for i, k := range keys {
		keys[i].text = texts[k.from:k.to]
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.entry, b.entry), cmp.Compare(a.name, b.name))
	})
	x := &index{refs: make([]ref, len(keys)), spans: make(map[string]span, len(keys))}
	for i, k := range keys {
		x.refs[i] = k.ref
		s, known := x.spans[k.text]
		if !known {
			s.from = int32(i)
		}
		s.to = int32(i + 1)
		x.spans[k.text] = s
	}
	return x
}

// find gives the names with a key.
func (x *index) find(key []byte) []ref {
	s := x.spans[string(key)]
	return x.refs[s.from:s.to]
}
