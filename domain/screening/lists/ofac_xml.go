package lists

import (
	"fmt"
	"strconv"
	"strings"

	"whocomply/domain/screening"
)

// ofacEntry is an entry of ofac-xml, the standard XML of OFAC's lists.
type ofacEntry struct {
	UID      string   `xml:"uid"`
	First    string   `xml:"firstName"`
	Last     string   `xml:"lastName"`
	Title    string   `xml:"title"`
	Type     string   `xml:"sdnType"`
	Remarks  string   `xml:"remarks"`
	Programs []string `xml:"programList>program"`
	IDs      []struct {
		Kind    string `xml:"idType"`
		Number  string `xml:"idNumber"`
		Country string `xml:"idCountry"`
	} `xml:"idList>id"`
	Vessel struct {
		CallSign string `xml:"callSign"`
		Type     string `xml:"vesselType"`
		Flag     string `xml:"vesselFlag"`
		Owner    string `xml:"vesselOwner"`
	} `xml:"vesselInfo"`
	Names []struct {
		Category string `xml:"category"`
		First    string `xml:"firstName"`
		Last     string `xml:"lastName"`
	} `xml:"akaList>aka"`
	Births    []string `xml:"dateOfBirthList>dateOfBirthItem>dateOfBirth"`
	Places    []string `xml:"placeOfBirthList>placeOfBirthItem>placeOfBirth"`
	Countries []string `xml:"addressList>address>country"`
	Nations   []string `xml:"nationalityList>nationality>country"`
	Citizen   []string `xml:"citizenshipList>citizenship>country"`
}

// readOFACXML reads ofac-xml. The file says how many entries it has; with another number it is cut.
func readOFACXML(c *collector, f File) error {
	stated := ""
	err := readXML(f, "sdnList", elements{
		"publshInformation/Record_Count": func(decode func(any) error) (string, error) { return "", decode(&stated) },
		"sdnEntry": func(decode func(any) error) (string, error) {
			var o ofacEntry
			if err := decode(&o); err != nil {
				return "", err
			}
			c.rows++
			kind, known := ofacKinds[plain(o.Type)]
			if !known {
				return "has a type of entry that is not Individual, Entity, Vessel or Aircraft", nil
			}
			e, fault := c.add(plain(o.UID), kind)
			if fault == "" {
				o.fill(e)
			}
			return fault, nil
		},
	}, nil)
	if count, wrong := strconv.Atoi(plain(stated)); err == nil && (wrong != nil || count != c.rows) {
		return faulty(f.Name, 1, "states %q entries and has %d", plain(stated), c.rows)
	}
	return err
}

var ofacKinds = map[string]string{"Individual": "individual", "Entity": "business", "Vessel": "vessel", "Aircraft": "aircraft"}

func (o *ofacEntry) fill(e *screening.Entry) {
	alias(e, lastFirst(o.Last, o.First), false)
	for _, n := range o.Names {
		alias(e, lastFirst(n.Last, n.First), strings.EqualFold(plain(n.Category), "weak"))
	}
	for _, p := range o.Programs {
		programme(e, p)
	}
	for _, b := range o.Births {
		if date, ok := birthDate(plain(b)); ok {
			born(e, date)
		}
	}
	from(e, o.Countries...)
	from(e, o.Nations...)
	from(e, o.Citizen...)
	from(e, o.Vessel.Flag)
	numbered(e, "call_sign", o.Vessel.CallSign, "")
	said(e, "Title: ", o.Title)
	for _, id := range o.IDs {
		identified(e, plain(id.Kind), plain(id.Number), id.Country)
	}
	for _, p := range o.Places {
		said(e, "POB ", p)
	}
	said(e, "Vessel type: ", o.Vessel.Type)
	said(e, "Vessel owner: ", o.Vessel.Owner)
	said(e, "", o.Remarks)
}

// identified puts what OFAC calls an identifier where it belongs: its list of them is long, and
// holds what is no identifier at all.
func identified(e *screening.Entry, label, value, countryName string) {
	if label == "Gender" {
		e.Gender = sex(value)
		return
	}
	kind, rest := identifierType(label + " ")
	if kind == "" {
		kind, rest = identifierType(label + " " + value)
	}
	if strings.TrimLeft(rest, " #:") == "" || strings.HasPrefix(rest, " ") {
		rest = value
	}
	switch {
	case kind == "digital_currency":
		_, ticker, _ := strings.Cut(label, " - ")
		numbered(e, kind+"_"+strings.ToLower(ticker), value, "")
	case kind != "" && plausible(kind, value):
		numbered(e, kind, strings.TrimLeft(rest, " #:"), countryName)
	default:
		said(e, "", fmt.Sprint(label, " ", value))
	}
}
