package http_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"whocomply/domain/access"
	web "whocomply/http"
)

const keyBody = `{"name":"core banking","scopes":["ledger:read","alerts:read"]}`

// bearer is the header that a key which was just made is sent in.
func bearer(a *answer) string { return "Bearer " + a.get("/api_key") }

// TestKeysAreMadeUsedAndEnded follows API keys from their making on.
func TestKeysAreMadeUsedAndEnded(t *testing.T) {
	h := openHouse(t, true)
	made := h.want(h.do("POST", acme+"/api-keys", strings.Replace(keyBody, "}", `,"allowed_cidrs":["192.0.2.7/24"]}`, 1)), http.StatusCreated)
	id := made.get("/key_id")
	if !strings.HasPrefix(made.get("/api_key"), "wc_"+id+".") || len(made.get("/api_key")) != 80 || made.get("/status") != "active" || made.get("/allowed_cidrs/0") != "192.0.2.0/24" {
		t.Errorf("key: %s", made.body)
	}
	if strings.Contains(made.body, "hash\":\"9f") || strings.Contains(made.body, "secret") {
		t.Errorf("the answer shows the secret's hash: %s", made.body)
	}
	path := acme + "/api-keys/" + id
	if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/last_used_at") != "" || a.get("/api_key") != "" || a.get("/name") != "core banking" {
		t.Errorf("not used: %s", a.body)
	}
	h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", bearer(made)), http.StatusOK)
	h.want(h.do("GET", acme+"/customers", "", "Authorization", bearer(made)), http.StatusForbidden)
	if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/last_used_at") == "" {
		t.Errorf("used: %s", a.body)
	}
	gone := h.want(h.do("DELETE", path+"?reason=lost", ""), http.StatusNoContent)
	h.want(h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", bearer(made)), http.StatusUnauthorized)
	h.want(h.do("DELETE", path, ""), http.StatusNoContent)
	if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/status") != "revoked" || a.get("/revoked_at") == "" || gone.body != "" {
		t.Errorf("revoked: %s", a.body)
	}
	h.want(h.do("GET", acme+"/api-keys/cccccccccccc", ""), http.StatusNotFound)
	h.want(h.do("DELETE", acme+"/api-keys/cccccccccccc", ""), http.StatusNotFound)
	event := h.want(h.do("GET", acme+"/ledger/events/"+gone.header.Get("Ledger-Seq"), ""), http.StatusOK)
	if !strings.Contains(event.body, "api_key.revoked") || !strings.Contains(event.body, "lost") || !strings.Contains(event.body, "key:aaaaaaaaaaaa") {
		t.Errorf("the ledger says %s", event.body)
	}
}

func TestKeysAreListed(t *testing.T) {
	h := openHouse(t)
	for i := range 3 {
		h.want(h.do("POST", acme+"/api-keys", strings.Replace(keyBody, "core banking", fmt.Sprint("key ", i), 1)), http.StatusCreated)
	}
	for query, want := range map[string]string{
		"": "test 4", "?limit=1&offset=1": "key 0 4", "?offset=3": "key 2 4", "?offset=4": " 4", "?offset=1000": " 4",
	} {
		a := h.want(h.do("GET", acme+"/api-keys"+query, ""), http.StatusOK)
		if got := fmt.Sprint(a.get("/0/name"), " ", a.Page.Total); got != want {
			t.Errorf("%q: first and total %q, want %q", query, got, want)
		}
	}
	h.want(h.do("GET", acme+"/api-keys?min_seq=1000", ""), http.StatusServiceUnavailable)
}

func TestBadKeys(t *testing.T) {
	h := openHouse(t)
	before := h.size()
	for _, row := range []struct{ name, path, body, field string }{
		{"no name", "", `{"scopes":["admin"]}`, "name"},
		{"no scopes", "", `{"name":"x"}`, "scopes"},
		{"unknown scope", "", `{"name":"x","scopes":["all"]}`, "scopes"},
		{"network", "", strings.Replace(keyBody, "}", `,"allowed_cidrs":["10.0.0.0/8","x"]}`, 1), "allowed_cidrs[1]"},
		{"past", "", strings.Replace(keyBody, "}", `,"expires_at":"2020-01-01T00:00:00Z"}`, 1), "expires_at"},
		{"no time", "", strings.Replace(keyBody, "}", `,"expires_at":"soon"}`, 1), "expires_at"},
		{"a secret of one's own", "", strings.Replace(keyBody, "}", `,"secret":"x"}`, 1), "secret"},
		{"overlap", "/aaaaaaaaaaaa/rotate", `{"overlap":"soon"}`, "overlap"},
		{"long overlap", "/aaaaaaaaaaaa/rotate", `{"overlap":"31d"}`, "overlap"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if a := h.in(t).want(h.do("POST", acme+"/api-keys"+row.path, row.body), http.StatusBadRequest); a.Field != row.field {
				t.Errorf("answer %s, want field %s", a.body, row.field)
			}
		})
	}
	h.want(h.do("POST", acme+"/api-keys/cccccccccccc/rotate", `{}`), http.StatusNotFound)
	if h.size() != before {
		t.Errorf("bad keys wrote %d events", h.size()-before)
	}
}

