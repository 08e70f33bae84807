package domain

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// appendSorted appends free-form JSON that StoredJSON gave, with the members of its objects in the order
// of RFC 8785: what package json gives with jsontext.ReorderRawObjects.
func appendSorted(b []byte, stored jsontext.Value) ([]byte, error) {
	s := sorter{rest: stored, to: b}
	if s.value(); !s.foreign {
		return s.to, nil
	}
	sorted, err := json.Marshal(stored, jsontext.ReorderRawObjects(true))
	return append(b, sorted...), err
}

// sorter copies valid JSON that has no white space.
type sorter struct {
	rest, to []byte
	foreign  bool // a name is not plain ASCII: which comes first is not for bytes to say
}

// member is where a member of an object stands in what was written.
type member struct{ start, colon, end int }

func (s *sorter) value() {
	switch s.rest[0] {
	case '{':
		s.object()
	case '[':
		for s.copy(1); s.rest[0] != ']'; {
			if s.value(); s.rest[0] == ',' {
				s.copy(1)
			}
		}
		s.copy(1)
	case '"':
		s.text()
	default:
		n := bytes.IndexAny(s.rest, ",]}")
		if n < 0 {
			n = len(s.rest)
		}
		s.copy(n)
	}
}

func (s *sorter) object() {
	var few [16]member
	members := few[:0]
	for s.copy(1); s.rest[0] != '}'; {
		m := member{start: len(s.to)}
		s.text()
		m.colon = len(s.to)
		s.foreign = s.foreign || !plain(s.to[m.start:m.colon])
		s.copy(1)
		s.value()
		m.end = len(s.to)
		members = append(members, m)
		if s.rest[0] == ',' {
			s.copy(1)
		}
	}
	s.arrange(members)
	s.copy(1)
}

// arrange brings the members of an object into order.
func (s *sorter) arrange(members []member) {
	byName := func(a, b member) int { return bytes.Compare(s.to[a.start+1:a.colon-1], s.to[b.start+1:b.colon-1]) }
	if s.foreign || slices.IsSortedFunc(members, byName) {
		return
	}
	first, end := members[0].start, len(s.to)
	slices.SortFunc(members, byName)
	for i, m := range members {
		if i > 0 {
			s.to = append(s.to, ',')
		}
		s.to = append(s.to, s.to[m.start:m.end]...)
	}
	s.to = s.to[:first+copy(s.to[first:], s.to[end:])]
}

// text copies a string.
func (s *sorter) text() {
	for i := 1; ; i++ {
		switch s.rest[i] {
		case '\\':
			i++
		case '"':
			s.copy(i + 1)
			return
		}
	}
}

func (s *sorter) copy(n int) {
	s.to = append(s.to, s.rest[:n]...)
	s.rest = s.rest[n:]
}

// plain reports whether a string has neither escapes nor anything but ASCII.
func plain(text []byte) bool {
	for _, c := range text {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}
