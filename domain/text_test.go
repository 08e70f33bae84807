package domain_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

func TestTextChecks(t *testing.T) {
	text := func(s string) error { return domain.CheckText("name", s, 10, true) }
	optional := func(s string) error { return domain.CheckText("name", s, 10, false) }
	id := func(s string) error { return domain.CheckID("name", s) }
	country := func(s string) error { return domain.CheckCountry("name", s) }
	date := func(s string) error { return domain.CheckDate("name", s) }
	moment := func(s string) error { return domain.CheckTime("name", s) }
	one := func(s string) error { return domain.CheckOneOf("name", s, "in") }
	two := func(s string) error { return domain.CheckOneOf("name", s, "in", "out") }
	three := func(s string) error { return domain.CheckOneOf("name", s, "in", "out", "none") }
	object := func(s string) error { return domain.CheckObject("name", jsontext.Value(s), 20) }
	const (
		notCountry = "must be an ISO 3166-1 alpha-2 code such as DE"
		notDate    = "must be a date such as 1980-01-31"
		notTime    = "must be an RFC 3339 time such as 2026-01-31T09:00:00Z"
		notValid   = "must be a JSON object with unique names in valid UTF-8"
	)
	for _, tc := range []struct {
		name  string
		check func(string) error
		value string
		wrong string // what is wrong with it; empty if nothing is
	}{
		{"text", text, "Zoë\n\t\r", ""},
		{"no text", text, "", "is required"},
		{"no optional text", optional, "", ""},
		{"text to the limit", text, "0123456789", ""},
		{"long text", text, "0123456789a", "is longer than 10 bytes"},
		{"long in bytes", text, "éééééé", "is longer than 10 bytes"},
		{"not UTF-8", text, "a\xff", "is not valid UTF-8"},
		{"control character", text, "a\x00b", "contains the control character U+0000"},
		{"escape", text, "\x1b[2J", "contains the control character U+001B"},
		{"C1 control character", text, "\u0085", "contains the control character U+0085"},
		{"id", id, "evt/2026 №1", ""},
		{"no id", id, "", "is required"},
		{"id to the limit", id, strings.Repeat("x", 128), ""},
		{"long id", id, strings.Repeat("x", 129), "is longer than 128 bytes"},
		{"id with a line break", id, "a\nb", "contains the unprintable character U+000A"},
		{"id with a bidi override", id, "a\u202eb", "contains the unprintable character U+202E"},
		{"id with a zero-width space", id, "a\u200bb", "contains the unprintable character U+200B"},
		{"country", country, "DE", ""},
		{"no country", country, "", ""},
		{"country in lower case", country, "de", notCountry},
		{"no such country", country, "XX", notCountry},
		{"former country", country, "SU", notCountry},
		{"alpha-3", country, "DEU", notCountry},
		{"country across two", country, "E ", notCountry},
		{"date", date, "2024-02-29", ""},
		{"no date", date, "", ""},
		{"no such date", date, "2023-02-29", notDate},
		{"short date", date, "2023-2-9", notDate},
		{"time for a date", date, "2023-02-09T00:00:00Z", notDate},
		{"time", moment, "2026-01-31T09:00:00Z", ""},
		{"time with fraction and zone", moment, "2026-01-31T09:00:00.123456+05:30", ""},
		{"no time", moment, "", ""},
		{"time without a zone", moment, "2026-01-31T09:00:00", notTime},
		{"time with a short hour", moment, "2026-01-31T9:00:00Z", notTime},
		{"time with a comma", moment, "2026-01-31T09:00:00,5Z", notTime},
		{"time with a wide zone", moment, "2026-01-31T09:00:00+24:00", notTime},
		{"one of one", one, "out", "must be in"},
		{"one of two", two, "out", ""},
		{"none of two", two, "Out", "must be in or out"},
		{"nothing of two", two, "", "is required: in or out"},
		{"none of three", three, "x", "must be in, out or none"},
		{"object", object, `{"a":{"b":[1]}}`, ""},
		{"no object", object, "", ""},
		{"long object", object, `{"a":"0123456789012"}`, "is longer than 20 bytes"},
		{"array", object, `[]`, "must be a JSON object"},
		{"null", object, `null`, "must be a JSON object"},
		{"half an object", object, `{"a":`, notValid},
		{"object with a name twice", object, `{"a":1,"a":2}`, notValid},
		{"object that is not UTF-8", object, "{\"a\":\"\xff\"}", notValid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			message := ""
			if tc.wrong != "" {
				message = "name " + tc.wrong
			}
			wantError(t, tc.check(tc.value), domain.Invalid, "name", message)
		})
	}
}

// TestCodes counts the codes of ISO 3166-1 (249 and XK) and shows that a currency is nothing but
// a code of ISO 4217.
func TestCodes(t *testing.T) {
	countries, currencies := 0, map[int]int{}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, a := range letters {
		for _, b := range letters {
			if domain.ValidCountry(string(a) + string(b)) {
				countries++
			}
			for _, c := range letters {
				if code := domain.Currency(string(a) + string(b) + string(c)); code.Valid() {
					currencies[code.Decimals()]++
				}
			}
		}
	}
	if countries != 250 {
		t.Errorf("%d countries", countries)
	}
	if currencies[0] != 17 || currencies[2] < 130 || currencies[3] != 7 || currencies[4] != 2 || len(currencies) != 4 {
		t.Errorf("currencies by decimals: %v", currencies)
	}
}
