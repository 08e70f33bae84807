package http

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/netip"
	"strings"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
)

// caller is who sent a request, once its API key was verified.
type caller struct {
	slug     string // of the key's tenant
	tenantID string
	key      *access.KeyState
	actor    string // as the ledger names the caller
}

// names reports whether a slug or tenant id is that of the caller's own tenant.
func (c *caller) names(tenant string) bool { return tenant == c.slug || tenant == c.tenantID }

// Answers to keys that do not open the door. The first is the same for a key that is missing,
// malformed, unknown, revoked or expired, and for a wrong secret; the last is the same whether or
// not the other tenant exists.
var (
	errUnsigned     = domain.Errorf(domain.Unsigned, "a valid API key is required: Authorization: Bearer wc_<key id>.<secret>")
	errOtherAddress = domain.Errorf(domain.Forbidden, "this API key may not be used from this address")
	errOtherTenant  = domain.Errorf(domain.Forbidden, "this API key is not a key of that tenant")
)

// authenticate verifies the request's API key: that its tenant is the one the path names, and that
// it has the scope. It asks the state of the ledger each time, so a key that is revoked ends at once.
func (c *call) authenticate(scope string) error {
	id, secret, ok := parseKey(c.Header["Authorization"])
	if !ok {
		return errUnsigned
	}
	slug, known, err := c.server.Ledgers.KeyOwner(c.Context(), id)
	if err != nil {
		return err
	}
	if !known {
		return errUnsigned
	}
	who, now := caller{slug: slug}, c.server.Now()
	err = c.server.Ledgers.View(c.Context(), slug, func(s *ledger.State) error {
		who.key, who.tenantID = s.Access.Key(id), s.Access.Opened().TenantID
		return nil
	})
	switch {
	case err != nil:
		return err
	case who.key == nil || !sameSecret(who.key.SecretHash, secret) || !who.key.Usable(now):
		return errUnsigned
	}
	if !who.key.AllowsFrom(c.from()) {
		return errOtherAddress
	}
	who.actor = actor(who.key)
	c.caller = who
	c.server.uses.note(slug, who.key, now)
	if err := c.count(now); err != nil {
		return err
	}
	if named, err := c.param("slug"); err != nil || named != "" && named != slug {
		return errOtherTenant
	}
	return c.caller.need(scope)
}

// need says that the key lacks a scope, or all of several.
func (c *caller) need(scopes string) error {
	for scope := range strings.FieldsSeq(scopes) {
		if c.key.Allows(scope) {
			return nil
		}
	}
	return domain.Errorf(domain.Forbidden, "this API key lacks the scope %s", strings.ReplaceAll(scopes, " ", " or "))
}

// from is the address a request comes from: the peer's, or behind a proxy the one that the proxy
// says it has seen, which is the last of X-Forwarded-For. What stands before that anybody can write.
func (c *call) from() netip.Addr {
	if forwarded := c.Header["X-Forwarded-For"]; c.server.BehindProxy && len(forwarded) > 0 {
		last := forwarded[len(forwarded)-1]
		addr, _ := netip.ParseAddr(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]))
		return addr
	}
	peer, _ := netip.ParseAddrPort(c.RemoteAddr)
	return peer.Addr()
}

// parseKey cuts "Bearer wc_<12 hex digits>.<64 hex digits>". The scheme's case does not matter
// (RFC 9110, 11.1); hex digits are lower-case.
func parseKey(headers []string) (id, secret string, ok bool) {
	const scheme, prefix, idLength, secretLength = "Bearer ", "wc_", 12, 64
	if len(headers) != 1 {
		return "", "", false
	}
	header := headers[0]
	if len(header) != len(scheme)+len(prefix)+idLength+1+secretLength || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", "", false
	}
	token, found := strings.CutPrefix(header[len(scheme):], prefix)
	id, secret, dotted := strings.Cut(token, ".")
	ok = found && dotted && len(id) == idLength && isHex(id) && isHex(secret)
	return id, secret, ok
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// sameSecret reports, in constant time, whether secret hashes to hash in lower-case hex.
func sameSecret(hash, secret string) bool {
	var text, want, got [2 * sha256.Size]byte
	copy(text[:], secret)
	sum := sha256.Sum256(text[:])
	hex.Encode(got[:], sum[:])
	return copy(want[:], hash) == len(hash) && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
