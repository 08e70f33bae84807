package chain

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// Magic is the first line of every event text; it names the format and its version.
	Magic = "whocomply/event@v1"
	// EncNone is the only payload encoding of this version: the payload is stored as it was committed to.
	EncNone = "none"
	// MaxText is the greatest length of an event text in bytes: an entry of a C2SP entry bundle has a 16-bit length.
	MaxText = 1<<16 - 1

	maxField   = 1024      // Bytes of a string member; five of them, fully escaped, stay far below MaxText.
	maxInteger = 1<<53 - 1 // The greatest integer that RFC 8785 numbers carry exactly.
	timeLayout = "2006-01-02T15:04:05.000000Z"
)

// ErrNotCanonical says that a text is not what its own header encodes to.
var ErrNotCanonical = errors.New("chain: text is not the canonical encoding of an event header")

// Header is the second line of an event text: all that is signed about an event but its payload, which it commits to.
type Header struct {
	Actor   string    // Who caused the event: an id, never a name.
	Cause   string    // The id of the event or command that led to this one, or empty.
	Commit  Hash      // [Commit] of the payload.
	Enc     string    // How the payload is stored: [EncNone].
	ID      string    // ULID of the event.
	Ledger  string    // "<origin>/<tenant>"; also the name of the signing keys.
	Len     int64     // Length of the payload in bytes.
	Prev    Hash      // [LeafHash] of the event before, zero for the first.
	Schema  int       // Version of the payload's schema, from 1.
	Seq     int64     // Position in the ledger, from 0 without gaps.
	Subject string    // The entity the event is about, or empty.
	Time    time.Time // When the ledger recorded it; microseconds, UTC.
	Type    string    // Name of the event's type.
}

// Text returns the header's canonical event text.
func (h *Header) Text() []byte { return h.AppendText(make([]byte, 0, 640)) }

// AppendText appends the canonical event text: [Magic], then the header as one line of RFC 8785 JSON.
// The header must pass [Header.Check]; digits of the time below a microsecond are cut off.
func (h *Header) AppendText(dst []byte) []byte {
	dst = appendString(append(dst, Magic+"\n"+`{"actor":`...), h.Actor)
	dst = appendString(append(dst, `,"cause":`...), h.Cause)
	dst = appendHash(append(dst, `,"commit":`...), h.Commit)
	dst = appendString(append(dst, `,"enc":`...), h.Enc)
	dst = appendString(append(dst, `,"id":`...), h.ID)
	dst = appendString(append(dst, `,"ledger":`...), h.Ledger)
	dst = strconv.AppendInt(append(dst, `,"len":`...), h.Len, 10)
	dst = appendHash(append(dst, `,"prev":`...), h.Prev)
	dst = strconv.AppendInt(append(dst, `,"schema":`...), int64(h.Schema), 10)
	dst = strconv.AppendInt(append(dst, `,"seq":`...), h.Seq, 10)
	dst = appendString(append(dst, `,"subject":`...), h.Subject)
	dst = h.Time.UTC().AppendFormat(append(dst, `,"time":"`...), timeLayout)
	dst = appendString(append(dst, `","type":`...), h.Type)
	return append(dst, "}\n"...)
}

// ParseText parses an event text. It accepts exactly the texts that [Header.AppendText] makes of a header that
// passes [Header.Check]; all others are [ErrNotCanonical] or the error of that check.
func ParseText(text []byte) (Header, error) {
	p := parser{rest: text}
	h := Header{
		Actor:   p.text(Magic + "\n" + `{"actor":`),
		Cause:   p.text(`,"cause":`),
		Commit:  p.hash(`,"commit":`),
		Enc:     p.text(`,"enc":`),
		ID:      p.text(`,"id":`),
		Ledger:  p.text(`,"ledger":`),
		Len:     p.integer(`,"len":`),
		Prev:    p.hash(`,"prev":`),
		Schema:  int(p.integer(`,"schema":`)),
		Seq:     p.integer(`,"seq":`),
		Subject: p.text(`,"subject":`),
		Time:    p.time(`,"time":`),
		Type:    p.text(`,"type":`),
	}
	if p.literal("}\n"); p.bad || len(p.rest) > 0 {
		return Header{}, ErrNotCanonical
	}
	if err := h.Check(); err != nil {
		return Header{}, err
	}
	if !bytes.Equal(h.AppendText(make([]byte, 0, len(text))), text) {
		return Header{}, ErrNotCanonical
	}
	return h, nil
}

