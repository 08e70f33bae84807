package casework

import (
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
)

// Finding is what an engine found about a customer.
type Finding struct {
	CustomerID string
	Source     Source
	Screened   domain.Screened
	Monitored  domain.Monitored
}

// DecideFinding raises one alert per listed entity found, one for all the live rules that fired
// and ask for an alert while no other one stands for it, and one for the rules that could not be
// evaluated and of which no open alert says so yet.
func (s *State) DecideFinding(m domain.Meta, cmd Finding) []Raised {
	var raised []Raised
	raise := func(kind string, severity domain.Severity, reasons ...Reason) {
		raised = append(raised, Raised{Alert{
			ID: m.IDs.New("alr"), Kind: kind, Severity: severity, CustomerID: cmd.CustomerID, Source: cmd.Source, Reasons: reasons,
			DueAt: m.At.Add(within(kind, severity)).UTC(),
		}})
	}
	for kind, reasons := range s.newGrounds(cmd) {
		raise(kind, severityOf(kind), reasons...)
	}
	if reasons, severity := ruleReasons(cmd.Monitored.Fired); len(reasons) > 0 {
		raise("monitoring", severity, reasons...)
	}
	if reasons := failureReasons(cmd.Monitored.Failed); len(reasons) > 0 {
		raise("system", domain.Medium, reasons...)
	}
	return raised
}

// newGrounds groups the hits by listed entity, in the order of the hits, leaving out those that an
// alert covers. The hits of an event are grounds each time.
func (s *State) newGrounds(cmd Finding) func(yield func(string, []Reason) bool) {
	return func(yield func(string, []Reason) bool) {
		var order []string
		byEntity := map[string][]Reason{}
		for _, hit := range cmd.Screened.Hits {
			if cmd.Source.Kind == "customer" && s.covered(cmd.CustomerID, &hit) {
				continue
			}
			entity := entity(cmd.CustomerID, &hit)
			if !slices.Contains(order, entity) {
				order = append(order, entity)
			}
			byEntity[entity] = append(byEntity[entity], Reason{
				Text: fmt.Sprintf("%s (list %s, version %d).", strings.TrimSuffix(hit.Explained, "."), hit.List.List, hit.List.Version), Hit: &hit,
			})
		}
		for _, entity := range order {
			if !yield(kindOf(byEntity[entity][0].Hit.Category), byEntity[entity]) {
				return
			}
		}
	}
}

// covered reports whether an alert stands for a hit: one on the customer and the entity that is open
// or was found to be true, or one on the very names that was handled or set aside. What was a false
// positive is a hit again only once the disposition on it is void, and then needs another look.
func (s *State) covered(customerID string, hit *domain.Hit) bool {
	if last := s.alerts[s.entities[entity(customerID, hit)]]; last != nil && (last.IsOpen() || last.Outcome == TrueMatch) {
		return true
	}
	same := s.alerts[s.grounds[ground(customerID, hit)]]
	return same != nil && same.Outcome != FalsePositive
}

// Uncovered reports whether DecideFinding would raise an alert on a hit among those of a screening.
func (s *State) Uncovered(customerID string, hits []domain.Hit) bool {
	return slices.ContainsFunc(hits, func(h domain.Hit) bool { return !s.covered(customerID, &h) })
}

// entity names a customer and a listed entity: there is one alert on them at a time.
func entity(customerID string, hit *domain.Hit) string {
	return customerID + "\x00" + hit.List.List + "\x00" + hit.EntryID
}

// ground names a customer, a listed entity and the names that met: the same ground never raises
// a second alert, a new version of the list with the same entry included.
func ground(customerID string, hit *domain.Hit) string {
	return customerID + "\x00" + hit.List.List + "\x00" + hit.EntryID + "\x00" + hit.Name + "\x00" + hit.Screened
}

func kindOf(category string) string {
	if category == "internal" {
		return "internal_list"
	}
	return category
}

func severityOf(kind string) domain.Severity {
	switch kind {
	case "sanctions":
		return domain.Critical
	case "pep", "internal_list":
		return domain.High
	}
	return domain.Medium
}

func ruleReasons(fired []domain.RuleFired) ([]Reason, domain.Severity) {
	var reasons []Reason
	var worst domain.Severity
	for _, rule := range fired {
		if rule.Mode != "live" || rule.Action == "score" || rule.Suppressed != "" {
			continue
		}
		if rule.Severity.Rank() > worst.Rank() {
			worst = rule.Severity
		}
		reasons = append(reasons, Reason{Text: rule.Explanation, Rule: &rule})
	}
	return reasons, worst
}

func failureReasons(failed []domain.RuleFailed) []Reason {
	reasons := make([]Reason, 0, len(failed))
	for _, rule := range failed {
		if rule.Suppressed != "" {
			continue
		}
		reasons = append(reasons, Reason{
			Text: fmt.Sprintf("rule %s version %d could not be evaluated: %s", rule.RuleID, rule.Version, rule.Reason), Failed: &rule,
		})
	}
	return reasons
}
