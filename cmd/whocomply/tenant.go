package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/http"
)

// operatorActor is the actor of what an operator does on the command line.
const operatorActor = "operator"

// tenantCmd is about institutions.
type tenantCmd struct {
	Create tenantCreateCmd `cmd:"" help:"Make an institution with a ledger of its own and an API key with every scope."`
}

// tenantCreateCmd makes an institution. Done again it gives the same institution another key.
type tenantCreateCmd struct {
	dataFlags `json:"-"`
	Slug      string `help:"Short name in addresses: a-z, 0-9 and -." required:""`
	Name      string `help:"Name of the institution." required:""`
	JSON      bool   `help:"Print JSON." json:"-"`
}

// tenantCreated is shown once: the secret of the key is kept nowhere.
type tenantCreated struct {
	TenantID string `json:"tenant_id"`
	Slug     string `json:"slug"`
	KeyID    string `json:"key_id"`
	APIKey   string `json:"api_key"`
}

// Run is the command.
func (c *tenantCreateCmd) Run(ctx context.Context) error {
	var made tenantCreated
	if err := operate(ctx, c.dataFlags, c, &made); err != nil {
		return err
	}
	return printResult(c.JSON, made, func(w io.Writer) {
		fmt.Fprintf(w, "tenant   %s (%s)\nAPI key  %s\n\nThe key has every scope and is shown only now.\n", made.Slug, made.TenantID, made.APIKey)
	})
}

func (c *tenantCreateCmd) name() string { return "tenant-create" }

func (c *tenantCreateCmd) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	tenant, err := in.Ledgers.CreateTenant(ctx, operatorActor, access.CreateTenant{Slug: c.Slug, Name: c.Name})
	if err != nil {
		return nil, err
	}
	key, err := in.issueKey(ctx, tenant.Slug, access.Key{Name: "first key", Scopes: access.Scopes()})
	return tenantCreated{TenantID: tenant.ID, Slug: tenant.Slug, KeyID: key.KeyID, APIKey: key.APIKey}, err
}

// keyCmd is about API keys, and the key that signs the ledgers.
type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Issue an API key."`
	List   keyListCmd   `cmd:"" help:"List a tenant's API keys."`
	Revoke keyRevokeCmd `cmd:"" help:"End an API key at once."`

	RotateSigning keyRotateSigningCmd `cmd:"" help:"Give the installation another signing key; each ledger records the change."`
}

// keyCreateCmd issues an API key.
type keyCreateCmd struct {
	dataFlags `json:"-"`
	Tenant    string    `help:"Slug of the tenant." required:""`
	Name      string    `help:"What the key is for." required:""`
	Scopes    []string  `help:"What it may do, such as customers:write,events:write." required:""`
	ExpiresAt time.Time `help:"When it ends, RFC 3339." format:"2006-01-02T15:04:05Z07:00"`
	CIDRs     []string  `help:"Networks it may be used from, such as 192.0.2.0/24; anywhere without." name:"cidr"`
	JSON      bool      `help:"Print JSON." json:"-"`
}

// keyIssued is shown once.
type keyIssued struct {
	KeyID  string   `json:"key_id"`
	APIKey string   `json:"api_key"`
	Scopes []string `json:"scopes"`
}

// Run is the command.
func (c *keyCreateCmd) Run(ctx context.Context) error {
	var issued keyIssued
	if err := operate(ctx, c.dataFlags, c, &issued); err != nil {
		return err
	}
	return printResult(c.JSON, issued, func(w io.Writer) {
		fmt.Fprintf(w, "API key  %s\nscopes   %s\n\nThe key is shown only now.\n", issued.APIKey, strings.Join(issued.Scopes, ", "))
	})
}

func (c *keyCreateCmd) name() string { return "key-create" }

func (c *keyCreateCmd) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	return in.issueKey(ctx, c.Tenant, access.Key{Name: c.Name, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt, CIDRs: c.CIDRs})
}

// issueKey makes an API key and puts it in force.
func (in *Instance) issueKey(ctx context.Context, slug string, wish access.Key) (keyIssued, error) {
	key, text := http.NewKey()
	wish.ID, wish.SecretHash = key.ID, key.SecretHash
	if _, err := in.Ledgers.Execute(ctx, slug, operatorActor, ledger.IssueKey(access.IssueKey{Key: wish})); err != nil {
		return keyIssued{}, err
	}
	return keyIssued{KeyID: key.ID, APIKey: text, Scopes: wish.Scopes}, nil
}

// keyListCmd lists API keys.
type keyListCmd struct {
	dataFlags `json:"-"`
	Tenant    string `help:"Slug of the tenant." required:""`
	JSON      bool   `help:"Print JSON." json:"-"`
}

// keyLine is an API key without anything secret.
type keyLine struct {
	KeyID     string    `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// Run is the command.
func (c *keyListCmd) Run(ctx context.Context) error {
	var keys []keyLine
	if err := operate(ctx, c.dataFlags, c, &keys); err != nil {
		return err
	}
	return printResult(c.JSON, keys, func(w io.Writer) {
		for _, k := range keys {
			state := "usable"
			if !k.RevokedAt.IsZero() {
				state = "revoked " + k.RevokedAt.Format(time.DateTime)
			}
			fmt.Fprintf(w, "%s  %s  %-30s %s  %s\n", k.KeyID, k.IssuedAt.Format(time.DateTime), k.Name, state, strings.Join(k.Scopes, ","))
		}
	})
}

func (c *keyListCmd) name() string { return "key-list" }

func (c *keyListCmd) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	lines := []keyLine{}
	err := in.Ledgers.View(ctx, c.Tenant, func(s *ledger.State) error {
		for _, k := range s.Access.Keys() {
			lines = append(lines, keyLine{
				KeyID: k.ID, Name: k.Name, Scopes: k.Scopes, IssuedAt: k.IssuedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt,
			})
		}
		return nil
	})
	return lines, err
}

// keyRevokeCmd ends an API key.
type keyRevokeCmd struct {
	dataFlags `json:"-"`
	Tenant    string `help:"Slug of the tenant." required:""`
	Key       string `help:"Key id: the 12 hex digits after wc_." required:""`
	Reason    string `help:"Why."`
	JSON      bool   `help:"Print JSON." json:"-"`
}

// Run is the command.
func (c *keyRevokeCmd) Run(ctx context.Context) error {
	var revoked access.KeyRevoked
	if err := operate(ctx, c.dataFlags, c, &revoked); err != nil {
		return err
	}
	return printResult(c.JSON, revoked, func(w io.Writer) { fmt.Fprintln(w, "revoked", revoked.KeyID) })
}

func (c *keyRevokeCmd) name() string { return "key-revoke" }

func (c *keyRevokeCmd) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	cmd := access.RevokeKey{KeyID: c.Key, Reason: c.Reason}
	_, err := in.Ledgers.Execute(ctx, c.Tenant, operatorActor, ledger.RevokeKey(cmd))
	return access.KeyRevoked(cmd), err
}
