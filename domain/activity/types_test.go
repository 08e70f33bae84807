package activity_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// TestTypesAreTrue holds each family against its own example, names and fields.
func TestTypesAreTrue(t *testing.T) {
	for _, known := range activity.Types() {
		if _, err := checkData(known.Family+".something_else", known.Example); err != nil {
			t.Errorf("the example of %s: %v", known.Family, err)
		}
		for _, name := range known.Names {
			if !strings.HasPrefix(name, known.Family+".") {
				t.Errorf("%s is not of the family %s", name, known.Family)
			}
		}
		if known.Says == "" || len(known.Names) == 0 {
			t.Errorf("%s is not told", known.Family)
		}
	}
}

// wrong are values that no field of a form takes.
var wrong = map[activity.Form][]string{
	activity.Text:     {`1`, `true`, `{}`, `"` + strings.Repeat("x", 513) + `"`, `"\u0000"`},
	activity.ID:       {`1`, `""`, `"` + strings.Repeat("x", 129) + `"`, `"\n"`},
	activity.Word:     {`1`, `""`, `"something else"`},
	activity.Amount:   {`1.5`, `""`, `"1e3"`, `"-1"`, `"1,5"`},
	activity.Currency: {`1`, `""`, `"eur"`, `"EURO"`},
	activity.Country:  {`1`, `"de"`, `"DEU"`},
	activity.Time:     {`1`, `"2026-01-31"`, `"yesterday"`},
	activity.Address:  {`1`, `""`, `"203.0.113"`, `"example.com"`},
	activity.Flag:     {`1`, `"true"`},
	activity.Count:    {`-1`, `1.5`, `"1"`, `1e99`},
	activity.IMO:      {`9187629`, `"918762"`, `"918762a"`, `"91876299"`},
	activity.LastFour: {`4242`, `"424"`, `"42a2"`, `"4242424242424242"`},
	activity.Inner:    {`1`, `"x"`, `[]`},
	activity.Never:    {`1`, `"x"`, `{}`},
	activity.Free:     {},
}

// TestEveryFieldIsChecked spoils each field of each family's example in all ways that its form knows.
func TestEveryFieldIsChecked(t *testing.T) {
	checked := 0
	for _, known := range activity.Types() {
		var visit func(path []string, fields []activity.Field)
		visit = func(path []string, fields []activity.Field) {
			for _, f := range fields {
				at := append(slices.Clip(path), f.Name)
				for _, value := range wrong[f.Form] {
					refused(t, known, at, value)
					checked++
				}
				if _, listed := wrong[f.Form]; !listed {
					t.Errorf("nothing is known to be wrong for the form of %v", at)
				}
				if f.Required {
					refused(t, known, at, "null")
				} else if f.Form != activity.Never {
					accepted(t, known, at, "null")
				}
				if f.Object != nil {
					visit(at, f.Object.Fields)
				}
			}
		}
		visit(nil, known.Data)
	}
	if checked < 200 {
		t.Errorf("only %d wrong values were tried", checked)
	}
}

func refused(t *testing.T, known activity.Type, path []string, value string) {
	t.Helper()
	field := "data." + strings.Join(path, ".")
	_, err := checkData(known.Names[0], spoilt(t, known, path, value))
	if e, ok := errors.AsType[*domain.Error](err); !ok || e.Code != domain.Invalid || e.Field != field || !strings.HasPrefix(e.Message, field+" ") {
		t.Errorf("%s as %s: %v", field, value, err)
	}
}

func accepted(t *testing.T, known activity.Type, path []string, value string) {
	t.Helper()
	if _, err := checkData(known.Names[0], spoilt(t, known, path, value)); err != nil {
		t.Errorf("%v as %s: %v", path, value, err)
	}
}

// spoilt gives a family's example with another value at a path; what the path leads through and is
// not there is made with what it must have.
func spoilt(t *testing.T, known activity.Type, path []string, value string) string {
	t.Helper()
	var data map[string]any
	if err := json.Unmarshal([]byte(known.Example), &data); err != nil {
		t.Fatal(err)
	}
	object := data
	for _, name := range path[:len(path)-1] {
		if object[name] == nil {
			object[name] = map[string]any{}
		}
		object = object[name].(map[string]any)
	}
	object[path[len(path)-1]] = json.RawMessage(value)
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func checkData(eventType, data string) (*activity.Transaction, error) {
	in := input()
	in.EventType, in.Data = eventType, jsontext.Value(data)
	return in.Check(at)
}

// TestTypesOfOnesOwn shows that data of other types may be anything.
func TestTypesOfOnesOwn(t *testing.T) {
	for _, name := range []string{"card", "customer.login", "cards.blocked", "loan.card.issued"} {
		if _, err := checkData(name, `{"card":1,"session":{"ip":"nowhere"},"login":{"password":"x"}}`); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzData wants any data of any type to be taken or refused by a field of data.
func FuzzData(f *testing.F) {
	for _, known := range activity.Types() {
		f.Add(known.Names[0], []byte(known.Example))
	}
	f.Add("card.issued", []byte(`{"card":{"id":"\ud83d\ude00","id2":[{"a":1e400}]}}`))
	f.Fuzz(func(t *testing.T, eventType string, data []byte) {
		in := input()
		in.EventType, in.Data = eventType, data
		_, err := in.Check(at)
		if e, ok := errors.AsType[*domain.Error](err); err != nil && (!ok || !strings.HasPrefix(e.Field, "data") && e.Field != "event_type") {
			t.Errorf("%q of %q: %v", data, eventType, err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	in := input()
	for b.Loop() {
		if _, err := in.Check(at); err != nil {
			b.Fatal(err)
		}
	}
}
