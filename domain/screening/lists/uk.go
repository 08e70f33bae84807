package lists

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"whocomply/domain/screening"
)

// The kinds of entries and of names on the lists of the United Kingdom.
var (
	ukKinds     = map[string]string{"individual": "individual", "entity": "business", "ship": "vessel"}
	ukPrimary   = map[string]bool{"prime alias": true, "primary name": true, "primary name variation": false}
	ukReference = regexp.MustCompile(`\(UK Sanctions List Ref\):\s*([A-Z]{2,6}\d{3,6})`)
	ukGender    = regexp.MustCompile(`\(Gender\):\s*(\w+)`)
)

// readConList reads uk-conlist-csv, the consolidated list of OFSI: a row for each name, joined by
// the group's number. Until 2022 it was in Windows-1252, without columns for other scripts.
func readConList(c *collector, f File) error {
	text, err := readFile(f.Name, f.From)
	if err != nil {
		return err
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if !utf8.Valid(text) && !bytes.Contains(text[:min(len(text), 2048)], []byte("Name Non-Latin Script")) {
		if text, err = windows1252(f.Name, text); err != nil {
			return err
		}
	}
	if err := checkText(f.Name, text); err != nil {
		return err
	}
	s := &sheet{comma: ',', banner: "Last Updated", needs: []string{"Name 6", "Name 1", "Group Type", "Alias Type", "DOB"}}
	u := ukList{c: c, primary: map[string]bool{}}
	if err := s.read(f.Name, text, func() string { return u.conList(s) }); err != nil {
		return err
	}
	return u.named(f.Name)
}

// windows1252 decodes a text. Five bytes mean nothing in it.
func windows1252(file string, text []byte) ([]byte, error) {
	for i, b := range text {
		if b == 0x81 || b == 0x8D || b == 0x8F || b == 0x90 || b == 0x9D {
			return nil, faulty(file, 1+bytes.Count(text[:i], []byte("\n")), "is neither UTF-8 nor Windows-1252: byte 0x%02X", b)
		}
	}
	return charmap.Windows1252.NewDecoder().Bytes(text)
}

// ukList joins the rows of a group. Every group has one row or more with its primary name.
type ukList struct {
	c       *collector
	primary map[string]bool
}

// named is an error if a group has no primary name: a row is missing, or its number is cut.
func (u *ukList) named(file string) error {
	for _, e := range u.c.entries {
		if !u.primary[e.ID] {
			return faulty(file, 1, "has no primary name for the entry %.20q: the file is cut", e.ID)
		}
	}
	return nil
}

// of gives the entry of a row and whether its name is the primary one.
func (u *ukList) of(id, kind, nameType, name string) (e *screening.Entry, fault string) {
	u.c.rows++
	known, ok := ukKinds[strings.ToLower(kind)]
	switch {
	case id == "":
		return nil, "has no number of its group"
	case !ok:
		return nil, "has a type that is not Individual, Entity or Ship"
	case screening.Normalise(name) == "":
		return nil, "has no name"
	}
	e = u.c.of(id, known)
	if ukPrimary[strings.ToLower(nameType)] && !u.primary[id] {
		u.primary[id] = true
		if e.Name != "" && e.Name != name { // another name came first
			e.Name, name = name, e.Name
		}
	}
	alias(e, name, false)
	return e, ""
}

func (u *ukList) conList(s *sheet) (fault string) {
	id, other := s.get("Group ID"), s.get("Other Information")
	if _, has := s.columns["Group ID"]; !has {
		if m := ukReference.FindStringSubmatch(other); m != nil {
			id = m[1]
		}
	}
	if strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "has a group that is not a number"
	}
	e, fault := u.of(id, s.get("Group Type"), s.get("Alias Type"), ukName(s.get))
	if fault != "" {
		return fault
	}
	alias(e, s.get("Name Non-Latin Script"), false)
	born(e, datesIn(s.get("DOB"))...)
	if m := ukGender.FindStringSubmatch(other); m != nil {
		e.Gender = sex(m[1])
	}
	from(e, listed(s.get("Nationality"))...)
	from(e, listed(s.get("Country"))...)
	programme(e, s.get("Regime"))
	numbered(e, "passport", s.get("Passport Number"), "")
	numbered(e, "national_id", s.get("National Identification Number"), "")
	said(e, "Passport: ", s.get("Passport Details"))
	said(e, "National identification: ", s.get("NI Number"))
	said(e, "Position: ", s.get("Position"))
	said(e, "", other)
	return ""
}

// ukName writes the six columns of a name in the order in which it is spoken.
func ukName(get func(string) string) string {
	return joined(get("Name 1"), get("Name 2"), get("Name 3"), get("Name 4"), get("Name 5"), get("Name 6"))
}

