package customer

import (
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Push states a customer's whole profile.
type Push struct {
	Profile Profile
	Idem    *domain.Idempotency // the request's Idempotency-Key, if any
}

// Patch merges a part into the profile of a known customer (RFC 7396).
type Patch struct {
	Customer string         // our id or the caller's external_id
	Merge    jsontext.Value // a JSON object of profile members
	Idem     *domain.Idempotency
}

// Close ends the relationship with a customer.
type Close struct {
	Customer string              // our id or the caller's external_id
	Reason   string              // 1 to 1,000 bytes
	Idem     *domain.Idempotency // the request's Idempotency-Key, if any
}

// Reopen takes up a relationship that was closed.
type Reopen struct {
	Customer string
	Reason   string // 1 to 1,000 bytes
	Idem     *domain.Idempotency
}
