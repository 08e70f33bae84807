package http

import (
	"context"
	"net/http"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/projections"
)

func (s *Server) ruleRoutes() []route {
	return []route{
		{"POST", tenants + "/monitoring-rules", "rules:write", s.createRule},
		{"GET", tenants + "/monitoring-rules", "rules:read", s.listRules},
		{"GET", tenants + "/monitoring-rules/catalogue", "rules:read", s.listCatalogue},
		{"POST", tenants + "/monitoring-rules/catalogue/:name/install", "rules:write", s.installTypology},
		{"GET", tenants + "/monitoring-rules/:id", "rules:read", s.getRule},
		{"GET", tenants + "/monitoring-rules/:id/versions", "rules:read", s.listRuleVersions},
		{"GET", tenants + "/monitoring-rules/:id/shadow", "rules:read", s.getShadow},
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

	EffectiveFrom time.Time `json:"effective_from,omitzero"`
	DedupBy       string    `json:"dedup_by,omitempty"`
	CoolDown      string    `json:"cool_down,omitempty"`
	Tags          []string  `json:"tags,omitempty"`
	ChangeReason  string    `json:"change_reason,omitempty"`
}

func (r ruleRequest) rule() monitoring.Rule {
	return monitoring.Rule{
		Name: r.Name, Description: r.Description, EventTypes: r.EventTypes, Condition: r.Condition,
		Score: r.Score, Severity: r.Severity, Action: r.Action, Mode: r.Mode,
		EffectiveFrom: r.EffectiveFrom, DedupBy: r.DedupBy, CoolDown: r.CoolDown, Tags: r.Tags, ChangeReason: r.ChangeReason,
	}
}

// patchOf gives a rule as a patch finds it. Why the version before was made is not why this one is.
func patchOf(r monitoring.Rule) ruleRequest {
	return ruleRequest{
		Name: r.Name, Description: r.Description, EventTypes: slices.Clone(r.EventTypes), Condition: r.Condition,
		Score: r.Score, Severity: r.Severity, Action: r.Action, Mode: r.Mode,
		EffectiveFrom: r.EffectiveFrom, DedupBy: r.DedupBy, CoolDown: r.CoolDown, Tags: slices.Clone(r.Tags),
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
	return c.makeRule(in.rule(), idem)
}

// makeRule creates a rule and answers with it, or with the one of the first time.
func (c *call) makeRule(rule monitoring.Rule, idem *domain.Idempotency) error {
	outcome, err := c.execute(ledger.CreateRule(monitoring.CreateRule{Rule: rule, Idem: idem}))
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
	in := patchOf(rule)
	if err := c.decode(&in); err != nil {
		return err
	}
	changed := in.rule()
	changed.ID, changed.Template = rule.ID, rule.Template
	outcome, err := c.execute(ledger.ChangeRule(monitoring.ChangeRule{Rule: changed}))
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

// listRuleVersions tells what a rule has been, one that was deleted too.
func (s *Server) listRuleVersions(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	return list(c, projections.Rules, nil, func(ctx context.Context, p projections.Page) ([]projections.RuleVersion, int64, error) {
		return s.Models.RuleVersions(ctx, c.caller.slug, id, p)
	})
}

// getShadow tells what a rule found in the shadow, beside what live rules did on the same days.
func (s *Server) getShadow(c *call) error {
	var filter struct {
		Since string `query:"since"`
		Until string `query:"until"`
	}
	values, err := c.query(&filter)
	if err != nil {
		return err
	}
	for name, date := range map[string]string{"since": filter.Since, "until": filter.Until} {
		if err := domain.CheckDate(name, date); err != nil {
			return err
		}
	}
	if err := c.await(values, projections.Firings); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	report, err := s.Models.Shadow(c.Context(), c.caller.slug, id, filter.Since, filter.Until)
	if err != nil {
		return err
	}
	if len(report.Days) == 0 { // one that was deleted still has its days
		if _, err := c.rule(); err != nil {
			return err
		}
	}
	return c.ok(http.StatusOK, report)
}
