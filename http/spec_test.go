package http_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	web "whocomply/http"
)

// apiSpec holds answers against openapi.yaml. Schemas of answers are closed: a member that the
// document does not name is a fault.
type apiSpec struct {
	root     map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema // by JSON pointer
}

const specURL = "file:///openapi.json"

var openSpec = sync.OnceValues(func() (*apiSpec, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	s := &apiSpec{root: parsed.(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	s.close()
	s.compiler.DefaultDraft(jsonschema.Draft2020)
	s.compiler.AssertFormat()
	return s, s.compiler.AddResource(specURL, s.root)
})

// close refuses unnamed members in every schema of objects that does not say what it thinks of
// them. What others are composed of stays open: the whole is closed, not the part.
func (s *apiSpec) close() {
	parts := map[string]bool{}
	each(s.root, func(m map[string]any) {
		all, _ := m["allOf"].([]any)
		for _, part := range all {
			parts[strings.TrimPrefix(member(part, "$ref").(string), "#/components/schemas/")] = true
		}
	})
	for name, schema := range member(s.root, "components", "schemas").(map[string]any) {
		if !parts[name] {
			each(schema, shut)
		} else {
			for _, inner := range schema.(map[string]any) {
				each(inner, shut)
			}
		}
	}
}

func shut(m map[string]any) {
	_, properties := m["properties"]
	_, composed := m["allOf"]
	_, said := m["additionalProperties"]
	if _, typed := m["type"]; typed && (properties || composed) && !said {
		m["unevaluatedProperties"] = false
	}
}

// each visits every object within a value.
func each(value any, visit func(map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		visit(v)
		for _, inner := range v {
			each(inner, visit)
		}
	case []any:
		for _, inner := range v {
			each(inner, visit)
		}
	}
}

// member walks down by names; what is not there is nil.
func member(value any, names ...string) any {
	for _, name := range names {
		m, _ := value.(map[string]any)
		value = m[name]
	}
	return value
}

// resolve follows a reference, and gives the JSON pointer of where it ends.
func (s *apiSpec) resolve(pointer string) (string, any) {
	value := s.lookUp(pointer)
	if ref, ok := member(value, "$ref").(string); ok {
		return s.resolve(strings.TrimPrefix(ref, "#"))
	}
	return pointer, value
}

func (s *apiSpec) lookUp(pointer string) any {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, name := range names {
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	}
	return member(s.root, names...)
}

func escaped(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// check holds JSON against the schema at a JSON pointer.
func (s *apiSpec) check(pointer string, text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	schema := s.schemas[pointer]
	if schema == nil {
		if schema, err = s.compiler.Compile(specURL + "#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)); err != nil {
			return err
		}
		s.schemas[pointer] = schema
	}
	return schema.Validate(value)
}

// operation finds the operation that a request is for, as the router does: a path without
// parameters comes before one with them.
func (s *apiSpec) operation(method, address string) (pointer string, known bool) {
	paths := s.root["paths"].(map[string]any)
	for _, path := range slices.SortedFunc(maps.Keys(paths), func(a, b string) int { return strings.Count(a, "{") - strings.Count(b, "{") }) {
		if _, has := member(paths[path], strings.ToLower(method)).(map[string]any); has && fits(path, address) {
			return "/paths/" + escaped(path) + "/" + strings.ToLower(method), true
		}
	}
	return "", false
}

// fits reports whether an address is of a path. One that ends in {path} takes in all that follows.
func fits(path, address string) bool {
	want, got := strings.Split(path, "/"), strings.Split(address, "/")
	if n := len(want); want[n-1] == "{path}" && len(got) > n {
		got = got[:n]
	}
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") && g != "" })
}

// conforms says how an answer breaks the document. What answers no operation is an error as the
// document describes errors.
func (s *apiSpec) conforms(r *http.Request, status int, header http.Header, body []byte) error {
	operation, known := s.operation(r.Method, r.URL.EscapedPath())
	if !known {
		return s.check("/components/schemas/Error", body)
	}
	pointer, response := s.resolve(operation + "/responses/" + strconv.Itoa(status))
	if response == nil {
		return fmt.Errorf("status %d is not in the document", status)
	}
	headers, _ := member(response, "headers").(map[string]any)
	for name := range headers {
		at, stated := s.resolve(pointer + "/headers/" + escaped(name))
		if err := s.checkHeader(at, header.Get(name), member(stated, "required") == true); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	content, _ := member(response, "content").(map[string]any)
	if len(content) == 0 && len(body) == 0 {
		return nil
	}
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if content[media] == nil {
		return fmt.Errorf("the media type %q is not in the document", media)
	}
	if media != "application/json" {
		return nil
	}
	return s.check(pointer+"/content/"+escaped(media)+"/schema", body)
}

// checkHeader reads the value as JSON, and as a text if it is none.
func (s *apiSpec) checkHeader(pointer, value string, required bool) error {
	if value == "" {
		if required {
			return fmt.Errorf("is missing")
		}
		return nil
	}
	raw := []byte(value)
	if !json.Valid(raw) {
		raw = []byte(strconv.Quote(value))
	}
	if member(s.lookUp(pointer), "schema", "type") == "string" {
		raw = []byte(strconv.Quote(value))
	}
	return s.check(pointer+"/schema", raw)
}

// accepts says why a body that the server took is none that the document allows.
func (s *apiSpec) accepts(r *http.Request, body string) error {
	operation, known := s.operation(r.Method, r.URL.EscapedPath())
	if media := r.Header.Get("Content-Type"); !known || body == "" || media == ndjson || media == "application/xml" || media == "text/csv" {
		return nil
	}
	return s.check(operation+"/requestBody/content/"+escaped("application/json")+"/schema", []byte(body))
}

// conform fails the test if a request that was answered breaks the document.
func (h *house) conform(r *http.Request, sent string, status int, header http.Header, body []byte) {
	h.t.Helper()
	s, err := openSpec()
	h.must(err)
	if err := s.conforms(r, status, header, body); err != nil {
		h.t.Errorf("%s %s answers %d with what openapi.yaml does not say: %v\n%s", r.Method, r.URL.Path, status, err, body)
	}
	if status < 300 {
		if err := s.accepts(r, sent); err != nil {
			h.t.Errorf("%s %s takes what openapi.yaml does not allow: %v\n%s", r.Method, r.URL.Path, err, sent)
		}
	}
}

// TestSpecIsTheRouter holds the document's operations and their scopes against the table of routes.
func TestSpecIsTheRouter(t *testing.T) {
	h := openHouse(t)
	s, err := openSpec()
	h.must(err)
	stated := map[web.Route]bool{}
	for path, item := range s.root["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			scope, _ := member(operation, "x-scope").(string)
			stated[web.Route{Method: strings.ToUpper(method), Path: strings.NewReplacer("{", ":", "}", "").Replace(path), Scope: scope}] = true
		}
	}
	for _, route := range web.Routes(h.Server) {
		if !stated[route] {
			t.Errorf("%+v is not in openapi.yaml", route)
		}
		delete(stated, route)
	}
	for route := range stated {
		t.Errorf("%+v is in openapi.yaml and not in the router", route)
	}
}

// TestSpecIsValid reads the document as OpenAPI 3.1, and holds every example against its schema.
func TestSpecIsValid(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	s, err := openSpec()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range s.root["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			at := "/paths/" + escaped(path) + "/" + method
			if sent, wanted := member(operation, "requestBody", "content").(map[string]any); wanted {
				if s.checkExamples(t, at+"/requestBody", sent) == 0 {
					t.Errorf("%s: the body has no example", at)
				}
			}
			for status := range member(operation, "responses").(map[string]any) {
				pointer, response := s.resolve(at + "/responses/" + status)
				content, _ := member(response, "content").(map[string]any)
				repetition := status == "200" && member(operation, "responses", "201") != nil
				if s.checkExamples(t, pointer, content) == 0 && len(content) > 0 && !repetition {
					t.Errorf("%s: the answer %s has no example", at, status)
				}
			}
		}
	}
}

func (s *apiSpec) checkExamples(t *testing.T, pointer string, content map[string]any) (checked int) {
	for media, c := range content {
		if example := member(c, "example"); example != nil {
			raw, err := json.Marshal(example)
			if err == nil {
				err = s.check(pointer+"/content/"+escaped(media)+"/schema", raw)
			}
			if err != nil {
				t.Errorf("%s: %v", pointer, err)
			}
			checked++
		}
	}
	return checked
}

// TestDocs fetches the page and looks for every operation, every error and nothing from elsewhere.
func TestDocs(t *testing.T) {
	h := openHouse(t)
	a := h.want(h.do("GET", "/docs", "", "Authorization", ""), http.StatusOK)
	s, err := openSpec()
	h.must(err)
	for _, item := range s.root["paths"].(map[string]any) {
		for _, operation := range item.(map[string]any) {
			if id := member(operation, "operationId").(string); !strings.Contains(a.body, `<article id="`+id+`">`) {
				t.Errorf("%s is not on the page", id)
			}
		}
	}
	codes := member(s.root, "components", "schemas", "ErrorCode")
	catalogue, _ := member(codes, "x-catalogue").([]any)
	for i, code := range member(codes, "enum").([]any) {
		if i >= len(catalogue) || member(catalogue[i], "code") != code || !strings.Contains(a.body, "<td><code>"+code.(string)+"</code></td>") {
			t.Errorf("the error %s is not in the catalogue", code)
		}
	}
	for code, status := range web.Statuses() {
		at := slices.IndexFunc(catalogue, func(row any) bool { return member(row, "code") == code })
		if at < 0 || fmt.Sprint(member(catalogue[at], "status")) != strconv.Itoa(status) ||
			member(catalogue[at], "meaning") == nil || member(catalogue[at], "remedy") == nil {
			t.Errorf("the catalogue does not say what %s means, that it is a %d, and what to do", code, status)
		}
	}
	if len(catalogue) != len(web.Statuses()) {
		t.Errorf("the catalogue has %d errors, there are %d", len(catalogue), len(web.Statuses()))
	}
	for _, foreign := range []string{`="https://`, `url(http`, "//cdn", "<link", "@import", " src=", "ZgotmplZ", "<no value>"} {
		if strings.Contains(a.body, foreign) {
			t.Errorf("the page holds %q", foreign)
		}
	}
	if policy := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	text, err := os.ReadFile("openapi.yaml")
	h.must(err)
	if served := h.want(h.do("GET", "/openapi.yaml", "", "Authorization", ""), http.StatusOK); served.body != string(text) {
		t.Error("the document served is not openapi.yaml")
	}
}

// TestSpecSeesFaults shows that an answer can break the document.
func TestSpecSeesFaults(t *testing.T) {
	s, err := openSpec()
	if err != nil {
		t.Fatal(err)
	}
	sound := func() (int, http.Header, string) {
		return 200, http.Header{"Content-Type": {"application/json"}, "Ledger-Seq": {"3"}, "X-Request-Id": {"r"}},
			`{"status":"ok","data":[],"pagination":{"limit":20,"offset":0,"total":0}}`
	}
	for _, row := range []struct {
		name string
		harm func(status *int, header http.Header, body *string)
	}{
		{"status", func(status *int, _ http.Header, _ *string) { *status = 202 }},
		{"media type", func(_ *int, header http.Header, _ *string) { header.Set("Content-Type", "text/html") }},
		{"header missing", func(_ *int, header http.Header, _ *string) { header.Del("Ledger-Seq") }},
		{"header wrong", func(_ *int, header http.Header, _ *string) { header.Set("Ledger-Seq", "x") }},
		{"member missing", func(_ *int, _ http.Header, body *string) { *body = `{"status":"ok","data":[]}` }},
		{"member wrong", func(_ *int, _ http.Header, body *string) { *body = strings.Replace(*body, "[]", "{}", 1) }},
		{"member unnamed", func(_ *int, _ http.Header, body *string) {
			*body = strings.Replace(*body, `"total"`, `"more":1,"total"`, 1)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), "GET", acme+"/customers", nil)
			if err != nil {
				t.Fatal(err)
			}
			status, header, body := sound()
			if err := s.conforms(r, status, header, []byte(body)); err != nil {
				t.Fatal(err)
			}
			row.harm(&status, header, &body)
			if s.conforms(r, status, header, []byte(body)) == nil {
				t.Error("not seen")
			}
		})
	}
}
