package projections

import (
	"context"

	"whocomply/domain/risk"
)

// RiskView is what an operational system asks about a customer before it acts.
type RiskView struct {
	CustomerID string `json:"customer_id"`
	ExternalID string `json:"external_id"`
	risk.Rating
	KYCStatus  string `json:"kyc_status"`
	OpenAlerts int    `json:"open_alerts"`
	AsOf       AsOf   `json:"as_of"` // the customer's last event that changed the view
}

// RiskView gives the JSON of a customer's RiskView, by our id or by external_id, and the
// position it is not older than, or domain.Unknown. The JSON must not be changed.
func (db *DB) RiskView(ctx context.Context, ledger, id string) (view []byte, position int64, err error) {
	panic("soon")
}
