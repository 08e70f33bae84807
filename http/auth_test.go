package http_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
	web "whocomply/http"
)

// openRoutes are those that want no API key: they show nothing of any tenant.
var openRoutes = []string{"/healthz", "/readyz", "/metrics", "/openapi.yaml", "/docs", "/docs/typologies", "/docs/webhooks", "/api/v1/webhook-event-types"}

// TestEveryRouteWantsAKeyOfItsTenantWithItsScope holds the whole table of routes against the keys
// that must not open them. Not one answer shows data or tells whether another tenant exists.
func TestEveryRouteWantsAKeyOfItsTenantWithItsScope(t *testing.T) {
	h := openHouse(t)
	rival := h.issue("rival", "bbbbbbbbbbbb", time.Time{}, "admin")
	revoked := h.issue("acme", "dddddddddddd", time.Time{}, "admin")
	_, err := h.ledgers.Execute(t.Context(), "acme", "test", ledger.RevokeKey(access.RevokeKey{KeyID: "dddddddddddd"}))
	h.must(err)
	soon := time.Now().Add(20 * time.Millisecond)
	expired := h.issue("acme", "eeeeeeeeeeee", soon, "admin")
	elsewhere := h.issueKey("acme", access.Key{ID: "ffffffffffff", Scopes: []string{"admin"}, CIDRs: []string{"198.51.100.0/24"}})
	time.Sleep(time.Until(soon))
	scoped := map[string]string{} // keys with every scope but one
	for _, r := range web.Routes(h.Server) {
		if r.Scope == "" {
			if !slices.Contains(openRoutes, r.Path) {
				t.Errorf("%s %s is open to all", r.Method, r.Path)
			}
			continue
		}
		if scoped[r.Scope] == "" {
			scoped[r.Scope] = h.issue("acme", fmt.Sprintf("%012x", len(scoped)), time.Time{}, slices.DeleteFunc(access.Scopes(), func(s string) bool { return s == "admin" || slices.Contains(strings.Fields(r.Scope), s) })...)
		}
		path := strings.NewReplacer(":slug", "acme", ":id", "x", ":path", "0/000.p/1", ":sequence", "1").Replace(r.Path)
		body := ""
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/webhook") {
			body = eventBody("e-1")
		}
		before := h.size()
		for _, row := range []struct {
			name, key, path, body string
			status                int
		}{
			{"no key", "", path, body, 401},
			{"malformed key", "Bearer wc_aaaaaaaaaaaa", path, body, 401},
			{"unknown key", strings.Replace(h.key, "aaaaaaaaaaaa", "cccccccccccc", 1), path, body, 401},
			{"wrong secret", h.key[:len(h.key)-1] + "0", path, body, 401},
			{"revoked key", revoked, path, body, 401},
			{"expired key", expired, path, body, 401},
			{"key of another tenant", rival, path, body, 403},
			{"another tenant's address", h.key, strings.Replace(path, "acme", "rival", 1), strings.Replace(body, "acme", "rival", 1), 403},
			{"nobody's address", h.key, strings.Replace(path, "acme", "nobody", 1), strings.Replace(body, "acme", "nobody", 1), 403},
			{"key without the scope", scoped[r.Scope], path, body, 403},
			{"key for another network", elsewhere, path, body, 403},
		} {
			if ofKeysTenant(r.Path) && strings.Contains(row.name, "tenant") || row.name == "nobody's address" && row.path == path && row.body == body {
				continue // the address names no tenant: it is the key's
			}
			t.Run(r.Method+" "+r.Path+" "+row.name, func(t *testing.T) {
				a := h.in(t).want(h.do(r.Method, row.path, row.body, "Authorization", row.key), row.status)
				if row.status == http.StatusUnauthorized && (a.header.Get("WWW-Authenticate") != "Bearer" || a.Code != "unauthorized") {
					t.Errorf("code %q, WWW-Authenticate %q", a.Code, a.header.Get("WWW-Authenticate"))
				}
				if row.name == "key without the scope" && !strings.Contains(a.Message, strings.ReplaceAll(r.Scope, " ", " or ")) {
					t.Errorf("%q does not name the scope %s", a.Message, r.Scope)
				}
				if a.Status != "error" || len(a.Data) > 0 || a.header.Get("Ledger-Seq") != "" || strings.Contains(a.body, "rival") || strings.Contains(a.body, "nobody") {
					t.Errorf("answer %s, Ledger-Seq %q", a.body, a.header.Get("Ledger-Seq"))
				}
			})
		}
		if h.size() != before {
			t.Fatalf("%s %s wrote something", r.Method, r.Path)
		}
	}
}

