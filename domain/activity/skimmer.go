package activity

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// skimmer goes through JSON that is known to be valid, once, from front to back, and makes nothing of what
// nobody asks for. Each of its methods reads the value at hand and stops behind it.
type skimmer struct {
	raw    []byte
	at     int    // where the value at hand begins
	plain  bool   // there is no escape in any string
	texts  *texts // makes texts; nil: each is made anew, or a part of whole
	whole  string // raw as a text, if that is wanted: then texts are parts of it
	brief  bool   // leaves out the texts that are the event's own
	enough bool   // all that was asked for is read
	broken bool   // it was not valid after all, or something else than what was asked for
}

func newSkimmer(raw []byte) skimmer { return skimmer{raw: raw, plain: bytes.IndexByte(raw, '\\') < 0} }

// newReader makes a skimmer whose texts are parts of one: that is less work than to make each anew, and
// whoever keeps one of them keeps all.
func newReader(raw []byte) skimmer {
	s := newSkimmer(raw)
	s.whole = string(raw)
	return s
}

// object visits the members of an object. What visit does not read of a value is passed over.
func (s *skimmer) object(visit func(name []byte)) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		name := s.name()
		from := s.at
		if visit(name); s.at == from {
			s.skip()
		}
	}
}

// name gives the name of a member, and goes on to its value.
func (s *skimmer) name() []byte {
	if from := s.at + 1; s.first() == '"' {
		end := s.special(from)
		if end+2 < len(s.raw) && s.raw[end] == '"' && s.raw[end+1] == ':' && s.raw[end+2] > ' ' { // as in most
			s.at = end + 2
			return s.raw[from:end]
		}
	}
	name := s.content()
	if s.at = space(s.raw, s.at); s.first() != ':' {
		s.fail()
		return nil
	}
	s.at = space(s.raw, s.at+1)
	return name
}

// array visits the items of an array, each of which visit reads.
func (s *skimmer) array(visit func()) {
	for more := s.open('[', ']'); more; more = s.more(']') {
		visit()
	}
}

// text gives a string; null is no text.
func (s *skimmer) text() string {
	if s.whole != "" {
		if from, end, simple := s.simple(); simple {
			return s.whole[from:end]
		}
	}
	if s.texts != nil {
		return s.texts.add(s.content())
	}
	return string(s.content())
}

// own gives a string that is the event's own; none if such are left out.
func (s *skimmer) own() string {
	if s.brief {
		s.skip()
		return ""
	}
	return s.text()
}

// word gives a string that many events have.
func (s *skimmer) word() string {
	if s.texts == nil {
		return s.text()
	}
	return s.texts.word(s.content())
}

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
	if from, end, simple := s.simple(); simple {
		return s.raw[from:end]
	}
	if s.first() != '"' {
		if string(s.value()) != "null" {
			s.fail()
		}
		return nil
	}
	text, err := jsontext.AppendUnquote(nil, s.value())
	if err != nil {
		s.fail()
	}
	return text
}

// simple says where the content of a string without an escape begins and ends, and stops behind it. At
// anything else it stays where it is.
func (s *skimmer) simple() (from, end int, simple bool) {
	if s.first() != '"' {
		return 0, 0, false
	}
	from = s.at + 1
	if end = s.special(from); end >= len(s.raw) || s.raw[end] != '"' {
		return 0, 0, false
	}
	s.at = end + 1
	return from, end, true
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
	case s.enough:
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
		s.at = s.endOfString(s.at)
	case '{', '[':
		s.at = s.endOfNested(s.at)
	default:
		for s.at < len(s.raw) && s.raw[s.at] > ' ' && s.raw[s.at] != ',' && s.raw[s.at] != '}' && s.raw[s.at] != ']' {
			s.at++
		}
	}
	if s.at == from || s.at > len(s.raw) {
		s.fail()
	}
}

// stop ends all reading: what follows nobody asks for.
func (s *skimmer) stop() { s.at, s.enough = len(s.raw), true }

// fail ends all reading.
func (s *skimmer) fail() { s.at, s.broken = len(s.raw), true }

// endOfString gives where a string ends, a place behind all if it does not.
func (s *skimmer) endOfString(at int) int {
	for at = s.special(at + 1); at < len(s.raw) && s.raw[at] == '\\'; {
		at = s.special(at + 2)
	}
	return at + 1
}

// endOfNested gives where an object or an array ends, a place behind all if it does not.
func (s *skimmer) endOfNested(at int) int {
	for depth := 0; at < len(s.raw); at++ {
		switch s.raw[at] {
		case '"':
			at = s.endOfString(at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return len(s.raw) + 1
}

// special gives the first quote or backslash from a place on; what is no less than the length if there is
// none. It looks at eight bytes at a time: one that is zero is what 1 cannot be taken from without a borrow.
func (s *skimmer) special(at int) int {
	const (
		ones    = 0x0101010101010101
		high    = ones << 7
		quotes  = ones * '"'
		slashes = ones * '\\'
	)
	raw := s.raw
	for ; at+8 <= len(raw); at += 8 {
		eight := binary.LittleEndian.Uint64(raw[at:])
		q := eight ^ quotes
		found := (q - ones) &^ q & high
		if !s.plain {
			b := eight ^ slashes
			found |= (b - ones) &^ b & high
		}
		if found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(raw) && raw[at] != '"' && raw[at] != '\\' {
		at++
	}
	return at
}
