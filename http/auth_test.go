package http_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
	web "whocomply/http"
)

// TestEveryRouteWantsAKeyOfItsTenantWithItsScope holds the whole table of routes against the keys
// that must not open them.
func TestEveryRouteWantsAKeyOfItsTenantWithItsScope(t *testing.T) {
	h := openHouse(t)
	rival := h.issue("rival", "bbbbbbbbbbbb", time.Time{}, "admin")
	for _, r := range web.Routes(h.Server) {
		if r.Scope == "" {
			continue
		}
		other := "customers:read"
		if r.Scope == other {
			other = "events:read"
		}
		id := strings.NewReplacer(":write", "1", ":read", "2").Replace(r.Scope)
		scoped := h.issue("acme", hexID(r.Method+id+r.Path), time.Time{}, other)
		path := strings.NewReplacer(":slug", "acme", ":id", "x").Replace(r.Path)
		body := ""
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/webhook") {
			body = eventBody("e-1")
		}
		before := h.size()
		for _, row := range []struct {
			name, key string
			status    int
		}{
			{"no key", "", http.StatusUnauthorized},
			{"unknown key", strings.Replace(h.key, "aaaaaaaaaaaa", "cccccccccccc", 1), http.StatusUnauthorized},
			{"key of another tenant", rival, http.StatusForbidden},
			{"key without the scope", scoped, http.StatusForbidden},
		} {
			t.Run(r.Method+" "+r.Path+" "+row.name, func(t *testing.T) {
				a := h.do(r.Method, path, body, "Authorization", row.key)
				h.want(a, row.status)
				if row.status == http.StatusUnauthorized && (a.header.Get("WWW-Authenticate") != "Bearer" || a.Code != "unauthorized") {
					t.Errorf("code %q, WWW-Authenticate %q", a.Code, a.header.Get("WWW-Authenticate"))
				}
				if row.key == scoped && !strings.Contains(a.Message, r.Scope) {
					t.Errorf("%q does not name the scope %s", a.Message, r.Scope)
				}
			})
		}
		if h.size() != before {
			t.Fatalf("%s %s wrote something", r.Method, r.Path)
		}
	}
}

// hexID gives 12 hex digits for a text.
func hexID(text string) string {
	const digits = "0123456789abcdef"
	sum := uint64(14695981039346656037)
	for _, b := range []byte(text) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	id := make([]byte, 12)
	for i := range id {
		id[i], sum = digits[sum&15], sum>>4
	}
	return string(id)
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
