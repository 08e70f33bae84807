package lists

import (
	"regexp"
	"strings"

	"whocomply/domain/screening"
)

// euSchemas are the kinds of things in eu-journal-csv as screening names them.
var euSchemas = map[string]string{
	"Person": "individual", "LegalEntity": "business", "Company": "business", "Organization": "business", "Vessel": "vessel", "Asset": "unknown",
}

var quotes = strings.NewReplacer("«", "", "»", "", "“", "", "”", "", "„", "", `"`, "", "‘", "", "’", "'")

// lettered is how acts number several values, such as "(a) … (b) …".
var lettered = regexp.MustCompile(`\([a-z0-9]\)`)

// readEUJournal reads eu-journal-csv: annexes of acts in the Official Journal in tables, one file
// for each act, one row for each designation. Acts that list nobody have a header alone.
func readEUJournal(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', whole: true, needs: []string{"celex", "recordId", "programKey", "annex", "measure", "schema", "name", "alias", "notes"}}
	return s.read(f.Name, text, func() string {
		c.rows++
		kind, known := euSchemas[s.get("schema")]
		if !known {
			return "has an unknown schema"
		}
		e := c.unnamed(s.get("celex")+"/", kind, s.get("recordId"), s.get("programKey"), s.get("annex"), s.get("measure"), s.get("schema"), s.get("name"))
		s.euJournal(e)
		return ""
	})
}

func (s *sheet) euJournal(e *screening.Entry) {
	e.Name = limited(plain(quotes.Replace(s.get("name"))))
	for _, column := range []string{"alias", "previousName", "weakAlias"} {
		names := lettered.ReplaceAllString(quotes.Replace(s.get(column)), ";")
		for name := range strings.SplitSeq(names, ";") {
			alias(e, limited(name), column == "weakAlias")
		}
	}
	programme(e, s.get("programKey"))
	e.Gender = sex(s.get("gender"))
	born(e, datesIn(s.get("birthDate"))...)
	for _, column := range []string{"nationality", "country", "jurisdiction", "flag"} {
		from(e, lettered.Split(s.get(column), -1)...)
		from(e, strings.FieldsFunc(lettered.ReplaceAllString(s.get(column), ";"), func(r rune) bool { return r == ',' || r == ';' })...)
	}
	for _, id := range []struct{ column, kind string }{
		{"passportNumber", "passport"},
		{"idNumber", "national_id"},
		{"taxNumber", "tax_id"},
		{"innCode", "tax_id"},
		{"registrationNumber", "registration"},
		{"ogrnCode", "registration"},
		{"leiCode", "lei"},
		{"swiftBic", "bic"},
		{"imoNumber", "imo"},
		{"mmsi", "mmsi"},
	} {
		for value := range strings.SplitSeq(s.get(id.column), ";") {
			numbered(e, id.kind, strings.TrimPrefix(plain(value), "IMO "), "")
		}
	}
	said(e, "Position: ", s.get("position"))
	said(e, "", s.get("reason"))
	said(e, "", s.get("notes"))
}

// limited cuts a text that is longer than a name may be; acts print whole sentences as names.
func limited(text string) string {
	const longest = 1000
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return text
}
