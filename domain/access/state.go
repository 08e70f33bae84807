// Package access keeps what a ledger says about itself and who may reach it: its opening, the
// institutions (in the ledger "system"), and API keys.
//
// An API key reads wc_<12 hex digits>.<64 hex digits>: an id that may be shown, and a secret of
// 256 random bits that is shown once. The ledger holds the SHA-256 of the secret, which for a
// secret of full entropy needs no stretching.
//
// A key may be bound to networks and to a time. Rotating it issues another key with the same
// rights; both may be used until the overlap is over. A key that was revoked ends at once. When a
// key was last used is no fact of the ledger: it would take an event per request.
//
// The keys that sign the ledger are another matter: the opening names the first, and a rotation puts
// others in their place.
package access

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"whocomply/domain"
)

// System is the slug of the operator's own ledger.
const System = "system"

// Tenant is an institution.
type Tenant struct {
	ID, Slug, Name string
	CreatedAt      time.Time
}

// KeyState is an API key as it stands. It is never changed, only replaced.
type KeyState struct {
	Key
	IssuedAt   time.Time
	RevokedAt  time.Time // zero: not revoked
	ReplacedBy string    // id of the key that it was rotated to
	prefixes   []netip.Prefix
}

// Usable reports whether the key may be used at now.
func (k *KeyState) Usable(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Allows reports whether the key has the scope. The scope admin holds all others.
func (k *KeyState) Allows(scope string) bool {
	return slices.Contains(k.Scopes, scope) || slices.Contains(k.Scopes, "admin")
}

// AllowsFrom reports whether the key may be used from an address.
func (k *KeyState) AllowsFrom(from netip.Addr) bool {
	return len(k.prefixes) == 0 || slices.ContainsFunc(k.prefixes, func(p netip.Prefix) bool { return p.Contains(from.Unmap()) })
}

// State is the access facts of one ledger.
type State struct {
	opened  *Opened
	signing []string // verifier keys in force
	keys    map[string]*KeyState
	tenants map[string]*Tenant // by slug
	byID    map[string]*Tenant
}

// New gives the state of an empty ledger.
func New() *State {
	return &State{keys: map[string]*KeyState{}, tenants: map[string]*Tenant{}, byID: map[string]*Tenant{}}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{opened: s.opened, signing: s.signing, keys: maps.Clone(s.keys), tenants: maps.Clone(s.tenants), byID: maps.Clone(s.byID)}
}

// Opened gives the ledger's opening, or nil for an empty ledger.
func (s *State) Opened() *Opened { return s.opened }

// SigningKeys gives the verifier keys that the ledger's next record must be signed with.
func (s *State) SigningKeys() []string { return s.signing }

// Key gives the API key with this id, usable or not, or nil.
func (s *State) Key(id string) *KeyState { return s.keys[id] }

// Keys gives all API keys, oldest first.
func (s *State) Keys() []*KeyState {
	keys := make([]*KeyState, 0, len(s.keys))
	for _, k := range s.keys {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b *KeyState) int {
		if c := a.IssuedAt.Compare(b.IssuedAt); c != 0 {
			return c
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	return keys
}

// Tenant gives the institution with this slug or id, or nil.
func (s *State) Tenant(slugOrID string) *Tenant {
	if t := s.tenants[slugOrID]; t != nil {
		return t
	}
	return s.byID[slugOrID]
}

// Tenants gives all institutions, oldest first.
func (s *State) Tenants() []*Tenant {
	tenants := make([]*Tenant, 0, len(s.tenants))
	for _, t := range s.tenants {
		tenants = append(tenants, t)
	}
	slices.SortFunc(tenants, func(a, b *Tenant) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
	return tenants
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Opened:
		s.opened, s.signing = &event, event.Keys
	case SigningKeyRotated:
		s.signing = event.Keys
	case TenantCreated:
		t := &Tenant{ID: event.TenantID, Slug: event.Slug, Name: event.Name, CreatedAt: e.Time}
		s.tenants[t.Slug], s.byID[t.ID] = t, t
	case KeyIssued:
		issued := &KeyState{Key: event.Key, IssuedAt: e.Time}
		for _, cidr := range event.Key.CIDRs {
			if prefix, err := netip.ParsePrefix(cidr); err == nil { // checked when it was issued
				issued.prefixes = append(issued.prefixes, prefix)
			}
		}
		s.keys[event.Key.ID] = issued
	case KeyRotated:
		s.change(event.KeyID, func(k *KeyState) { k.ExpiresAt, k.ReplacedBy = event.ExpiresAt, event.ReplacedBy })
	case KeyRevoked:
		s.change(event.KeyID, func(k *KeyState) { k.RevokedAt = e.Time })
	}
}

// change puts a changed key in the place of the one before.
func (s *State) change(id string, change func(*KeyState)) {
	if before := s.keys[id]; before != nil {
		after := *before
		change(&after)
		s.keys[id] = &after
	}
}
