package projections

import (
	"context"
	"math"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/casework"
)

// Alert is an alert and what became of it.
type Alert struct {
	casework.Alert
	Status     string      `json:"status"`   // open, in_review, escalated, resolved or dismissed
	Assignee   string      `json:"assignee"` // empty: nobody's
	Outcome    string      `json:"outcome"`  // to what end it was resolved or dismissed; empty if it is neither
	CreatedAt  time.Time   `json:"created_at"`
	CreatedSeq int64       `json:"created_seq"`
	UpdatedAt  time.Time   `json:"updated_at"`
	History    []AlertStep `json:"history,omitempty"` // oldest first; only where one alert is asked for
	Seq        int64       `json:"seq"`               // of the last event that changed this
}

// AlertStep is something that was done about an alert.
type AlertStep struct {
	Type     string    `json:"type"` // alert.assigned, …
	Time     time.Time `json:"time"`
	Actor    string    `json:"actor"`
	Status   string    `json:"status"` // of the alert from then on
	Reason   string    `json:"reason,omitempty"`
	Assignee string    `json:"assignee,omitempty"`
	Text     string    `json:"text,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
	Seq      int64     `json:"seq"`
}

// AlertFilter narrows a list of alerts. Empty fields do not.
type AlertFilter struct {
	Status       string
	Severity     domain.Severity
	Kind         string
	Assignee     string
	CustomerID   string // ours or the external_id
	CreatedSince time.Time
	CreatedUntil time.Time // not included
	OverdueAt    time.Time // open, and the work must have ended before
	Sort         string    // created_at, due_at, severity, or one of these with a minus for falling order; -created_at if empty
}

// alerts is the projection Alerts.
type alerts struct {
	raised  rows
	steps   rows
	worked  rows
	changed map[entity]*alertChange // by alert
	order   []entity
}

// alertChange is how an alert stands after a batch of steps; what is nil stays as it is.
type alertChange struct {
	status            string
	assignee, outcome *string
	last              *domain.Envelope
}

var (
	alertTable = inserting("alerts (ledger, created_seq, id, customer_id, created_at, severity, kind, status, is_open, "+
		"assignee, outcome, updated_at, due_at, seq, doc)", "")
	alertStepTable = inserting("alert_steps (ledger, seq, alert, doc)", "")
	alertsWorked   = updating("alerts SET status = v.status , is_open = v.is_open , "+coalesced("alerts", "assignee, outcome")+", "+
		"updated_at = v.updated_at , seq = v.seq WHERE alerts.ledger = v.ledger AND alerts.id = v.id ",
		"ledger", "id", "status", "is_open", "assignee", "outcome", "updated_at", "seq")
)

func (*alerts) model() Model { return Alerts }
func (*alerts) version() int { return 4 }

func (a *alerts) forget() {
	a.raised.forget()
	a.steps.forget()
	a.worked.forget()
	a.changed, a.order = nil, a.order[:0]
}

func (a *alerts) apply(_ *writer, e *domain.Envelope) error {
	var empty string
	switch event := e.Event.(type) {
	case casework.Raised:
		doc, err := docOf(event)
		if err != nil {
			return err
		}
		a.raised.add(e.Ledger, e.Seq, event.Alert.ID, event.Alert.CustomerID, micros(e.Time), string(event.Alert.Severity), event.Alert.Kind,
			casework.StatusOpen, 1, "", "", micros(e.Time), due(event.Alert.DueAt), e.Seq, doc)
	case casework.Assigned:
		return a.step(e, event.Step, AlertStep{Assignee: event.Assignee}, &event.Assignee, nil)
	case casework.Noted:
		return a.step(e, event.Step, AlertStep{Text: event.Text}, nil, nil)
	case casework.Resolved:
		return a.step(e, event.Step, AlertStep{Outcome: event.Outcome}, nil, &event.Outcome)
	case casework.Dismissed:
		return a.step(e, event.Step, AlertStep{Outcome: event.Outcome}, nil, &event.Outcome)
	case casework.Escalated:
		return a.step(e, event.Step, AlertStep{}, nil, nil)
	case casework.Reopened:
		return a.step(e, event.Step, AlertStep{}, &empty, &empty)
	}
	return nil
}

// due gives an alert without a deadline the last one there is.
func due(at time.Time) int64 {
	if at.IsZero() {
		return math.MaxInt64
	}
	return micros(at)
}

// step keeps what was done, and how the alert stands after it.
func (a *alerts) step(e *domain.Envelope, said casework.Step, told AlertStep, assignee, outcome *string) error {
	told.Type, told.Time, told.Actor, told.Seq = e.Event.Kind().Name, e.Time, e.Actor, e.Seq
	told.Status, told.Reason = said.Status, said.Reason
	doc, err := docOf(told)
	if err != nil {
		return err
	}
	a.steps.add(e.Ledger, e.Seq, said.AlertID, doc)
	k := entity{e.Ledger, said.AlertID}
	change := a.changed[k]
	if change == nil {
		if a.changed == nil {
			a.changed = map[entity]*alertChange{}
		}
		change = &alertChange{}
		a.changed[k] = change
		a.order = append(a.order, k)
	}
	change.status, change.last = said.Status, e
	if assignee != nil {
		change.assignee = assignee
	}
	if outcome != nil {
		change.outcome = outcome
	}
	return nil
}

func (a *alerts) write(w *writer) error {
	if err := w.run(alertTable, &a.raised); err != nil {
		return err
	}
	if err := w.run(alertStepTable, &a.steps); err != nil {
		return err
	}
	for _, k := range a.order {
		c := a.changed[k]
		open := 1
		if c.status == casework.StatusResolved || c.status == casework.StatusDismissed {
			open = 0
		}
		a.worked.add(k.ledger, k.id, c.status, open, c.assignee, c.outcome, micros(c.last.Time), c.last.Seq)
	}
	return w.run(alertsWorked, &a.worked)
}

const alertColumns = "doc, status, assignee, outcome, created_at, created_seq, updated_at, seq"

func scanAlert(row scanner) (a Alert, err error) {
	var doc []byte
	var created, updated int64
	if err := row.Scan(&doc, &a.Status, &a.Assignee, &a.Outcome, &created, &a.CreatedSeq, &updated, &a.Seq); err != nil {
		return a, err
	}
	var raised casework.Raised
	err = json.Unmarshal(doc, &raised)
	a.Alert, a.CreatedAt, a.UpdatedAt = raised.Alert, timeOf(created), timeOf(updated)
	return a, err
}

// Alert gives an alert by id and what was done about it, or domain.Unknown.
func (db *DB) Alert(ctx context.Context, ledger, id string) (Alert, error) {
	a, err := one(ctx, db, "alert", scanAlert, "SELECT "+alertColumns+" FROM alerts WHERE ledger = ? AND id = ?", ledger, id)
	if err != nil {
		return a, err
	}
	a.History, err = many(ctx, db, scanDoc[AlertStep], "SELECT doc FROM alert_steps WHERE ledger = ? AND alert = ? ORDER BY seq", ledger, id)
	return a, err
}

// Orders of a list of alerts; severities rise from low to critical.
const rankOfSeverity = "CASE severity WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 ELSE 4 END"

var alertOrders = map[string]string{
	"":            "created_seq DESC",
	"-created_at": "created_seq DESC",
	"created_at":  "created_seq",
	"-severity":   rankOfSeverity + " DESC, created_seq DESC",
	"severity":    rankOfSeverity + ", created_seq DESC",
	"-due_at":     "due_at DESC, created_seq DESC",
	"due_at":      "due_at, created_seq",
}

// Alerts lists alerts, and says how many there are.
func (db *DB) Alerts(ctx context.Context, ledger string, f AlertFilter, p Page) ([]Alert, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []Alert{}, 0, err
	}
	q := listing{columns: alertColumns, from: "alerts", where: "ledger = ?", order: alertOrders[f.Sort], args: []any{ledger}}
	q.narrow("customer_id", customerID)
	q.narrow("status", f.Status)
	q.narrow("severity", string(f.Severity))
	q.narrow("kind", f.Kind)
	q.narrow("assignee", f.Assignee)
	q.between("created_at", f.CreatedSince, f.CreatedUntil)
	if !f.OverdueAt.IsZero() {
		q.where += " AND is_open = 1"
		q.between("due_at", time.Time{}, f.OverdueAt)
	}
	return list(ctx, db, q, p, scanAlert)
}
