package access_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/access"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

func meta() domain.Meta {
	return domain.Meta{At: at, Actor: "system", IDs: domain.NewIDs(ulid.MustParseStrict("01KG0000000000000000000000"))}
}

// fold takes in the events of a decision at a time, and gives how many there were.
func fold(t *testing.T, s *access.State, now time.Time, events []domain.Event, err error) int {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		s.Evolve(&domain.Envelope{Time: now, Event: event})
	}
	return len(events)
}

// wantError checks code and message; an empty message means no error.
func wantError(t *testing.T, err error, code domain.Code, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Fatalf("error %v, want none", err)
		}
		return
	}
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != code || e.Message != message || !strings.HasPrefix(message, e.Field) {
		t.Fatalf("error %#v,\nwant %s: %s", err, code, message)
	}
}

func TestCheckSlug(t *testing.T) {
	const wrong = "slug must be 2 to 63 of a-z, 0-9 and -, starting with a letter"
	for slug, want := range map[string]string{
		"acme": "", "a1": "", "acme-bank-2": "", strings.Repeat("a", 63): "",
		"": wrong, "a": wrong, strings.Repeat("a", 64): wrong, "1acme": wrong, "-acme": wrong, "Acme": wrong,
		"ac_me": wrong, "ac me": wrong, "ac/me": wrong, "acmé": wrong, "ten_01KG": wrong,
		"system": `slug must not be "system", the operator's own ledger`,
	} {
		t.Run(slug, func(t *testing.T) { wantError(t, access.CheckSlug(slug), domain.Invalid, want) })
	}
}

func TestScopes(t *testing.T) {
	scopes := access.Scopes()
	for _, want := range []string{"admin", "ledger:read", "customers:write", "events:read", "reports:write"} {
		if !slices.Contains(scopes, want) {
			t.Errorf("no scope %s", want)
		}
	}
	slices.Sort(scopes)
	if len(scopes) != 20 || len(slices.Compact(scopes)) != 20 || slices.Contains(scopes, "ledger:write") {
		t.Errorf("scopes %v", scopes)
	}
}

func TestOpen(t *testing.T) {
	s := access.New()
	if s.Opened() != nil {
		t.Error("open before it was opened")
	}
	_, err := s.DecideOpen(access.OpenLedger{Slug: "acme", Name: "Acme Bank"})
	wantError(t, err, domain.Invalid, "a ledger needs a signing key")
	cmd := access.OpenLedger{Slug: "acme", TenantID: "ten_1", Name: "Acme Bank", Keys: []string{"k"}}
	events, err := s.DecideOpen(cmd)
	if fold(t, s, at, events, err) != 1 || s.Opened().Name != "Acme Bank" || s.Opened().Subject() != "ten_1" {
		t.Errorf("opened %+v", s.Opened())
	}
	if events, err = s.DecideOpen(cmd); fold(t, s, at, events, err) != 0 {
		t.Errorf("opened twice: %v", events)
	}
}

func TestTenants(t *testing.T) {
	s, m := access.New(), meta()
	for _, slug := range []string{"acme", "birch"} {
		events, err := s.DecideTenant(m, access.CreateTenant{Slug: slug, Name: "Bank of " + slug})
		if fold(t, s, at, events, err) != 1 {
			t.Errorf("%s: %v", slug, events)
		}
	}
	events, err := s.DecideTenant(m, access.CreateTenant{Slug: "acme", Name: "Bank of acme"})
	if fold(t, s, at, events, err) != 0 {
		t.Errorf("again: %v", events)
	}
	for name, want := range map[string]struct {
		cmd     access.CreateTenant
		code    domain.Code
		message string
	}{
		"another name": {access.CreateTenant{Slug: "acme", Name: "Other"}, domain.Conflict, "the tenant acme exists with another name"},
		"no name":      {access.CreateTenant{Slug: "cedar"}, domain.Invalid, "name is required"},
		"long name":    {access.CreateTenant{Slug: "cedar", Name: strings.Repeat("x", 201)}, domain.Invalid, "name is longer than 200 bytes"},
		"wrong slug":   {access.CreateTenant{Slug: "system", Name: "System"}, domain.Invalid, `slug must not be "system", the operator's own ledger`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.DecideTenant(m, want.cmd)
			wantError(t, err, want.code, want.message)
		})
	}
	tenants := s.Tenants()
	if len(tenants) != 2 || tenants[0].Slug != "acme" || tenants[1].Slug != "birch" || !tenants[0].CreatedAt.Equal(at) {
		t.Errorf("tenants %v", tenants)
	}
	if acme := tenants[0]; s.Tenant("acme") != acme || s.Tenant(acme.ID) != acme || s.Tenant("cedar") != nil {
		t.Error("not found by slug or id")
	}
}

func key(id string) access.Key {
	return access.Key{ID: id, Name: "core banking", SecretHash: strings.Repeat("ab", 32), Scopes: []string{"customers:write"}}
}

