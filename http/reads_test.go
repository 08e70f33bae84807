package http_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// after reads at the position a write answered with, and asks again while the read model is not there:
// a busy machine may take longer than one read waits.
func (h *house) after(write *answer, path string) *answer {
	h.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; {
		a := h.do("GET", acme+path, "", "Min-Ledger-Seq", write.header.Get("Ledger-Seq"))
		if a.status != http.StatusServiceUnavailable || time.Now().After(end) {
			return a
		}
	}
}

// seen reads what a write has made.
func (h *house) seen(write *answer, path string) *answer {
	h.t.Helper()
	a := h.want(h.after(write, path), http.StatusOK)
	if len(a.header.Get("Ledger-Seq")) < len(write.header.Get("Ledger-Seq")) {
		h.t.Errorf("GET %s shows position %s, asked for %s", path, a.header.Get("Ledger-Seq"), write.header.Get("Ledger-Seq"))
	}
	return a
}

// TestReadsShowWhatWasWritten writes one of each and reads it back at once.
func TestReadsShowWhatWasWritten(t *testing.T) {
	h := openHouse(t, true)
	rule := h.want(h.do("POST", acme+"/monitoring-rules", ruleBody), http.StatusCreated)
	entry := h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"internal","name":"Bob Example"}`), http.StatusCreated)
	customer := h.want(h.do("POST", acme+"/customers", customerBody("c/1 é%")), http.StatusCreated)
	event := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e/1"), "c-1", "c/1 é%", 1)), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("till")), http.StatusCreated)
	h.want(h.do("POST", acme+"/postings", postingBody("p-0", "posted")), http.StatusCreated)
	last := h.want(h.do("POST", acme+"/postings", postingBody("p-1", "pending")), http.StatusCreated)
	id, named := customer.get("/id"), url.PathEscape("c/1 é%")
	for _, row := range []struct{ path, pointer, want string }{
		{"/customers/" + named, "/id", id},
		{"/customers/" + id, "/external_id", "c/1 é%"},
		{"/customers/" + id, "/open_alerts/0", event.get("/alerts/1/id")},
		{"/customers/" + named + "/risk-view", "/customer_id", id},
		{"/customers/" + id + "/risk-view", "/open_alerts", "2"},
		{"/customers/" + id + "/risk-view", "/composite_score", event.get("/risk/after/composite_score")},
		{"/customers/" + named + "/timeline?limit=1&offset=1", "/0/type", "alert.raised"},
		{"/customers?rating=" + event.get("/risk/after/rating"), "/0/id", id},
		{"/customers?kyc_status=verified", "/0/id", ""},
		{"/events/" + url.PathEscape("e/1"), "/score", "40"},
		{"/events?customer_id=" + url.QueryEscape("c/1 é%"), "/0/event_id", "e/1"},
		{"/events?event_type=other", "/0/event_id", ""},
		{"/alerts/" + event.get("/alerts/0/id"), "/customer_id", id},
		{"/alerts?status=open&severity=high&kind=internal_list", "/0/id", event.get("/alerts/0/id")},
		{"/accounts/cash", "/balances/posted/debits", "7.00"},
		{"/accounts/cash/balance", "/pending/net", "7.00"},
		{"/accounts?limit=1&offset=1", "/0/id", "till"},
		{"/postings/p-1", "/status", "pending"},
		{"/postings?status=pending&account=cash", "/0/posting_id", "p-1"},
		{"/monitoring-rules/" + rule.get("/id"), "/score", "40"},
		{"/monitoring-rules", "/0/name", "Large"},
		{"/watchlist-entries/" + entry.get("/id"), "/name", "Bob Example"},
		{"/watchlist-entries?list=own", "/0/id", entry.get("/id")},
		{"/watchlist-entries?list=other", "/0/id", ""},
		{"/watchlists", "/0/list", ""},
	} {
		t.Run(row.path, func(t *testing.T) {
			if a := h.seen(last, row.path); a.get(row.pointer) != row.want {
				t.Errorf("%s is %q, want %q: %s", row.pointer, a.get(row.pointer), row.want, a.body)
			}
		})
	}
	for _, path := range []string{
		"/customers/nobody", "/customers/nobody/risk-view", "/customers/nobody/timeline", "/events/none", "/alerts/none",
		"/accounts/none", "/accounts/none/balance", "/postings/none", "/monitoring-rules/none", "/watchlist-entries/none",
	} {
		if a := h.want(h.do("GET", acme+path, ""), http.StatusNotFound); a.Code != "not_found" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

// TestReadsSayWhatWritesSay compares the answer of a push with the read of the customer.
func TestReadsSayWhatWritesSay(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"pep","name":"Ann Example"}`), http.StatusCreated)
	pushed := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	read := h.seen(pushed, "/customers/c-1")
	var wrote, reads map[string]jsontext.Value
	h.must(json.Unmarshal(pushed.Data, &wrote))
	h.must(json.Unmarshal(read.Data, &reads))
	delete(reads, "seq")
	if screening := read.get("/screening/hits"); screening != pushed.get("/screening/hits") || screening == "[]" {
		t.Errorf("screening %s, want %s", screening, pushed.get("/screening/hits"))
	}
	delete(reads, "screening")
	for name, value := range reads {
		if string(wrote[name]) != string(value) {
			t.Errorf("%s: the push says %s, the read %s", name, wrote[name], value)
		}
	}
}

