package screening

import (
	"slices"
	"strings"

	"whocomply/domain/screening/match"
)

// index finds entries by their names and identifiers. It is made of segments that are never
// changed: a new version of a list adds one for what is new and shares the others. The last two are
// merged while they are alike in size, so there are few and an entry is indexed again at most once
// for each doubling of its list. Entries that a list no longer holds stay in it; the list leaves
// them out.
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

// segment is the index of some entries.
type segment struct {
	entries     []*Entry
	names       *match.Index
	refs        []ref              // by position in names; those of an entry stand together
	identifiers map[string][]int32 // entries by the letters and digits of an identifier
}

// ref points at a name of an entry, both by position.
type ref struct{ entry, name int32 }

func newSegment(entries []*Entry) *segment {
	s := &segment{entries: entries, identifiers: map[string][]int32{}}
	var items []match.Item
	for i, e := range entries {
		for j := range e.names() {
			name, _, _ := e.nameAt(j)
			items = append(items, match.Item{Text: name, Kind: kindOf(e.EntityType)})
			s.refs = append(s.refs, ref{int32(i), int32(j)})
		}
		for _, id := range e.Identifiers {
			if key := identifierKey(id.Value); key != "" {
				s.identifiers[key] = append(s.identifiers[key], int32(i))
			}
		}
	}
	s.names = match.NewIndex(items)
	return s
}

func kindOf(entityType string) match.Kind {
	switch entityType {
	case individualType:
		return match.Person
	case businessType:
		return match.Organisation
	case vesselType, aircraftType:
		return match.Vessel
	}
	return match.Unknown
}

// identifierKey is what remains of a document number without spaces and punctuation, which
// institutions write as they like; "" if that is too little to tell documents apart.
func identifierKey(value string) string {
	key := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r > 127:
			return r
		}
		return -1
	}, value)
	if len(key) < 4 {
		return ""
	}
	return key
}
