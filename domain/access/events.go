package access

import (
	"time"

	"whocomply/domain"
)

// Opened is the first event of every ledger: it names the keys that sign it.
type Opened struct {
	Slug     string   `json:"slug"`
	TenantID string   `json:"tenant_id,omitempty"` // ten_…; empty for "system"
	Name     string   `json:"name"`
	Keys     []string `json:"keys"` // verifier keys in the C2SP signed-note form
}

// Kind is ledger.opened.
func (Opened) Kind() domain.Kind { return domain.Kind{Name: "ledger.opened", Version: 1} }

// Subject is the tenant.
func (e Opened) Subject() string { return e.TenantID }

// SigningKeyRotated says with which keys the ledger is signed from the next event on. Its own record
// is signed by a key of before and by each of these.
type SigningKeyRotated struct {
	Keys []string `json:"keys"` // verifier keys in the C2SP signed-note form
}

// Kind is ledger.key_rotated.
func (SigningKeyRotated) Kind() domain.Kind {
	return domain.Kind{Name: "ledger.key_rotated", Version: 1}
}

// Subject is nobody: it is about the ledger.
func (SigningKeyRotated) Subject() string { return "" }

// TenantCreated says, in the ledger "system", that an institution has a ledger of its own.
type TenantCreated struct {
	TenantID string `json:"tenant_id"`
	Slug     string `json:"slug"`
	Name     string `json:"name"`
}

// Kind is tenant.created.
func (TenantCreated) Kind() domain.Kind { return domain.Kind{Name: "tenant.created", Version: 1} }

// Subject is the tenant.
func (e TenantCreated) Subject() string { return e.TenantID }

// Key is an API key without its secret.
type Key struct {
	ID         string    `json:"key_id"` // 12 hex digits, the part before the point
	Name       string    `json:"name"`
	SecretHash string    `json:"secret_hash"` // SHA-256 of the 64 hex digits after the point, lower-case hex
	Scopes     []string  `json:"scopes"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`     // zero: never
	CIDRs      []string  `json:"allowed_cidrs,omitempty"` // where it may be used from, such as 192.0.2.0/24; empty: anywhere
	Replaces   string    `json:"replaces,omitempty"`      // id of the key that this one was rotated from
}

// KeyIssued says that an API key may be used.
type KeyIssued struct {
	Key  Key                 `json:"key"`
	Idem *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is api_key.issued.
func (KeyIssued) Kind() domain.Kind { return domain.Kind{Name: "api_key.issued", Version: 1} }

// Subject is the key.
func (e KeyIssued) Subject() string { return e.Key.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e KeyIssued) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// KeyRotated says that an API key ends because another one takes its place.
type KeyRotated struct {
	KeyID      string    `json:"key_id"`
	ReplacedBy string    `json:"replaced_by"`
	ExpiresAt  time.Time `json:"expires_at"` // both may be used until then
}

// Kind is api_key.rotated.
func (KeyRotated) Kind() domain.Kind { return domain.Kind{Name: "api_key.rotated", Version: 1} }

// Subject is the key that ends.
func (e KeyRotated) Subject() string { return e.KeyID }

// KeyRevoked says that an API key may no longer be used.
type KeyRevoked struct {
	KeyID  string `json:"key_id"`
	Reason string `json:"reason,omitempty"`
}

// Kind is api_key.revoked.
func (KeyRevoked) Kind() domain.Kind { return domain.Kind{Name: "api_key.revoked", Version: 1} }

// Subject is the key.
func (e KeyRevoked) Subject() string { return e.KeyID }

// RequestBound says that a request under an Idempotency-Key found everything as it wants it. It binds
// the key to the request's content all the same.
type RequestBound struct {
	Seq  int64              `json:"seq"` // of the record that made it so, or the ledger's last if none alone did
	Idem domain.Idempotency `json:"idempotency"`
}

// Kind is request.bound.
func (RequestBound) Kind() domain.Kind { return domain.Kind{Name: "request.bound", Version: 1} }

// Idempotency is the request's Idempotency-Key.
func (e RequestBound) Idempotency() domain.Idempotency { return e.Idem }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{
		domain.Describe[Opened](), domain.Describe[SigningKeyRotated](), domain.Describe[TenantCreated](),
		domain.Describe[KeyIssued](), domain.Describe[KeyRotated](), domain.Describe[KeyRevoked](),
		domain.Describe[RequestBound](),
	}
}
