package monitoring

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"whocomply/domain"
)

// Template is a typology of the catalogue: a rule with parameters, which an institution installs
// with its own thresholds.
type Template struct {
	ID          string // also the name of its fixtures
	Name        string
	Description string
	Tags        []string // what it rests on: recommendations of the FATF (R.), other sources
	Severity    domain.Severity
	Score       int
	EventTypes  []string
	Condition   string // CEL, with {name} for each parameter
	Parameters  []Parameter
	DedupBy     string
	CoolDown    string
}

// Parameter is a value that a template leaves to the institution.
type Parameter struct {
	Name        string
	Kind        string // number, amount, span, currency, words or list
	Default     string // lists are separated by spaces
	Description string
}

var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$`)

var parameterForms = map[string]*regexp.Regexp{
	"amount":   amountForm,
	"number":   amountForm,
	"span":     spanForm,
	"currency": regexp.MustCompile(`^[A-Z]{3}$`),
	"list":     listName,
	"words":    regexp.MustCompile(`^[a-z0-9_-]+( [a-z0-9_-]+)*$`),
}

// FindTemplate gives the template with an id.
func FindTemplate(id string) (Template, bool) {
	templates := Catalogue()
	at := slices.IndexFunc(templates, func(t Template) bool { return t.ID == id })
	if at < 0 {
		return Template{}, false
	}
	return templates[at], true
}

// Rule makes a rule, to be created, of a template. Parameters that are not named have their
// defaults. An error names the parameter that is unknown or not of its kind.
func (t *Template) Rule(parameters map[string]string) (Rule, error) {
	condition := strings.ReplaceAll(t.Condition, "\t", "")
	rest := maps.Clone(parameters)
	for _, p := range t.Parameters {
		value, named := parameters[p.Name]
		if !named {
			value = p.Default
		}
		delete(rest, p.Name)
		if !parameterForms[p.Kind].MatchString(value) {
			return Rule{}, domain.InvalidField("parameters."+p.Name, "must be of the kind %s, such as %q", p.Kind, p.Default)
		}
		condition = strings.ReplaceAll(condition, "{"+p.Name+"}", p.written(value))
	}
	for name := range rest {
		return Rule{}, domain.InvalidField("parameters."+name, "is no parameter of %s", t.ID)
	}
	return checked(Rule{
		Name: t.Name, Description: t.Description, EventTypes: t.EventTypes, Condition: condition, Score: t.Score, Severity: t.Severity,
		Action: "alert", Mode: "live", DedupBy: t.DedupBy, CoolDown: t.CoolDown, Tags: t.Tags, Template: t.ID,
	})
}

// written gives a value as conditions write it.
func (p *Parameter) written(value string) string {
	switch p.Kind {
	case "number", "amount", "list":
		return value
	case "words":
		var items []string
		for word := range strings.FieldsSeq(value) {
			items = append(items, fmt.Sprintf("%q", word))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprintf("%q", value)
}
