package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// at asks for what the ledger knew at a position or at an RFC 3339 time.
func at[T any](ctx context.Context, c *Client, asOf string, parts ...string) (T, error) {
	return call[T](ctx, c, request{method: http.MethodGet, path: c.tenant(parts...), query: url.Values{"as_of": {asOf}}})
}

// CustomerAsOf reads a customer as the ledger knew it at a position or at an RFC 3339 time.
func (c *Client) CustomerAsOf(ctx context.Context, id, asOf string) (Customer, error) {
	return at[Customer](ctx, c, asOf, "customers", id)
}

// RiskViewAsOf reads a customer's risk as the ledger knew it at a position or at an RFC 3339 time.
func (c *Client) RiskViewAsOf(ctx context.Context, id, asOf string) (RiskView, error) {
	return at[RiskView](ctx, c, asOf, "customers", id, "risk-view")
}

// CloseCustomer ends the relationship with a customer, who stays known.
func (c *Client) CloseCustomer(ctx context.Context, id, reason string) (Customer, error) {
	return call[Customer](ctx, c, keyed(c.tenant("customers", id, "close"), map[string]string{"reason": reason}))
}

// ReopenCustomer takes up the relationship with a customer again.
func (c *Client) ReopenCustomer(ctx context.Context, id, reason string) (Customer, error) {
	return call[Customer](ctx, c, keyed(c.tenant("customers", id, "reopen"), map[string]string{"reason": reason}))
}

// TimelineEntry is an event of the ledger that is about a customer.
type TimelineEntry struct {
	Seq   int64     `json:"seq"`
	ID    string    `json:"id"`
	Type  string    `json:"type"`
	Time  time.Time `json:"time"`
	Actor string    `json:"actor"`
}

// Timeline lists all that happened about a customer, newest first.
func (c *Client) Timeline(ctx context.Context, id string, l List) (Page[TimelineEntry], error) {
	return list[TimelineEntry](ctx, c, l, "customers", id, "timeline")
}

// CustomerChange is a push that made a version of a customer, or a change of the status.
type CustomerChange struct {
	Seq     int64     `json:"seq"`
	Hash    string    `json:"hash"`
	Type    string    `json:"type"` // customer.pushed, customer.closed or customer.reopened
	Time    time.Time `json:"time"`
	Actor   string    `json:"actor"`
	Reason  string    `json:"reason"`
	Version int       `json:"version"`
	Changed []string  `json:"changed"` // members that differ from the version before
	Profile *Profile  `json:"profile"`
}

// History lists the versions of a customer, newest first.
func (c *Client) History(ctx context.Context, id string, l List) (Page[CustomerChange], error) {
	return list[CustomerChange](ctx, c, l, "customers", id, "history")
}
