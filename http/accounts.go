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
	}
	return list(c, projections.Accounts, &filter, func(ctx context.Context, p projections.Page) ([]projections.Account, int64, error) {
		return s.Models.Accounts(ctx, c.caller.slug, projections.AccountFilter(filter), p)
	})
}

func (s *Server) getAccount(c *call) error { return one(c, projections.Accounts, s.Models.Account) }

func (s *Server) getBalance(c *call) error { return one(c, projections.Accounts, s.Models.Balance) }
