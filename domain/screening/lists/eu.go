package lists

import (
	"strings"

	"whocomply/domain/screening"
)

// readEU reads eu-csv, the EU's financial sanctions in a table with many rows for each entity, in
// its version 1.1 or the older 1.0.
func readEU(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ';', whole: true, needs: []string{"Entity_LogicalId", "Entity_SubjectType", "NameAlias_WholeName", "BirthDate_BirthDate"}}
	fill := s.eu11
	if header, _, _ := strings.Cut(string(text[:min(len(text), 4096)]), "\n"); strings.Contains(header, "Naal_wholename") {
		s.needs, fill = []string{"Entity_logical_id", "Subject_type", "Naal_wholename", "Birt_date"}, s.eu10
	}
	return s.read(f.Name, text, func() string {
		c.rows++
		id := s.get("Entity_LogicalId") + s.get("Entity_logical_id")
		if id == "" {
			return "has no Entity_LogicalId"
		}
		kind, known := euKinds[s.get("Entity_SubjectType")+s.get("Subject_type")]
		if !known {
			return "has a type of subject that is not P or E"
		}
		fill(c.of(id, kind))
		return ""
	})
}

var euKinds = map[string]string{"P": "individual", "E": "business"}

func (s *sheet) eu11(e *screening.Entry) {
	alias(e, s.get("NameAlias_WholeName"), false)
	if g := sex(s.get("NameAlias_Gender")); g != "" {
		e.Gender = g
	}
	programme(e, s.get("Entity_Regulation_Programme"))
	from(e, s.get("Address_CountryIso2Code"), s.get("Citizenship_CountryIso2Code"))
	born(e, euBirth(s.get("BirthDate_BirthDate"), s.get("BirthDate_Year"), s.get("BirthDate_YearRangeFrom"), s.get("BirthDate_YearRangeTo"), s.get("BirthDate_Circa"))...)
	numbered(e, euDocument(s.get("Identification_TypeCode")), s.get("Identification_Number"), s.get("Identification_CountryIso2Code"))
	said(e, "Function: ", s.get("NameAlias_Function"))
	said(e, "", s.get("Entity_Remark"))
}

func (s *sheet) eu10(e *screening.Entry) {
	alias(e, s.get("Naal_wholename"), false)
	if g := sex(s.get("Naal_gender")); g != "" {
		e.Gender = g
	}
	programme(e, s.get("Programme"))
	from(e, s.get("Addr_country"), s.get("Iden_country"), s.get("Citi_country"))
	born(e, datesIn(s.get("Birt_date"))...)
	if number, kind, _ := strings.Cut(s.get("Iden_number"), " ("); number != "" {
		kind, _, _ = strings.Cut(kind, "-")
		numbered(e, euDocument(kind), number, s.get("Iden_country"))
	}
	said(e, "Function: ", s.get("Naal_function"))
	said(e, "", strings.ReplaceAll(s.get("Entity_remark"), `\n`, " "))
}

func euBirth(date, year, first, last, circa string) []string {
	switch {
	case first != "" || last != "":
		return []string{yearSpan(first, last)}
	case strings.EqualFold(circa, "true"):
		return []string{aboutYear(date + " " + year)}
	case date != "":
		return datesIn(date)
	}
	return datesIn(year)
}

// euDocument names what the EU calls a kind of document.
func euDocument(code string) string {
	switch code {
	case "passport", "diplpassport":
		return "passport"
	case "id", "ssn", "birthcert", "electionid":
		return "national_id"
	case "fiscalcode", "tax":
		return "tax_id"
	case "regnumber", "tradelic":
		return "registration"
	case "swiftbic":
		return "bic"
	case "imo":
		return "imo"
	case "driveridcard", "drivinglic":
		return "drivers_license"
	}
	return "other"
}

// euEntity is an entity of eu-xml.
type euEntity struct {
	ID      string `xml:"logicalId,attr"`
	Remark  string `xml:"remark"`
	Subject struct {
		Class string `xml:"classificationCode,attr"`
	} `xml:"subjectType"`
	Regulations []struct {
		Programme string `xml:"programme,attr"`
	} `xml:"regulation"`
	Names []struct {
		Whole    string `xml:"wholeName,attr"`
		Gender   string `xml:"gender,attr"`
		Function string `xml:"function,attr"`
		Strong   string `xml:"strong,attr"`
	} `xml:"nameAlias"`
	Births []struct {
		Date  string `xml:"birthdate,attr"`
		Year  string `xml:"year,attr"`
		First string `xml:"yearRangeFrom,attr"`
		Last  string `xml:"yearRangeTo,attr"`
		Circa string `xml:"circa,attr"`
	} `xml:"birthdate"`
	Documents []struct {
		Number  string `xml:"number,attr"`
		Kind    string `xml:"identificationTypeCode,attr"`
		Country string `xml:"countryIso2Code,attr"`
	} `xml:"identification"`
	Citizenships []euCountry `xml:"citizenship"`
	Addresses    []euCountry `xml:"address"`
}

type euCountry struct {
	Code string `xml:"countryIso2Code,attr"`
}

// readEUXML reads eu-xml, the EU's financial sanctions. Ids are those of eu-csv.
func readEUXML(c *collector, f File) error {
	return readXML(f, "export", elements{"sanctionEntity": func(decode func(any) error) (string, error) {
		var p euEntity
		if err := decode(&p); err != nil {
			return "", err
		}
		c.rows++
		kind, known := euKinds[p.Subject.Class]
		if !known {
			return "has a type of subject that is not P or E", nil
		}
		e, fault := c.add(p.ID, kind)
		if fault == "" {
			p.fill(e)
		}
		return fault, nil
	}}, nil)
}

func (p *euEntity) fill(e *screening.Entry) {
	for _, weak := range []bool{false, true} { // the entry's own name is a strong one
		for _, n := range p.Names {
			if (n.Strong == "false") == weak {
				alias(e, n.Whole, weak && e.Name != "")
				said(e, "Function: ", n.Function)
			}
			if g := sex(n.Gender); g != "" {
				e.Gender = g
			}
		}
	}
	for _, r := range p.Regulations {
		programme(e, r.Programme)
	}
	for _, b := range p.Births {
		born(e, euBirth(b.Date, b.Year, b.First, b.Last, b.Circa)...)
	}
	for _, d := range p.Documents {
		numbered(e, euDocument(d.Kind), d.Number, d.Country)
	}
	for _, country := range append(p.Citizenships, p.Addresses...) {
		from(e, country.Code)
	}
	said(e, "", p.Remark)
}
