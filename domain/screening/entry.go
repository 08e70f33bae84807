package screening

import (
	"fmt"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"whocomply/domain"
)

// The kinds of listed things.
const (
	individualType = "individual"
	unknownType    = "unknown"
)

// Bounds of an entry. They keep a part of a publication below its limit.
const (
	maxText  = 1000     // bytes of a name and other short texts
	maxNames = 500      // aliases of each kind, and other repeated members
	maxLine  = 64 << 10 // bytes of an entry as JSON
)

var (
	categories  = []string{"sanctions", "pep", "adverse_media", "internal"}
	entityTypes = []string{individualType, "business", "vessel", "aircraft", unknownType}
	listName    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	datePattern = regexp.MustCompile(`^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?~?(/\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?~?)?$`)
)

// CheckEntry says what is wrong with an entry as input; its id is not looked at. Dates are those of
// ISO 8601-2 (EDTF): 1957-03-10, 1957-03, 1957, 1957~ for about 1957, 1957/1959 for one between.
func CheckEntry(e Entry) error {
	if err := checkList(e.List, e.Category); err != nil {
		return err
	}
	if !slices.Contains(entityTypes, e.EntityType) {
		return domain.InvalidField("entity_type", "must be individual, business, vessel, aircraft or unknown")
	}
	if err := checkNames(e); err != nil {
		return err
	}
	if err := checkDetails(e); err != nil {
		return err
	}
	line, err := CanonicalLine(e)
	if err != nil {
		return domain.InvalidField("reason", "must be UTF-8")
	}
	if len(line) > maxLine {
		return domain.Errorf(domain.Invalid, "the entry is longer than %d bytes", maxLine)
	}
	return nil
}

func checkList(list, category string) error {
	if !listName.MatchString(list) {
		return domain.InvalidField("list", "must be 1 to 64 of a-z, 0-9, '.', '_' and '-'")
	}
	if !slices.Contains(categories, category) {
		return domain.InvalidField("category", "must be sanctions, pep, adverse_media or internal")
	}
	return nil
}

func checkNames(e Entry) error {
	if e.Name == "" {
		return domain.InvalidField("name", "is required")
	}
	if err := checkTexts("aliases", e.Aliases); err != nil {
		return err
	}
	if err := checkTexts("weak_aliases", e.WeakAliases); err != nil {
		return err
	}
	for i := range e.names() {
		name, _, _ := e.nameAt(i)
		if err := checkText("name", name); err != nil {
			return err
		}
		if i == 0 && Normalise(name) == "" {
			return domain.InvalidField("name", "must have a letter or a digit")
		}
	}
	return nil
}

func checkDetails(e Entry) error {
	for i, date := range e.DatesOfBirth {
		if !datePattern.MatchString(date) {
			return domain.InvalidField(fmt.Sprintf("dates_of_birth[%d]", i), "must be a date such as 1957-03-10, 1957-03, 1957, 1957~ or 1957/1959")
		}
	}
	for i, country := range e.Countries {
		if !domain.ValidCountry(country) {
			return domain.InvalidField(fmt.Sprintf("countries[%d]", i), "must be an ISO 3166-1 alpha-2 code such as DE")
		}
	}
	for i, id := range e.Identifiers {
		field := fmt.Sprintf("identifiers[%d]", i)
		if id.Type == "" || id.Value == "" {
			return domain.InvalidField(field, "needs a type and a value")
		}
		if id.Country != "" && !domain.ValidCountry(id.Country) {
			return domain.InvalidField(field+".country", "must be an ISO 3166-1 alpha-2 code such as DE")
		}
		if err := checkTexts(field, []string{id.Type, id.Value}); err != nil {
			return err
		}
	}
	if len(e.DatesOfBirth) > maxNames || len(e.Countries) > maxNames || len(e.Identifiers) > maxNames {
		return domain.Errorf(domain.Invalid, "the entry repeats a member more than %d times", maxNames)
	}
	return checkTexts("programs", e.Programs)
}

func checkTexts(field string, texts []string) error {
	if len(texts) > maxNames {
		return domain.InvalidField(field, "has more than %d values", maxNames)
	}
	for i, text := range texts {
		if err := checkText(fmt.Sprintf("%s[%d]", field, i), text); err != nil {
			return err
		}
	}
	return nil
}

func checkText(field, text string) error {
	switch {
	case text == "":
		return domain.InvalidField(field, "must not be empty")
	case len(text) > maxText:
		return domain.InvalidField(field, "is longer than %d bytes", maxText)
	case !utf8.ValidString(text):
		return domain.InvalidField(field, "must be UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return domain.InvalidField(field, "must not hold control characters")
		}
	}
	return nil
}
