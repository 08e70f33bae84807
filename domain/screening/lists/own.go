package lists

import (
	"strings"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// readCSV reads whocomply-csv, a plain table for lists of one's own, with a header that has id and
// name and may have entity_type, aliases, weak_aliases, dates_of_birth, gender, countries,
// identifiers, programs and reason. Several values of a column are separated by semicolons; an
// identifier is written type:value or type:value:country.
func readCSV(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', whole: true, needs: []string{"id", "name"}}
	return s.read(f.Name, text, func() string {
		c.rows++
		for column := range s.columns {
			if !ownColumns[column] {
				return "stands under an unknown column " + column
			}
		}
		kind := s.get("entity_type")
		if kind == "" {
			kind = "unknown"
		}
		e, fault := c.add(s.get("id"), kind)
		if fault != "" {
			return fault
		}
		return s.own(e)
	})
}

var ownColumns = map[string]bool{
	"id": true, "name": true, "entity_type": true, "aliases": true, "weak_aliases": true, "dates_of_birth": true, "gender": true,
	"countries": true, "identifiers": true, "programs": true, "reason": true,
}

func (s *sheet) own(e *screening.Entry) (fault string) {
	e.Name, e.Gender, e.Reason = s.get("name"), s.get("gender"), s.get("reason")
	e.Aliases, e.WeakAliases = s.several("aliases"), s.several("weak_aliases")
	e.DatesOfBirth, e.Countries, e.Programs = s.several("dates_of_birth"), s.several("countries"), s.several("programs")
	for _, text := range s.several("identifiers") {
		kind, value, ok := strings.Cut(text, ":")
		if !ok || kind == "" || value == "" {
			return "has an identifier that is not type:value"
		}
		id := screening.Identifier{Type: kind, Value: value}
		if at := strings.LastIndexByte(value, ':'); at > 0 && domain.ValidCountry(value[at+1:]) {
			id.Value, id.Country = value[:at], value[at+1:]
		}
		e.Identifiers = append(e.Identifiers, id)
	}
	checked := *e
	checked.List, checked.Category = "own", "internal"
	if err := screening.CheckEntry(checked); err != nil {
		return "is not an entry: " + err.Error()
	}
	return ""
}

// several gives the values of a column.
func (s *sheet) several(column string) (values []string) {
	for value := range strings.SplitSeq(s.get(column), ";") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}
