package client

import (
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Trial is a rule to be tried on the past: a rule that there is, changed by the members that Rule
// states, or a draft.
type Trial struct {
	From         time.Time         `json:"from,omitzero"` // occurred_at
	To           time.Time         `json:"to,omitzero"`
	BudgetPerDay float64           `json:"budget_per_day,omitempty"` // alerts that officers can look at
	Rule         map[string]any    `json:"rule,omitempty"`
	Typology     string            `json:"typology,omitempty"` // of a draft: a rule of the catalogue
	Parameters   map[string]string `json:"parameters,omitempty"`
	Sweep        *Sweep            `json:"sweep,omitempty"`
}

// Sweep asks for one version of a rule for each value of a parameter.
type Sweep struct {
	Parameter string   `json:"parameter"`
	Values    []string `json:"values"`
}

// Backtest is a trial under way, or what came of it.
type Backtest struct {
	ID           string         `json:"id"`
	Status       string         `json:"status"` // queued, running, done, failed or cancelled
	RuleID       string         `json:"rule_id"`
	StartedBy    string         `json:"started_by"`
	CreatedAt    time.Time      `json:"created_at"`
	FinishedAt   time.Time      `json:"finished_at"`
	WithinBudget *bool          `json:"within_budget"`
	Error        string         `json:"error"`
	Progress     Progress       `json:"progress"` // in records of the ledger
	Result       jsontext.Value `json:"result"`   // as openapi.yaml describes it
}

// Progress is how far something that runs in the background has come.
type Progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// BacktestRule has a rule that there is tried on the past, in the background.
func (c *Client) BacktestRule(ctx context.Context, ruleID string, t Trial) (Backtest, error) {
	return call[Backtest](ctx, c, keyed(c.tenant("monitoring-rules", ruleID, "backtest"), t))
}

// BacktestDraft has a rule that there is not yet tried on the past, in the background.
func (c *Client) BacktestDraft(ctx context.Context, t Trial) (Backtest, error) {
	return call[Backtest](ctx, c, keyed(c.tenant("monitoring-rules", "backtest"), t))
}

// Backtest reads how far a backtest is, and what came of it.
func (c *Client) Backtest(ctx context.Context, id string) (Backtest, error) {
	return get[Backtest](ctx, c, "backtests", id)
}

// Backtests lists those that are kept, newest first.
func (c *Client) Backtests(ctx context.Context, l List) (Page[Backtest], error) {
	return list[Backtest](ctx, c, l, "backtests")
}

// CancelBacktest ends a backtest.
func (c *Client) CancelBacktest(ctx context.Context, id string) error {
	_, err := c.send(ctx, request{method: http.MethodDelete, path: c.tenant("backtests", id), write: true})
	return err
}

// BacktestPlot gives the plot of a sweep, as SVG.
func (c *Client) BacktestPlot(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, c.tenant("backtests", id, "plot"))
}
