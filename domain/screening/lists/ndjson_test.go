package lists_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

const doe = `{"id":"1","list":"house","category":"internal","entity_type":"individual","name":"DOE, John","aliases":["Jon"]}`

func TestNDJSONRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "\n", "list is empty"},
		{"cut", doe + "\n" + doe[:40], "list line 2 is not an entry"},
		{"two on a line", doe + doe, "list line 1 is not an entry"},
		{"unknown member", `{"id":"1","nom":"A"}`, "list line 1 is not an entry"},
		{"double member", `{"id":"1","id":"2"}`, "list line 1 is not an entry"},
		{"no id", `{"name":"A"}`, "list line 1 needs an id"},
		{"id twice", doe + "\n\n" + doe, "list line 3 needs an id"},
		{"Windows-1252", "{\"id\":\"1\",\"name\":\"Jos\xe9\"}", "list line 1 is not UTF-8"},
		{"end mark in the middle", doe + "\n\x1a\n" + doe, "list line 2 holds the control character 0x1A"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			entries, err := lists.NDJSON(strings.NewReader(tc.text))
			if err == nil || domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.want) || entries != nil {
				t.Errorf("entries %v, error %v, want %q", entries, err, tc.want)
			}
		})
	}
}

// What is read can be written in canonical form, and is read again from that.
func FuzzNDJSON(f *testing.F) {
	f.Add([]byte(doe + "\n"))
	f.Add([]byte(`{"id":"é","name":"習近平","identifiers":[{"type":"passport","value":"1"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := lists.NDJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := lists.NDJSON(bytes.NewReader(canonical(t, entries)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(canonical(t, again), canonical(t, entries)) {
			t.Errorf("read %+v, again %+v", entries, again)
		}
	})
}

func canonical(t *testing.T, entries []screening.Entry) (text []byte) {
	t.Helper()
	for _, e := range entries {
		line, err := screening.CanonicalLine(e)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	return text
}

func TestNDJSON(t *testing.T) {
	got, err := lists.NDJSON(strings.NewReader(doe + "\r\n\n" + strings.ReplaceAll(doe, `"1"`, `"2"`)))
	want := screening.Entry{ID: "1", List: "house", Category: "internal", EntityType: "individual", Name: "DOE, John", Aliases: []string{"Jon"}}
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("entries %+v, error %v", got, err)
	}
}
