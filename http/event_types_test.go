package http_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"whocomply/domain/activity"
)

// TestSpecTellsTheEventTypes holds openapi.yaml against the table of known event types: a schema for
// the data of each family, with its example, and one for each object in it.
func TestSpecTellsTheEventTypes(t *testing.T) {
	s, err := openSpec()
	if err != nil {
		t.Fatal(err)
	}
	want, data := map[string]any{}, []any{}
	for _, known := range activity.Types() {
		schemasOf(known, want)
		data = append(data, map[string]any{"$ref": "#/components/schemas/" + dataName(known)})
	}
	for name, schema := range want {
		if got := withoutMarks(s.lookUp("/components/schemas/" + name)); !reflect.DeepEqual(got, plain(t, schema)) {
			text, _ := yaml.Marshal(map[string]any{name: schema})
			t.Errorf("the schema should be\n%s", text)
		}
	}
	told, _ := member(s.lookUp("/components/schemas/EventData"), "anyOf").([]any)
	if len(told) != len(data)+1 || !reflect.DeepEqual(plain(t, told[:len(data)]), plain(t, data)) {
		t.Errorf("EventData is any of %v, want %v and one more", told, data)
	}
	for _, known := range activity.Types() {
		if err := s.check("/components/schemas/"+dataName(known), []byte(known.Example)); err != nil {
			t.Errorf("the example of %s: %v", known.Family, err)
		}
	}
}

func dataName(known activity.Type) string {
	return strings.ToUpper(known.Family[:1]) + known.Family[1:] + "Data"
}

// schemasOf adds the schemas of a family.
func schemasOf(known activity.Type, schemas map[string]any) {
	var example any
	_ = json.Unmarshal([]byte(known.Example), &example) // what is not JSON is not in the document either
	schema := objectSchema(activity.Object{Says: known.Says + " The data of `" + strings.Join(known.Names, "`, `") + "` and other types " + known.Family + ".*", Fields: known.Data})
	schema["examples"] = []any{example}
	schemas[dataName(known)] = schema
	addObjects(known.Data, schemas)
}

func addObjects(fields []activity.Field, schemas map[string]any) {
	for _, f := range fields {
		if f.Object != nil {
			schemas[f.Object.Name] = objectSchema(*f.Object)
			addObjects(f.Object.Fields, schemas)
		}
	}
}

func objectSchema(o activity.Object) map[string]any {
	properties, required := map[string]any{}, []any{}
	for _, f := range o.Fields {
		properties[f.Name] = fieldSchema(f)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	schema := map[string]any{"type": "object", "additionalProperties": true, "description": o.Says, "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// fieldSchema says in the words of JSON Schema what a field's form says.
func fieldSchema(f activity.Field) map[string]any {
	ref := func(name string) map[string]any { return map[string]any{"$ref": "#/components/schemas/" + name} }
	schema := map[activity.Form]func() map[string]any{
		activity.Text:     func() map[string]any { return map[string]any{"type": "string", "maxLength": 512} },
		activity.ID:       func() map[string]any { return ref("ID") },
		activity.Word:     func() map[string]any { return map[string]any{"type": "string", "enum": f.Words} },
		activity.Amount:   func() map[string]any { return ref("Decimal") },
		activity.Currency: func() map[string]any { return ref("Currency") },
		activity.Country:  func() map[string]any { return ref("Country") },
		activity.Time:     func() map[string]any { return ref("Time") },
		activity.Address: func() map[string]any {
			return map[string]any{"type": "string", "anyOf": []any{map[string]any{"format": "ipv4"}, map[string]any{"format": "ipv6"}}}
		},
		activity.Flag:     func() map[string]any { return map[string]any{"type": "boolean"} },
		activity.Count:    func() map[string]any { return map[string]any{"type": "integer", "minimum": 0} },
		activity.IMO:      func() map[string]any { return map[string]any{"type": "string", "pattern": "^[0-9]{7}$"} },
		activity.LastFour: func() map[string]any { return map[string]any{"type": "string", "pattern": "^[0-9]{4}$"} },
		activity.Inner:    func() map[string]any { return ref(f.Object.Name) },
		activity.Free:     func() map[string]any { return map[string]any{} },
		activity.Never: func() map[string]any {
			return map[string]any{"not": map[string]any{}, "description": "Must never be sent."}
		},
	}[f.Form]()
	if f.Says != "" {
		schema["description"] = f.Says
	}
	return schema
}

// plain gives a value as JSON gives it.
func plain(t *testing.T, value any) (same any) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &same)
	}
	if err != nil {
		t.Fatal(err)
	}
	return same
}

// withoutMarks takes out what closing the document has put in.
func withoutMarks(value any) any {
	text, _ := json.Marshal(value) // it came of JSON
	var copied any
	_ = json.Unmarshal(text, &copied)
	each(copied, func(m map[string]any) { delete(m, "unevaluatedProperties") })
	return copied
}
