package screening

import (
	"encoding/hex"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// Side is what an officer's disposition rests on of one of the two that met: a digest of each
// material field that has a value, by the field's name. Two sides are the same for the disposition
// exactly if they are equal.
type Side map[string]string

// MarshalJSON writes the fields in the order of their names, so that the same side is the same text.
func (s Side) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string(s), json.Deterministic(true))
}

// side digests fields. Those without a value are left out.
func side(fields map[string][]string) Side {
	s := Side{}
	for name, values := range fields {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		slices.Sort(values)
		if len(values) > 0 {
			digest := domain.ContentDigest(values)
			s[name] = hex.EncodeToString(digest[:8])
		}
	}
	return s
}

// changed names the fields in which two sides differ, in order.
func (s Side) changed(now Side) (fields []string) {
	for name := range maps.All(s) {
		if s[name] != now[name] {
			fields = append(fields, name)
		}
	}
	for name := range maps.All(now) {
		if _, had := s[name]; !had {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields
}

// SideOf gives the material fields of a listed entry: all that says who it is. Why it is listed, and
// under which programmes, does not change who it is.
func SideOf(e *Entry) Side {
	var identifiers []string
	for _, id := range e.Identifiers {
		identifiers = append(identifiers, identifierText(id))
	}
	return side(map[string][]string{
		"name": {e.Name}, "aliases": e.Aliases, "weak_aliases": e.WeakAliases, "entity_type": {e.EntityType}, "dates_of_birth": e.DatesOfBirth,
		"gender": {e.Gender}, "countries": e.Countries, "identifiers": identifiers,
	})
}

// SideOfQueries gives the material fields of who was looked for: a customer and its linked parties,
// or a counterparty. The first query is the one itself, the others are its parties.
func SideOfQueries(queries ...Query) Side {
	fields := queries[0].fields()
	for _, party := range queries[1:] {
		of := party.fields()
		for _, name := range slices.Sorted(maps.Keys(of)) {
			for _, value := range of[name] {
				fields["parties"] = append(fields["parties"], name+"\x1f"+value)
			}
		}
	}
	return side(fields)
}

func (q *Query) fields() map[string][]string {
	var names, identifiers []string
	for _, name := range q.Names {
		names = append(names, name.Text)
	}
	for _, id := range q.Identifiers {
		identifiers = append(identifiers, identifierText(id))
	}
	return map[string][]string{
		"names": names, "entity_type": {q.EntityType}, "date_of_birth": {q.DateOfBirth}, "gender": {q.Gender}, "countries": q.Countries,
		"identifiers": identifiers,
	}
}

func identifierText(id Identifier) string { return id.Type + "\x1f" + id.Value + "\x1f" + id.Country }

// Digest is the side in one text, by which a counterparty is known again.
func (s Side) Digest() string {
	digest := domain.ContentDigest(s)
	return hex.EncodeToString(digest[:])
}
