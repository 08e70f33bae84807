package http_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"whocomply/domain/ledger"
	web "whocomply/http"
)

// TestHitRates pushes 8 customers of one tenant, three of whom are listed, and reads how often that is: of the
// tenant by the API, and of all by the metrics, which name no tenant and no list of a tenant's own.
func TestHitRates(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"acme-fraud","category":"internal","name":"Viktor Petrov"}`), http.StatusCreated)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"acme-fraud","category":"internal","name":"Olga Borisova"}`), http.StatusCreated)
	none := h.want(h.do("GET", acme+"/screening/statistics", ""), http.StatusOK)
	if none.get("/customers") != "0" || none.get("/hits_per_1000_customers") != "0" || none.get("/lists") != "[]" {
		t.Errorf("of nobody: %s", none.body)
	}
	var last *answer
	for i, name := range []string{"Viktor Petrov", "Ann Larsen", "Olga Borisova", "Bo Larsen", "Petrov Viktor", "Cy Larsen", "Di Larsen", "Ed Larsen"} {
		last = h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody(fmt.Sprint("c-", i)), "Ann Example", name, 1)), http.StatusCreated)
	}
	got := h.seen(last, "/screening/statistics")
	for pointer, want := range map[string]string{
		"/customers": "8", "/with_hits": "3", "/no_hit": "5", "/hits": "5", "/hits_per_1000_customers": "625",
		"/lists/0/list": "acme-fraud", "/lists/0/hits": "3", "/lists/0/hits_per_1000_customers": "375",
		"/lists/1/list": "sdn", "/lists/1/category": "sanctions", "/lists/1/hits": "2", "/lists/1/hits_per_1000_customers": "250",
	} {
		if got.get(pointer) != want {
			t.Errorf("%s is %s, want %s", pointer, got.get(pointer), want)
		}
	}
	metrics := h.want(h.do("GET", "/metrics", "", "Authorization", ""), http.StatusOK).body
	for _, want := range []string{
		"whocomply_screened_customers 8\n", `whocomply_screening_hits{category="internal",list="own"} 3`, `whocomply_screening_hits{category="sanctions",list="sdn"} 2`,
		`whocomply_screening_hits_per_1000_customers{category="internal",list="own"} 375`, `whocomply_screening_hits_per_1000_customers{category="sanctions",list="sdn"} 250`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics have no %s", want)
		}
	}
	if strings.Contains(metrics, "acme") {
		t.Error("metrics name the tenant")
	}
	h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("c-0"), "Ann Example", "Fi Larsen", 1)), http.StatusOK)
	if after := h.want(h.do("GET", acme+"/screening/statistics", ""), http.StatusOK); after.get("/with_hits") != "2" || after.get("/hits") != "3" {
		t.Errorf("after one is called otherwise: %s", after.body)
	}
}

// screened reads the number of customers screened that the metrics tell.
func (h *house) screened() string {
	h.t.Helper()
	for line := range strings.Lines(h.want(h.do("GET", "/metrics", "", "Authorization", ""), http.StatusOK).body) {
		if n, is := strings.CutPrefix(line, "whocomply_screened_customers "); is {
			return strings.TrimSpace(n)
		}
	}
	return "none"
}

// TestMetricsLoadNobody reads the metrics of a process that has used no tenant yet.
func TestMetricsLoadNobody(t *testing.T) {
	h := openHouse(t, true)
	last := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.seen(last, "/customers/c-1") // the read models know the tenant
	h.ledgers.Close()
	h.openLedgers(func(string) {})
	h.Server = web.New(h.options(h.ledgers, slog.LevelDebug))
	if got := h.screened(); got != "0" {
		t.Errorf("before anybody is used: %s", got)
	}
	h.ledgers.Glance(func(s *ledger.State) { t.Errorf("the metrics have loaded %s", s.Slug()) })
	h.want(h.do("GET", acme+"/screening/statistics", ""), http.StatusOK)
	if got := h.screened(); got != "1" {
		t.Errorf("of a tenant in use: %s", got)
	}
}

// TestMetricsWaitForNobody holds a tenant's state while a write waits for it: metrics tell what was last seen.
func TestMetricsWaitForNobody(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	if got := h.screened(); got != "1" {
		t.Errorf("at rest: %s", got)
	}
	written := make(chan *answer, 1)
	h.must(h.ledgers.View(t.Context(), "acme", func(*ledger.State) error {
		go func() { written <- h.do("POST", acme+"/customers", customerBody("c-2")) }()
		for held, end := false, time.Now().Add(10*time.Second); !held; time.Sleep(time.Millisecond) {
			held = true
			h.ledgers.Glance(func(s *ledger.State) { held = held && s.Slug() != "acme" })
			if time.Now().After(end) {
				return errors.New("the write does not wait for the state")
			}
		}
		if got := h.screened(); got != "1" {
			t.Errorf("while a write waits: %s", got)
		}
		return nil
	}))
	h.want(<-written, http.StatusCreated)
	if got := h.screened(); got != "2" {
		t.Errorf("after the write: %s", got)
	}
}
