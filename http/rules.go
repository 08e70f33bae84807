package http

import (
	"context"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/projections"
)

func (s *Server) ruleRoutes() []route {
	return []route{
		{"POST", tenants + "/monitoring-rules", "rules:write", s.createRule},
		{"GET", tenants + "/monitoring-rules", "rules:read", s.listRules},
		{"GET", tenants + "/monitoring-rules/:id", "rules:read", s.getRule},
		{"PATCH", tenants + "/monitoring-rules/:id", "rules:write", s.patchRule},
		{"DELETE", tenants + "/monitoring-rules/:id", "rules:write", s.deleteRule},
	}
}

// ruleRequest is a rule as a caller states it.
type ruleRequest struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	EventTypes  []string        `json:"event_types"`
	Condition   string          `json:"condition"` // CEL
	Score       int             `json:"score"`
	Severity    domain.Severity `json:"severity"`
	Action      string          `json:"action"`
	Mode        string          `json:"mode"`
}

func (r ruleRequest) rule(id string) monitoring.Rule {
	return monitoring.Rule{
		ID: id, Name: r.Name, Description: r.Description, EventTypes: r.EventTypes, Condition: r.Condition,
		Score: r.Score, Severity: r.Severity, Action: r.Action, Mode: r.Mode,
	}
}

// ruleAnswer is a rule at the version a write left it at.
type ruleAnswer struct {
	monitoring.Rule
	Receipt ledger.Receipt `json:"receipt"`
}

func (s *Server) createRule(c *call) error {
	var in ruleRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("monitoring-rules", in)
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.CreateRule(monitoring.CreateRule{Rule: in.rule(""), Idem: idem}))
	if err != nil {
		return err
	}
	set, made := outcome.Reply.(monitoring.Set)
	if !made {
		first, err := c.find(idem.Key)
		if err != nil {
			return err
		}
		set = first.Event.(monitoring.Set)
	}
	return c.wrote(made, outcome, ruleAnswer{set.Rule, outcome.Receipt})
}

// patchRule merges a part into a rule (RFC 7396). A rule has no members of members, so that
// decoding onto the rule as it stands is the merge: null gives a member its default.
func (s *Server) patchRule(c *call) error {
	rule, err := c.rule()
	if err != nil {
		return err
	}
	in := ruleRequest{
		Name: rule.Name, Description: rule.Description, Condition: rule.Condition, EventTypes: rule.EventTypes[:0:0],
		Score: rule.Score, Severity: rule.Severity, Action: rule.Action, Mode: rule.Mode,
	}
	in.EventTypes = append(in.EventTypes, rule.EventTypes...)
	if err := c.decode(&in); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.ChangeRule(monitoring.ChangeRule{Rule: in.rule(rule.ID)}))
	if err != nil {
		return err
	}
	if set, changed := outcome.Reply.(monitoring.Set); changed {
		rule = set.Rule
	}
	return c.wrote(false, outcome, ruleAnswer{rule, outcome.Receipt})
}

// rule gives the rule that the path names as the ledger has it now.
func (c *call) rule() (rule monitoring.Rule, err error) {
	id, err := c.param("id")
	if err != nil {
		return rule, err
	}
	err = c.view(func(s *ledger.State) error {
		var known bool
		if rule, known = s.Rules.Rule(id); !known {
			return domain.Errorf(domain.Unknown, "there is no such monitoring rule")
		}
		return nil
	})
	return rule, err
}

func (s *Server) deleteRule(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.DeleteRule(monitoring.DeleteRule{RuleID: id}))
	if err != nil {
		return err
	}
	c.removed(outcome)
	return nil
}

func (s *Server) listRules(c *call) error {
	return list(c, projections.Rules, nil, func(ctx context.Context, p projections.Page) ([]projections.Rule, int64, error) {
		return s.Models.Rules(ctx, c.caller.slug, p)
	})
}

func (s *Server) getRule(c *call) error { return one(c, projections.Rules, s.Models.Rule) }
