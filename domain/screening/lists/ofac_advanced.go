package lists

import (
	"fmt"
	"strings"

	"whocomply/domain/screening"
)

// advanced is what readOFACAdvanced remembers of a file in front of its parties: the values that
// parties name by number, places, and documents.
type advanced struct {
	c         *collector
	values    map[string]map[string]string // by kind of reference, by number
	parties   map[string]string            // PartyType of a PartySubType, by number
	places    map[string][]string          // countries of a location
	documents map[string][]advancedDocument
	profiles  map[string]string // id of the entry, by profile
}

type reference struct {
	ID    string `xml:"ID,attr"`
	ISO   string `xml:"ISO2,attr"`
	Party string `xml:"PartyTypeID,attr"`
	Text  string `xml:",chardata"`
}

type advancedDocument struct {
	Kind     string `xml:"IDRegDocTypeID,attr"`
	Identity string `xml:"IdentityID,attr"`
	Country  string `xml:"IssuedBy-CountryID,attr"`
	Number   string `xml:"IDRegistrationNo"`
}

type advancedParty struct {
	FixedRef string `xml:"FixedRef,attr"`
	Comment  string `xml:"Comment"`
	Profiles []struct {
		ID         string             `xml:"ID,attr"`
		SubType    string             `xml:"PartySubTypeID,attr"`
		Identities []advancedIdentity `xml:"Identity"`
		Features   []advancedFeature  `xml:"Feature"`
	} `xml:"Profile"`
}

type advancedIdentity struct {
	ID      string `xml:"ID,attr"`
	Aliases []struct {
		Primary string `xml:"Primary,attr"`
		Weak    string `xml:"LowQuality,attr"`
		Names   []struct {
			Parts []struct {
				Group string `xml:"NamePartGroupID,attr"`
				Text  string `xml:",chardata"`
			} `xml:"DocumentedNamePart>NamePartValue"`
		} `xml:"DocumentedName"`
	} `xml:"Alias"`
	Groups []struct {
		ID   string `xml:"ID,attr"`
		Kind string `xml:"NamePartTypeID,attr"`
	} `xml:"NamePartGroups>MasterNamePartGroup>NamePartGroup"`
}

type advancedFeature struct {
	Kind     string `xml:"FeatureTypeID,attr"`
	Versions []struct {
		Comment string `xml:"Comment"`
		Details []struct {
			Reference string `xml:"DetailReferenceID,attr"`
			Text      string `xml:",chardata"`
		} `xml:"VersionDetail"`
		Places []struct {
			ID string `xml:"LocationID,attr"`
		} `xml:"VersionLocation"`
		Periods []advancedPeriod `xml:"DatePeriod"`
	} `xml:"FeatureVersion"`
}

type advancedPeriod struct {
	Start struct {
		About string       `xml:"Approximate,attr"`
		From  advancedDate `xml:"From"`
	} `xml:"Start"`
	End struct {
		To advancedDate `xml:"To"`
	} `xml:"End"`
}

type advancedDate struct{ Year, Month, Day int }

// readOFACAdvanced reads ofac-advanced-xml. An entry's id is the party's FixedRef, which is the
// number of ofac-csv and the uid of ofac-xml.
func readOFACAdvanced(c *collector, f File) error {
	a := &advanced{
		c: c, values: map[string]map[string]string{}, parties: map[string]string{}, places: map[string][]string{},
		documents: map[string][]advancedDocument{}, profiles: map[string]string{},
	}
	wanted := elements{
		"Locations/Location":              a.location,
		"IDRegDocuments/IDRegDocument":    a.document,
		"DistinctParties/DistinctParty":   a.party,
		"SanctionsEntries/SanctionsEntry": a.programmes,
	}
	for _, kind := range []string{"Country", "FeatureType", "IDRegDocType", "PartySubType", "PartyType", "DetailReference", "NamePartType"} {
		wanted["ReferenceValueSets/"+kind+"Values/"+kind] = a.reference(kind)
	}
	return readXML(f, "Sanctions", wanted, nil)
}

func (a *advanced) reference(kind string) func(decode func(any) error) (string, error) {
	a.values[kind] = map[string]string{}
	return func(decode func(any) error) (string, error) {
		var r reference
		if err := decode(&r); err != nil {
			return "", err
		}
		a.values[kind][r.ID] = plain(r.Text)
		if r.ISO != "" && Country(r.ISO) != "" {
			a.values[kind][r.ID] = r.ISO
		}
		if kind == "PartySubType" {
			a.parties[r.ID] = r.Party
		}
		return "", nil
	}
}

func (a *advanced) location(decode func(any) error) (string, error) {
	var l struct {
		ID        string `xml:"ID,attr"`
		Countries []struct {
			ID string `xml:"CountryID,attr"`
		} `xml:"LocationCountry"`
	}
	if err := decode(&l); err != nil {
		return "", err
	}
	for _, country := range l.Countries {
		a.places[l.ID] = append(a.places[l.ID], a.values["Country"][country.ID])
	}
	return "", nil
}

