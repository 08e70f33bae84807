package monitoring

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Input is all that a condition can see: one event, the transaction in it, and what was known
// of the customer before it. The package documentation says how each field is read.
type Input struct {
	Event       Event
	Transaction *Transaction // nil if the event has none
	Customer    Customer
	Risk        Risk
	Session     Session
	Past        Past // what windows look at; see Histories
}

// Event is what the institution stated. Data is a JSON object; it is decoded only for the
// conditions that mention it.
type Event struct {
	ID         string
	Type       string
	OccurredAt time.Time
	Data       jsontext.Value
}

// Transaction is the transaction of an event. Text that was not stated is empty.
type Transaction struct {
	ID           string
	Amount       domain.Decimal
	Currency     domain.Currency
	Direction    string // in or out
	Channel      string
	Method       string
	Purpose      string
	Account      string
	Reference    string
	Counterparty Counterparty
}

// Counterparty is the other side of a transaction.
type Counterparty struct {
	Name    string
	Account string
	Bank    string
	Country string // ISO 3166-1 alpha-2
	Listed  string // category of the list that its name was found on; empty if on none
}

// Customer is the customer as the institution states them.
type Customer struct {
	ID                 string
	ExternalID         string
	Type               string // individual or business
	CountryOfResidence string // ISO 3166-1 alpha-2
	Nationality        string // ISO 3166-1 alpha-2
	Industry           string
	Occupation         string
	PEPDeclared        bool
	KYCStatus          string // not_started, pending, verified, rejected or expired

	DeclaredMonthly *domain.Decimal // what they expect to receive in a month; nil if not stated
}

// Risk is the customer's rating before the event.
type Risk struct {
	Score         int    // 0 to 100
	Rating        string // low, medium, high or prohibited
	SanctionsFlag bool
	PEPFlag       bool
}

// Session says from where a customer acted, as event.data.session states it.
type Session struct {
	Device  string // id of the device
	IP      string
	Country string // ISO 3166-1 alpha-2
}
