package screening

import (
	"fmt"
	"regexp"
	"slices"

	"whocomply/domain"
)

// The kinds of listed things.
const (
	individualType = "individual"
	businessType   = "business"
	vesselType     = "vessel"
	aircraftType   = "aircraft"
	unknownType    = "unknown"
)

// Bounds of an entry, in bytes. They keep a part of a publication below its limit.
const (
	maxText = 1000     // of a name and other short texts
	maxLine = 64 << 10 // of the entry as JSON
)

const date = `\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?~?`

var (
	listName    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	datePattern = regexp.MustCompile(`^` + date + `(/` + date + `)?$`)
)

// CheckEntry says what is wrong with an entry as input; its id is not looked at. Dates are those of
// ISO 8601-2 (EDTF): 1957-03-10, 1957-03, 1957, 1957~ for about 1957, 1957/1959 for one between.
func CheckEntry(e Entry) error {
	for _, check := range []func(Entry) error{checkKind, checkNames, checkDetails, checkIdentifiers, checkLength} {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func checkKind(e Entry) error {
	if err := checkList(e.List, e.Category); err != nil {
		return err
	}
	return domain.CheckOneOf("entity_type", e.EntityType, individualType, businessType, vesselType, aircraftType, unknownType)
}

func checkList(list, category string) error {
	if !listName.MatchString(list) {
		return domain.InvalidField("list", "must be 1 to 64 of a-z, 0-9, '.', '_' and '-'")
	}
	return domain.CheckOneOf("category", category, "sanctions", "pep", "adverse_media", "internal")
}

func checkNames(e Entry) error {
	if err := domain.CheckText("name", e.Name, maxText, true); err != nil {
		return err
	}
	if Normalise(e.Name) == "" {
		return domain.InvalidField("name", "must have a letter or a digit")
	}
	if err := checkTexts("aliases", e.Aliases); err != nil {
		return err
	}
	return checkTexts("weak_aliases", e.WeakAliases)
}

func checkDetails(e Entry) error {
	if e.Gender != "" {
		if err := domain.CheckOneOf("gender", e.Gender, "male", "female"); err != nil {
			return err
		}
	}
	for i, date := range e.DatesOfBirth {
		if !datePattern.MatchString(date) {
			return domain.InvalidField(member("dates_of_birth", i), "must be a date such as 1957-03-10, 1957-03, 1957, 1957~ or 1957/1959")
		}
	}
	for i, country := range e.Countries {
		if !domain.ValidCountry(country) {
			return domain.InvalidField(member("countries", i), "must be an ISO 3166-1 alpha-2 code such as DE")
		}
	}
	if err := checkTexts("programs", e.Programs); err != nil {
		return err
	}
	return domain.CheckText("reason", e.Reason, maxLine, false)
}

func checkIdentifiers(e Entry) error {
	for i, id := range e.Identifiers {
		field := member("identifiers", i)
		if err := domain.CheckText(field+".type", id.Type, maxText, true); err != nil {
			return err
		}
		if err := domain.CheckText(field+".value", id.Value, maxText, true); err != nil {
			return err
		}
		if err := domain.CheckCountry(field+".country", id.Country); err != nil {
			return err
		}
	}
	return nil
}

func checkTexts(field string, texts []string) error {
	for i, text := range texts {
		if err := domain.CheckText(member(field, i), text, maxText, true); err != nil {
			return err
		}
	}
	return nil
}

func checkLength(e Entry) error {
	if line := checkedLine(e); len(line) > maxLine {
		return domain.Errorf(domain.Invalid, "the entry is longer than %d bytes", maxLine)
	}
	return nil
}

func member(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// complete fills in what an entry may leave out.
func complete(e Entry) Entry {
	if e.EntityType == "" {
		e.EntityType = unknownType
	}
	return e
}

// names is the number of names of an entry, with all aliases.
func (e *Entry) names() int { return 1 + len(e.Aliases) + len(e.WeakAliases) }

// nameAt gives the i-th name of an entry: the primary one, then aliases, then weak aliases.
func (e *Entry) nameAt(i int) (name string, alias, weak bool) {
	switch i--; {
	case i < 0:
		return e.Name, false, false
	case i < len(e.Aliases):
		return e.Aliases[i], true, false
	}
	return e.WeakAliases[i-len(e.Aliases)], true, true
}

// sameEntry reports whether two entries say the same.
func sameEntry(a, b *Entry) bool {
	return entryText(a) == entryText(b) &&
		slices.Equal(a.Aliases, b.Aliases) && slices.Equal(a.WeakAliases, b.WeakAliases) &&
		slices.Equal(a.DatesOfBirth, b.DatesOfBirth) && slices.Equal(a.Countries, b.Countries) &&
		slices.Equal(a.Identifiers, b.Identifiers) && slices.Equal(a.Programs, b.Programs)
}

func entryText(e *Entry) [7]string {
	return [...]string{e.ID, e.List, e.Category, e.EntityType, e.Name, e.Reason, e.Gender}
}

// contentOf digests what an entry says, apart from its id.
func contentOf(e Entry) [16]byte {
	e.ID = ""
	return domain.ContentDigest(e)
}
