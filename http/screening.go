package http

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/projections"
)

func (s *Server) screeningRoutes() []route {
	return []route{
		{"POST", tenants + "/alerts/:id/disposition", "alerts:write", s.disposeAlert},
		{"GET", tenants + "/screening/dispositions", "alerts:read", s.listDispositions},
		{"POST", tenants + "/screening/good-guys", "alerts:write", s.proposeGoodGuy},
		{"GET", tenants + "/screening/good-guys", "alerts:read", s.listGoodGuys},
		{"POST", tenants + "/screening/good-guys/:id/approve", "alerts:write", s.approveGoodGuy},
		{"POST", tenants + "/screening/good-guys/:id/reject", "alerts:write", s.rejectGoodGuy},
		{"POST", tenants + "/screening/good-guys/:id/withdraw", "alerts:write", s.withdrawGoodGuy},
		{"POST", tenants + "/screening/runs", "watchlists:write", s.startRun},
		{"GET", tenants + "/screening/runs", "watchlists:read", s.listRuns},
		{"GET", tenants + "/screening/runs/:id", "watchlists:read", s.getRun},
		{"GET", tenants + "/screening/statistics", "watchlists:read", s.getRates},
	}
}

func (s *Server) disposeAlert(c *call) error {
	var in outcomeRequest
	return c.work("disposition", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.DisposeAlert(ledger.Disposal{Work: w, Outcome: in.Outcome})
	})
}

func (s *Server) listDispositions(c *call) error {
	var filter struct {
		CustomerID string `query:"customer_id"`
		Status     string `query:"status" validate:"omitempty,oneof=in_force superseded void"`
	}
	return list(c, projections.Screenings, &filter, func(ctx context.Context, p projections.Page) ([]projections.Disposition, int64, error) {
		return s.Models.Dispositions(ctx, c.caller.slug, projections.DispositionFilter(filter), p)
	})
}

// goodGuyRequest proposes a good guy.
type goodGuyRequest struct {
	Name    string `json:"name"`
	List    string `json:"list"`
	EntryID string `json:"entry_id"`
	Reason  string `json:"reason"`
}

// goodGuyAnswer is a good guy as a write left it.
type goodGuyAnswer struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	List       string         `json:"list"`
	EntryID    string         `json:"entry_id"`
	Reason     string         `json:"reason"`
	Status     string         `json:"status"`
	ProposedBy string         `json:"proposed_by"`
	DecidedBy  string         `json:"decided_by,omitempty"`
	Receipt    ledger.Receipt `json:"receipt"`
}

func (s *Server) proposeGoodGuy(c *call) error {
	var in goodGuyRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("good-guys", in)
	if err != nil {
		return err
	}
	cmd := screening.ProposeGoodGuy{Name: in.Name, List: in.List, EntryID: in.EntryID, Reason: in.Reason, Idem: idem}
	var before int64
	if err := c.view(func(s *ledger.State) error { before = s.Next(); return nil }); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.ProposeGoodGuy(cmd))
	if err != nil {
		return err
	}
	guy, fresh := outcome.Reply.(*screening.GoodGuyStanding)
	if !fresh {
		first, err := c.find(idem.Key)
		if err != nil {
			return err
		}
		return c.goodGuy(outcome, first.Event.(screening.Proposed).GoodGuy.ID, false)
	}
	return c.goodGuy(outcome, guy.ID, guy.Seq >= before)
}

// goodGuy answers with a good guy as it is now.
func (c *call) goodGuy(outcome ledger.Outcome, id string, made bool) error {
	var g *screening.GoodGuyStanding
	if err := c.view(func(s *ledger.State) error { g = s.Screening.GoodGuy(id); return nil }); err != nil {
		return err
	}
	return c.wrote(made, outcome, goodGuyAnswer{
		ID: g.ID, Name: g.Name, List: g.List, EntryID: g.EntryID, Reason: g.Reason, Status: g.Status, ProposedBy: g.Proposer, DecidedBy: g.Decider,
		Receipt: outcome.Receipt,
	})
}

func (s *Server) approveGoodGuy(c *call) error {
	return c.decideGoodGuy("approve", screening.GoodGuyApproved)
}

func (s *Server) rejectGoodGuy(c *call) error {
	return c.decideGoodGuy("reject", screening.GoodGuyRejected)
}

func (s *Server) withdrawGoodGuy(c *call) error {
	return c.decideGoodGuy("withdraw", screening.GoodGuyWithdrawn)
}

func (c *call) decideGoodGuy(verb, status string) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in reasonRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("good-guys."+verb, struct{ ID, Body any }{id, in})
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.DecideGoodGuy(screening.DecideGoodGuy{ID: id, Status: status, Reason: in.Reason, Idem: idem}))
	if err != nil {
		return err
	}
	return c.goodGuy(outcome, id, false)
}

func (s *Server) listGoodGuys(c *call) error {
	var filter struct {
		Status string `query:"status" validate:"omitempty,oneof=proposed approved rejected withdrawn"`
	}
	return list(c, projections.Screenings, &filter, func(ctx context.Context, p projections.Page) ([]projections.GoodGuy, int64, error) {
		return s.Models.GoodGuys(ctx, c.caller.slug, filter.Status, p)
	})
}

// runAnswer is a run as it began. How far it has come is told by a read.
type runAnswer struct {
	ID        string               `json:"id"`
	Cause     string               `json:"cause"`
	Reason    string               `json:"reason"`
	Scope     string               `json:"scope"`
	Lists     []domain.ListVersion `json:"lists"`
	StartedAt time.Time            `json:"started_at"`
	Receipt   ledger.Receipt       `json:"receipt"`
}

// startRun asks for every customer to be screened again. It is done in the background.
func (s *Server) startRun(c *call) error {
	var in reasonRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("screening.runs", in)
	if err != nil {
		return err
	}
	var before int64
	if err := c.view(func(s *ledger.State) error { before = s.Next(); return nil }); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.StartRun(screening.StartRun{Cause: screening.RunRequested, Scope: screening.ScopeFull, Reason: in.Reason, Idem: idem}))
	if err != nil {
		return err
	}
	if run, fresh := outcome.Reply.(*screening.RunStanding); fresh {
		return c.wrote(run.Seq >= before, outcome, answerRun(&run.Run, run.StartedAt, outcome.Receipt))
	}
	first, err := c.find(idem.Key)
	if err != nil {
		return err
	}
	run := first.Event.(screening.RunStarted).Run
	return c.wrote(false, outcome, answerRun(&run, first.Time, outcome.Receipt))
}

func answerRun(r *screening.Run, at time.Time, receipt ledger.Receipt) runAnswer {
	return runAnswer{ID: r.ID, Cause: r.Cause, Reason: r.Reason, Scope: r.Scope, Lists: r.Lists, StartedAt: at, Receipt: receipt}
}

func (s *Server) listRuns(c *call) error {
	return list(c, projections.Screenings, nil, func(ctx context.Context, p projections.Page) ([]projections.ScreeningRun, int64, error) {
		return s.Models.ScreeningRuns(ctx, c.caller.slug, p)
	})
}

func (s *Server) getRun(c *call) error {
	return one(c, projections.Screenings, s.Models.ScreeningRun)
}
