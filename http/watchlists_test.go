package http_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"whocomply/domain/screening"
)

// publish puts a version of a shared list in force.
func (h *house) publish(list string, retrieved time.Time, limit time.Duration, names ...string) *screening.Publication {
	h.t.Helper()
	cmd := screening.PublishList{
		List: list, Category: "sanctions", Format: "whocomply-ndjson", Source: "list.ndjson", SourceHash: strings.Repeat("ab", 32),
		RetrievedAt: retrieved, MaxAge: limit, Force: "a test",
	}
	for _, name := range names {
		cmd.Entries = append(cmd.Entries, screening.Entry{ID: strings.ReplaceAll(name, " ", "-"), EntityType: "individual", Name: name})
	}
	p, err := h.ledgers.PublishList(h.t.Context(), "operator", cmd)
	h.must(err)
	return p
}

func TestStaleListsWarn(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now().Add(-3*time.Hour), time.Hour, "Viktor Petrov")
	fresh := h.publish("eu", time.Now().Add(-time.Minute), 0, "Viktor Petrov")
	ready := h.want(h.do("GET", "/readyz", "", "Authorization", ""), http.StatusOK)
	if warning := ready.get("/warnings/0"); !strings.Contains(warning, "watchlist sdn was retrieved 3h0m0s ago, its limit is 1h0m0s") || ready.get("/warnings/1") != "" {
		t.Errorf("readiness: %s", ready.body)
	}
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	if made.get("/screening/stale") != "true" {
		t.Errorf("customer: %s", made.body)
	}
	shown := h.seen(made, "/watchlists")
	for pointer, want := range map[string]string{
		"/0/list": "eu", "/0/stale": "false", "/0/max_age_seconds": "604800", "/0/digest": fresh.Digest, "/0/added": "1", "/0/subscribed": "true",
		"/1/list": "sdn", "/1/stale": "true", "/1/max_age_seconds": "3600",
	} {
		if got := shown.get(pointer); got != want {
			t.Errorf("%s is %s, want %s: %s", pointer, got, want, shown.body)
		}
	}
	h.publish("sdn", time.Now(), time.Hour, "Viktor Petrov")
	if ready := h.want(h.do("GET", "/readyz", "", "Authorization", ""), http.StatusOK); ready.get("/warnings") != "" {
		t.Errorf("readiness: %s", ready.body)
	}
	again := h.want(h.do("POST", acme+"/customers", customerBody("c-2")), http.StatusCreated)
	if again.get("/screening/stale") != "" {
		t.Errorf("customer: %s", again.body)
	}
}

func TestSubscriptions(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	found := func() string {
		return h.want(h.do("POST", acme+"/screening/search", `{"name":"Viktor Petrov"}`), http.StatusOK).get("/hits/0/list/list")
	}
	if found() != "sdn" {
		t.Error("a published list is not searched")
	}
	off := h.want(h.do("POST", acme+"/watchlists/sdn/unsubscribe", `{"reason":"another provider"}`, "Idempotency-Key", "k-1"), http.StatusOK)
	if off.get("/subscribed") != "false" || off.get("/version") != "1" || found() != "" {
		t.Errorf("unsubscribed: %s, found on %q", off.body, found())
	}
	if shown := h.seen(off, "/watchlists"); shown.get("/0/subscribed") != "false" {
		t.Errorf("lists: %s", shown.body)
	}
	on := h.want(h.do("POST", acme+"/watchlists/sdn/subscribe", `{}`), http.StatusOK)
	if on.get("/subscribed") != "true" || found() != "sdn" {
		t.Errorf("subscribed: %s", on.body)
	}
	repeated := h.want(h.do("POST", acme+"/watchlists/sdn/unsubscribe", `{"reason":"another provider"}`, "Idempotency-Key", "k-1"), http.StatusOK)
	if repeated.get("/receipt/seq") != off.get("/receipt/seq") || found() != "sdn" {
		t.Errorf("repeated: %s", repeated.body)
	}
	if a := h.want(h.do("POST", acme+"/watchlists/sdn/unsubscribe", `{}`), http.StatusBadRequest); a.Field != "reason" {
		t.Errorf("no reason: %s", a.body)
	}
	h.want(h.do("POST", acme+"/watchlists/un/subscribe", `{}`), http.StatusNotFound)
}