// ofKeysTenant reports whether a route speaks of webhooks in one of the shapes that name no tenant.
func ofKeysTenant(path string) bool {
	return strings.HasPrefix(path, "/api/v1/webhooks/") || strings.HasPrefix(path, "/api/webhooks")
}

func TestKeysThatDoNotFit(t *testing.T) {
	h := openHouse(t)
	secret := h.key[len("Bearer wc_aaaaaaaaaaaa."):]
	h.issue("acme", "dddddddddddd", time.Time{}, "admin")
	_, err := h.ledgers.Execute(t.Context(), "acme", "test", ledger.RevokeKey(access.RevokeKey{KeyID: "dddddddddddd"}))
	h.must(err)
	messages := map[string]bool{}
	for _, row := range []struct{ name, key string }{
		{"missing", ""},
		{"another scheme", "Basic " + h.key[7:]},
		{"no prefix", "Bearer aaaaaaaaaaaa." + secret},
		{"no point", strings.Replace(h.key, ".", "", 1)},
		{"short secret", h.key[:len(h.key)-1]},
		{"long secret", h.key + "0"},
		{"upper case", strings.ToUpper(h.key[:7]) + strings.ToUpper(h.key[7:])},
		{"secret that is not hex", h.key[:len(h.key)-1] + "g"},
		{"wrong secret", h.key[:len(h.key)-1] + "0"},
		{"secret of another id", strings.Replace(h.key, "aaaaaaaaaaaa", "eeeeeeeeeeee", 1)},
		{"revoked", strings.Replace(h.key, "aaaaaaaaaaaa", "dddddddddddd", 1)},
		{"trailing space", h.key + " "},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", row.key), http.StatusUnauthorized)
			messages[a.Message] = true
		})
	}
	if len(messages) != 1 {
		t.Errorf("answers tell the reasons apart: %v", messages)
	}
	h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", "bearer"+h.key[6:]), http.StatusOK)
}

func TestKeyEndsWhenItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHouse(t)
		key := h.issue("acme", "ffffffffffff", time.Now().Add(time.Hour), "ledger:read")
		h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key), http.StatusOK)
		time.Sleep(time.Hour)
		h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key), http.StatusUnauthorized)
	})
}

func TestRevokedKeyEndsAtOnce(t *testing.T) {
	h := openHouse(t)
	key := h.issue("acme", "ffffffffffff", time.Time{}, "ledger:read")
	h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key), http.StatusOK)
	_, err := h.ledgers.Execute(t.Context(), "acme", "test", ledger.RevokeKey(access.RevokeKey{KeyID: "ffffffffffff"}))
	h.must(err)
	h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key), http.StatusUnauthorized)
}

func TestOtherTenantsStayUnseen(t *testing.T) {
	h := openHouse(t)
	there := h.want(h.do("GET", "/api/v1/tenants/rival/customers", ""), http.StatusForbidden)
	nowhere := h.want(h.do("GET", "/api/v1/tenants/nobody/customers", ""), http.StatusForbidden)
	if there.Message != nowhere.Message {
		t.Errorf("%q tells from %q that there is a tenant", there.Message, nowhere.Message)
	}
	for _, tenant := range []string{"rival", "nobody", "ten_01JJJJJJJJJJJJJJJJJJJJJJJJ", "system"} {
		h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-1"), "acme", tenant, 1)), http.StatusForbidden)
	}
}
