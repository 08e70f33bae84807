package client

import (
	"context"
	"net/http"
	"time"
)

// Watchlist is a version of a shared list that is in force.
type Watchlist struct {
	List        string    `json:"list"`
	Version     int       `json:"version"`
	Digest      string    `json:"digest"`
	Category    string    `json:"category"`
	RetrievedAt time.Time `json:"retrieved_at"`
	AdoptedAt   time.Time `json:"adopted_at"`
	AgeSeconds  int64     `json:"age_seconds"`
	Subscribed  bool      `json:"subscribed"` // your customers are screened on it
}

// Subscription says whether a shared list counts for the tenant.
type Subscription struct {
	List       string  `json:"list"`
	Version    int     `json:"version"`
	Digest     string  `json:"digest"`
	Subscribed bool    `json:"subscribed"`
	Receipt    Receipt `json:"receipt"`
}

// Watchlists lists the shared lists in force.
func (c *Client) Watchlists(ctx context.Context, l List) (Page[Watchlist], error) {
	return list[Watchlist](ctx, c, l, "watchlists")
}

// Subscribe has the tenant's customers screened on a shared list.
func (c *Client) Subscribe(ctx context.Context, name string) (Subscription, error) {
	return call[Subscription](ctx, c, keyed(c.tenant("watchlists", name, "subscribe"), map[string]any{}))
}

// Unsubscribe leaves a shared list out of the tenant's screening.
func (c *Client) Unsubscribe(ctx context.Context, name, reason string) (Subscription, error) {
	return call[Subscription](ctx, c, keyed(c.tenant("watchlists", name, "unsubscribe"), map[string]string{"reason": reason}))
}

// WatchlistEntry reads an entry of one of the tenant's own lists.
func (c *Client) WatchlistEntry(ctx context.Context, id string) (WatchlistEntry, error) {
	return get[WatchlistEntry](ctx, c, "watchlist-entries", id)
}

// WatchlistEntries lists the entries of the tenant's own lists.
func (c *Client) WatchlistEntries(ctx context.Context, l List) (Page[WatchlistEntry], error) {
	return list[WatchlistEntry](ctx, c, l, "watchlist-entries")
}

// RemoveWatchlistEntry takes an entry off its list.
func (c *Client) RemoveWatchlistEntry(ctx context.Context, id string) error {
	_, err := c.send(ctx, request{method: http.MethodDelete, path: c.tenant("watchlist-entries", id), write: true})
	return err
}
