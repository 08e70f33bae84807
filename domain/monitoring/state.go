package monitoring

import (
	"maps"
	"slices"
	"strings"

	"whocomply/domain"
)

// State is a tenant's rules. A copy of it stays as it is while the original goes on.
type State struct {
	rules map[string]Rule // by id; replaced as a whole, never changed
	set   *RuleSet

	listed map[string][]int64 // positions of the versions of each reference list, by name; replaced as a whole
}

// New is the state of a tenant without rules.
func New() *State {
	return &State{rules: map[string]Rule{}, set: NewRuleSet(), listed: map[string][]int64{}}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{rules: maps.Clone(s.rules), set: s.set, listed: maps.Clone(s.listed)}
}

// Evolve takes in an event; those of other areas it ignores.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Set:
		s.rules = maps.Clone(s.rules)
		s.rules[event.Rule.ID] = event.Rule
		s.set = s.set.with(event.Rule)
	case Deleted:
		s.rules = maps.Clone(s.rules)
		delete(s.rules, event.RuleID)
		s.set = s.set.without(event.RuleID)
	case ListSet:
		s.set = s.set.on(s.set.reference.withList(event.List))
		s.listed = maps.Clone(s.listed)
		s.listed[event.List.Name] = append(slices.Clip(s.listed[event.List.Name]), e.Seq)
	case RatesSet:
		s.set = s.set.on(s.set.reference.withRates(event.Rates))
	}
}

// Rule gives a rule that is not deleted.
func (s *State) Rule(id string) (Rule, bool) {
	r, known := s.rules[id]
	return r, known
}

// Rules lists the rules that are not deleted, those that are off included, oldest first.
func (s *State) Rules() []Rule {
	return slices.SortedFunc(maps.Values(s.rules), func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
}

// ListVersions gives the positions of the events that made the versions of a reference list,
// oldest first.
func (s *State) ListVersions(name string) []int64 { return s.listed[name] }

// RuleSet is the immutable snapshot of the rules in force, to be evaluated by any number of
// goroutines while the state goes on.
func (s *State) RuleSet() *RuleSet { return s.set }
