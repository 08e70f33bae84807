package activity

import (
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// skimmer goes through JSON that is known to be valid, once, from front to back, and makes nothing of what
// nobody asks for. Each of its methods reads the value at hand and stops behind it.
type skimmer struct {
	raw    []byte
	at     int                 // where the value at hand begins
	keep   func([]byte) string // makes a text
	broken bool                // it was not valid after all, or something else than what was asked for
}

// copied is a keep that makes each text anew.
func copied(text []byte) string { return string(text) }

// object visits the members of an object. What visit does not read of a value is passed over.
func (s *skimmer) object(visit func(name []byte)) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		name := s.content()
		colon := space(s.raw, s.at)
		if colon >= len(s.raw) || s.raw[colon] != ':' {
			s.fail()
			return
		}
		from := space(s.raw, colon+1)
		s.at = from
		if visit(name); s.at == from {
			s.skip()
		}
	}
}

// array visits the items of an array, each of which visit reads.
func (s *skimmer) array(visit func()) {
	for more := s.open('[', ']'); more; more = s.more(']') {
		visit()
	}
}

// text gives a string; null is no text.
func (s *skimmer) text() string { return s.keep(s.content()) }

// amount gives the number in a string.
func (s *skimmer) amount() domain.Decimal {
	amount, err := domain.ParseDecimal(s.text())
	if err != nil {
		s.fail()
	}
	return amount
}

// value gives any value as it is written.
func (s *skimmer) value() []byte {
	from := s.at
	if s.skip(); s.broken {
		return nil
	}
	return s.raw[from:s.at]
}

// content gives what is between the quotes of a string; null has none.
func (s *skimmer) content() []byte {
	from := s.at
	if s.first() != '"' {
		if string(s.value()) != "null" {
			s.fail()
		}
		return nil
	}
	if end := special(s.raw, from+1); end < len(s.raw) && s.raw[end] == '"' { // as in most: no escape
		s.at = end + 1
		return s.raw[from+1 : end]
	}
	text, err := jsontext.AppendUnquote(nil, s.value())
	if err != nil {
		s.fail()
	}
	return text
}

// first gives the byte that the value at hand begins with, 0 at the end.
func (s *skimmer) first() byte {
	if s.at >= len(s.raw) {
		return 0
	}
	return s.raw[s.at]
}

// open goes into an object or an array, and says whether there is anything in it.
func (s *skimmer) open(begin, end byte) bool {
	if s.first() != begin {
		s.fail()
		return false
	}
	if s.at = space(s.raw, s.at+1); s.first() == end {
		s.at++
		return false
	}
	return true
}

// more goes on to what follows in an object or an array, if anything does.
func (s *skimmer) more(end byte) bool {
	at := space(s.raw, s.at)
	switch {
	case at < len(s.raw) && s.raw[at] == ',':
		s.at = space(s.raw, at+1)
		return true
	case at < len(s.raw) && s.raw[at] == end:
		s.at = at + 1
	default:
		s.fail()
	}
	return false
}

// space gives where what is no space begins, from a place on.
func space(raw []byte, at int) int {
	for at < len(raw) && raw[at] <= ' ' {
		at++
	}
	return at
}

// skip passes a value over.
func (s *skimmer) skip() {
	from := s.at
	switch s.first() {
	case '"':
		s.at = endOfString(s.raw, s.at)
	case '{', '[':
		s.at = endOfNested(s.raw, s.at)
	default:
		for s.at < len(s.raw) && s.raw[s.at] > ' ' && s.raw[s.at] != ',' && s.raw[s.at] != '}' && s.raw[s.at] != ']' {
			s.at++
		}
	}
	if s.at == from || s.at > len(s.raw) {
		s.fail()
	}
}

// fail ends all reading.
func (s *skimmer) fail() { s.at, s.broken = len(s.raw), true }

// endOfString gives where a string ends, a place behind all if it does not.
func endOfString(raw []byte, at int) int {
	for at = special(raw, at+1); at < len(raw) && raw[at] == '\\'; {
		at = special(raw, at+2)
	}
	return at + 1
}

// endOfNested gives where an object or an array ends, a place behind all if it does not.
func endOfNested(raw []byte, at int) int {
	for depth := 0; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			at = endOfString(raw, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return len(raw) + 1
}

// special gives the first quote or backslash from a place on; what is no less than the length if there is
// none. It looks at eight bytes at a time: one that is zero is what 1 cannot be taken from without a borrow.
func special(raw []byte, at int) int {
	const (
		ones    = 0x0101010101010101
		high    = ones << 7
		quotes  = ones * '"'
		slashes = ones * '\\'
	)
	for ; at+8 <= len(raw); at += 8 {
		eight := binary.LittleEndian.Uint64(raw[at:])
		q, s := eight^quotes, eight^slashes
		if found := ((q-ones)&^q | (s-ones)&^s) & high; found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(raw) && raw[at] != '"' && raw[at] != '\\' {
		at++
	}
	return at
}
