package customer

import "whocomply/domain"

// Pushed states a customer's whole profile, the first time or again.
type Pushed struct {
	CustomerID string              `json:"customer_id"`
	Version    int                 `json:"version"` // 1, 2, … per customer
	Profile    Profile             `json:"profile"`
	Idem       *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is customer.pushed.
func (Pushed) Kind() domain.Kind { return domain.Kind{Name: "customer.pushed", Version: 1} }

// Subject is the customer.
func (e Pushed) Subject() string { return e.CustomerID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Pushed) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Closed says that the relationship with a customer has ended.
type Closed struct {
	CustomerID string              `json:"customer_id"`
	Reason     string              `json:"reason"`
	Idem       *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is customer.closed.
func (Closed) Kind() domain.Kind { return domain.Kind{Name: "customer.closed", Version: 1} }

// Subject is the customer.
func (e Closed) Subject() string { return e.CustomerID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Closed) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Reopened says that a relationship that had ended goes on.
type Reopened struct {
	CustomerID string              `json:"customer_id"`
	Reason     string              `json:"reason"`
	Idem       *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is customer.reopened.
func (Reopened) Kind() domain.Kind { return domain.Kind{Name: "customer.reopened", Version: 1} }

// Subject is the customer.
func (e Reopened) Subject() string { return e.CustomerID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Reopened) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{domain.Describe[Pushed](), domain.Describe[Closed](), domain.Describe[Reopened]()}
}