var listMarks = regexp.MustCompile(`\(?\b[0-9a-z]\)|[,;/]|\.\s`)

// listed divides a text such as "(1) Somali (2) Swedish".
func listed(text string) []string { return listMarks.Split(text, -1) }

// readUK reads uk-sanctions-csv, the UK Sanctions List of the Foreign, Commonwealth and Development
// Office: a row for each name and address, joined by the unique id. The last columns are those of ships;
// others have no value there, and some copies of the list leave out what has none at the end of a row.
func readUK(c *collector, f File) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	s := &sheet{comma: ',', banner: "Report Date", whole: true, spare: "IMO number", needs: []string{"Unique ID", "Name 6", "Name 1", "Name type", "Designation Type", "D.O.B"}}
	u := ukList{c: c, primary: map[string]bool{}}
	if err := s.read(f.Name, text, func() string { return u.sanctions(s) }); err != nil {
		return err
	}
	return u.named(f.Name)
}

func (u *ukList) sanctions(s *sheet) (fault string) {
	if s.short && strings.EqualFold(s.get("Designation Type"), "ship") {
		return "is that of a ship and lacks columns at its end"
	}
	name := ukName(s.get)
	e, fault := u.of(s.get("Unique ID"), s.get("Designation Type"), s.get("Name type"), name)
	if fault != "" {
		return fault
	}
	if strings.Contains(strings.ToLower(s.get("Alias strength")), "low") || strings.EqualFold(s.get("Alias strength"), "weak") {
		e.Aliases = without(e.Aliases, name)
		alias(e, name, true)
	}
	alias(e, s.get("Name non-latin script"), false)
	born(e, datesIn(s.get("D.O.B"))...)
	if g := sex(s.get("Gender")); g != "" {
		e.Gender = g
	}
	from(e, listed(s.get("Nationality(/ies)"))...)
	from(e, s.get("Address Country"), s.get("Current believed flag of ship"))
	programme(e, s.get("Regime Name"))
	for _, id := range []struct{ column, kind string }{
		{"National Identifier number", "national_id"},
		{"Passport number", "passport"},
		{"Business registration number (s)", "registration"},
		{"IMO number", "imo"},
		{"Hull identification number (HIN)", "hull"},
	} {
		numbered(e, id.kind, s.get(id.column), "")
	}
	said(e, "Position: ", s.get("Position"))
	said(e, "", s.get("Other Information"))
	said(e, "", s.get("UK Statement of Reasons"))
	return ""
}

func without(names []string, name string) []string {
	for i, n := range names {
		if n == name {
			return append(names[:i:i], names[i+1:]...)
		}
	}
	return names
}

// conListTarget is a row of uk-conlist-xml.
type conListTarget struct {
	Name6     string `xml:"Name6"`
	Name1     string `xml:"name1"`
	Name2     string `xml:"name2"`
	Name3     string `xml:"name3"`
	Name4     string `xml:"name4"`
	Name5     string `xml:"name5"`
	Other     string `xml:"NameNonLatinScript"`
	Birth     string `xml:"DateOfBirth"`
	Nation    string `xml:"NationalityCountry"`
	Country   string `xml:"Country"`
	Kind      string `xml:"GroupTypeDescription"`
	AliasType string `xml:"AliasType"`
	Quality   string `xml:"AliasQuality"`
	Regime    string `xml:"RegimeName"`
	Passport  string `xml:"Individual_PassportNumber"`
	Reason    string `xml:"UKStatementOfReasons"`
	Info      string `xml:"OtherInformation"`
	Group     string `xml:"GroupID"`
}

// readConListXML reads uk-conlist-xml, the same list as uk-conlist-csv.
func readConListXML(c *collector, f File) error {
	u := ukList{c: c, primary: map[string]bool{}}
	err := readXML(f, "ArrayOfFinancialSanctionsTarget", elements{"FinancialSanctionsTarget": func(decode func(any) error) (string, error) {
		var t conListTarget
		if err := decode(&t); err != nil {
			return "", err
		}
		e, fault := u.of(plain(t.Group), plain(t.Kind), plain(t.AliasType), joined(t.Name1, t.Name2, t.Name3, t.Name4, t.Name5, t.Name6))
		if fault != "" {
			return fault, nil
		}
		alias(e, t.Other, false)
		born(e, datesIn(t.Birth)...)
		from(e, listed(t.Nation)...)
		from(e, listed(t.Country)...)
		programme(e, t.Regime)
		numbered(e, "passport", t.Passport, "")
		said(e, "", t.Info)
		said(e, "", t.Reason)
		return "", nil
	}}, nil)
	if err != nil {
		return err
	}
	return u.named(f.Name)
}
