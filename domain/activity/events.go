// Package activity keeps the transaction and onboarding events that an institution pushes, each
// together with the decision that was made on it.
//
// The decision is part of the event: what the rules, the lists and the risk model said is
// recorded in the same signed record as the facts they saw, and names each by version and digest.
//
// What a posting moves on a customer's account is an event too, which the ledger makes itself; see
// Movement.
//
// # Time
//
// An event is recorded when it comes and counts when it occurred: windows over the past are over
// occurred_at, whatever the order in which events came. It may lie at most 5 minutes ahead, and as
// far back as it wants. What comes later than LateAfter is marked late, and what comes behind an
// event of the same customer that occurred later is marked out of order: decisions made before did
// not know of it.
//
// # Types
//
// types.go lists the event types whose data is known. Their data is checked field by field; what the
// list does not name is kept. Data of all other types may be any JSON object.
package activity

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Recorded is an event of the institution's, decided.
type Recorded struct {
	Input
	CustomerID string             `json:"customer_id"` // ours
	Decision   Decision           `json:"decision"`
	Idem       domain.Idempotency `json:"idempotency"`
	Late       bool               `json:"late,omitzero"`         // recorded more than LateAfter after it occurred
	OutOfOrder bool               `json:"out_of_order,omitzero"` // an event of the customer's that occurred later was recorded before it

	transaction *Transaction // as it was read when it was decided or skimmed; nil of an event that was decoded
	session     Session      // as it was skimmed
	skimmed     bool
}

// Kind is activity.recorded.
func (Recorded) Kind() domain.Kind { return domain.Kind{Name: "activity.recorded", Version: 1} }

// Subject is the customer.
func (e Recorded) Subject() string { return e.CustomerID }

// Transaction gives the transaction of a transaction event, or nil for all others.
func (e *Recorded) Transaction() *Transaction {
	if e.transaction != nil || e.skimmed {
		return e.transaction
	}
	t, err := e.transactionOf(newReader(e.Data))
	if err != nil {
		return nil // no such event is recorded
	}
	return t
}

// Session gives what the event's data state of a session.
func (e *Recorded) Session() Session {
	if e.skimmed {
		return e.session
	}
	return e.Input.Session()
}

// Idempotency is the caller's event_id.
func (e Recorded) Idempotency() domain.Idempotency { return e.Idem }

// WriteJSON writes the payload.
func (e Recorded) WriteJSON(w *domain.Writer) {
	w.Open("")
	e.members(w)
	w.Text("customer_id", e.CustomerID)
	e.Decision.writeMember(w, "decision")
	e.Idem.WriteMember(w, "idempotency")
	if e.Late {
		w.Flag("late", true)
	}
	if e.OutOfOrder {
		w.Flag("out_of_order", true)
	}
	w.Close()
}

// Input is what the institution states about the event.
type Input struct {
	EventID    string         `json:"event_id"`   // the caller's, unique for ever
	EventType  string         `json:"event_type"` // dotted, such as transaction.created
	OccurredAt time.Time      `json:"occurred_at"`
	Customer   string         `json:"customer"` // as the caller named the customer
	Data       jsontext.Value `json:"data"`     // a JSON object; for transactions it holds "transaction"
}

// content is what an event_id is bound to. It is a type of its own, for whatever holds an Input would else
// write itself as one.
type content Input

// WriteJSON writes the input.
func (c *content) WriteJSON(w *domain.Writer) {
	w.Open("")
	(*Input)(c).members(w)
	w.Close()
}

// members writes the members of the input. Data must be as domain.StoredJSON gives it.
func (in *Input) members(w *domain.Writer) {
	w.Text("event_id", in.EventID)
	w.Text("event_type", in.EventType)
	w.Time("occurred_at", in.OccurredAt)
	w.Text("customer", in.Customer)
	w.Free("data", in.Data)
}

// Decision is what was decided on an event, and on what it rested.
type Decision struct {
	Monitoring domain.Monitored `json:"monitoring"`
	Screening  domain.Screened  `json:"screening"`
	Alerts     []string         `json:"alerts"` // ids of the alerts raised in the same append
	Risk       RiskChange       `json:"risk"`
}

func (d *Decision) writeMember(w *domain.Writer, name string) {
	w.Open(name)
	d.Monitoring.WriteMember(w, "monitoring")
	d.Screening.WriteMember(w, "screening")
	w.OpenList("alerts")
	for _, id := range d.Alerts {
		w.Text("", id)
	}
	w.CloseList()
	d.Risk.WriteMember(w, "risk")
	w.Close()
}

// RiskChange is the customer's rating before and after the event.
type RiskChange struct {
	Before domain.RiskMark `json:"before"`
	After  domain.RiskMark `json:"after"`
}

// WriteMember writes c as a member.
func (c *RiskChange) WriteMember(w *domain.Writer, name string) {
	w.Open(name)
	c.Before.WriteMember(w, "before")
	c.After.WriteMember(w, "after")
	w.Close()
}

// Transaction is the transaction in an event's data.
type Transaction struct {
	ID           string          `json:"id"`
	Amount       domain.Decimal  `json:"amount"` // never negative; Direction says which way
	Currency     domain.Currency `json:"currency"`
	Direction    string          `json:"direction"` // in or out
	Channel      string          `json:"channel,omitempty"`
	Method       string          `json:"method,omitempty"`
	Counterparty *Counterparty   `json:"counterparty,omitempty"`
	Vessel       *Vessel         `json:"vessel,omitempty"`
	Purpose      string          `json:"purpose,omitempty"`
	Account      string          `json:"account,omitempty"`
	Reference    string          `json:"reference,omitempty"`
	Metadata     jsontext.Value  `json:"metadata,omitempty"`
}

// Counterparty is the other side of a transaction.
type Counterparty struct {
	Name    string `json:"name,omitempty"`
	Account string `json:"account,omitempty"`
	Bank    string `json:"bank,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	// OnBehalfOf is the ultimate party, for whom it pays or is paid.
	OnBehalfOf string `json:"on_behalf_of,omitempty"`
}

// Vessel is the ship that carries what a transaction pays for.
type Vessel struct {
	Name string `json:"name,omitempty"`
	IMO  string `json:"imo,omitempty"`  // seven digits
	Flag string `json:"flag,omitempty"` // ISO 3166-1 alpha-2
}

// Session says from where a customer acted, as an event's data.session states it.
type Session struct {
	Device  string // device_id
	IP      string // ip
	Country string // country, ISO 3166-1 alpha-2
}

// Events lists the events of this area.
func Events() []domain.Spec { return []domain.Spec{domain.Describe[Recorded]()} }
