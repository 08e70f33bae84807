package projections

import (
	"context"
	"time"

	"whocomply/domain"
	"whocomply/domain/customer"
)

// Customer is a customer with what is known about it. In JSON the profile's members stand beside
// the others, as they do in a push.
type Customer struct {
	ID string `json:"id"`
	customer.Profile
	Version    int       `json:"version"`
	Status     string    `json:"status"` // active
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Risk       Risk      `json:"risk"`
	Screening  Screening `json:"screening"`
	OpenAlerts []string  `json:"open_alerts"` // ids, oldest first
	Seq        int64     `json:"seq"`         // of the last event that changed this
}

// Risk is a customer's rating in short.
type Risk struct {
	domain.RiskMark
	SanctionsFlag bool `json:"sanctions_flag"`
	PEPFlag       bool `json:"pep_flag"`
	EDDRequired   bool `json:"edd_required"`
}

// Screening is the last screening of a customer's profile.
type Screening struct {
	ScreenedAt time.Time `json:"screened_at,omitzero"`
	domain.Screened
}

// CustomerFilter narrows a list of customers. Empty fields do not.
type CustomerFilter struct {
	Rating    string
	KYCStatus string
}

// Customer gives a customer by our id or by external_id, or domain.Unknown.
func (db *DB) Customer(ctx context.Context, ledger, id string) (Customer, error) { panic("soon") }

// Customers lists customers in the order they were created, and says how many there are.
func (db *DB) Customers(ctx context.Context, ledger string, f CustomerFilter, p Page) ([]Customer, int64, error) {
	panic("soon")
}

// CustomerID gives our id of a customer named by our id or by external_id, or domain.Unknown.
func (db *DB) CustomerID(ctx context.Context, ledger, id string) (string, error) { panic("soon") }
