package domain_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// wantError checks code, field and message; an empty message means no error.
func wantError(t *testing.T, err error, code domain.Code, field, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Fatalf("error %v, want none", err)
		}
		return
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != code || e.Field != field || e.Error() != message {
		t.Fatalf("error %#v,\nwant %s in %q: %s", err, code, field, message)
	}
}

func TestErrors(t *testing.T) {
	invalid := domain.InvalidField("entries[1].amount", "must be more than %d", 0)
	wantError(t, invalid, domain.Invalid, "entries[1].amount", "entries[1].amount must be more than 0")
	wantError(t, domain.Errorf(domain.Conflict, "the tenant %s exists", "acme"), domain.Conflict, "", "the tenant acme exists")
	for _, tc := range []struct {
		name string
		err  error
		want domain.Code
	}{
		{"itself", invalid, domain.Invalid},
		{"wrapped", fmt.Errorf("record: %w", invalid), domain.Invalid},
		{"joined", errors.Join(io.EOF, invalid), domain.Invalid},
		{"another's", io.EOF, ""},
		{"none", nil, ""},
	} {
		if got := domain.CodeOf(tc.err); got != tc.want {
			t.Errorf("%s: code %q, want %q", tc.name, got, tc.want)
		}
	}
}

type form struct {
	Name    string            `json:"name"`
	Age     int               `json:"age"`
	Active  bool              `json:"active"`
	At      time.Time         `json:"at"`
	Entries []domain.Money    `json:"entries"`
	Home    *domain.Money     `json:"home"`
	Labels  map[string]string `json:"labels"`
	Ratio   float64           `json:"ratio"`
	Free    jsontext.Value    `json:"free"`
	Secret  unreadable        `json:"secret"`
}

type unreadable struct{}

func (unreadable) UnmarshalText([]byte) error { return errors.New("is not one of ours") }

// TestMalformed shows for each way in which JSON can be wrong that the error names the field and
// speaks of nothing but the caller's document.
func TestMalformed(t *testing.T) {
	const notTime = "at must be an RFC 3339 time such as 2026-01-31T09:00:00Z"
	for _, tc := range []struct{ name, raw, field, message string }{
		{"unknown member", `{"nmae":"a"}`, "nmae", "nmae is not a known field"},
		{"nested unknown member", `{"entries":[{},{"sum":"1"}]}`, "entries[1].sum", "entries[1].sum is not a known field"},
		{"unknown member to be escaped", `{"a/b~c":1}`, "a/b~c", "a/b~c is not a known field"},
		{"duplicate", `{"name":"a","name":"b"}`, "name", "name appears twice"},
		{"nested duplicate", `{"entries":[{"amount":"1","amount":"2"}]}`, "entries[0].amount", "entries[0].amount appears twice"},
		{"free duplicate", `{"free":{"x":[{"y":1,"y":2}]}}`, "free.x[0].y", "free.x[0].y appears twice"},
		{"number for text", `{"name":1}`, "name", "name must be a string"},
		{"object for text", `{"name":{}}`, "name", "name must be a string"},
		{"text for number", `{"age":"1"}`, "age", "age must be a whole number"},
		{"fraction", `{"age":1.5}`, "age", "age must be a whole number"},
		{"too large", `{"age":99999999999999999999}`, "age", "age must be a whole number"},
		{"text for truth", `{"active":"true"}`, "active", "active must be true or false"},
		{"number for time", `{"at":1}`, "at", notTime},
		{"date for time", `{"at":"2026-01-31"}`, "at", notTime},
		{"lax time", `{"at":"2026-01-31T9:00:00Z"}`, "at", notTime},
		{"number for decimal", `{"entries":[{"amount":"1"},{"amount":1}]}`, "entries[1].amount", `entries[1].amount must be a decimal in a string, such as "1200.50"`},
		{"exponent", `{"home":{"amount":"1e3"}}`, "home.amount", `home.amount "1e3" is not a decimal number such as "1200.50"`},
		{"object for array", `{"entries":{}}`, "entries", "entries must be an array"},
		{"array for object", `{"home":[]}`, "home", "home must be an object"},
		{"text in array", `{"entries":["x"]}`, "entries[0]", "entries[0] must be an object"},
		{"text for map", `{"labels":"x"}`, "labels", "labels must be an object"},
		{"number in map", `{"labels":{"a":1}}`, "labels.a", "labels.a must be a string"},
		{"text for fraction", `{"ratio":"x"}`, "ratio", "ratio has the wrong type"},
		{"own reader", `{"secret":"x"}`, "secret", "secret is not one of ours"},
		{"array as body", `[]`, "", "the body must be a JSON object"},
		{"number as body", `1`, "", "the body must be a JSON object"},
		{"nothing", ``, "", "the body is not valid JSON at byte 0"},
		{"truncated object", `{"name":"a"`, "", "the body is not valid JSON at byte 11"},
		{"truncated text", `{"name":"a`, "", "the body is not valid JSON at byte 10"},
		{"trailing data", `{"name":"a"} x`, "", "the body is not valid JSON at byte 13"},
		{"second document", `{"name":"a"}{}`, "", "the body is not valid JSON at byte 12"},
		{"comment", `{/**/}`, "", "the body is not valid JSON at byte 1"},
		{"not UTF-8", "{\"name\":\"\xff\"}", "", "the body is not valid JSON at byte 9"},
		{"half a surrogate", `{"name":"\ud800"}`, "", "the body is not valid JSON at byte 9"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var f form
			err := json.Unmarshal([]byte(tc.raw), &f, json.RejectUnknownMembers(true))
			if err == nil {
				t.Fatalf("read as %+v", f)
			}
			wantError(t, domain.Malformed(err), domain.Invalid, tc.field, tc.message)
		})
	}
	wantError(t, domain.Malformed(io.ErrUnexpectedEOF), domain.Invalid, "", "the body cannot be read as JSON")
}

// FuzzMalformed shows that whatever is refused is the caller's mistake, in words that start with
// the field they are about.
func FuzzMalformed(f *testing.F) {
	for _, seed := range []string{`{"name":1}`, `{"entries":[{"amount":1}]}`, `{"":1}`, `{"0":1,"0":2}`, `{"secret":"x"}`, `{`, `[]`, `nul`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var v form
		err := json.Unmarshal([]byte(raw), &v, json.RejectUnknownMembers(true))
		if err == nil {
			return
		}
		e := domain.Malformed(err)
		if e.Code != domain.Invalid || e.Message == "" || !strings.HasPrefix(e.Message, e.Field) {
			t.Fatalf("%q gave %#v", raw, e)
		}
		for _, word := range []string{"json:", "jsontext", "Go ", "unmarshal", "domain."} {
			if strings.Contains(e.Message, word) && !strings.Contains(raw, word) {
				t.Fatalf("%q gave %q", raw, e.Message)
			}
		}
	})
}
