package projections

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/casework"
)

// Alert is an alert and what became of it.
type Alert struct {
	casework.Alert
	Status     string    `json:"status"` // open
	CreatedAt  time.Time `json:"created_at"`
	CreatedSeq int64     `json:"created_seq"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// AlertFilter narrows a list of alerts. Empty fields do not.
type AlertFilter struct {
	Status     string
	Severity   domain.Severity
	Kind       string
	CustomerID string // ours or the external_id
}

// openStatus is the status of an alert that nobody has worked on.
const openStatus = "open"

// alerts is the projection Alerts.
type alerts struct{ raised rows }

var alertTable = newTable("alerts (ledger, created_seq, id, customer_id, status, severity, kind, seq, doc)", "")

func (*alerts) model() Model            { return Alerts }
func (*alerts) version() int            { return 1 }
func (a *alerts) forget()               { a.raised.forget() }
func (a *alerts) write(w *writer) error { return w.insert(alertTable, &a.raised) }

func (a *alerts) apply(_ *writer, e *domain.Envelope) error {
	event, ok := e.Event.(casework.Raised)
	if !ok {
		return nil
	}
	alert := event.Alert
	doc, err := docOf(Alert{Alert: alert, Status: openStatus, CreatedAt: e.Time, CreatedSeq: e.Seq, Seq: e.Seq})
	a.raised.add(e.Ledger, e.Seq, alert.ID, alert.CustomerID, openStatus, string(alert.Severity), alert.Kind, e.Seq, doc)
	return err
}

// Alert gives an alert by id, or domain.Unknown.
func (db *DB) Alert(ctx context.Context, ledger, id string) (Alert, error) {
	return one(ctx, db, "alert", scanDoc[Alert], "SELECT doc FROM alerts WHERE ledger = ? AND id = ?", ledger, id)
}

// Alerts lists alerts, newest first, and says how many there are.
func (db *DB) Alerts(ctx context.Context, ledger string, f AlertFilter, p Page) ([]Alert, int64, error) {
	customerID, known, err := db.customerNamed(ctx, ledger, f.CustomerID)
	if !known || err != nil {
		return []Alert{}, 0, err
	}
	q := listing{columns: "doc", from: "alerts", where: "ledger = ?", order: "created_seq DESC", args: []any{ledger}}
	q.narrow("customer_id", customerID)
	q.narrow("status", f.Status)
	q.narrow("severity", string(f.Severity))
	q.narrow("kind", f.Kind)
	return list(ctx, db, q, p, scanDoc[Alert])
}
