package access

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
)

// Scopes lists what an API key may be allowed, each named in API.md by resource and right.
func Scopes() []string {
	scopes := []string{"ledger:read", "admin"}
	for _, resource := range []string{
		"customers", "events", "postings", "rules", "watchlists", "webhooks", "alerts", "cases", "reports",
	} {
		scopes = append(scopes, resource+":read", resource+":write")
	}
	return scopes
}

// OpenLedger is the first command on every ledger.
type OpenLedger struct {
	Slug, TenantID, Name string
	Keys                 []string // verifier keys
}

// RotateSigningKey puts other keys in the place of those that sign the ledger.
type RotateSigningKey struct {
	Keys []string // verifier keys
}

// CreateTenant enters an institution in the ledger "system". Its own ledger is opened next.
type CreateTenant struct {
	Slug, Name string
}

// IssueKey makes an API key usable. Its secret never gets here.
type IssueKey struct {
	Key  Key
	Idem *domain.Idempotency // the request's Idempotency-Key, if any
}

// RotateKey issues a key in the place of another, with the same name, scopes and networks, and
// ends that one after an overlap. The new one expires when the old one would have, or later if
// Successor says so.
type RotateKey struct {
	KeyID     string
	Successor Key           // ID, SecretHash and perhaps ExpiresAt
	Overlap   time.Duration // at most 30 days
	Idem      *domain.Idempotency
}

// RevokeKey ends an API key at once.
type RevokeKey struct {
	KeyID, Reason string
}

// DecideOpen gives Opened on an empty ledger and nothing on one that is open.
func (s *State) DecideOpen(cmd OpenLedger) ([]domain.Event, error) {
	if s.opened != nil {
		return nil, nil
	}
	if len(cmd.Keys) == 0 {
		return nil, domain.Errorf(domain.Invalid, "a ledger needs a signing key")
	}
	return []domain.Event{Opened(cmd)}, nil
}

// DecideRotateSigning gives SigningKeyRotated, and nothing if these keys sign the ledger already.
func (s *State) DecideRotateSigning(cmd RotateSigningKey) ([]domain.Event, error) {
	switch {
	case s.opened == nil:
		return nil, domain.Errorf(domain.Unknown, "there is no such ledger")
	case len(cmd.Keys) == 0:
		return nil, domain.Errorf(domain.Invalid, "a ledger needs a signing key")
	case slices.Equal(s.signing, cmd.Keys):
		return nil, nil
	}
	return []domain.Event{SigningKeyRotated(cmd)}, nil
}

// DecideTenant gives TenantCreated. The same slug and name again is nothing, another name a conflict.
func (s *State) DecideTenant(m domain.Meta, cmd CreateTenant) ([]domain.Event, error) {
	if err := CheckSlug(cmd.Slug); err != nil {
		return nil, err
	}
	if err := domain.CheckText("name", cmd.Name, 200, true); err != nil {
		return nil, err
	}
	if known := s.tenants[cmd.Slug]; known != nil {
		if known.Name == cmd.Name {
			return nil, nil
		}
		return nil, domain.Errorf(domain.Conflict, "the tenant %s exists with another name", cmd.Slug)
	}
	return []domain.Event{TenantCreated{TenantID: m.IDs.New("ten"), Slug: cmd.Slug, Name: cmd.Name}}, nil
}

// CheckSlug says what is wrong with a tenant's slug: 2 to 63 of a-z, 0-9 and -, starting with a
// letter, and not "system".
func CheckSlug(slug string) error {
	if len(slug) < 2 || len(slug) > 63 || slug[0] < 'a' || slug[0] > 'z' ||
		strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return domain.InvalidField("slug", "must be 2 to 63 of a-z, 0-9 and -, starting with a letter")
	}
	if slug == System {
		return domain.InvalidField("slug", "must not be %q, the operator's own ledger", System)
	}
	return nil
}

