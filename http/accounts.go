package http

import (
	"context"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
	"whocomply/projections"
)

func (s *Server) accountRoutes() []route {
	return []route{
		{"POST", tenants + "/accounts", "postings:write", s.openAccount},
		{"GET", tenants + "/accounts", "postings:read", s.listAccounts},
		{"GET", tenants + "/accounts/:id", "postings:read", s.getAccount},
		{"GET", tenants + "/accounts/:id/balance", "postings:read", s.getBalance},
	}
}

// accountRequest asks for an account.
type accountRequest struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Currency   domain.Currency `json:"currency"`
	CustomerID string          `json:"customer_id"` // ours or the external_id
	Constraint string          `json:"constraint"`
}

// accountAnswer is an account as it was opened.
type accountAnswer struct {
	posting.Account
	Receipt ledger.Receipt `json:"receipt"`
}

func (s *Server) openAccount(c *call) error {
	var in accountRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	outcome, err := c.execute(&ledger.OpenAccount{OpenAccount: posting.OpenAccount{
		ID: in.ID, Name: in.Name, Type: in.Type, Currency: in.Currency, CustomerID: in.CustomerID, Constraint: in.Constraint,
	}})
	if err != nil {
		return err
	}
	if standing, made := outcome.Reply.(*posting.Standing); made {
		return c.wrote(true, outcome, accountAnswer{*standing.Account, outcome.Receipt})
	}
	first, err := c.find("account/" + in.ID)
	if err != nil {
		return err
	}
	return c.wrote(false, outcome, accountAnswer{first.Event.(posting.Opened).Account, outcome.Receipt})
}

func (s *Server) listAccounts(c *call) error {
	var filter struct {
		CustomerID string `query:"customer_id"`
		Type       string `query:"type" validate:"omitempty,oneof=asset liability equity income expense"`
		Currency   string `query:"currency"`
	}
	return list(c, projections.Accounts, &filter, func(ctx context.Context, p projections.Page) ([]projections.Account, int64, error) {
		return s.Models.Accounts(ctx, c.caller.slug, projections.AccountFilter(filter), p)
	})
}

// getBalance answers with the balance as it was recorded, or by value date if the parameter
// effective_at asks for that: the sum of what takes effect up to then. Both can be asked for what
// the ledger knew at an earlier time.
func (s *Server) getBalance(c *call) error {
	var by struct {
		EffectiveAt string `query:"effective_at"`
	}
	return oneAsOf(c, projections.Accounts, projections.Accounts, &by, func(ctx context.Context, id string, seq int64) (b projections.Balance, err error) {
		effective, err := instant("effective_at", by.EffectiveAt)
		if err != nil {
			return b, err
		}
		a, err := s.accountAt(ctx, c, id, seq)
		if err != nil {
			return b, err
		}
		if !effective.IsZero() {
			if seq < 0 {
				seq = maxSeq
			}
			a.Balances, err = s.Models.BalancesByValue(ctx, c.caller.slug, a.Account, seq, effective)
		}
		return projections.Balance{Account: a.ID, Ref: a.Ref, Currency: a.Currency, Balances: a.Balances, Seq: a.Seq}, err
	})
}

func (s *Server) getAccount(c *call) error {
	return oneAsOf(c, projections.Accounts, projections.Accounts, nil, func(ctx context.Context, id string, seq int64) (projections.Account, error) {
		return s.accountAt(ctx, c, id, seq)
	})
}

// accountAt gives an account as it is, or as it was at a position.
func (s *Server) accountAt(ctx context.Context, c *call, id string, seq int64) (projections.Account, error) {
	if seq < 0 {
		return s.Models.Account(ctx, c.caller.slug, id)
	}
	return c.accountAsOf(ctx, id, seq)
}
