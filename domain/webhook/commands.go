package webhook

import (
	"time"

	"whocomply/domain"
)

// Why an endpoint is not active.
const (
	Asked   = "asked"   // by its owner
	Gone    = "gone"    // it answered 410
	Failing = "failing" // it failed again and again
)

// What becomes of held events when an endpoint is enabled.
const (
	DeliverHeld = "deliver"
	SkipHeld    = "skip"
)

// The orders of delivery.
const (
	Unordered   = "none"         // as fast as the endpoint takes them
	FIFO        = "fifo"         // one after the other; one that fails holds up all behind it
	PerCustomer = "per_customer" // one after the other for each customer
)

// Create makes a subscription. Its ID and sealed Secret are made by the caller, who has randomness.
type Create struct {
	Webhook Subscription
	Secret  string
	Idem    *domain.Idempotency // the request's Idempotency-Key, if any
}

// Change states a subscription anew, and whether it is active.
type Change struct {
	Webhook Subscription
	Active  bool
}

// Rotate puts another secret in the place of the present one.
type Rotate struct {
	WebhookID string
	Secret    string        // sealed
	Overlap   time.Duration // at most 30 days
	Idem      *domain.Idempotency
}

// Disable stops an endpoint.
type Disable struct {
	WebhookID, Reason string
	Since             time.Time
	Failures          int
}

// Enable starts an endpoint again.
type Enable struct {
	WebhookID, Held string
}

// Delete ends a subscription.
type Delete struct{ WebhookID string }

// Replay asks for events to be sent once more.
type Replay struct {
	WebhookID string
	Sequences []Span
	Idem      *domain.Idempotency
}

// Backfill gives a subscription events from before it was there: all that match it from From up to
// the endpoint's own From, which is To.
type Backfill struct {
	WebhookID string
	From, To  int64
	Events    []Past
	Idem      *domain.Idempotency
}

// ReportDeliveries enters outcomes in the ledger.
type ReportDeliveries struct{ Reports []Report }
