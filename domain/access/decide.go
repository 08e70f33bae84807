package access

import (
	"slices"
	"strings"

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

// CreateTenant enters an institution in the ledger "system". Its own ledger is opened next.
type CreateTenant struct {
	Slug, Name string
}

// IssueKey makes an API key usable. Its secret never gets here.
type IssueKey struct {
	Key Key
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
	k := cmd.Key
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
	if s.keys[k.ID] != nil {
		return nil, domain.Errorf(domain.Conflict, "the key %s exists", k.ID)
	}
	return []domain.Event{KeyIssued(cmd)}, nil
}

// DecideRevoke gives KeyRevoked, and nothing for a key that is revoked.
func (s *State) DecideRevoke(cmd RevokeKey) ([]domain.Event, error) {
	k := s.keys[cmd.KeyID]
	if k == nil {
		return nil, domain.Errorf(domain.Unknown, "there is no API key with this id")
	}
	if !k.RevokedAt.IsZero() {
		return nil, nil
	}
	return []domain.Event{KeyRevoked(cmd)}, nil
}
