package activity

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// The types of the events that postings make. Nobody can push an event of these.
const (
	PostingRecorded = "posting.recorded" // it is a transaction, to rules and to windows
	PostingReversed = "posting.reversed" // a posting that takes back another; it is no transaction
)

// Movement is what a posting moves on a customer's account in one direction. The event that it makes
// has the data
//
//	{"transaction":{…},"posting":{"posting_id":…,"status":…,"reverses":…,"description":…,"metadata":…},"session":{…}}
//
// in which the transaction has what the posting's metadata state of it: the texts channel, method,
// purpose and reference, and counterparty, a name or an object. Metadata are the institution's own:
// what does not have the form of these is as if it were not stated, and so with session.
type Movement struct {
	PostingID   string // the caller's
	Status      string // posted or pending
	Reverses    string // posting_id
	Description string
	Metadata    jsontext.Value
	CustomerID  string // ours
	Account     string
	Direction   string // in or out, from the customer's point of view
	Amount      domain.Decimal
	Currency    domain.Currency
}

// movementData is the data of a movement's event.
type movementData struct {
	Transaction Transaction     `json:"transaction"`
	Posting     movementPosting `json:"posting"`
	Session     jsontext.Value  `json:"session,omitempty"`
}

type movementPosting struct {
	PostingID   string         `json:"posting_id"`
	Status      string         `json:"status"`
	Reverses    string         `json:"reverses,omitempty"`
	Description string         `json:"description,omitempty"`
	Metadata    jsontext.Value `json:"metadata,omitzero"`
}

// Type is the type of the movement's event.
func (m *Movement) Type() string { return PostingType(m.Reverses) }

// PostingType is the type of the events that a posting makes, which may reverse another.
func PostingType(reverses string) string {
	if reverses != "" {
		return PostingReversed
	}
	return PostingRecorded
}

// Input gives the movement as an event, without id and time, and its transaction if it is one.
func (m *Movement) Input() (Input, *Transaction) {
	data := movementData{
		Transaction: Transaction{ID: m.PostingID, Amount: m.Amount, Currency: m.Currency, Direction: m.Direction, Account: m.Account},
		Posting:     movementPosting{m.PostingID, m.Status, m.Reverses, m.Description, m.Metadata},
	}
	data.state(m.Metadata)
	raw, err := json.Marshal(data, json.Deterministic(true))
	if err != nil {
		panic("a posting is not JSON: " + err.Error()) // it was checked when it was prepared
	}
	in := Input{EventType: m.Type(), Customer: m.CustomerID, Data: domain.StoredJSON(raw)}
	if in.EventType != PostingRecorded {
		return in, nil
	}
	return in, &data.Transaction
}

// Moved gives the transaction in the data of an event that a posting made, one that takes back another
// too, which is none to rules.
func (e *Recorded) Moved() Transaction {
	if e.transaction != nil {
		return *e.transaction
	}
	var data movementData
	if json.Unmarshal(e.Data, &data) != nil {
		return Transaction{} // no posting makes such an event
	}
	return data.Transaction
}

// state takes over what metadata state of a transaction.
func (d *movementData) state(metadata jsontext.Value) {
	var stated struct {
		Channel      jsontext.Value `json:"channel"`
		Method       jsontext.Value `json:"method"`
		Purpose      jsontext.Value `json:"purpose"`
		Reference    jsontext.Value `json:"reference"`
		Counterparty jsontext.Value `json:"counterparty"`
		Session      jsontext.Value `json:"session"`
	}
	if len(metadata) == 0 || json.Unmarshal(metadata, &stated) != nil {
		return
	}
	t := &d.Transaction
	t.Channel, t.Method, t.Purpose, t.Reference = textOf(stated.Channel), textOf(stated.Method), textOf(stated.Purpose), textOf(stated.Reference)
	t.Counterparty = counterpartyOf(stated.Counterparty)
	if stated.Session.Kind() == '{' {
		d.Session = stated.Session
	}
}

// counterpartyOf reads a name, or an object of texts; nil if nothing is stated.
func counterpartyOf(v jsontext.Value) *Counterparty {
	var c Counterparty
	switch v.Kind() {
	case '"':
		c.Name = textOf(v)
	case '{':
		var stated struct {
			Name    jsontext.Value `json:"name"`
			Account jsontext.Value `json:"account"`
			Bank    jsontext.Value `json:"bank"`
			Country jsontext.Value `json:"country"`
			For     jsontext.Value `json:"on_behalf_of"`
		}
		if json.Unmarshal(v, &stated) != nil {
			return nil
		}
		c = Counterparty{
			Name: textOf(stated.Name), Account: textOf(stated.Account), Bank: textOf(stated.Bank), Country: textOf(stated.Country), OnBehalfOf: textOf(stated.For),
		}
		if domain.CheckCountry("", c.Country) != nil {
			c.Country = ""
		}
	}
	if c == (Counterparty{}) {
		return nil
	}
	return &c
}

// Occurs is when the event of a posting occurred: when the posting takes effect, and if that is not
// stated or still to come, when it is recorded.
func Occurs(effective, recorded time.Time) time.Time {
	if effective.IsZero() || effective.After(recorded) {
		return recorded
	}
	return effective
}
