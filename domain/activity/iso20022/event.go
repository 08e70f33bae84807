package iso20022

import (
	"strings"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// The sides of a transfer that may be the institution's customer.
const (
	Out = "out" // the customer pays: the debtor
	In  = "in"  // the customer is paid: the creditor
)

// Customer gives the side of a transfer that is the customer's.
func (t *Transfer) Customer(direction string) *Party {
	if direction == In {
		return &t.Creditor
	}
	return &t.Debtor
}

// EventID names the i-th transfer of a message for ever, by the ids that its senders gave it: the UETR
// if it has one, or else the ids of the message, the batch and the transfer. Transfers of a message
// that have the same ids are told apart by their place.
func (m *Message) EventID(i int, direction string) string {
	id := m.name(i)
	same := 0
	for j := range i {
		if m.name(j) == id {
			same++
		}
	}
	return "iso20022/" + id + strings.Repeat("'", same) + "/" + direction
}

func (m *Message) name(i int) string {
	t := &m.Transfers[i]
	if t.UETR != "" {
		return t.UETR
	}
	own := first(t.TransactionID, t.InstructionID, t.EndToEndID)
	if t.Batch != "" {
		own = t.Batch + "/" + own
	}
	return m.ID + "/" + own
}

// transactionJSON is a transaction as events hold it.
type transactionJSON struct {
	ID           string            `json:"id"`
	Amount       string            `json:"amount"`
	Currency     string            `json:"currency"`
	Direction    string            `json:"direction"`
	Method       string            `json:"method"`
	Counterparty counterpartyJSON  `json:"counterparty"`
	Purpose      string            `json:"purpose,omitempty"`
	Account      string            `json:"account,omitempty"`
	Reference    string            `json:"reference,omitempty"`
	Metadata     map[string]string `json:"metadata"`
}

type counterpartyJSON struct {
	Name       string `json:"name,omitempty"`
	OnBehalfOf string `json:"on_behalf_of,omitempty"`
	Account    string `json:"account,omitempty"`
	Bank       string `json:"bank,omitempty"`
	Country    string `json:"country,omitempty"`
}

// Event writes the i-th transfer of a message as an event of a customer, on the side that direction
// says.
func (m *Message) Event(i int, direction, customer string) (activity.Input, error) {
	t := &m.Transfers[i]
	own, other := t.Debtor, t.Creditor
	if direction == In {
		own, other = other, own
	}
	metadata := map[string]string{"message": m.Kind, "message_id": m.ID}
	for name, value := range map[string]string{
		"batch_id": t.Batch, "instruction_id": t.InstructionID, "end_to_end_id": t.EndToEndID, "transaction_id": t.TransactionID, "uetr": t.UETR,
		"remittance": t.Remittance, "customer_name": own.Name, "customer_on_behalf_of": own.Ultimate,
	} {
		if value != "" {
			metadata[name] = value
		}
	}
	country := strings.ToUpper(other.Country)
	if !domain.ValidCountry(country) {
		country = ""
	}
	data := struct {
		Transaction transactionJSON `json:"transaction"`
	}{transactionJSON{
		ID: first(t.TransactionID, t.UETR, t.EndToEndID, t.InstructionID), Amount: t.Amount, Currency: t.Currency, Direction: direction, Method: m.Kind,
		Counterparty: counterpartyJSON{Name: other.Name, OnBehalfOf: other.Ultimate, Account: other.Account, Bank: other.Bank, Country: country},
		Purpose:      t.Purpose, Account: own.Account, Reference: t.EndToEndID, Metadata: metadata,
	}}
	raw, err := json.Marshal(data, json.Deterministic(true))
	if err != nil {
		return activity.Input{}, domain.Errorf(domain.Invalid, "the transfer cannot be written as JSON: %v", err)
	}
	at := t.Accepted
	if at.IsZero() {
		at = m.Created
	}
	return activity.Input{EventID: m.EventID(i, direction), EventType: "transaction.created", OccurredAt: at, Customer: customer, Data: raw}, nil
}
