package monitoring

import (
	"maps"
	"slices"
	"strings"

	"whocomply/domain"
)

// State is a tenant's rules. A copy of it stays as it is while the original goes on.
type State struct {
	rules   map[string]Rule
	created map[string]creation // by idempotency key, deleted rules included
	set     *RuleSet
}

// creation is what an idempotency key was first used for.
type creation struct {
	digest string
	ruleID string
}

// New is the state of a tenant without rules.
func New() *State { return &State{set: NewRuleSet()} }

// Evolve takes in an event; those of other areas it ignores.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Set:
		s.put(event)
	case Deleted:
		s.rules = maps.Clone(s.rules)
		delete(s.rules, event.RuleID)
		s.set = s.set.without(event.RuleID)
	}
}

func (s *State) put(e Set) {
	s.rules = cloned(s.rules)
	s.rules[e.Rule.ID] = e.Rule
	s.set = s.set.with(e.Rule)
	if e.Idem != nil {
		s.created = cloned(s.created)
		s.created[e.Idem.Key] = creation{digest: e.Idem.Digest, ruleID: e.Rule.ID}
	}
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return make(map[string]V, 1)
	}
	return maps.Clone(m)
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

// Created gives the id of the rule that was created under an idempotency key. The rule may
// have been deleted since.
func (s *State) Created(key string) (ruleID string, found bool) {
	c, found := s.created[key]
	return c.ruleID, found
}

// RuleSet is the immutable snapshot of the rules in force, to be evaluated by any number of
// goroutines while the state goes on.
func (s *State) RuleSet() *RuleSet { return s.set }
