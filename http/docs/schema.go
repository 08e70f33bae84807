package docs

import (
	"html/template"
	"slices"
	"strings"
)

// row is a member of a schema; members of members follow it, deeper.
type row struct {
	Depth       int
	Name, Type  string
	Required    bool
	Description template.HTML
}

// deepest is how far members of members are shown.
const deepest = 5

// rowsOf lists the members of a schema and of all it is composed of.
func rowsOf(schema node) []row { return appendRows(nil, schema, 0) }

func appendRows(rows []row, schema node, depth int) []row {
	schema = schema.resolved()
	if depth > deepest {
		return rows
	}
	if items := schema.at("items"); !items.absent() {
		return appendRows(rows, items, depth)
	}
	required := requiredOf(schema)
	for _, part := range parts(schema) {
		for name, member := range part.at("properties").members() {
			rows = append(rows, row{
				Depth: depth, Name: name, Type: typeOf(member), Required: slices.Contains(required, name),
				Description: prose(described(member) + bounds(member)),
			})
			rows = appendRows(rows, member, depth+1)
		}
	}
	return rows
}

// parts gives the schemas that a schema is composed of, itself the last.
func parts(schema node) (all []node) {
	for part := range schema.at("allOf").items() {
		all = append(all, parts(part)...)
	}
	return append(all, schema)
}

func requiredOf(schema node) (names []string) {
	for _, part := range parts(schema) {
		names = slices.AppendSeq(names, part.at("required").texts())
	}
	return names
}

// described prefers the words beside a reference to those at its end.
func described(schema node) string {
	for name, value := range schema.members() {
		if name == "description" {
			return value.Value
		}
	}
	return schema.resolved().text("description")
}

// typeOf says what kind of value a schema wants.
func typeOf(schema node) string {
	full := schema.resolved()
	kind := full.text("type")
	switch types := slices.Collect(full.at("type").texts()); {
	case len(types) > 0:
		kind = strings.Join(types, " or ")
	case !full.at("const").absent():
		return full.at("const").json()
	case kind == "" && !full.at("allOf").absent():
		kind = "object"
	}
	if items := full.at("items"); kind == "array" && !items.absent() {
		return typeOf(items) + "[]"
	}
	if format := full.text("format"); format != "" && kind == "string" {
		return format
	}
	return kind
}

// bounds says which values a schema allows.
func bounds(schema node) string {
	full := schema.resolved()
	var all []string
	if words := slices.Collect(full.at("enum").texts()); len(words) > 0 {
		all = append(all, "`"+strings.Join(words, "` `")+"`")
	}
	for _, b := range []struct{ name, before, after string }{
		{"minimum", "from ", ""},
		{"maximum", "to ", ""},
		{"maxLength", "at most ", " characters"},
		{"minItems", "at least ", " items"},
		{"maxItems", "at most ", " items"},
	} {
		if limit := full.text(b.name); limit != "" {
			all = append(all, b.before+limit+b.after)
		}
	}
	for name, value := range schema.members() {
		if name == "default" {
			all = append(all, "default `"+value.Value+"`")
		}
	}
	if len(all) == 0 {
		return ""
	}
	line := strings.Join(all, ", ")
	return " " + strings.ToUpper(line[:1]) + line[1:] + "."
}