func TestIssue(t *testing.T) {
	s := access.New()
	events, err := s.DecideIssue(meta(), access.IssueKey{Key: key("0123456789ab")})
	if fold(t, s, at, events, err) != 1 {
		t.Fatalf("issued %v", events)
	}
	for _, tc := range []struct {
		name    string
		change  func(k *access.Key)
		code    domain.Code
		message string
	}{
		{"another", func(*access.Key) {}, "", ""},
		{"all scopes", func(k *access.Key) { k.Scopes = access.Scopes() }, "", ""},
		{"no name", func(k *access.Key) { k.Name = "" }, domain.Invalid, "name is required"},
		{"long name", func(k *access.Key) { k.Name = strings.Repeat("x", 101) }, domain.Invalid, "name is longer than 100 bytes"},
		{"no scopes", func(k *access.Key) { k.Scopes = nil }, domain.Invalid, "scopes must name at least one scope"},
		{"unknown scope", func(k *access.Key) { k.Scopes = []string{"admin", "customers:delete"} }, domain.Invalid, `scopes has the unknown member "customers:delete"`},
		{"expires now", func(k *access.Key) { k.ExpiresAt = at }, domain.Invalid, "expires_at is in the past"},
		{"expires next", func(k *access.Key) { k.ExpiresAt = at.Add(1) }, "", ""},
		{"networks", func(k *access.Key) { k.CIDRs = []string{"192.0.2.7/24", "2001:db8::1", "10.0.0.1"} }, "", ""},
		{"no network", func(k *access.Key) { k.CIDRs = []string{"10.0.0.0/8", "10.0.0.0/33"} }, domain.Invalid, "allowed_cidrs[1] must be a network such as 192.0.2.0/24 or 2001:db8::/32"},
		{"a name for a network", func(k *access.Key) { k.CIDRs = []string{"localhost"} }, domain.Invalid, "allowed_cidrs[0] must be a network such as 192.0.2.0/24 or 2001:db8::/32"},
		{"an address with a zone", func(k *access.Key) { k.CIDRs = []string{"fe80::1%eth0"} }, domain.Invalid, "allowed_cidrs[0] must be a network such as 192.0.2.0/24 or 2001:db8::/32"},
		{"a mapped address", func(k *access.Key) { k.CIDRs = []string{"::ffff:10.0.0.1"} }, domain.Invalid, "allowed_cidrs[0] must be a network such as 192.0.2.0/24 or 2001:db8::/32"},
		{"many networks", func(k *access.Key) { k.CIDRs = make([]string, 65) }, domain.Invalid, "allowed_cidrs has more than 64 members"},
		{"id taken", func(k *access.Key) { k.ID = "0123456789ab" }, domain.Conflict, "the key 0123456789ab exists"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := key("ffffffffffff")
			tc.change(&k)
			_, err := s.DecideIssue(meta(), access.IssueKey{Key: k})
			wantError(t, err, tc.code, tc.message)
		})
	}
}

// TestKeys follows two keys from issue to revocation.
func TestKeys(t *testing.T) {
	s, m := access.New(), meta()
	short := key("bbbbbbbbbbbb")
	short.ExpiresAt, short.Scopes = at.Add(time.Hour), []string{"admin"}
	for _, k := range []access.Key{short, key("aaaaaaaaaaaa")} {
		events, err := s.DecideIssue(m, access.IssueKey{Key: k})
		fold(t, s, at, events, err)
	}
	a, b := s.Key("aaaaaaaaaaaa"), s.Key("bbbbbbbbbbbb")
	if keys := s.Keys(); len(keys) != 2 || keys[0] != a || keys[1] != b || s.Key("cccccccccccc") != nil {
		t.Errorf("keys %v", keys)
	}
	if !a.Usable(at.AddDate(100, 0, 0)) || !b.Usable(at.Add(time.Hour-1)) || b.Usable(at.Add(time.Hour)) {
		t.Error("usable at the wrong times")
	}
	if !a.Allows("customers:write") || a.Allows("customers:read") || a.Allows("admin") || !b.Allows("ledger:read") || !b.Allows("admin") {
		t.Error("allows the wrong scopes")
	}
	events, err := s.DecideRevoke(access.RevokeKey{KeyID: a.ID, Reason: "lost"})
	if later := at.Add(time.Minute); fold(t, s, later, events, err) != 1 || !s.Key(a.ID).RevokedAt.Equal(later) || s.Key(a.ID).Usable(at) {
		t.Errorf("revoked %+v", s.Key(a.ID))
	}
	if !a.RevokedAt.IsZero() {
		t.Error("a key changed under its reader")
	}
	events, err = s.DecideRevoke(access.RevokeKey{KeyID: a.ID, Reason: "again"})
	if fold(t, s, at, events, err) != 0 {
		t.Errorf("revoked twice: %v", events)
	}
	_, err = s.DecideRevoke(access.RevokeKey{KeyID: "cccccccccccc"})
	wantError(t, err, domain.Unknown, "there is no API key with this id")
	_, err = s.DecideIssue(m, access.IssueKey{Key: key(a.ID)})
	wantError(t, err, domain.Conflict, "the key aaaaaaaaaaaa exists")
}

