package lists

import (
	"encoding/xml"
	"fmt"
	"strings"

	"whocomply/domain/screening"
)

// swissTarget is a target of ch-seco-xml.
type swissTarget struct {
	ID            string      `xml:"ssid,attr"`
	Sets          []string    `xml:"sanctions-set-id"`
	Person        *swissParty `xml:"individual"`
	Entity        *swissParty `xml:"entity"`
	Object        *swissParty `xml:"object"`
	Modifications []struct {
		Kind string `xml:"modification-type,attr"`
	} `xml:"modification"`
}

type swissParty struct {
	Sex        string `xml:"sex,attr"`
	Kind       string `xml:"object-type,attr"`
	Identities []struct {
		Main  string `xml:"main,attr"`
		Names []struct {
			Quality string `xml:"quality,attr"`
			Parts   []struct {
				Kind     string   `xml:"name-part-type,attr"`
				Value    string   `xml:"value"`
				Variants []string `xml:"spelling-variant"`
			} `xml:"name-part"`
		} `xml:"name"`
		Births []struct {
			Day   int `xml:"day,attr"`
			Month int `xml:"month,attr"`
			Year  int `xml:"year,attr"`
		} `xml:"day-month-year"`
		Nations []swissCountry `xml:"nationality>country"`
	} `xml:"identity"`
	Justification []string `xml:"justification"`
}

type swissCountry struct {
	Code string `xml:"iso-code,attr"`
}

// readSwitzerland reads ch-seco-xml, SECO's list. A file that states an amendment alone is marked as
// one: it is no whole list. Targets that a file calls de-listed are left out.
func readSwitzerland(c *collector, f File) error {
	programmes := map[string]string{} // key of the programme, by sanctions set
	return readXML(f, "swiss-sanctions-list", elements{
		"sanctions-program": func(decode func(any) error) (string, error) {
			var p struct {
				Keys []string `xml:"program-key"`
				Sets []struct {
					ID string `xml:"ssid,attr"`
				} `xml:"sanctions-set"`
			}
			err := decode(&p)
			for _, set := range p.Sets {
				if len(p.Keys) > 0 {
					programmes[set.ID] = p.Keys[0]
				}
			}
			return "", err
		},
		"target": func(decode func(any) error) (string, error) {
			var t swissTarget
			if err := decode(&t); err != nil {
				return "", err
			}
			c.rows++
			return t.add(c, programmes), nil
		},
	}, func(attributes []xml.Attr) string {
		for _, a := range attributes {
			if a.Name.Local == "list-type" {
				c.amendment = a.Value == "amendment"
				return ""
			}
		}
		return "does not say its list-type"
	})
}

func (t *swissTarget) add(c *collector, programmes map[string]string) (fault string) {
	party, kind := t.Person, "individual"
	switch {
	case t.Entity != nil:
		party, kind = t.Entity, "business"
	case t.Object != nil:
		party, kind = t.Object, "unknown"
		if t.Object.Kind == "vessel" || t.Object.Kind == "aircraft" {
			kind = t.Object.Kind
		}
	case party == nil:
		return "has a target that is no individual, entity or object"
	}
	if n := len(t.Modifications); n > 0 && t.Modifications[n-1].Kind == "de-listed" {
		return ""
	}
	e, fault := c.add(t.ID, kind)
	if fault == "" {
		party.fill(e)
		for _, set := range t.Sets {
			programme(e, programmes[set])
		}
	}
	return fault
}

func (p *swissParty) fill(e *screening.Entry) {
	e.Gender = sex(p.Sex)
	for _, identity := range p.Identities {
		for _, name := range identity.Names {
			last, rest := "", ""
			for _, part := range name.Parts {
				if part.Kind == "family-name" {
					last = joined(last, part.Value)
				} else {
					rest = joined(rest, part.Value)
				}
			}
			alias(e, joined(rest, last), name.Quality == "low" && e.Name != "")
			for _, part := range name.Parts {
				if part.Kind == "whole-name" {
					for _, variant := range part.Variants {
						alias(e, variant, name.Quality == "low")
					}
				}
			}
		}
		for _, b := range identity.Births {
			if date, ok := dateOf(fmt.Sprintf("%04d-%02d-%02d", b.Year, b.Month, b.Day)); ok {
				born(e, date)
			} else if b.Year > 0 {
				born(e, datesIn(fmt.Sprint(b.Year))...)
			}
		}
		for _, n := range identity.Nations {
			from(e, n.Code)
		}
	}
	said(e, "", strings.Join(p.Justification, "; "))
}
