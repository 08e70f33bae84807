package http

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
)

func (s *Server) backtestRoutes() []route {
	return []route{
		{"POST", tenants + "/monitoring-rules/backtest", "rules:write", s.backtestDraft},
		{"POST", tenants + "/monitoring-rules/:id/backtest", "rules:write", s.backtestRule},
		{"GET", tenants + "/backtests", "rules:read", s.listBacktests},
		{"GET", tenants + "/backtests/:id", "rules:read", s.getBacktest},
		{"DELETE", tenants + "/backtests/:id", "rules:write", s.cancelBacktest},
		{"GET", tenants + "/backtests/:id/plot", "rules:read", s.plotBacktest},
	}
}

// backtestRequest says what to try on the past. A draft is a rule, or a typology with parameters;
// for a rule that there is, members of rule take the place of its own.
type backtestRequest struct {
	From         time.Time         `json:"from,omitzero"` // occurred_at
	To           time.Time         `json:"to,omitzero"`
	BudgetPerDay float64           `json:"budget_per_day,omitzero"` // alerts that officers can look at
	Rule         jsontext.Value    `json:"rule,omitempty"`
	Typology     string            `json:"typology,omitempty"`
	Parameters   map[string]string `json:"parameters,omitempty"`
	Sweep        *sweepRequest     `json:"sweep,omitempty"`
}

// sweepRequest asks for one version of the rule for each value of a parameter.
type sweepRequest struct {
	Parameter string   `json:"parameter"`
	Values    []string `json:"values"`
}

// backtestResult is what the rules would have done.
type backtestResult struct {
	monitoring.Backtest
	Sweep []sweepRow `json:"sweep,omitempty"`
}

// sweepRow is one value of a sweep in short.
type sweepRow struct {
	Value        string  `json:"value"`
	Fired        int     `json:"fired"`
	Alerts       int     `json:"alerts"`
	PerDay       float64 `json:"alerts_per_day"`
	BusiestDay   int     `json:"alerts_on_busiest_day"`
	Alerted      int     `json:"customers_alerted"`
	WithinBudget *bool   `json:"within_budget,omitempty"`
}

// backtestDraft tries a rule that there is not yet.
func (s *Server) backtestDraft(c *call) error {
	var in backtestRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if (len(in.Rule) == 0) == (in.Typology == "") {
		return domain.InvalidField("rule", "or typology is required, and not both")
	}
	return c.backtest(&in, monitoring.Rule{})
}

// backtestRule tries a rule that there is, as it stands or changed.
func (s *Server) backtestRule(c *call) error {
	rule, err := c.rule()
	if err != nil {
		return err
	}
	var in backtestRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Typology != "" || in.Parameters != nil {
		return domain.InvalidField("typology", "is for drafts alone")
	}
	return c.backtest(&in, rule)
}

