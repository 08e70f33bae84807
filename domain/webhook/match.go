package webhook

import (
	"slices"
	"strings"

	"whocomply/domain"
)

// All is the pattern of all types.
const All = "*"

// checkPatterns gives patterns in canonical form, each once: "all" is "*", and "*" stands alone.
// A pattern must be a type of the catalogue or lead to one.
func checkPatterns(patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return nil, domain.InvalidField("events", "must name at least one event type")
	}
	if len(patterns) > maxPatterns {
		return nil, domain.InvalidField("events", "has more than %d members", maxPatterns)
	}
	var canonical []string
	for _, p := range patterns {
		if p == "all" {
			p = All
		}
		if !slices.ContainsFunc(Types(), func(t Type) bool { return matches(p, t.Name) }) {
			return nil, domain.InvalidField("events", "has the unknown member %.60q", p)
		}
		if !slices.Contains(canonical, p) {
			canonical = append(canonical, p)
		}
	}
	if slices.Contains(canonical, All) {
		return []string{All}, nil
	}
	return canonical, nil
}

// Wants reports whether the subscription asks for a type of event, whatever its filter says.
func (w *Subscription) Wants(kind string) bool {
	return slices.ContainsFunc(w.Events, func(p string) bool { return matches(p, kind) })
}

// matches reports whether a type is the pattern, or begins as the pattern does before its star.
func matches(pattern, kind string) bool {
	if pattern == All || pattern == kind {
		return true
	}
	prefix, starred := strings.CutSuffix(pattern, ".*")
	return starred && len(kind) > len(prefix) && kind[len(prefix)] == '.' && strings.HasPrefix(kind, prefix)
}
