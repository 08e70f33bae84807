package webhook

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Bounds of templates.
const (
	maxTemplate     = 8 << 10 // bytes
	maxPlaceholders = 64
)

// secretPlaceholder stands for the subscription's own secret, for receivers that want a key in the body.
const secretPlaceholder = "secret"

// checkTemplate says what is wrong with a template.
func checkTemplate(template jsontext.Value) error {
	if err := domain.CheckObject("template", template, maxTemplate); err != nil {
		return err
	}
	if len(template) == 0 {
		return nil
	}
	var shape any
	if err := json.Unmarshal(template, &shape); err != nil {
		return domain.InvalidField("template", "must be a JSON object")
	}
	placeholders, open := count(shape)
	switch {
	case open:
		return domain.InvalidField("template", "has a placeholder that does not end")
	case placeholders > maxPlaceholders:
		return domain.InvalidField("template", "has more than %d placeholders", maxPlaceholders)
	}
	return nil
}

// count gives how many placeholders the texts of a template hold, and whether one of them does not end.
func count(shape any) (placeholders int, open bool) {
	var parts []any
	switch shape := shape.(type) {
	case map[string]any:
		for _, member := range shape {
			parts = append(parts, member)
		}
	case []any:
		parts = shape
	case string:
		placeholders = strings.Count(shape, "{{")
		return placeholders, strings.Count(shape, "}}") != placeholders
	}
	for _, part := range parts {
		n, unended := count(part)
		placeholders, open = placeholders+n, open || unended
	}
	return placeholders, open
}

// fill puts the members of a body in the place of a template's placeholders. A text that is one
// placeholder and nothing else becomes the value; within a text the value is written out. What is
// not there is empty.
func fill(template jsontext.Value, body []byte, secret string) ([]byte, error) {
	var shape any
	var values map[string]any
	if err := json.Unmarshal(template, &shape); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &values); err != nil {
		return nil, err
	}
	values[secretPlaceholder] = secret
	return json.Marshal(filled(shape, values), json.Deterministic(true))
}

func filled(shape any, values map[string]any) any {
	switch shape := shape.(type) {
	case map[string]any:
		for name, member := range shape {
			shape[name] = filled(member, values)
		}
	case []any:
		for i, member := range shape {
			shape[i] = filled(member, values)
		}
	case string:
		return filledText(shape, values)
	}
	return shape
}

func filledText(text string, values map[string]any) any {
	if path, whole := strings.CutPrefix(text, "{{"); whole && strings.Index(text, "}}") == len(text)-2 {
		return valueAt(values, strings.TrimSpace(strings.TrimSuffix(path, "}}")))
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		path, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return out.String() + rest
		}
		out.WriteString(written(valueAt(values, strings.TrimSpace(path))))
		text = after
	}
}

// valueAt walks down the members that a dotted path names.
func valueAt(values map[string]any, path string) any {
	var value any = values
	for name := range strings.SplitSeq(path, ".") {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

func written(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	}
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return ""
	}
	return string(text)
}