func (a *advanced) document(decode func(any) error) (string, error) {
	var d advancedDocument
	if err := decode(&d); err != nil {
		return "", err
	}
	a.documents[d.Identity] = append(a.documents[d.Identity], d)
	return "", nil
}

func (a *advanced) party(decode func(any) error) (string, error) {
	var p advancedParty
	if err := decode(&p); err != nil {
		return "", err
	}
	a.c.rows++
	if len(p.Profiles) == 0 {
		return "has a party without a profile", nil
	}
	e, fault := a.c.add(p.FixedRef, a.kind(p.Profiles[0].SubType))
	if fault != "" {
		return fault, nil
	}
	for _, profile := range p.Profiles {
		a.profiles[profile.ID] = e.ID
		for _, identity := range profile.Identities {
			a.names(e, &identity)
			for _, d := range a.documents[identity.ID] {
				identified(e, a.values["IDRegDocType"][d.Kind], plain(d.Number), a.values["Country"][d.Country])
			}
		}
		for _, feature := range profile.Features {
			a.feature(e, &feature)
		}
	}
	said(e, "", p.Comment)
	return "", nil
}

func (a *advanced) kind(subType string) string {
	switch kind, subKind := a.values["PartyType"][a.parties[subType]], a.values["PartySubType"][subType]; {
	case kind == "Individual":
		return "individual"
	case kind == "Entity" || kind == "Other Entity":
		return "business"
	case subKind == "Vessel":
		return "vessel"
	case subKind == "Aircraft":
		return "aircraft"
	}
	return "unknown"
}

// names adds an identity's names, the primary one in front. Persons are written "LAST, First".
func (a *advanced) names(e *screening.Entry, identity *advancedIdentity) {
	groups := map[string]string{}
	for _, g := range identity.Groups {
		groups[g.ID] = a.values["NamePartType"][g.Kind]
	}
	for _, primary := range []string{"true", "false"} {
		for _, names := range identity.Aliases {
			if names.Primary != primary {
				continue
			}
			for _, name := range names.Names {
				last, rest := "", ""
				for _, part := range name.Parts {
					if groups[part.Group] == "Last Name" {
						last = joined(last, part.Text)
					} else {
						rest = joined(rest, part.Text)
					}
				}
				alias(e, lastFirst(last, rest), names.Weak == "true")
			}
		}
	}
}

func (a *advanced) feature(e *screening.Entry, f *advancedFeature) {
	label := a.values["FeatureType"][f.Kind]
	for _, v := range f.Versions {
		var texts []string
		for _, d := range v.Details {
			texts = append(texts, plain(a.values["DetailReference"][d.Reference]+" "+d.Text))
		}
		text := joined(texts...)
		switch label {
		case "Birthdate":
			for _, p := range v.Periods {
				born(e, p.date())
			}
			continue
		case "Vessel Call Sign":
			numbered(e, "call_sign", text, "")
			continue
		case "Location", "Nationality Country", "Citizenship Country", "Nationality of Registration", "Vessel Flag":
			for _, place := range v.Places {
				from(e, a.places[place.ID]...)
			}
			from(e, text)
			continue
		}
		if text != "" {
			identified(e, label, text, "")
		}
		said(e, label+": ", v.Comment)
	}
}

// date gives a period as a date of birth.
func (p *advancedPeriod) date() string {
	first, last := p.Start.From, p.End.To
	if last.Year == 0 {
		last = first
	}
	switch {
	case first.Year < 1000 || first.Year > 9999 || last.Year > 9999:
		return ""
	case p.Start.About == "true" && first.Year == last.Year:
		return fmt.Sprint(first.Year, "~")
	case first == last && first.Month > 0 && first.Day > 0:
		date, _ := dateOf(fmt.Sprintf("%04d-%02d-%02d", first.Year, first.Month, first.Day))
		return date
	case first.Year == last.Year && first.Month == last.Month && first.Month > 0:
		date, _ := dateOf(fmt.Sprintf("%04d-%02d", first.Year, first.Month))
		return date
	}
	return yearSpan(fmt.Sprint(first.Year), fmt.Sprint(last.Year))
}

// programmes adds what a party is listed under.
func (a *advanced) programmes(decode func(any) error) (string, error) {
	var s struct {
		Profile  string   `xml:"ProfileID,attr"`
		Measures []string `xml:"SanctionsMeasure>Comment"`
	}
	if err := decode(&s); err != nil {
		return "", err
	}
	if id, known := a.profiles[s.Profile]; known {
		for _, measure := range s.Measures {
			for p := range strings.SplitSeq(measure, ";") {
				programme(a.c.of(id, ""), p)
			}
		}
	}
	return "", nil
}
