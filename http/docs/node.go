package docs

import (
	"html/template"
	"iter"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a place in a YAML document. The zero Node stands for what is not there.
type node struct {
	*yaml.Node
	root *yaml.Node
}

func (n node) absent() bool { return n.Node == nil }

func (n node) to(child *yaml.Node) node { return node{child, n.root} }

// at walks down by member names, following references.
func (n node) at(names ...string) node {
	for _, name := range names {
		found := n.to(nil)
		for member, value := range n.resolved().members() {
			if member == name {
				found = value
			}
		}
		n = found
	}
	return n.resolved()
}

// reference names what a "$ref" points at, or is "".
func (n node) reference() string {
	if n.absent() || n.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == "$ref" {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// resolved follows a reference within the document.
func (n node) resolved() node {
	pointer, within := strings.CutPrefix(n.reference(), "#/")
	if !within {
		return n
	}
	return n.to(n.root.Content[0]).at(strings.Split(pointer, "/")...)
}

// members yields the members of a mapping in the order they are written in.
func (n node) members() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		if n.absent() || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.to(n.Content[i+1])) {
				return
			}
		}
	}
}

// items yields the items of a sequence, following references.
func (n node) items() iter.Seq[node] {
	return func(yield func(node) bool) {
		if n.absent() || n.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range n.Content {
			if !yield(n.to(item).resolved()) {
				return
			}
		}
	}
}

// texts yields the items of a sequence of scalars.
func (n node) texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		for item := range n.items() {
			if !yield(item.Value) {
				return
			}
		}
	}
}

// text is a member's scalar, or "".
func (n node) text(member string) string {
	if found := n.at(member); !found.absent() {
		return found.Value
	}
	return ""
}

// json writes a value as indented JSON, and a lone text as it is.
func (n node) json() string {
	switch {
	case n.absent():
		return ""
	case n.Kind == yaml.ScalarNode:
		return n.Value
	}
	var out strings.Builder
	n.write(&out, "\n")
	return out.String()
}

// shortest is up to which width a value is written in one line.
const shortest = 76

func (n node) write(out *strings.Builder, newline string) {
	open, end := "{", "}"
	switch n.Kind {
	case yaml.ScalarNode:
		out.WriteString(scalar(n.Node))
		return
	case yaml.SequenceNode:
		open, end = "[", "]"
	}
	if newline != "" {
		var line strings.Builder
		n.write(&line, "")
		if len(newline)+line.Len() <= shortest {
			out.WriteString(line.String())
			return
		}
	}
	inner, comma := newline, ", "
	if newline != "" {
		inner, comma = newline+"  ", ","
	}
	out.WriteString(open)
	step := len(n.Content)
	for i := 0; i < step; {
		if i > 0 {
			out.WriteString(comma)
		}
		out.WriteString(inner)
		if n.Kind == yaml.MappingNode {
			out.WriteString(strconv.Quote(n.Content[i].Value) + ": ")
			i++
		}
		n.to(n.Content[i]).write(out, inner)
		i++
	}
	out.WriteString(newline + end)
}

func scalar(n *yaml.Node) string {
	if n.Tag == "!!str" || n.Tag == "!!timestamp" {
		return quote(n.Value)
	}
	return n.Value
}

// quote writes a JSON string.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}

// prose writes text with `code` and **bold** in paragraphs.
func prose(text string) template.HTML {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if paragraph != "" {
			out.WriteString("<p>" + string(line(paragraph)) + "</p>")
		}
	}
	return template.HTML(out.String())
}

// line writes text with `code` and **bold**.
func line(text string) template.HTML {
	return template.HTML(marked(marked(template.HTMLEscapeString(text), "`", "code"), "**", "b"))
}

// marked puts what stands between two marks into an element.
func marked(text, mark, element string) string {
	var out strings.Builder
	for i, part := range strings.Split(text, mark) {
		if i%2 == 1 {
			part = "<" + element + ">" + part + "</" + element + ">"
		}
		out.WriteString(part)
	}
	return out.String()
}
