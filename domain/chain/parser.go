package chain

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// parser reads the members of a header in their one order. It is lenient about values, since [ParseText] compares the
// encoding of what was read with what it was read from. The first failure makes it bad for good.
type parser struct {
	rest []byte
	bad  bool
}

func (p *parser) literal(s string) {
	rest, ok := bytes.CutPrefix(p.rest, []byte(s))
	p.rest, p.bad = rest, p.bad || !ok
}

// text reads the literal and the JSON string after it.
func (p *parser) text(literal string) string {
	p.literal(literal)
	p.literal(`"`)
	if p.bad {
		return ""
	}
	end := bytes.IndexAny(p.rest, `"\`)
	if end >= 0 && p.rest[end] == '"' {
		s := string(p.rest[:end])
		p.rest = p.rest[end+1:]
		return s
	}
	return p.unescape()
}

// unescape reads a JSON string up to its closing quote, undoing escapes.
func (p *parser) unescape() string {
	var out []byte
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '"':
			p.rest = p.rest[i+1:]
			return string(out)
		case '\\':
			n, ok := byte(0), false
			if n, ok = unescaped(p.rest[i+1:]); !ok {
				p.bad = true
				return ""
			}
			out = append(out, n)
			if i++; p.rest[i] == 'u' {
				i += 4
			}
		default:
			out = append(out, c)
		}
	}
	p.bad = true
	return ""
}

// unescaped returns the character meant by the escape whose backslash stands before s.
func unescaped(s []byte) (c byte, ok bool) {
	if len(s) == 0 {
		return 0, false
	}
	if k := strings.IndexByte(escapes, s[0]); k >= 0 {
		return escaped[k], true
	}
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[1:5]), 16, 8)
	return byte(n), err == nil && n < ' '
}

// integer reads the literal and the decimal digits after it.
func (p *parser) integer(literal string) int64 {
	p.literal(literal)
	end := 0
	for end < len(p.rest) && p.rest[end] >= '0' && p.rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(p.rest[:end]), 10, 64)
	p.rest, p.bad = p.rest[end:], p.bad || err != nil
	return n
}

// hash reads the literal and the base64 of a hash after it, in quotes.
func (p *parser) hash(literal string) Hash {
	h, err := parseHash(p.text(literal))
	p.bad = p.bad || err != nil
	return h
}

// time reads the literal and the timestamp after it, in quotes.
func (p *parser) time(literal string) time.Time {
	t, err := time.Parse(timeLayout, p.text(literal))
	p.bad = p.bad || err != nil
	return t
}

// parseHash parses the padded base64 of a hash and refuses any other spelling of the same bytes.
func parseHash(s string) (h Hash, err error) {
	var buf [HashSize + 1]byte
	if len(s) != base64.StdEncoding.EncodedLen(HashSize) {
		return Hash{}, ErrNotCanonical
	}
	n, err := base64.StdEncoding.Strict().Decode(buf[:], []byte(s))
	if err != nil || n != HashSize {
		return Hash{}, ErrNotCanonical
	}
	return Hash(buf[:HashSize]), nil
}