// DecideIssue gives KeyIssued.
func (s *State) DecideIssue(m domain.Meta, cmd IssueKey) ([]domain.Event, error) {
	k := &cmd.Key
	if err := domain.CheckText("name", k.Name, 100, true); err != nil {
		return nil, err
	}
	if len(k.Scopes) == 0 {
		return nil, domain.InvalidField("scopes", "must name at least one scope")
	}
	for _, scope := range k.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return nil, domain.InvalidField("scopes", "has the unknown member %.40q", scope)
		}
	}
	if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(m.At) {
		return nil, domain.InvalidField("expires_at", "is in the past")
	}
	var err error
	if k.CIDRs, err = checkCIDRs(k.CIDRs); err != nil {
		return nil, err
	}
	if s.keys[k.ID] != nil {
		return nil, domain.Errorf(domain.Conflict, "the key %s exists", k.ID)
	}
	return []domain.Event{KeyIssued(cmd)}, nil
}

// maxCIDRs bounds the networks of a key.
const maxCIDRs = 64

// checkCIDRs gives the networks in canonical form: 192.0.2.7/24 is 192.0.2.0/24, and an address
// alone is a network of one.
func checkCIDRs(cidrs []string) ([]string, error) {
	if len(cidrs) > maxCIDRs {
		return nil, domain.InvalidField("allowed_cidrs", "has more than %d members", maxCIDRs)
	}
	canonical := make([]string, 0, len(cidrs))
	for i, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if addr, alone := netip.ParseAddr(cidr); alone == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || prefix.Addr().Is4In6() {
			return nil, domain.InvalidField(fmt.Sprintf("allowed_cidrs[%d]", i), "must be a network such as 192.0.2.0/24 or 2001:db8::/32")
		}
		canonical = append(canonical, prefix.Masked().String())
	}
	return canonical, nil
}

// maxOverlap bounds how long a rotated key may still be used.
const maxOverlap = 30 * 24 * time.Hour

// DecideRotate gives KeyIssued and KeyRotated, and Conflict for a key that has ended or was
// rotated before.
func (s *State) DecideRotate(m domain.Meta, cmd RotateKey) ([]domain.Event, error) {
	k := s.keys[cmd.KeyID]
	switch {
	case k == nil:
		return nil, errNoKey
	case cmd.Overlap < 0 || cmd.Overlap > maxOverlap:
		return nil, domain.InvalidField("overlap", "must be from 0s to 30d")
	case k.ReplacedBy != "":
		return nil, domain.Errorf(domain.Conflict, "the key was rotated to %s", k.ReplacedBy)
	case !k.Usable(m.At):
		return nil, domain.Errorf(domain.Conflict, "the key has ended and cannot be rotated; create another one")
	}
	successor := cmd.Successor
	successor.Name, successor.Scopes, successor.CIDRs, successor.Replaces = k.Name, k.Scopes, k.CIDRs, k.ID
	if successor.ExpiresAt.IsZero() {
		successor.ExpiresAt = k.ExpiresAt
	}
	events, err := s.DecideIssue(m, IssueKey{successor, cmd.Idem})
	if err != nil {
		return nil, err
	}
	until := m.At.Add(cmd.Overlap)
	if !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(until) {
		until = k.ExpiresAt
	}
	return append(events, KeyRotated{KeyID: k.ID, ReplacedBy: successor.ID, ExpiresAt: until}), nil
}

var errNoKey = domain.Errorf(domain.Unknown, "there is no API key with this id")

// DecideRevoke gives KeyRevoked, and nothing for a key that is revoked.
func (s *State) DecideRevoke(cmd RevokeKey) ([]domain.Event, error) {
	k := s.keys[cmd.KeyID]
	if k == nil {
		return nil, errNoKey
	}
	if !k.RevokedAt.IsZero() {
		return nil, nil
	}
	if err := domain.CheckText("reason", cmd.Reason, 500, false); err != nil {
		return nil, err
	}
	return []domain.Event{KeyRevoked(cmd)}, nil
}