// backtest starts the job for a draft on top of a rule.
func (c *call) backtest(in *backtestRequest, rule monitoring.Rule) error {
	if !in.To.IsZero() && in.To.Before(in.From) {
		return domain.InvalidField("to", "must not be before from")
	}
	if in.BudgetPerDay < 0 {
		return domain.InvalidField("budget_per_day", "must not be negative")
	}
	rules, err := in.rules(rule)
	if err != nil {
		return err
	}
	trial := monitoring.Trial{Rules: rules, From: in.From, To: in.To}
	if err := c.view(func(s *ledger.State) error {
		trial.Reference = s.Rules.RuleSet().Reference()
		for i := range rules {
			if _, err := s.Rules.Checked(rules[i]); err != nil {
				return within("rule", err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	size, err := c.server.Ledgers.Size(c.Context(), c.caller.slug)
	if err != nil {
		return err
	}
	b := &backtest{
		slug: c.caller.slug, id: newJobID(), size: size, trial: trial,
		told: backtestTold{RuleID: rule.ID, From: in.From, To: in.To, BudgetPerDay: in.BudgetPerDay, Sweep: in.Sweep, StartedBy: c.caller.actor, CreatedAt: c.server.Now().UTC()},
	}
	if err := c.server.backtests.start(b, c.server.Ledgers); err != nil {
		c.echo.Response().Header().Set("Retry-After", "5")
		return err
	}
	c.at(size - 1)
	c.echo.Response().Header().Set("Location", strings.Replace(tenants, ":slug", c.caller.slug, 1)+"/backtests/"+b.id)
	return c.ok(http.StatusAccepted, b.shown())
}

// rules gives the versions to try.
func (in *backtestRequest) rules(base monitoring.Rule) ([]monitoring.Rule, error) {
	template, found := monitoring.FindTemplate(in.Typology)
	switch {
	case in.Typology != "" && !found:
		return nil, domain.InvalidField("typology", "names nothing in the catalogue")
	case in.Typology != "" && in.Sweep != nil:
		return template.Sweep(in.Parameters, in.Sweep.Parameter, in.Sweep.Values)
	case in.Typology != "":
		rule, err := template.Rule(in.Parameters)
		rule.ID = "draft"
		return []monitoring.Rule{rule}, err
	}
	draft := patchOf(base)
	if len(in.Rule) > 0 {
		if err := json.Unmarshal(in.Rule, &draft, strict); err != nil {
			return nil, within("rule", domain.Malformed(err))
		}
	}
	rule := draft.rule()
	if rule.ID = base.ID; rule.ID == "" {
		rule.ID = "draft"
	}
	if in.Sweep == nil {
		return []monitoring.Rule{rule}, nil
	}
	return monitoring.Sweep(rule, in.Sweep.Parameter, in.Sweep.Values)
}

// within names the field of an error as a member of another.
func within(member string, err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Field != "" {
		return &domain.Error{Code: e.Code, Field: member + "." + e.Field, Message: member + "." + e.Message}
	}
	return err
}

func (s *Server) listBacktests(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	all := s.backtests.of(c.caller.slug)
	shown := []backtestTold{}
	for _, b := range cutPage(all, page) {
		told := b.shown()
		told.Result = nil
		shown = append(shown, told)
	}
	return c.page(shown, page, int64(len(all)))
}

// backtestNamed gives the job that the path names.
func (c *call) backtestNamed() (*backtest, error) {
	if _, err := c.atNow(); err != nil {
		return nil, err
	}
	id, err := c.param("id")
	if err != nil {
		return nil, err
	}
	if b := c.server.backtests.find(c.caller.slug, id); b != nil {
		return b, nil
	}
	return nil, domain.Errorf(domain.Unknown, "there is no such backtest; they are kept until the server ends, %d for each tenant", keptBacktests)
}

func (s *Server) getBacktest(c *call) error {
	b, err := c.backtestNamed()
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, b.shown())
}

// cancelBacktest stops a job and forgets it.
func (s *Server) cancelBacktest(c *call) error {
	b, err := c.backtestNamed()
	if err != nil {
		return err
	}
	s.backtests.remove(b)
	c.send(http.StatusNoContent)
	return nil
}

// plotBacktest draws a sweep.
func (s *Server) plotBacktest(c *call) error {
	b, err := c.backtestNamed()
	if err != nil {
		return err
	}
	told := b.shown()
	if told.Result == nil || len(told.Result.Sweep) == 0 {
		return domain.Errorf(domain.Unknown, "there is no plot: the backtest is not done, or it has no sweep")
	}
	c.reply.WriteString(plotSweep(told.Sweep.Parameter, told.Result.Sweep, told.BudgetPerDay))
	c.sendAs(http.StatusOK, typeSVG)
	return nil
}

var typeSVG = []string{"image/svg+xml"}

// run goes through the ledger up to where it ended when the job was made.
func (b *backtest) run(ctx context.Context, ledgers Ledgers) (backtestResult, error) {
	tester := monitoring.NewTester(b.trial)
	recall, err := ledger.NewRecall(tester.Reads)
	if err != nil {
		return backtestResult{}, err
	}
	for p, err := range ledgers.Payloads(ctx, b.slug, 0) {
		if err != nil {
			return backtestResult{}, err
		}
		if p.Seq >= b.size || ctx.Err() != nil {
			break
		}
		event, err := recall.Take(p)
		if err != nil {
			return backtestResult{}, err
		}
		if event != nil {
			if err := tester.Take(event); err != nil {
				return backtestResult{}, err
			}
		}
		b.done.Store(p.Seq + 1)
	}
	result := backtestResult{Backtest: tester.Report()}
	if b.told.Sweep != nil {
		result.Sweep = b.rows(result.Rules)
	}
	return result, ctx.Err()
}

func (b *backtest) rows(rules []monitoring.RuleOutcome) []sweepRow {
	rows := make([]sweepRow, len(rules))
	for i, r := range rules {
		rows[i] = sweepRow{
			Value: r.RuleID, Fired: r.Fired, Alerts: r.Alerts, PerDay: r.PerDay, BusiestDay: r.BusiestDay, Alerted: r.Alerted,
			WithinBudget: b.told.within(r.PerDay),
		}
	}
	return rows
}
