package http

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

func (s *Server) eventRoutes() []route {
	return []route{
		{"POST", api + "/events/webhook", "events:write", s.postEvent},
		{"POST", tenants + "/events/batch", "events:write", s.postEvents},
		{"GET", tenants + "/events", "events:read", s.listEvents},
		{"GET", tenants + "/events/:id", "events:read", s.getEvent},
		{"GET", tenants + "/events/:id/replay", "events:read", s.replayEvent},
	}
}

// eventRequest is an event as an institution sends it.
type eventRequest struct {
	TenantID   string         `json:"tenant_id"` // ours or the slug
	EventID    string         `json:"event_id"`
	EventType  string         `json:"event_type"`
	OccurredAt time.Time      `json:"occurred_at"`
	CustomerID string         `json:"customer_id"` // ours or the external_id
	Data       jsontext.Value `json:"data"`
}

// eventAnswer is the decision on an event. It follows from the recorded event alone, so that a
// repetition is answered with the same words.
type eventAnswer struct {
	EventID     string                    `json:"event_id"`
	CustomerID  string                    `json:"customer_id"` // ours
	Score       int                       `json:"score"`
	RulesFired  []domain.RuleFired        `json:"rules_fired"`
	RulesFailed []domain.RuleFailed       `json:"rules_failed,omitempty"`
	References  []domain.ReferenceVersion `json:"references,omitempty"`
	Alerts      []raised                  `json:"alerts"`
	Screening   domain.Screened           `json:"screening"`
	Risk        activity.RiskChange       `json:"risk"`
	Late        bool                      `json:"late"`
	OutOfOrder  bool                      `json:"out_of_order"`
	Receipt     ledger.Receipt            `json:"receipt"`
}

// WriteJSON writes the answer.
func (a *eventAnswer) WriteJSON(w *domain.Writer) {
	w.Open("")
	w.Text("event_id", a.EventID)
	w.Text("customer_id", a.CustomerID)
	w.Int("score", int64(a.Score))
	domain.WriteList(w, "rules_fired", a.RulesFired)
	if len(a.RulesFailed) > 0 {
		w.Value("rules_failed", a.RulesFailed)
	}
	if len(a.References) > 0 {
		w.Value("references", a.References)
	}
	domain.WriteList(w, "alerts", a.Alerts)
	a.Screening.WriteMember(w, "screening")
	a.Risk.WriteMember(w, "risk")
	w.Flag("late", a.Late)
	w.Flag("out_of_order", a.OutOfOrder)
	a.Receipt.WriteMember(w, "receipt")
	w.Close()
}

// raised is an alert that a write raised.
type raised struct {
	ID string `json:"id"`
}

// command is what the request asks for.
func (in *eventRequest) command() *ledger.RecordEvent {
	return &ledger.RecordEvent{Input: activity.Input{
		EventID: in.EventID, EventType: in.EventType, OccurredAt: in.OccurredAt, Customer: in.CustomerID, Data: in.Data,
	}}
}

func (s *Server) postEvent(c *call) error {
	var in eventRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.TenantID == "":
		return domain.InvalidField("tenant_id", "is required")
	case !c.caller.names(in.TenantID):
		return errOtherTenant
	}
	outcome, err := c.execute(in.command())
	if err != nil {
		return err
	}
	recorded, made := outcome.Reply.(activity.Recorded)
	if !made {
		first, err := c.find("event/" + in.EventID)
		if err != nil {
			return err
		}
		recorded = first.Event.(activity.Recorded)
	}
	return c.wrote(made, outcome, answerEvent(&recorded, outcome.Receipt))
}

func answerEvent(e *activity.Recorded, receipt ledger.Receipt) *eventAnswer {
	d := &e.Decision
	alerts := make([]raised, len(d.Alerts))
	for i, id := range d.Alerts {
		alerts[i].ID = id
	}
	return &eventAnswer{
		EventID: e.EventID, CustomerID: e.CustomerID, Score: d.Monitoring.Score,
		RulesFired: d.Monitoring.Fired, RulesFailed: d.Monitoring.Failed, References: d.Monitoring.References, Alerts: alerts,
		Screening: d.Screening, Risk: d.Risk, Late: e.Late, OutOfOrder: e.OutOfOrder, Receipt: receipt,
	}
}

func (s *Server) listEvents(c *call) error {
	var filter struct {
		CustomerID string `query:"customer_id"`
		EventType  string `query:"event_type"`
		RuleID     string `query:"rule_id"`
		Since      string `query:"occurred_since"`
		Until      string `query:"occurred_until"`
		Late       string `query:"late" validate:"omitempty,oneof=true false"`
		OutOfOrder string `query:"out_of_order" validate:"omitempty,oneof=true false"`
	}
	return list(c, projections.Events, &filter, func(ctx context.Context, p projections.Page) ([]event, int64, error) {
		since, until, err := period("occurred", filter.Since, filter.Until)
		if err != nil {
			return nil, 0, err
		}
		seqs, total, err := s.Models.Events(ctx, c.caller.slug, projections.EventFilter{
			CustomerID: filter.CustomerID, EventType: filter.EventType, RuleID: filter.RuleID,
			Late: filter.Late, OutOfOrder: filter.OutOfOrder, Since: since, Until: until,
		}, p)
		if err != nil {
			return nil, 0, err
		}
		slices.Reverse(seqs) // the ledger is read forwards
		found, err := s.events(ctx, c.caller.slug, seqs...)
		slices.Reverse(found)
		return found, total, err
	})
}

func (s *Server) getEvent(c *call) error {
	return one(c, projections.Events, bound(s, "event", s.event))
}

// event is an activity event with the decision made on it.
type event struct {
	EventID    string            `json:"event_id"`
	EventType  string            `json:"event_type"`
	OccurredAt time.Time         `json:"occurred_at"`
	RecordedAt time.Time         `json:"recorded_at"`
	CustomerID string            `json:"customer_id"`
	Late       bool              `json:"late"`         // recorded more than 24 hours after it occurred
	OutOfOrder bool              `json:"out_of_order"` // recorded behind an event of the customer's that occurred later
	Score      int               `json:"score"`
	Data       jsontext.Value    `json:"data"`
	Decision   activity.Decision `json:"decision"`
	Seq        int64             `json:"seq"`
}

// events reads activity events at some positions of a ledger, which must rise.
func (s *Server) events(ctx context.Context, slug string, seqs ...int64) ([]event, error) {
	found, err := s.Ledgers.Events(ctx, slug, seqs)
	if err != nil {
		return nil, err
	}
	events := make([]event, len(found))
	for i := range found {
		e, recorded := found[i].Event.(activity.Recorded)
		if !recorded {
			return nil, domain.Errorf(domain.Unknown, "event not found")
		}
		events[i] = event{
			EventID: e.EventID, EventType: e.EventType, OccurredAt: e.OccurredAt, RecordedAt: found[i].Time, CustomerID: e.CustomerID,
			Late: e.Late, OutOfOrder: e.OutOfOrder, Score: e.Decision.Monitoring.Score, Data: e.Data, Decision: e.Decision, Seq: found[i].Seq,
		}
	}
	return events, nil
}

func (s *Server) event(ctx context.Context, slug string, seq int64) (event, error) {
	found, err := s.events(ctx, slug, seq)
	if err != nil {
		return event{}, err
	}
	return found[0], nil
}
