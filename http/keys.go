package http

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
)

func (s *Server) keyRoutes() []route {
	return []route{
		{"POST", tenants + "/api-keys", "admin", s.createKey},
		{"GET", tenants + "/api-keys", "admin", s.listKeys},
		{"GET", tenants + "/api-keys/:id", "admin", s.getKey},
		{"DELETE", tenants + "/api-keys/:id", "admin", s.revokeKey},
		{"POST", tenants + "/api-keys/:id/rotate", "admin", s.rotateKey},
	}
}

// NewKey makes an API key of 48 and 256 random bits. The text is what its owner sends and is shown
// once; of its secret the key holds the hash alone.
func NewKey() (key access.Key, text string) {
	var id [6]byte
	var secret [32]byte
	rand.Read(id[:])
	rand.Read(secret[:])
	text = hex.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(text))
	key = access.Key{ID: hex.EncodeToString(id[:]), SecretHash: hex.EncodeToString(hash[:])}
	return key, "wc_" + key.ID + "." + text
}

// keyRequest asks for an API key.
type keyRequest struct {
	Name         string    `json:"name"`
	Scopes       []string  `json:"scopes"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	AllowedCIDRs []string  `json:"allowed_cidrs"`
}

// rotationRequest asks for a key in the place of the one in the path.
type rotationRequest struct {
	Overlap   string    `json:"overlap"` // how long the old one may still be used; 24h if left out
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// keyAnswer is an API key without anything secret.
type keyAnswer struct {
	KeyID        string    `json:"key_id"`
	Name         string    `json:"name"`
	Status       string    `json:"status"` // active, expired or revoked
	Scopes       []string  `json:"scopes"`
	AllowedCIDRs []string  `json:"allowed_cidrs"` // empty: from anywhere
	IssuedAt     time.Time `json:"issued_at"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	RevokedAt    time.Time `json:"revoked_at,omitzero"`
	Replaces     string    `json:"replaces,omitempty"`
	ReplacedBy   string    `json:"replaced_by,omitempty"`
	LastUsedAt   time.Time `json:"last_used_at,omitzero"`
}

// issuedAnswer is an API key that was just made. A repetition under an Idempotency-Key is answered
// without the key's text, which is kept nowhere.
type issuedAnswer struct {
	keyAnswer
	APIKey  string         `json:"api_key,omitempty"`
	Receipt ledger.Receipt `json:"receipt"`
}

func answerKey(k *access.KeyState, used, now time.Time) keyAnswer {
	a := keyAnswer{
		KeyID: k.ID, Name: k.Name, Status: "active", Scopes: k.Scopes, AllowedCIDRs: k.CIDRs, IssuedAt: k.IssuedAt,
		ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, Replaces: k.Replaces, ReplacedBy: k.ReplacedBy, LastUsedAt: used,
	}
	switch {
	case !k.RevokedAt.IsZero():
		a.Status = "revoked"
	case !k.Usable(now):
		a.Status = "expired"
	}
	return a
}

func (s *Server) createKey(c *call) error {
	var in keyRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("api-keys", in)
	if err != nil {
		return err
	}
	key, text := NewKey()
	key.Name, key.Scopes, key.ExpiresAt, key.CIDRs = in.Name, in.Scopes, in.ExpiresAt.UTC(), in.AllowedCIDRs
	return c.issue(ledger.IssueKey(access.IssueKey{Key: key, Idem: idem}), idem, text)
}

func (s *Server) rotateKey(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in rotationRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("api-keys.rotate", struct {
		ID   string
		Body rotationRequest
	}{id, in})
	if err != nil {
		return err
	}
	overlap, err := span("overlap", cmp.Or(in.Overlap, "24h"))
	if err != nil {
		return err
	}
	key, text := NewKey()
	key.ExpiresAt = in.ExpiresAt.UTC()
	return c.issue(ledger.RotateKey(access.RotateKey{KeyID: id, Successor: key, Overlap: overlap, Idem: idem}), idem, text)
}

// issue carries out a command that makes an API key.
func (c *call) issue(cmd ledger.Command, idem *domain.Idempotency, text string) error {
	outcome, err := c.execute(cmd)
	if err != nil {
		return err
	}
	issued, made := outcome.Reply.(access.KeyIssued)
	if !made {
		first, err := c.find(idem.Key)
		if err != nil {
			return err
		}
		issued, text = first.Event.(access.KeyIssued), ""
	}
	var known *access.KeyState
	if err := c.view(func(s *ledger.State) error {
		known = s.Access.Key(issued.Key.ID)
		return nil
	}); err != nil {
		return err
	}
	return c.wrote(made, outcome, issuedAnswer{answerKey(known, time.Time{}, c.server.Now()), text, outcome.Receipt})
}

func (s *Server) revokeKey(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var why struct {
		Reason string `query:"reason"`
	}
	if _, err := c.query(&why); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.RevokeKey(access.RevokeKey{KeyID: id, Reason: why.Reason}))
	if err != nil {
		return err
	}
	c.removed(outcome)
	return nil
}

// listKeys answers from the ledger's state itself: keys are few, and who looks for a key that was
// revoked must not be shown what a read model has not heard of yet.
func (s *Server) listKeys(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	keys, err := c.keys(values)
	if err != nil {
		return err
	}
	total := int64(len(keys))
	from := min(page.Offset, len(keys))
	return c.page(keys[from:min(from+page.Limit, len(keys))], page, total)
}

func (s *Server) getKey(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	keys, err := c.keys(values)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(keys, func(k keyAnswer) bool { return k.KeyID == id })
	if at < 0 {
		return domain.Errorf(domain.Unknown, "there is no API key with this id")
	}
	return c.ok(http.StatusOK, keys[at])
}

// keys lists the tenant's API keys, oldest first.
func (c *call) keys(values map[string][]string) (keys []keyAnswer, err error) {
	if _, err := c.ledgerSize(values); err != nil {
		return nil, err
	}
	used, err := c.server.uses.of(c.Context(), c.caller.slug)
	if err != nil {
		return nil, err
	}
	err = c.view(func(s *ledger.State) error {
		for _, k := range s.Access.Keys() {
			keys = append(keys, answerKey(k, used[k.ID], c.server.Now()))
		}
		return nil
	})
	return keys, err
}
