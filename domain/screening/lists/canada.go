package lists

import (
	"strings"

	"whocomply/domain/screening"
)

// canadian is a record of ca-sema-xml.
type canadian struct {
	Country  string `xml:"Country"`
	Last     string `xml:"LastName"`
	Given    string `xml:"GivenName"`
	Entity   string `xml:"EntityOrShip"`
	Title    string `xml:"TitleOrShip"`
	Aliases  string `xml:"Aliases"`
	Birth    string `xml:"DateOfBirthOrShipBuildDate"`
	Schedule string `xml:"Schedule"`
	Item     string `xml:"Item"`
	IMO      string `xml:"ShipIMONumber"`
}

// readCanada reads ca-sema-xml, Canada's consolidated list of autonomous sanctions. An entry is named
// by the country, the schedule and the item of the regulation. The country is the regulation's, not
// that of whom it lists.
func readCanada(c *collector, f File) error {
	return readXML(f, "data-set", elements{"record": func(decode func(any) error) (string, error) {
		var r canadian
		if err := decode(&r); err != nil {
			return "", err
		}
		c.rows++
		regime, _, _ := strings.Cut(plain(r.Country), " /")
		kind := "individual"
		switch {
		case plain(r.IMO) != "":
			kind = "vessel"
		case plain(r.Entity) != "":
			kind = "business"
		}
		if plain(r.Item) == "" {
			return "has no item", nil
		}
		e, fault := c.add(strings.Join([]string{abbreviated(regime), plain(r.Schedule), plain(r.Item)}, "/"), kind)
		if fault == "" {
			r.fill(e, regime)
		}
		return fault, nil
	}}, nil)
}

// abbreviated gives what a long name of a regulation has in parentheses at its end.
func abbreviated(regime string) string {
	if open := strings.LastIndexByte(regime, '('); open >= 0 && len(regime) > 40 && strings.HasSuffix(regime, ")") {
		return regime[open+1 : len(regime)-1]
	}
	return regime
}

func (r *canadian) fill(e *screening.Entry, regime string) {
	alias(e, joined(r.Given, r.Last), false)
	alias(e, r.Entity, false)
	aliases(e, r.Aliases, false)
	programme(e, regime)
	if e.EntityType == "individual" {
		born(e, datesIn(r.Birth)...)
	}
	numbered(e, "imo", r.IMO, "")
	said(e, "", r.Title)
}
