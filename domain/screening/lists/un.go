package lists

import (
	"strings"

	"whocomply/domain/screening"
)

// unParty is a person or an organisation on the consolidated list of the Security Council.
type unParty struct {
	First        string      `xml:"FIRST_NAME"`
	Second       string      `xml:"SECOND_NAME"`
	Third        string      `xml:"THIRD_NAME"`
	Fourth       string      `xml:"FOURTH_NAME"`
	Original     string      `xml:"NAME_ORIGINAL_SCRIPT"`
	Regime       string      `xml:"UN_LIST_TYPE"`
	Reference    string      `xml:"REFERENCE_NUMBER"`
	Gender       string      `xml:"GENDER"`
	Comments     string      `xml:"COMMENTS1"`
	Designations []string    `xml:"DESIGNATION>VALUE"`
	Nations      []string    `xml:"NATIONALITY>VALUE"`
	Aliases      []unAlias   `xml:"INDIVIDUAL_ALIAS"`
	OtherNames   []unAlias   `xml:"ENTITY_ALIAS"`
	Residences   []string    `xml:"INDIVIDUAL_ADDRESS>COUNTRY"`
	Seats        []string    `xml:"ENTITY_ADDRESS>COUNTRY"`
	Births       []unBirth   `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Documents    []unPassage `xml:"INDIVIDUAL_DOCUMENT"`
}

type unAlias struct {
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
}

type unBirth struct {
	Kind string `xml:"TYPE_OF_DATE"`
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
	Note string `xml:"NOTE"`
}

type unPassage struct {
	Kind    string `xml:"TYPE_OF_DOCUMENT"`
	Kind2   string `xml:"TYPE_OF_DOCUMENT2"`
	Number  string `xml:"NUMBER"`
	Country string `xml:"ISSUING_COUNTRY"`
	Issued  string `xml:"COUNTRY_OF_ISSUE"`
}

// readUN reads un-xml, the Security Council's consolidated list. An entry's id is its reference
// number.
func readUN(c *collector, f File) error {
	take := func(kind string) func(decode func(any) error) (string, error) {
		return func(decode func(any) error) (string, error) {
			var p unParty
			if err := decode(&p); err != nil {
				return "", err
			}
			c.rows++
			e, fault := c.add(plain(p.Reference), kind)
			if fault == "" {
				p.fill(e)
			}
			return fault, nil
		}
	}
	return readXML(f, "CONSOLIDATED_LIST", elements{"INDIVIDUALS/INDIVIDUAL": take("individual"), "ENTITIES/ENTITY": take("business")}, nil)
}

func (p *unParty) fill(e *screening.Entry) {
	alias(e, joined(p.First, p.Second, p.Third, p.Fourth), false)
	alias(e, p.Original, false)
	for _, a := range append(p.Aliases, p.OtherNames...) {
		aliases(e, a.Name, strings.EqualFold(a.Quality, "low"))
	}
	programme(e, p.Regime)
	e.Gender = sex(p.Gender)
	from(e, p.Nations...)
	from(e, p.Residences...)
	from(e, p.Seats...)
	for _, b := range p.Births {
		born(e, b.dates()...)
	}
	for _, d := range p.Documents {
		kind := strings.ToLower(d.Kind + d.Kind2)
		switch {
		case strings.Contains(kind, "pass") || strings.Contains(kind, "pasaporte"):
			kind = "passport"
		default:
			kind = "national_id"
		}
		if Country(d.Country) == "" {
			d.Country = d.Issued
		}
		numbered(e, kind, d.Number, d.Country)
	}
	said(e, "Designation: ", strings.Join(p.Designations, "; "))
	said(e, "", p.Comments)
}

func (b *unBirth) dates() []string {
	switch {
	case b.From != "" || b.To != "":
		return []string{yearSpan(b.From, b.To)}
	case strings.HasPrefix(strings.ToUpper(b.Kind), "APPROX"):
		return []string{aboutYear(b.Date + " " + b.Year + " " + b.Note)}
	case b.Date != "":
		return datesIn(b.Date)
	case b.Year != "":
		return datesIn(b.Year)
	}
	return datesIn(b.Note)
}