// TestKeyIsRotated uses both keys through the overlap, and then only the new one.
func TestKeyIsRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHouse(t)
		old := h.want(h.do("POST", acme+"/api-keys", keyBody, "Idempotency-Key", "k"), http.StatusCreated)
		path := acme + "/api-keys/" + old.get("/key_id")
		fresh := h.want(h.do("POST", path+"/rotate", `{"overlap":"2h"}`, "Idempotency-Key", "k"), http.StatusCreated)
		if fresh.get("/replaces") != old.get("/key_id") || fresh.get("/scopes") != old.get("/scopes") || fresh.get("/name") != "core banking" {
			t.Errorf("rotated: %s", fresh.body)
		}
		if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/replaced_by") != fresh.get("/key_id") || a.get("/status") != "active" {
			t.Errorf("the old one: %s", a.body)
		}
		again := h.want(h.do("POST", path+"/rotate", `{"overlap":"2h"}`, "Idempotency-Key", "k"), http.StatusOK)
		if again.get("/key_id") != fresh.get("/key_id") || again.get("/api_key") != "" {
			t.Errorf("again: %s", again.body)
		}
		h.want(h.do("POST", path+"/rotate", `{}`), http.StatusConflict)
		status := func(key *answer) int {
			return h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", bearer(key)).status
		}
		if status(old) != http.StatusOK || status(fresh) != http.StatusOK {
			t.Error("not both can be used at first")
		}
		time.Sleep(2 * time.Hour)
		if status(old) != http.StatusUnauthorized || status(fresh) != http.StatusOK {
			t.Error("not the new one alone can be used after the overlap")
		}
		if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/status") != "expired" {
			t.Errorf("after the overlap: %s", a.body)
		}
	})
}

// TestNetworksOfKeys sends requests from several peers, with and without a proxy in front.
func TestNetworksOfKeys(t *testing.T) {
	h := openHouse(t)
	key := h.issueKey("acme", access.Key{ID: "ffffffffffff", Scopes: []string{"ledger:read"}, CIDRs: []string{"198.51.100.0/24", "2001:db8::/32"}})
	behind := h.options(h.ledgers, 0)
	behind.BehindProxy = true
	proxied := h.in(t)
	proxied.Server = web.New(behind)
	for _, row := range []struct {
		name, forwarded string
		direct, behind  int
	}{
		{"nothing forwarded", "", 403, 403},
		{"allowed", "198.51.100.7", 403, 200},
		{"allowed, IPv6", "2001:db8::7", 403, 200},
		{"not allowed", "198.51.101.7", 403, 403},
		{"claimed by the client", "198.51.100.7, 203.0.113.9", 403, 403},
		{"seen by the proxy", "203.0.113.9, 198.51.100.7", 403, 200},
		{"no address", "unknown", 403, 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, house := range []struct {
				*house
				status int
			}{{h.in(t), row.direct}, {proxied.in(t), row.behind}} {
				house.want(house.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key, "X-Forwarded-For", row.forwarded), house.status)
			}
		})
	}
}

// TestLastUsesAreStored lets a server end that has seen a key, and asks another one about it.
func TestLastUsesAreStored(t *testing.T) {
	h := openHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	listener, err := h.Listen(ctx)
	h.must(err)
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, listener) }()
	h.want(h.do("GET", acme+"/ledger/checkpoint", ""), http.StatusOK)
	used := h.want(h.do("GET", acme+"/api-keys/aaaaaaaaaaaa", ""), http.StatusOK).get("/last_used_at")
	stop()
	h.must(<-ended)
	stored, err := h.models.KeyUses(t.Context(), "acme")
	if err != nil || len(stored) != 1 || stored[0].KeyID != "aaaaaaaaaaaa" || stored[0].At.Format(time.RFC3339Nano) != used {
		t.Errorf("stored %v, %v; used at %s", stored, err, used)
	}
	h.Server = web.New(h.options(h.ledgers, 0))
	if a := h.want(h.do("GET", acme+"/api-keys", ""), http.StatusOK); a.get("/0/last_used_at") < used {
		t.Errorf("after a restart: %s", a.body)
	}
}
