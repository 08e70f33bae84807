package domain

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CheckText says what is wrong with a text field: it must be UTF-8 of at most limit bytes
// without control characters, and not empty where it is required. Anything else is kept as sent.
func CheckText(field, text string, limit int, required bool) error {
	switch {
	case required && text == "":
		return InvalidField(field, "is required")
	case len(text) > limit:
		return InvalidField(field, "is longer than %d bytes", limit)
	case isPlain(text):
		return nil
	case !utf8.ValidString(text):
		return InvalidField(field, "is not valid UTF-8")
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return InvalidField(field, "contains the control character U+%04X", r)
		}
	}
	return nil
}

// CheckID says what is wrong with an id of the caller's: 1 to 128 bytes of printable UTF-8.
func CheckID(field, id string) error {
	if err := CheckText(field, id, 128, true); err != nil || isPlain(id) {
		return err
	}
	for _, r := range id {
		if !unicode.IsPrint(r) {
			return InvalidField(field, "contains the unprintable character U+%04X", r)
		}
	}
	return nil
}

// isPlain reports whether a text is of printable ASCII alone, as most are.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// CheckCountry says what is wrong with an optional ISO 3166-1 alpha-2 code.
func CheckCountry(field, code string) error {
	if code != "" && !ValidCountry(code) {
		return InvalidField(field, "must be an ISO 3166-1 alpha-2 code such as DE")
	}
	return nil
}

// CheckOneOf says that value is none of the words allowed.
func CheckOneOf(field, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	last := len(words) - 1
	list := words[last]
	if last > 0 {
		list = strings.Join(words[:last], ", ") + " or " + list
	}
	if value == "" {
		return InvalidField(field, "is required: %s", list)
	}
	return InvalidField(field, "must be %s", list)
}

// CheckObject says what is wrong with an optional free-form JSON object of at most limit bytes.
func CheckObject(field string, value jsontext.Value, limit int) error {
	_, err := StoredObject(field, value, limit)
	return err
}

// StoredJSON gives free-form JSON in the form in which events are stored, so that an event just
// decided and the same event read back are alike. The value must be valid.
func StoredJSON(value jsontext.Value) jsontext.Value {
	if len(value) == 0 {
		return nil
	}
	stored, err := json.Marshal(value)
	if err != nil {
		return value // refused when the event is encoded
	}
	return stored
}

// StoredObject gives an optional free-form JSON object of at most limit bytes in the form that StoredJSON
// gives, or says what is wrong with it.
func StoredObject(field string, value jsontext.Value, limit int) (jsontext.Value, error) {
	switch {
	case len(value) == 0:
		return nil, nil
	case len(value) > limit:
		return nil, InvalidField(field, "is longer than %d bytes", limit)
	case value.Kind() != '{':
		return nil, InvalidField(field, "must be a JSON object")
	}
	stored, err := jsontext.AppendFormat(make([]byte, 0, len(value)), value)
	if err != nil {
		return nil, InvalidField(field, "must be a JSON object with unique names in valid UTF-8")
	}
	return stored, nil
}

// CheckDate says what is wrong with an optional calendar date, YYYY-MM-DD.
func CheckDate(field, date string) error {
	if date == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return InvalidField(field, "must be a date such as 1980-01-31")
	}
	return nil
}

const notTime = "must be an RFC 3339 time such as 2026-01-31T09:00:00Z"

// CheckTime says what is wrong with an optional RFC 3339 time. It takes what the reader of JSON
// takes for a time.Time; time.Parse takes more.
func CheckTime(field, text string) error {
	if text == "" {
		return nil
	}
	quoted, err := jsontext.AppendQuote(nil, text)
	if err == nil {
		err = json.Unmarshal(quoted, new(time.Time))
	}
	if err != nil {
		return InvalidField(field, notTime)
	}
	return nil
}
