package activity

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// skimmer passes over JSON that is known to be valid, and makes nothing of what nobody asks for.
type skimmer struct {
	intern func([]byte) string
	broken bool // it was not valid after all, or something else than what was asked for
}

// word gives a text that comes again and again.
func (s *skimmer) word(value []byte) string { return s.intern(s.text(value)) }

// text gives the content of a JSON string; null is no text.
func (s *skimmer) text(value []byte) []byte {
	switch {
	case len(value) >= 2 && value[0] == '"':
	case len(value) == 4 && value[0] == 'n':
		return nil
	default:
		s.broken = true
		return nil
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, err := jsontext.AppendUnquote(nil, value)
	s.broken = s.broken || err != nil
	return text
}

// members visits the members of an object.
func (s *skimmer) members(raw []byte, visit func(name, value []byte)) {
	s.walk(raw, 0, func(name []byte, at int) int {
		end := s.end(raw, at)
		if !s.broken {
			visit(name, raw[at:end])
		}
		return end
	})
}

// walk visits the members of the object that begins at a place, and gives its end. Visit is told where a
// value begins, and says where it ends: what lies within is passed over once.
func (s *skimmer) walk(raw []byte, at int, visit func(name []byte, at int) (end int)) (end int) {
	at = s.space(raw, s.expect(raw, at, '{'))
	for at < len(raw) && raw[at] == '"' {
		name, end := s.textAt(raw, at)
		from := s.space(raw, s.expect(raw, s.space(raw, end), ':'))
		if from >= len(raw) {
			s.broken = true
		}
		if s.broken {
			return len(raw)
		}
		if at = s.space(raw, visit(name, from)); at < len(raw) && raw[at] == ',' {
			at = s.space(raw, at+1)
			continue
		}
		break
	}
	return s.expect(raw, at, '}')
}

// textAt gives the content of the JSON string that begins at a place, and its end; null is no text.
func (s *skimmer) textAt(raw []byte, at int) (text []byte, end int) {
	for i := at + 1; i < len(raw) && raw[at] == '"' && raw[i] != '\\'; i++ {
		if raw[i] == '"' { // as most are: short, and without an escape
			return raw[at+1 : i], i + 1
		}
	}
	end = s.end(raw, at)
	if s.broken {
		return nil, end
	}
	return s.text(raw[at:end]), end
}

// wordAt gives a text that comes again and again, and its end.
func (s *skimmer) wordAt(raw []byte, at int) (word string, end int) {
	text, end := s.textAt(raw, at)
	return s.intern(text), end
}

// stringAt gives a text, and its end.
func (s *skimmer) stringAt(raw []byte, at int) (text string, end int) {
	content, end := s.textAt(raw, at)
	return string(content), end
}

// items visits the items of an array.
func (s *skimmer) items(raw []byte, visit func(value []byte)) {
	at := s.open(raw, '[')
	for at < len(raw) && raw[at] != ']' && !s.broken {
		end := s.end(raw, at)
		if s.broken {
			return
		}
		visit(raw[at:end])
		if at = s.space(raw, end); at < len(raw) && raw[at] == ',' {
			at = s.space(raw, at+1)
		}
	}
	s.expect(raw, at, ']')
}

func (s *skimmer) open(raw []byte, bracket byte) int { return s.space(raw, s.expect(raw, 0, bracket)) }

func (s *skimmer) expect(raw []byte, at int, c byte) int {
	if at >= len(raw) || raw[at] != c {
		s.broken = true
		return len(raw)
	}
	return at + 1
}

func (s *skimmer) space(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\t' || raw[at] == '\r') {
		at++
	}
	return at
}

// end gives the end of the value that begins at a place.
func (s *skimmer) end(raw []byte, at int) int {
	if at >= len(raw) {
		s.broken = true
		return at
	}
	switch raw[at] {
	case '"':
		return s.endOfString(raw, at)
	case '{', '[':
		return s.endOfNested(raw, at)
	}
	from := at
	for at < len(raw) && raw[at] != ',' && raw[at] != '}' && raw[at] != ']' && raw[at] > ' ' {
		at++
	}
	s.broken = s.broken || at == from
	return at
}

func (s *skimmer) endOfString(raw []byte, at int) int {
	for at++; ; {
		quote := bytes.IndexByte(raw[at:], '"')
		if quote < 0 {
			s.broken = true
			return len(raw)
		}
		at += quote + 1
		escapes := 0
		for raw[at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
	}
}

func (s *skimmer) endOfNested(raw []byte, at int) int {
	for depth := 0; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			at = s.endOfString(raw, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	s.broken = true
	return at
}

// copied is an intern that does not.
func copied(text []byte) string { return string(text) }
