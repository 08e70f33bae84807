package http

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

func (s *Server) alertRoutes() []route {
	return []route{
		{"GET", tenants + "/alerts", "alerts:read", s.listAlerts},
		{"GET", tenants + "/alerts/:id", "alerts:read", s.getAlert},
		{"POST", tenants + "/alerts/:id/assign", "alerts:write", s.assignAlert},
		{"POST", tenants + "/alerts/:id/note", "alerts:write", s.noteAlert},
		{"POST", tenants + "/alerts/:id/resolve", "alerts:write", s.resolveAlert},
		{"POST", tenants + "/alerts/:id/dismiss", "alerts:write", s.dismissAlert},
		{"POST", tenants + "/alerts/:id/escalate", "alerts:write", s.escalateAlert},
		{"POST", tenants + "/alerts/:id/reopen", "alerts:write", s.reopenAlert},
	}
}

func (s *Server) listAlerts(c *call) error {
	var filter struct {
		Status       string `query:"status" validate:"omitempty,oneof=open in_review escalated resolved dismissed"`
		Severity     string `query:"severity" validate:"omitempty,oneof=low medium high critical"`
		Kind         string `query:"kind" validate:"omitempty,oneof=sanctions pep adverse_media internal_list monitoring system"`
		Assignee     string `query:"assignee"`
		CustomerID   string `query:"customer_id"`
		CreatedSince string `query:"created_since"`
		CreatedUntil string `query:"created_until"`
		MinAge       string `query:"min_age"`
		Overdue      string `query:"overdue" validate:"omitempty,oneof=true"`
		Sort         string `query:"sort" validate:"omitempty,oneof=created_at -created_at due_at -due_at severity -severity"`
	}
	return list(c, projections.Alerts, &filter, func(ctx context.Context, p projections.Page) ([]projections.Alert, int64, error) {
		f := projections.AlertFilter{
			Status: filter.Status, Severity: domain.Severity(filter.Severity), Kind: filter.Kind, Assignee: filter.Assignee,
			CustomerID: filter.CustomerID, Sort: filter.Sort,
		}
		var err error
		if f.CreatedSince, f.CreatedUntil, err = period("created", filter.CreatedSince, filter.CreatedUntil); err != nil {
			return nil, 0, err
		}
		if filter.Overdue != "" {
			f.OverdueAt = s.Now()
		}
		oldest, err := ago("min_age", filter.MinAge, s.Now())
		if err != nil {
			return nil, 0, err
		}
		if f.CreatedUntil.IsZero() || !oldest.IsZero() && oldest.Before(f.CreatedUntil) {
			f.CreatedUntil = oldest
		}
		return s.Models.Alerts(ctx, c.caller.slug, f, p)
	})
}

// alertFacts is all there is to know about an alert: why it was raised, since when it is there, on
// what it rests, and what was done about it.
type alertFacts struct {
	projections.Alert
	Event *event `json:"event,omitempty"` // that it was raised on; nil if that was a change of the customer
}

func (s *Server) getAlert(c *call) error {
	return one(c, projections.Alerts, func(ctx context.Context, slug, id string) (facts alertFacts, err error) {
		if facts.Alert, err = s.Models.Alert(ctx, slug, id); err != nil || facts.Source.EventID == "" {
			return facts, err
		}
		event, err := s.event(ctx, slug, facts.Source.Seq)
		facts.Event = &event
		return facts, err
	})
}

// alertAnswer is an alert as a write left it. Its grounds are told by a read.
type alertAnswer struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Severity   domain.Severity `json:"severity"`
	CustomerID string          `json:"customer_id"`
	Status     string          `json:"status"`
	Assignee   string          `json:"assignee"`
	Outcome    string          `json:"outcome"`
	CreatedAt  time.Time       `json:"created_at"`
	CreatedSeq int64           `json:"created_seq"`
	Risk       domain.RiskMark `json:"risk"` // of the customer
	Receipt    ledger.Receipt  `json:"receipt"`
}

// reasonRequest asks for a step that needs a reason.
type reasonRequest struct {
	Reason string `json:"reason"`
}

// outcomeRequest asks for the end of the work on an alert.
type outcomeRequest struct {
	Reason  string `json:"reason"`
	Outcome string `json:"outcome"`
}

func (s *Server) assignAlert(c *call) error {
	var in struct {
		Assignee string `json:"assignee"`
		Reason   string `json:"reason"`
	}
	return c.work("assign", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.AssignAlert(casework.Assign{Work: w, Assignee: in.Assignee})
	})
}

func (s *Server) noteAlert(c *call) error {
	var in struct {
		Text string `json:"text"`
	}
	return c.work("note", &in, func(w casework.Work) ledger.Command {
		return ledger.NoteAlert(casework.Note{Work: w, Text: in.Text})
	})
}

func (s *Server) resolveAlert(c *call) error {
	var in outcomeRequest
	return c.work("resolve", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.ResolveAlert(casework.Resolve{Work: w, Outcome: in.Outcome})
	})
}

func (s *Server) dismissAlert(c *call) error {
	var in outcomeRequest
	return c.work("dismiss", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.DismissAlert(casework.Dismiss{Work: w, Outcome: in.Outcome})
	})
}

func (s *Server) escalateAlert(c *call) error {
	var in reasonRequest
	return c.work("escalate", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.EscalateAlert(casework.Escalate{Work: w})
	})
}

func (s *Server) reopenAlert(c *call) error {
	var in reasonRequest
	return c.work("reopen", &in, func(w casework.Work) ledger.Command {
		w.Reason = in.Reason
		return ledger.ReopenAlert(casework.Reopen{Work: w})
	})
}

// work takes a step with the alert in the path. A repetition under an Idempotency-Key is answered
// with the alert as it is now.
func (c *call) work(verb string, in any, command func(casework.Work) ledger.Command) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if err := c.decode(in); err != nil {
		return err
	}
	w := casework.Work{AlertID: id}
	if w.Idem, err = c.idempotency("alerts."+verb, struct{ ID, Body any }{id, in}); err != nil {
		return err
	}
	outcome, err := c.execute(command(w))
	if err != nil {
		return err
	}
	view, fresh := outcome.Reply.(*ledger.AlertView)
	if !fresh {
		if err := c.view(func(s *ledger.State) error {
			view = s.ViewAlert(id)
			return nil
		}); err != nil {
			return err
		}
	}
	a := view.Alert
	return c.wrote(false, outcome, alertAnswer{
		ID: a.ID, Kind: a.Kind, Severity: a.Severity, CustomerID: a.CustomerID, Status: a.Status, Assignee: a.Assignee, Outcome: a.Outcome,
		CreatedAt: a.RaisedAt, CreatedSeq: a.Seq, Risk: view.Rating.Mark(), Receipt: outcome.Receipt,
	})
}
