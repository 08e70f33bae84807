package http

import (
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
	"whocomply/projections"
)

// typology is a template of the catalogue.
type typology struct {
	Name        string              `json:"name"` // by which it is installed
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Tags        []string            `json:"tags"`
	EventTypes  []string            `json:"event_types"`
	Condition   string              `json:"condition"` // CEL, with {name} for each parameter
	Score       int                 `json:"score"`
	Severity    domain.Severity     `json:"severity"`
	DedupBy     string              `json:"dedup_by,omitempty"`
	CoolDown    string              `json:"cool_down,omitempty"`
	Parameters  []typologyParameter `json:"parameters"`
}

// typologyParameter is a value that the institution may choose.
type typologyParameter struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Default     string `json:"default"`
	Description string `json:"description"`
}

// installRequest says how a typology becomes a rule. What is not stated is as in the catalogue.
type installRequest struct {
	Parameters    map[string]string `json:"parameters,omitempty"`
	Name          string            `json:"name,omitempty"`
	Mode          string            `json:"mode,omitempty"`
	Action        string            `json:"action,omitempty"`
	Severity      domain.Severity   `json:"severity,omitempty"`
	Score         *int              `json:"score,omitempty"`
	EffectiveFrom time.Time         `json:"effective_from,omitzero"`
	ChangeReason  string            `json:"change_reason,omitempty"`
}

// listCatalogue answers with all typologies at once unless it is asked for fewer.
func (s *Server) listCatalogue(c *call) error {
	values, err := c.query(nil, "limit", "offset")
	if err != nil {
		return err
	}
	limit, err := number(values, "limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return err
	}
	offset, err := number(values, "offset", 0, 0, maxOffset)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	all := monitoring.Catalogue()
	page := projections.Page{Limit: int(limit), Offset: int(offset)}
	shown := []typology{}
	for _, t := range cutPage(all, page) {
		shown = append(shown, showTypology(&t))
	}
	return c.page(shown, page, int64(len(all)))
}

func showTypology(t *monitoring.Template) typology {
	shown := typology{
		Name: t.ID, Title: t.Name, Description: t.Description, Tags: t.Tags, EventTypes: t.EventTypes, Condition: t.Condition,
		Score: t.Score, Severity: t.Severity, DedupBy: t.DedupBy, CoolDown: t.CoolDown, Parameters: []typologyParameter{},
	}
	for _, p := range t.Parameters {
		shown.Parameters = append(shown.Parameters, typologyParameter(p))
	}
	return shown
}

// installTypology makes a rule of a typology. Twice it makes two rules, unless under one
// Idempotency-Key: an institution may want the same for two currencies.
func (s *Server) installTypology(c *call) error {
	name, err := c.param("name")
	if err != nil {
		return err
	}
	var in installRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("monitoring-rules", struct {
		Typology string `json:"typology"`
		installRequest
	}{name, in})
	if err != nil {
		return err
	}
	rule, err := in.rule(name)
	if err != nil {
		return err
	}
	return c.makeRule(rule, idem)
}

func (in *installRequest) rule(name string) (rule monitoring.Rule, err error) {
	template, found := monitoring.FindTemplate(name)
	if !found {
		return rule, domain.Errorf(domain.Unknown, "the catalogue has no typology %q", name)
	}
	if rule, err = template.Rule(in.Parameters); err != nil {
		return rule, err
	}
	if in.Name != "" {
		rule.Name = in.Name
	}
	if in.Mode != "" {
		rule.Mode = in.Mode
	}
	if in.Action != "" {
		rule.Action = in.Action
	}
	if in.Severity != "" {
		rule.Severity = in.Severity
	}
	if in.Score != nil {
		rule.Score = *in.Score
	}
	rule.EffectiveFrom, rule.ChangeReason = in.EffectiveFrom, in.ChangeReason
	return rule, nil
}
