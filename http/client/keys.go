package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Key is an API key. Its text is there only when it was just made.
type Key struct {
	KeyID        string    `json:"key_id"`
	Name         string    `json:"name"`
	Status       string    `json:"status"` // active, expired or revoked
	Scopes       []string  `json:"scopes"`
	AllowedCIDRs []string  `json:"allowed_cidrs"` // empty: from anywhere
	IssuedAt     time.Time `json:"issued_at"`
	ExpiresAt    time.Time `json:"expires_at"` // zero: never
	RevokedAt    time.Time `json:"revoked_at"`
	Replaces     string    `json:"replaces"`
	ReplacedBy   string    `json:"replaced_by"`
	LastUsedAt   time.Time `json:"last_used_at"`
	APIKey       string    `json:"api_key"` // shown once
	Receipt      *Receipt  `json:"receipt"` // of a write
}

// KeyRequest asks for an API key.
type KeyRequest struct {
	Name         string    `json:"name"`
	Scopes       []string  `json:"scopes"`
	ExpiresAt    time.Time `json:"expires_at"` // zero: never
	AllowedCIDRs []string  `json:"allowed_cidrs"`
}

// CreateKey issues an API key. An answer that was lost cannot be had again: revoke the key and make
// another.
func (c *Client) CreateKey(ctx context.Context, k KeyRequest) (Key, error) {
	return call[Key](ctx, c, keyed(c.tenant("api-keys"), k))
}

// RotateKey issues an API key with the rights of another, which ends after the overlap, such as 24h.
func (c *Client) RotateKey(ctx context.Context, id, overlap string) (Key, error) {
	return call[Key](ctx, c, keyed(c.tenant("api-keys", id, "rotate"), map[string]string{"overlap": overlap}))
}

// RevokeKey ends an API key at once.
func (c *Client) RevokeKey(ctx context.Context, id, reason string) error {
	_, err := c.send(ctx, request{
		method: http.MethodDelete, path: c.tenant("api-keys", id), query: url.Values{"reason": {reason}}, write: true,
	})
	return err
}

// Key reads an API key.
func (c *Client) Key(ctx context.Context, id string) (Key, error) {
	return get[Key](ctx, c, "api-keys", id)
}

// Keys lists API keys, oldest first.
func (c *Client) Keys(ctx context.Context, l List) (Page[Key], error) {
	return list[Key](ctx, c, l, "api-keys")
}
