package http

import (
	"time"

	"whocomply/projections"
)

func (s *Server) bookRoutes() []route {
	return []route{
		{"GET", tenants + "/trial-balance", "postings:read", s.getTrialBalance},
		{"GET", tenants + "/journal", "postings:read", s.getJournal},
	}
}

// trialAnswer is a trial balance and the moment it is of.
type trialAnswer struct {
	AsOf        *int64     `json:"as_of,omitempty"` // position of the ledger, if the request asks for one
	EffectiveAt *time.Time `json:"effective_at,omitempty"`
	projections.TrialBalance
}

// getTrialBalance answers with the totals of all accounts and a page of the accounts, as recorded up
// to as_of and as far as it takes effect up to effective_at.
func (s *Server) getTrialBalance(c *call) error {
	var by struct {
		EffectiveAt string `query:"effective_at"`
		Currency    string `query:"currency"`
	}
	values, page, err := c.paging(&by, asOfParam)
	if err != nil {
		return err
	}
	of := projections.TrialOf{Currency: by.Currency}
	if of.Effective, err = instant("effective_at", by.EffectiveAt); err != nil {
		return err
	}
	if err := c.await(values, projections.Accounts); err != nil {
		return err
	}
	if of.Seq, err = c.asOf(values, projections.Accounts); err != nil {
		return err
	}
	var answer trialAnswer
	if of.Seq >= 0 {
		answer.AsOf = &of.Seq
	}
	if !of.Effective.IsZero() {
		answer.EffectiveAt = &of.Effective
	}
	balance, total, err := s.Models.TrialBalance(c.Context(), c.caller.slug, of, page)
	if err != nil {
		return err
	}
	answer.TrialBalance = balance
	return c.page(answer, page, total)
}
