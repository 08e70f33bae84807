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
	at := s.open(raw, '{')
	for at < len(raw) && raw[at] == '"' {
		end := s.end(raw, at)
		name := s.text(raw[at:end])
		from := s.space(raw, s.expect(raw, s.space(raw, end), ':'))
		end = s.end(raw, from)
		if s.broken {
			return
		}
		visit(name, raw[from:end])
		if at = s.space(raw, end); at < len(raw) && raw[at] == ',' {
			at = s.space(raw, at+1)
			continue
		}
		break
	}
	s.expect(raw, at, '}')
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