// Check reports why the header cannot stand in a ledger, or nil. It looks at the header alone, not at its neighbours.
func (h *Header) Check() error {
	for _, f := range [...]struct{ name, value string }{
		{"actor", h.Actor}, {"cause", h.Cause}, {"subject", h.Subject}, {"type", h.Type},
	} {
		if len(f.value) > maxField || !utf8.ValidString(f.value) {
			return fmt.Errorf("chain: header: %s is longer than %d bytes or not UTF-8", f.name, maxField)
		}
	}
	if err := CheckLedgerName(h.Ledger); err != nil {
		return err
	}
	switch {
	case h.Type == "":
		return errors.New("chain: header: type is empty")
	case h.Enc != EncNone:
		return fmt.Errorf("chain: header: unknown enc %q", h.Enc)
	case !isULID(h.ID):
		return fmt.Errorf("chain: header: id %q is not a ULID", h.ID)
	case h.Len < 0 || h.Len > MaxPayload:
		return fmt.Errorf("chain: header: len %d is out of range", h.Len)
	case h.Seq < 0 || h.Seq > maxInteger:
		return fmt.Errorf("chain: header: seq %d is out of range", h.Seq)
	case h.Schema < 1 || h.Schema > 1<<31-1:
		return fmt.Errorf("chain: header: schema %d is out of range", h.Schema)
	case h.Time.UTC().Year() < 0 || h.Time.UTC().Year() > 9999:
		return errors.New("chain: header: time has no four-digit year")
	}
	return nil
}

// CheckLedgerName reports why name cannot name a ledger, or nil. A name is "<origin>/<tenant>" and fit to be the name
// of a key.
func CheckLedgerName(name string) error {
	i := strings.LastIndexByte(name, '/')
	if i <= 0 || i == len(name)-1 || !isKeyName(name) {
		return fmt.Errorf("chain: %q is not a ledger name <origin>/<tenant>", name)
	}
	return nil
}

// isKeyName reports whether C2SP signed notes permit a key of that name.
func isKeyName(name string) bool {
	if isPlainName(name) {
		return len(name) <= maxField
	}
	bad := func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) }
	return name != "" && len(name) <= maxField && utf8.ValidString(name) && !strings.ContainsFunc(name, bad)
}

// isPlainName reports whether a name is of printable ASCII without a space or a plus, as nearly all are.
func isPlainName(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == '+' {
			return false
		}
	}
	return name != ""
}

// isULID reports whether s is the canonical text of a ULID: 26 upper-case digits of Crockford's base 32 below 2^128.
func isULID(s string) bool {
	if len(s) != 26 || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
		case c < 'A' || c > 'Z', c == 'I', c == 'L', c == 'O', c == 'U':
			return false
		}
	}
	return true
}

func appendHash(dst []byte, h Hash) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), h[:]), '"')
}

// appendString appends s as a JSON string with the escapes of RFC 8785 §3.2.2.2.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(append(dst, s[done:i]...), '\\')
		done = i + 1
		if k := strings.IndexByte(escaped, c); k >= 0 {
			dst = append(dst, escapes[k])
		} else {
			dst = append(dst, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[done:]...), '"')
}

const (
	escaped   = "\b\t\n\f\r\"\\" // The characters with a short escape,
	escapes   = "btnfr\"\\"      // and the letter of each.
	hexDigits = "0123456789abcdef"
)