func TestPages(t *testing.T) {
	h := openHouse(t, true)
	var last *answer
	for i := range 25 {
		last = h.want(h.do("POST", acme+"/customers", customerBody(fmt.Sprint("c-", i))), http.StatusCreated)
	}
	for _, row := range []struct {
		query         string
		limit, offset int
		rows          int
	}{
		{"", 20, 0, 20},
		{"?limit=7", 7, 0, 7},
		{"?limit=100", 100, 0, 25},
		{"?limit=10&offset=20", 10, 20, 5},
		{"?offset=25", 20, 25, 0},
		{"?offset=1000000", 20, 1000000, 0},
	} {
		t.Run("customers"+row.query, func(t *testing.T) {
			a := h.seen(last, "/customers"+row.query)
			var rows []jsontext.Value
			h.must(json.Unmarshal(a.Data, &rows))
			if a.Page == nil || a.Page.Limit != row.limit || a.Page.Offset != row.offset || a.Page.Total != 25 || len(rows) != row.rows {
				t.Errorf("%d rows, pagination %+v", len(rows), a.Page)
			}
			if len(rows) > 0 && a.get("/0/external_id") != fmt.Sprint("c-", row.offset) {
				t.Errorf("the first is %s", a.get("/0/external_id"))
			}
		})
	}
}

func TestReadsThatWaitInVain(t *testing.T) {
	h := openHouse(t, true)
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.seen(made, "/customers/c-1/risk-view")
	at := made.header.Get("Ledger-Seq")
	for _, row := range []struct{ name, path, header string }{
		{"one by header", "/customers/c-1", "1000"},
		{"view by header", "/customers/c-1/risk-view", "1000"},
		{"view by parameter", "/customers/c-1/risk-view?min_seq=1000", ""},
		{"list by header", "/customers", "1000"},
		{"list by parameter", "/customers?limit=5&min_seq=1000", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.want(h.do("GET", acme+row.path, "", "Min-Ledger-Seq", row.header), http.StatusServiceUnavailable)
			if a.Code != "unavailable" || a.header.Get("Retry-After") == "" || !strings.Contains(a.Message, "position "+at) || a.header.Get("Ledger-Seq") != at {
				t.Errorf("at %s: %s", a.header.Get("Ledger-Seq"), a.body)
			}
		})
	}
}

func TestReadyzSumsUpTheReadModels(t *testing.T) {
	h := openHouse(t, true)
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.seen(made, "/customers/c-1")
	a := h.want(h.do("GET", "/readyz", "", "Authorization", ""), http.StatusOK)
	if a.get("/store") != "ok" || a.get("/projections/0/model") != "customers" || a.get("/projections/0/lag") != "0" || strings.Contains(a.body, "acme") {
		t.Errorf("readiness: %s", a.body)
	}
}
