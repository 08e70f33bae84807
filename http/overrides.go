package http

import (
	"net/http"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/risk"
)

func (s *Server) overrideRoutes() []route {
	return []route{
		{"POST", tenants + "/customers/:id/risk-override", "alerts:write", s.requestOverride},
		{"GET", tenants + "/customers/:id/risk-override", "customers:read", s.getOverride},
		{"POST", tenants + "/customers/:id/risk-override/approve", "alerts:write", s.approveOverride},
		{"POST", tenants + "/customers/:id/risk-override/reject", "alerts:write", s.rejectOverride},
		{"POST", tenants + "/customers/:id/risk-override/end", "alerts:write", s.endOverride},
		{"POST", tenants + "/customers/:id/risk-review", "alerts:write", s.reviewCustomer},
	}
}

// overridesAnswer is what officers have said on a customer's rating, and the rating.
type overridesAnswer struct {
	CustomerID string          `json:"customer_id"`
	Pending    *overrideAnswer `json:"pending,omitempty"`
	Approved   *overrideAnswer `json:"approved,omitempty"`
	Rating     risk.Rating     `json:"rating"`
	ReviewedAt time.Time       `json:"reviewed_at,omitzero"`
	Receipt    *ledger.Receipt `json:"receipt,omitempty"` // of a write
}

// overrideAnswer is an override as it stands.
type overrideAnswer struct {
	risk.Override
	ApprovedBy string `json:"approved_by,omitempty"`
	Expired    bool   `json:"expired"`
	Seq        int64  `json:"seq"` // of the request, or of the approval
}

// overrides gives what there is on a customer, by our id or the caller's.
func (c *call) overrides(id string) (answer overridesAnswer, err error) {
	now := c.server.Now()
	show := func(o *risk.Override) *overrideAnswer {
		if o == nil {
			return nil
		}
		return &overrideAnswer{Override: *o, ApprovedBy: o.ApprovedBy, Expired: !now.Before(o.ExpiresAt), Seq: o.Seq}
	}
	err = c.view(func(s *ledger.State) error {
		known := s.Customers.Find(id)
		if known == nil {
			return domain.Errorf(domain.Unknown, "there is no such customer")
		}
		answer = overridesAnswer{
			CustomerID: known.ID, Pending: show(s.Ratings.Pending(known.ID)), Approved: show(s.Ratings.Approved(known.ID)), ReviewedAt: s.Ratings.ReviewedAt(known.ID),
		}
		if rating := s.Ratings.Of(known.ID); rating != nil {
			answer.Rating = *rating
		}
		return nil
	})
	return answer, err
}

// override carries out a step and answers with what there is after it.
func (c *call) override(made bool, in any, command func(id string) ledger.Command) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if err := c.decode(in); err != nil {
		return err
	}
	outcome, err := c.execute(command(id))
	if err != nil {
		return err
	}
	answer, err := c.overrides(id)
	if err != nil {
		return err
	}
	answer.Receipt = &outcome.Receipt
	return c.wrote(made, outcome, answer)
}

func (s *Server) requestOverride(c *call) error {
	var in struct {
		Kind      string    `json:"kind"`
		Rating    string    `json:"rating"`
		Reason    string    `json:"reason"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	return c.override(true, &in, func(id string) ledger.Command {
		return ledger.RequestOverride(risk.RequestOverride{CustomerID: id, Kind: in.Kind, Rating: in.Rating, Reason: in.Reason, ExpiresAt: in.ExpiresAt})
	})
}

// overrideStep carries out a step whose only word is its reason.
func (c *call) overrideStep(command func(risk.StepOverride) ledger.Command) error {
	var in struct {
		Reason string `json:"reason"`
	}
	return c.override(false, &in, func(id string) ledger.Command {
		return command(risk.StepOverride{CustomerID: id, Reason: in.Reason})
	})
}

func (s *Server) approveOverride(c *call) error { return c.overrideStep(ledger.ApproveOverride) }

func (s *Server) rejectOverride(c *call) error { return c.overrideStep(ledger.RejectOverride) }

func (s *Server) endOverride(c *call) error { return c.overrideStep(ledger.EndOverride) }

func (s *Server) reviewCustomer(c *call) error {
	var in struct {
		Note string `json:"note"`
	}
	return c.override(false, &in, func(id string) ledger.Command {
		return ledger.ReviewCustomer(risk.Review{CustomerID: id, Note: in.Note})
	})
}

func (s *Server) getOverride(c *call) error {
	if _, err := c.atNow(); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	answer, err := c.overrides(id)
	if err != nil {
		return err
	}
	return c.ok(http.StatusOK, answer)
}
