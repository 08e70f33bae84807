// Package docs renders an OpenAPI 3.1 document as one HTML page for people: operations by tag with
// parameters, schemas, examples and curl lines, a quickstart, and the catalogue of errors.
//
//	page.go    the page: tags, operations, errors
//	matrix.go  a table as a page of its own
//	schema.go  schemas as indented rows
//	node.go    reading YAML in the order it is written in
//	page.html  the template, with its style and script
//
// The page needs nothing but itself: no font, script or style from elsewhere, and it can be read
// without its script. The document is one of our own: what is missing in it shows as empty.
package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // page.html
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed page.html
var source string

//go:embed page.css
var style string

//go:embed page.js
var script string

// Policy is the Content-Security-Policy to serve a page with: it may run its own script, and load nothing.
var Policy = fmt.Sprintf("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", digest(script))

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the template shows.
type page struct {
	Title, Version, Summary string
	Intro                   template.HTML
	Tags                    []tag
	Errors                  []problem
	Style                   template.CSS
	Script                  template.JS
}

// tag is a group of operations.
type tag struct {
	ID, Name, Description string
	Operations            []operation
}

// operation is one method of one path.
type operation struct {
	ID, Method, Path, Summary, Scope string
	Description                      template.HTML
	Parameters                       []parameter
	Body                             []row
	Media                            string // of the body
	Example                          string // of the body
	Curl                             string
	Responses                        []response
}

// parameter is a part of the path, the query string or the header.
type parameter struct {
	Name, In, Type string
	Required       bool
	Description    template.HTML
	example        string
}

// response is an answer with one status.
type response struct {
	Status      string
	Description template.HTML
	Rows        []row
	Example     string
}

// problem is a row of the catalogue of errors.
type problem struct{ Code, Status, Meaning, Remedy string }

// Page renders an OpenAPI 3.1 document in YAML.
func Page(spec []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(spec, &root); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	layout, err := template.New("page").Parse(source)
	if err != nil {
		return nil, err
	}
	d := document{node{root: &root, Node: root.Content[0]}}
	var out bytes.Buffer
	err = layout.Execute(&out, d.page())
	return out.Bytes(), err
}

// document is the whole of an OpenAPI document.
type document struct{ node }

func (d document) page() page {
	info := d.at("info")
	p := page{
		Title: info.text("title"), Version: info.text("version"), Summary: info.text("summary"), Intro: prose(info.text("description")),
		Style: template.CSS(style), Script: template.JS(script),
	}
	for t := range d.at("tags").items() {
		name := t.text("name")
		p.Tags = append(p.Tags, tag{anchor(name), name, t.text("description"), d.operations(name)})
	}
	for e := range d.at("components", "schemas", "ErrorCode", "x-catalogue").items() {
		p.Errors = append(p.Errors, problem{e.text("code"), e.text("status"), e.text("meaning"), e.text("remedy")})
	}
	return p
}

func anchor(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

func (d document) operations(tag string) (all []operation) {
	for path, item := range d.at("paths").members() {
		for method, op := range item.members() {
			if slices.Contains(slices.Collect(op.at("tags").texts()), tag) {
				all = append(all, operationOf(strings.ToUpper(method), path, op))
			}
		}
	}
	return all
}

func operationOf(method, path string, op node) operation {
	o := operation{
		ID: op.text("operationId"), Method: method, Path: path, Summary: op.text("summary"), Scope: op.text("x-scope"),
		Description: prose(op.text("description")),
	}
	for p := range op.at("parameters").items() {
		schema := p.at("schema")
		o.Parameters = append(o.Parameters, parameter{
			Name: p.text("name"), In: p.text("in"), Required: p.text("required") == "true", Type: typeOf(schema),
			Description: prose(p.text("description") + bounds(schema)), example: p.text("example"),
		})
	}
	for media, content := range op.at("requestBody", "content").members() {
		o.Media, o.Body, o.Example = media, rowsOf(content.at("schema")), content.at("example").json()
		break
	}
	for status, r := range op.at("responses").members() {
		answer := response{Status: status, Description: line(r.text("description"))}
		for _, content := range r.at("content").members() {
			answer.Example = content.at("example").json()
			if status < "300" {
				answer.Rows = rowsOf(content.at("schema"))
			}
			break
		}
		o.Responses = append(o.Responses, answer)
	}
	o.Curl = o.curl()
	return o
}

// curl is a line to paste once $WHOCOMPLY_URL and $WHOCOMPLY_KEY are set.
func (o *operation) curl() string {
	path := o.Path
	for _, p := range o.Parameters {
		path = strings.Replace(path, "{"+p.Name+"}", p.example, 1)
	}
	line := `curl -s "$WHOCOMPLY_URL` + path + `"`
	if o.Method != "GET" && (o.Method != "POST" || o.Example == "") {
		line += " -X " + o.Method
	}
	if o.Scope != "" {
		line += " \\\n  -H \"Authorization: Bearer $WHOCOMPLY_KEY\""
	}
	if o.Example != "" {
		line += " \\\n  -H 'Content-Type: " + o.Media + "' \\\n  -d '" + strings.ReplaceAll(o.Example, "'", `'\''`) + "'"
	}
	return line
}
