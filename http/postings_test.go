package http_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// entries writes entries of one amount on pairs of a debited and a credited account, in EUR.
func entries(amount string, pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, `{"account":"`+pairs[i]+`","direction":"debit","amount":"`+amount+`","currency":"EUR"}`,
			`{"account":"`+pairs[i+1]+`","direction":"credit","amount":"`+amount+`","currency":"EUR"}`)
	}
	return `"entries":[` + strings.Join(all, ",") + `]`
}

func postingOn(id, status, day, entries string) string {
	return `{"posting_id":"` + id + `","effective_at":"` + day + `T09:00:00Z","status":"` + status + `",` + entries + `}`
}

// TestPostInPart posts a part of what is held, and shows what became of it everywhere.
func TestPostInPart(t *testing.T) {
	h := openHouse(t, true)
	for _, id := range []string{"cash", "till"} {
		h.want(h.do("POST", acme+"/accounts", account(id)), http.StatusCreated)
	}
	h.want(h.do("POST", acme+"/postings", postingBody("p-1", "pending")), http.StatusCreated)
	for _, row := range []struct{ name, body, field string }{
		{"too much", `{` + entries("7.01", "cash", "till") + `}`, "entries[0].amount"},
		{"the other way", `{` + entries("7", "till", "cash") + `}`, "entries[0].amount"},
		{"elsewhere", `{` + entries("7", "cash", "safe") + `}`, "entries[1].amount"},
		{"unbalanced", strings.Replace(`{`+entries("7", "cash", "till")+`}`, `"7"`, `"6"`, 1), "entries"},
		{"nothing", `{"entries":[]}`, "entries"},
		{"unknown member", `{"amount":"7"}`, "amount"},
	} {
		if a := h.want(h.do("POST", acme+"/postings/p-1/post", row.body), http.StatusBadRequest); a.Field != row.field {
			t.Errorf("%s: %s", row.name, a.body)
		}
	}
	part := `{` + entries("2.5", "cash", "till") + `}`
	first := h.want(h.do("POST", acme+"/postings/p-1/post", part), http.StatusOK)
	for pointer, want := range map[string]string{
		"/status": "posted", "/entries/0/amount": "7.00", "/posted_entries/0/amount": "2.50",
		"/balances/0/posted/debits": "2.50", "/balances/0/pending/debits": "0.00",
	} {
		if got := first.get(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	if again := h.want(h.do("POST", acme+"/postings/p-1/post", part), http.StatusOK); again.body != first.body {
		t.Errorf("again:\n%s\nfirst:\n%s", again.body, first.body)
	}
	h.want(h.do("POST", acme+"/postings/p-1/post", `{`+entries("2", "cash", "till")+`}`), http.StatusConflict)
	h.want(h.do("POST", acme+"/postings/p-1/post", ""), http.StatusConflict)
	h.want(h.do("POST", acme+"/postings/p-1/void", ""), http.StatusConflict)
	back := h.want(h.do("POST", acme+"/postings/p-1/reverse", `{"posting_id":"r-1"}`), http.StatusCreated)
	if back.get("/entries/0/amount") != "2.50" || back.get("/entries/0/direction") != "credit" {
		t.Errorf("reversal %s", back.body)
	}
	for path, want := range map[string]string{
		"/postings/p-1":  "/posted_entries/1/amount",
		"/accounts/cash": "/balances/posted/credits",
		"/accounts/cash/balance?effective_at=2026-01-31T09:00:00Z": "/posted/debits",
	} {
		if a := h.seen(back, path); a.get(want) != "2.50" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

// TestPostingFilters lists postings by account, customer, status and both times, newest first.
func TestPostingFilters(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", "/api/v1/tenants/acme/customers", customerBody("c-1")), http.StatusCreated)
	for _, id := range []string{"cash", "till"} {
		h.want(h.do("POST", acme+"/accounts", account(id)), http.StatusCreated)
	}
	for _, id := range []string{"ann-1", "ann-2"} {
		h.want(h.do("POST", acme+"/accounts", `{"id":"`+id+`","name":"Ann","type":"liability","currency":"EUR","customer_id":"c-1"}`), http.StatusCreated)
	}
	on := func(id, status, day string, pairs ...string) *answer {
		return h.want(h.do("POST", acme+"/postings", postingOn(id, status, day, entries("5", pairs...))), http.StatusCreated)
	}
	on("p-1", "posted", "2026-01-10", "cash", "ann-1")
	on("p-2", "pending", "2026-01-05", "ann-1", "ann-2")
	time.Sleep(2 * time.Millisecond)
	between := time.Now().UTC().Format(time.RFC3339Nano)
	time.Sleep(2 * time.Millisecond)
	on("p-3", "pending", "2026-01-20", "ann-2", "till", "ann-2", "cash")
	last := on("p-4", "posted", "2026-01-20", "till", "cash")
	for _, row := range []struct{ query, want string }{
		{"", "p-4 p-3 p-2 p-1"},
		{"account=cash", "p-4 p-3 p-1"},
		{"account=cash&status=pending", "p-3"},
		{"customer_id=c-1", "p-3 p-2 p-1"},
		{"customer_id=c-1&status=pending", "p-3 p-2"},
		{"customer_id=c-1&account=cash", "p-3 p-1"},
		{"customer_id=c-1&offset=1&limit=1", "p-2"},
		{"customer_id=nobody", ""},
		{"recorded_since=" + between, "p-4 p-3"},
		{"recorded_until=" + between, "p-2 p-1"},
		{"recorded_since=" + between + "&account=ann-2", "p-3"},
		{"effective_since=2026-01-10T09:00:00Z", "p-4 p-3 p-1"},
		{"effective_until=2026-01-10T09:00:00Z", "p-2"},
		{"effective_since=2026-01-06T00:00:00Z&effective_until=2026-01-11T00:00:00Z&customer_id=c-1", "p-1"},
		{"status=voided&effective_since=2026-01-06T00:00:00Z", ""},
	} {
		t.Run(row.query, func(t *testing.T) {
			a := h.in(t).seen(last, "/postings?"+strings.ReplaceAll(row.query, "+", url.QueryEscape("+")))
			if got := a.each("posting_id"); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
	for _, field := range []string{"recorded_since", "recorded_until", "effective_since", "effective_until"} {
		if a := h.want(h.do("GET", acme+"/postings?"+field+"=today", ""), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s", a.body)
		}
	}
	for query, want := range map[string]string{"type=liability": "ann-1 ann-2", "currency=EUR&type=asset": "cash till", "currency=JPY": "", "customer_id=c-1&type=asset": ""} {
		if got := h.seen(last, "/accounts?"+query).each("id"); got != want {
			t.Errorf("accounts by %s: %q, want %q", query, got, want)
		}
	}
}

// each gives a member of each item of a list.
func (a *answer) each(member string) string {
	var items []map[string]any
	if err := json.Unmarshal(a.Data, &items); err != nil {
		return err.Error()
	}
	var all []string
	for _, item := range items {
		all = append(all, item[member].(string))
	}
	return strings.Join(all, " ")
}