func TestNetworks(t *testing.T) {
	s, m := access.New(), meta()
	bound := key("aaaaaaaaaaaa")
	bound.CIDRs = []string{"192.0.2.7/24", "2001:db8::/32", "10.0.0.1"}
	for _, k := range []access.Key{bound, key("bbbbbbbbbbbb")} {
		events, err := s.DecideIssue(m, access.IssueKey{Key: k})
		fold(t, s, at, events, err)
	}
	if got := s.Key("aaaaaaaaaaaa").CIDRs; !slices.Equal(got, []string{"192.0.2.0/24", "2001:db8::/32", "10.0.0.1/32"}) {
		t.Errorf("networks %v", got)
	}
	for from, allowed := range map[string]bool{
		"192.0.2.255": true, "192.0.3.1": false, "2001:db8:1::1": true, "2001:db9::1": false, "10.0.0.1": true, "10.0.0.2": false,
		"::ffff:192.0.2.1": true, "": false,
	} {
		addr, _ := netip.ParseAddr(from)
		if s.Key("aaaaaaaaaaaa").AllowsFrom(addr) != allowed || !s.Key("bbbbbbbbbbbb").AllowsFrom(addr) {
			t.Errorf("%s: allowed is not %v, or not everywhere for a key without networks", from, allowed)
		}
	}
}

// TestRotate follows a key and the one in its place through the overlap.
func TestRotate(t *testing.T) {
	s, m := access.New(), meta()
	old := key("aaaaaaaaaaaa")
	old.CIDRs = []string{"10.0.0.0/8"}
	short := key("cccccccccccc")
	short.ExpiresAt = at.Add(time.Hour)
	for _, k := range []access.Key{old, short} {
		events, err := s.DecideIssue(m, access.IssueKey{Key: k})
		fold(t, s, at, events, err)
	}
	rotate := func(id, successor string, overlap time.Duration) ([]domain.Event, error) {
		return s.DecideRotate(m, access.RotateKey{KeyID: id, Successor: access.Key{ID: successor, SecretHash: "h"}, Overlap: overlap})
	}
	events, err := rotate("aaaaaaaaaaaa", "bbbbbbbbbbbb", 24*time.Hour)
	if fold(t, s, at, events, err) != 2 {
		t.Fatalf("rotated %v", events)
	}
	before, after := s.Key("aaaaaaaaaaaa"), s.Key("bbbbbbbbbbbb")
	if before.ReplacedBy != after.ID || after.Replaces != before.ID || after.Name != old.Name || !slices.Equal(after.Scopes, old.Scopes) || after.AllowsFrom(netip.MustParseAddr("192.0.2.1")) {
		t.Errorf("%+v was rotated to %+v", before, after)
	}
	if end := at.Add(24 * time.Hour); !before.Usable(end.Add(-1)) || before.Usable(end) || !after.Usable(end) {
		t.Error("usable at the wrong times")
	}
	if events, err = rotate("cccccccccccc", "dddddddddddd", 24*time.Hour); fold(t, s, at, events, err) != 2 || !s.Key("cccccccccccc").ExpiresAt.Equal(at.Add(time.Hour)) {
		t.Errorf("an overlap lengthened a key's life: %+v", s.Key("cccccccccccc"))
	}
	events, err = s.DecideRevoke(access.RevokeKey{KeyID: "bbbbbbbbbbbb"})
	fold(t, s, at, events, err)
	for _, tc := range []struct {
		name, id string
		overlap  time.Duration
		code     domain.Code
		message  string
	}{
		{"twice", "aaaaaaaaaaaa", 0, domain.Conflict, "the key was rotated to bbbbbbbbbbbb"},
		{"revoked", "bbbbbbbbbbbb", 0, domain.Conflict, "the key has ended and cannot be rotated; create another one"},
		{"unknown", "ffffffffffff", 0, domain.Unknown, "there is no API key with this id"},
		{"backwards", "dddddddddddd", -1, domain.Invalid, "overlap must be from 0s to 30d"},
		{"too long", "dddddddddddd", 31 * 24 * time.Hour, domain.Invalid, "overlap must be from 0s to 30d"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := rotate(tc.id, "eeeeeeeeeeee", tc.overlap)
			wantError(t, err, tc.code, tc.message)
		})
	}
	_, err = s.DecideRevoke(access.RevokeKey{KeyID: "aaaaaaaaaaaa", Reason: strings.Repeat("x", 501)})
	wantError(t, err, domain.Invalid, "reason is longer than 500 bytes")
}
