package monitoring

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// RuleSet is the rules in force at one moment, compiled, and the lists and rates that they ask. It
// never changes.
type RuleSet struct {
	rules     []*program // in order of rule id, which is the order of creation
	digest    string
	types     []string // that any of the rules looks at, each pattern once
	asked     []asked  // what they look at of the past
	reference *Reference
}

// NewRuleSet compiles the rules that are live or shadow; the others it leaves out. A rule
// that does not compile is kept, and fails on every event of its types. The lists are those that
// are shipped.
func NewRuleSet(rules ...Rule) *RuleSet {
	var programs []*program
	for _, r := range rules {
		if r.inForce() {
			programs = append(programs, newProgram(r))
		}
	}
	slices.SortFunc(programs, func(a, b *program) int { return strings.Compare(a.rule.ID, b.rule.ID) })
	return sealed(programs, shipped)
}

// Reference gives the lists and rates that the rules ask.
func (s *RuleSet) Reference() *Reference { return s.reference }

// on gives the set in which the rules ask other lists and rates.
func (s *RuleSet) on(r *Reference) *RuleSet {
	return &RuleSet{rules: s.rules, digest: s.digest, types: s.types, asked: s.asked, reference: r}
}

// Digest is the lower-case hex SHA-256 that the package documentation defines.
func (s *RuleSet) Digest() string { return s.digest }

// Rules lists the rules in force in the order in which they are evaluated.
func (s *RuleSet) Rules() []Rule {
	rules := make([]Rule, len(s.rules))
	for i, p := range s.rules {
		rules[i] = p.rule
	}
	return rules
}

// LooksAt reports whether a rule in force admits events of a type.
func (s *RuleSet) LooksAt(eventType string) bool {
	return admits(s.types, eventType)
}

// asked is what the rules that look at some types of events look at of the past, a bit for each subject.
type asked struct {
	pattern string
	needs   uint // whose past
	names   uint // by whom events are told apart
}

// needs gives the subjects whose past the rules look at on events of a type, and those by which they
// tell events apart, a bit each.
func (s *RuleSet) needs(eventType string) (needs, names uint) {
	for i := range s.asked {
		if a := &s.asked[i]; matches(a.pattern, eventType) {
			needs, names = needs|a.needs, names|a.names
		}
	}
	return needs, names
}

// askedBy sums up what rules look at, each pattern once.
func askedBy(programs []*program) (all []asked) {
	for _, p := range programs {
		if p.condition == nil || p.condition.needs == 0 {
			continue
		}
		for _, pattern := range p.rule.EventTypes {
			at := slices.IndexFunc(all, func(a asked) bool { return a.pattern == pattern })
			if at < 0 {
				at, all = len(all), append(all, asked{pattern: pattern})
			}
			all[at].needs, all[at].names = all[at].needs|p.condition.needs, all[at].names|p.condition.names
		}
	}
	return all
}

// with gives the set in which r takes the place of its earlier version.
func (s *RuleSet) with(r Rule) *RuleSet {
	at, found := s.find(r.ID)
	switch {
	case found && r.inForce():
		programs := slices.Clone(s.rules)
		programs[at] = newProgram(r)
		return sealed(programs, s.reference)
	case r.inForce():
		return sealed(slices.Insert(slices.Clone(s.rules), at, newProgram(r)), s.reference)
	}
	return s.without(r.ID)
}

// without gives the set in which the rule is not in force.
func (s *RuleSet) without(id string) *RuleSet {
	at, found := s.find(id)
	if !found {
		return s
	}
	return sealed(slices.Delete(slices.Clone(s.rules), at, at+1), s.reference)
}

func (s *RuleSet) find(id string) (int, bool) {
	return slices.BinarySearchFunc(s.rules, id, func(p *program, id string) int { return strings.Compare(p.rule.ID, id) })
}

// sealed makes a set of programs that are in order of rule id.
func sealed(programs []*program, reference *Reference) *RuleSet {
	text := []byte("whocomply/rule-set@v1\n")
	var types []string
	for _, p := range programs {
		text = append(append(text, p.canonical...), '\n')
		types = append(types, p.rule.EventTypes...)
	}
	slices.Sort(types)
	sum := sha256.Sum256(text)
	return &RuleSet{rules: programs, digest: hex.EncodeToString(sum[:]), types: slices.Compact(types), asked: askedBy(programs), reference: reference}
}

// canonical is the rule as JSON in the form of RFC 8785. It panics on text that is not UTF-8,
// which neither a decision nor the decoder of a stored rule lets through.
func canonical(r Rule) []byte {
	raw, err := json.Marshal(r)
	if err == nil {
		err = (*jsontext.Value)(&raw).Canonicalize()
	}
	if err != nil {
		panic("rule is not JSON: " + err.Error())
	}
	return raw
}

// program is a rule in force, compiled.
type program struct {
	rule      Rule
	canonical []byte
	condition *condition
	broken    error // why the condition does not compile; nil if it does
}

func newProgram(r Rule) *program {
	p := &program{rule: r, canonical: canonical(r)}
	p.condition, p.broken = compile(r.Condition)
	return p
}
