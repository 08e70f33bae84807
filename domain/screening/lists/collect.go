package lists

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// collector puts entries together from rows and elements, several of which may be about one.
type collector struct {
	entries   []screening.Entry
	at        map[string]int // position of an entry, by id
	rows      int
	amendment bool
}

// content gives what was collected, which must be something, and each entry named.
func (c *collector) content() (Content, error) {
	if len(c.entries) == 0 {
		return Content{}, domain.Errorf(domain.Invalid, "the list is empty")
	}
	for i := range c.entries {
		e := &c.entries[i]
		if e.Name == "" {
			return Content{}, domain.Errorf(domain.Invalid, "the entry %.60q has no name", e.ID)
		}
		slices.Sort(e.Countries)
		e.Countries = slices.Compact(e.Countries)
	}
	return Content{Entries: c.entries, Rows: c.rows, Amendment: c.amendment}, nil
}

// add makes an entry of an id that no other has.
func (c *collector) add(id, kind string) (e *screening.Entry, fault string) {
	if id == "" {
		return nil, "has no id"
	}
	if _, double := c.at[id]; double {
		return nil, "has the id " + id + " again"
	}
	return c.of(id, kind), ""
}

// of gives the entry with an id, making it if there is none.
func (c *collector) of(id, kind string) *screening.Entry {
	i, known := c.at[id]
	if !known {
		i = len(c.entries)
		c.at[id] = i
		c.entries = append(c.entries, screening.Entry{ID: id, EntityType: kind})
	}
	return &c.entries[i]
}

// unnamed makes an entry for a list without ids of its own, by a digest of what names it. Rows that
// say the same are entries of their own.
func (c *collector) unnamed(prefix, kind string, parts ...string) *screening.Entry {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	digest := prefix + hex.EncodeToString(sum[:8])
	id := digest
	for n := 2; ; n++ {
		if _, double := c.at[id]; !double {
			return c.of(id, kind)
		}
		id = fmt.Sprint(digest, "-", n)
	}
}

// plain gives a text with one space between its words and none around them. Apostrophes of
// Windows-1252 that were taken for Latin-1 are mended; what else is a control character goes.
func plain(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		text = strings.Map(func(r rune) rune {
			switch {
			case r == 0x91 || r == 0x92:
				return '\''
			case unicode.IsControl(r):
				return ' '
			}
			return r
		}, text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// joined writes the parts of a name as one.
func joined(parts ...string) string { return plain(strings.Join(parts, " ")) }

// lastFirst writes a name as "LAST, First Middle".
func lastFirst(last string, others ...string) string {
	last, first := plain(last), joined(others...)
	switch {
	case last == "":
		return first
	case first == "":
		return last
	}
	return last + ", " + first
}

// alias adds a name: the first is the entry's own. Names without a letter or a digit cannot be
// looked for, and are left out.
func alias(e *screening.Entry, name string, weak bool) {
	name = plain(name)
	switch {
	case screening.Normalise(name) == "":
	case e.Name == "" && !weak:
		e.Name = name
	case name == e.Name || slices.Contains(e.Aliases, name) || slices.Contains(e.WeakAliases, name):
	case weak:
		e.WeakAliases = append(e.WeakAliases, name)
	default:
		e.Aliases = append(e.Aliases, name)
	}
}

// aliases adds names that semicolons divide.
func aliases(e *screening.Entry, text string, weak bool) {
	for name := range strings.SplitSeq(text, ";") {
		alias(e, name, weak)
	}
}

// from adds countries by their names, adjectives or codes; what is none is left out.
func from(e *screening.Entry, names ...string) {
	for _, name := range names {
		if code := Country(name); code != "" {
			e.Countries = append(e.Countries, code)
		}
	}
}

// numbered adds an identifier unless its value is empty.
func numbered(e *screening.Entry, kind, value, countryName string) {
	id := screening.Identifier{Type: kind, Value: plain(value), Country: Country(countryName)}
	if id.Value != "" && len(id.Value) <= 200 && !slices.Contains(e.Identifiers, id) {
		e.Identifiers = append(e.Identifiers, id)
	}
}

// born adds dates of birth in the form of ISO 8601-2.
func born(e *screening.Entry, dates ...string) {
	for _, date := range dates {
		if date != "" && !slices.Contains(e.DatesOfBirth, date) {
			e.DatesOfBirth = append(e.DatesOfBirth, date)
		}
	}
}

// programme adds what an entry is listed under.
func programme(e *screening.Entry, name string) {
	if name = plain(name); name != "" && !slices.Contains(e.Programs, name) {
		e.Programs = append(e.Programs, name)
	}
}

// said adds a labelled text to the reason.
func said(e *screening.Entry, label, text string) {
	if text = plain(text); text != "" {
		explain(e, label+text)
	}
}

// sex gives a gender as entries have it, or "".
func sex(text string) string {
	switch strings.ToLower(plain(text)) {
	case "m", "male":
		return "male"
	case "f", "female":
		return "female"
	}
	return ""
}
