package screening

import (
	"fmt"
	"slices"
	"strings"
)

// evidence is what speaks for and against two names being of the same one, apart from the names.
type evidence struct {
	strength   int // 1 to 100
	grounds    []string
	identified bool // an identifier is the same
}

// Points of evidence. Nothing known is neutral.
const (
	neutral          = 50
	sameIdentifier   = 45
	otherIdentifier  = -15
	sameBirthDate    = 35
	nearBirthDate    = 15
	sameBirthYear    = 20
	sameBirthSpan    = 8
	otherBirthDay    = -10
	closeBirthYear   = -5  // one year off
	unlikeBirthYear  = -20 // up to three
	otherBirthYear   = -45
	otherGender      = -25
	sameCountry      = 10
	otherCountries   = -10
	otherEntityType  = -40
	otherCompanyType = -20
)

// weigh compares what is known of somebody with what a list says.
func (q *Query) weigh(e *Entry) evidence {
	ev := evidence{strength: neutral}
	ev.identifiers(q, e)
	ev.birth(q.DateOfBirth, e.DatesOfBirth)
	if q.Gender != "" && e.Gender != "" && q.Gender != e.Gender {
		ev.add(otherGender, "gender %s, listed %s", q.Gender, e.Gender)
	}
	ev.countries(q.Countries, e.Countries)
	ev.entityType(q.EntityType, e.EntityType)
	ev.strength = max(1, min(100, ev.strength))
	return ev
}

// Evidence gives what is known of somebody for or against being a listed entry, whatever the names:
// 1 to 100, 50 if nothing is known.
func (q *Query) Evidence(e *Entry) int { return q.weigh(e).strength }

func (ev *evidence) add(points int, format string, args ...any) {
	ev.strength += points
	ev.grounds = append(ev.grounds, fmt.Sprintf(format, args...))
}

func (ev *evidence) countries(known, listed []string) {
	if len(known) == 0 || len(listed) == 0 {
		return
	}
	for _, country := range known {
		if slices.Contains(listed, country) {
			ev.add(sameCountry, "country %s", country)
			return
		}
	}
	ev.add(otherCountries, "country %s, listed %s", strings.Join(known, ", "), strings.Join(listed, ", "))
}

func (ev *evidence) entityType(known, listed string) {
	if known == "" || listed == unknownType || known == unknownType || known == listed {
		return
	}
	points := otherEntityType
	if known != individualType && listed != individualType {
		points = otherCompanyType
	}
	ev.add(points, "is %s, listed is %s", known, listed)
}

func (ev *evidence) identifiers(q *Query, e *Entry) {
	differs := ""
	for _, id := range q.Identifiers {
		if e.hasIdentifier(id) {
			ev.identified = true
			ev.add(sameIdentifier, "%s %s", id.Type, id.Value)
			return
		}
		for _, listed := range e.Identifiers {
			if single(id.Type) && sameDocument(id, listed) {
				differs = id.Type
			}
		}
	}
	if differs != "" {
		ev.add(otherIdentifier, "another %s", differs)
	}
}

// hasIdentifier reports whether an entry has an identifier of a compatible type and country.
func (e *Entry) hasIdentifier(id Identifier) bool {
	key := identifierKey(id.Value)
	if key == "" {
		return false
	}
	for _, listed := range e.Identifiers {
		if identifierKey(listed.Value) == key && sameDocument(id, listed) {
			return true
		}
	}
	return false
}

// sameDocument reports whether two identifiers are of one type, and of one country if both say so.
func sameDocument(a, b Identifier) bool {
	return documentType(a.Type) == documentType(b.Type) && (a.Country == "" || b.Country == "" || a.Country == b.Country)
}

// documentType gives types that lists and institutions mix up one name.
func documentType(kind string) string {
	switch kind {
	case "travel_document":
		return "passport"
	case "tax_id", "ssn", "personal_id", "national_identity":
		return "national_id"
	case "company_number", "registration_number", "ogrn", "commercial_registry":
		return "registration"
	}
	return kind
}

// single reports whether one has only one identifier of a type.
func single(kind string) bool {
	switch documentType(kind) {
	case "imo", "lei", "mmsi":
		return true
	}
	return false
}
