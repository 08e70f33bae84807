package http_test

import (
	"net/http"
	"strings"
	"testing"

	"whocomply/eventstore"
)

// TestCustomersAreWrittenOnce follows one customer from the first push on.
func TestCustomersAreWrittenOnce(t *testing.T) {
	h := openHouse(t)
	first := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	for pointer, want := range map[string]string{
		"/external_id": "c-1", "/version": "1", "/risk/rating": "low", "/screening/hits": "[]", "/alerts": "[]",
		"/receipt/ledger": "test.example/acme", "/status": "active",
	} {
		if got := first.get(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	if !strings.HasPrefix(first.get("/id"), "cus_") || first.header.Get("Ledger-Seq") == "" {
		t.Errorf("id %q, Ledger-Seq %q", first.get("/id"), first.header.Get("Ledger-Seq"))
	}
	size := h.size()
	again := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusOK)
	if again.get("/id") != first.get("/id") || h.size() != size {
		t.Errorf("the same profile again: %s, %d events more", again.body, h.size()-size)
	}
	changed := h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("c-1"), "DE", "FR", 1)), http.StatusOK)
	if changed.get("/version") != "2" {
		t.Errorf("another profile is version %s", changed.get("/version"))
	}
	patched := h.want(h.do("PATCH", acme+"/customers/c-1", `{"country_of_residence":null,"kyc":{"status":"verified"}}`,
		"Content-Type", "application/merge-patch+json"), http.StatusOK)
	if patched.get("/version") != "3" || patched.get("/kyc/status") != "verified" || patched.get("/country_of_residence") != "" {
		t.Errorf("patched: %s", patched.body)
	}
	h.want(h.do("PATCH", acme+"/customers/"+patched.get("/id"), `{"external_id":"c-2"}`), http.StatusBadRequest)
	h.want(h.do("PATCH", acme+"/customers/nobody", `{}`), http.StatusNotFound)
}

func TestIDsMayHoldAnyCharacter(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody(`a/b c%d?é`)), http.StatusCreated)
	for _, path := range []string{"a%2Fb%20c%25d%3F%C3%A9", "a%2fb%20c%25d%3f%c3%a9"} {
		h.want(h.do("PATCH", acme+"/customers/"+path, `{"phone":"1"}`), http.StatusOK)
	}
	h.want(h.do("POST", acme+"/customers", customerBody(`50%`)), http.StatusCreated)
	h.want(h.do("PATCH", acme+"/customers/50%25", `{"phone":"1"}`), http.StatusOK)
	h.want(h.do("DELETE", acme+"/monitoring-rules/a/b", ""), http.StatusNotFound)
}

func TestEventsAreDecidedOnce(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"internal","name":"Bob Example"}`), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	first := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
	if !strings.HasPrefix(first.get("/alerts/0/id"), "alr_") || first.get("/screening/hits/0/name") != "Bob Example" ||
		first.get("/risk/before/rating") != "low" || first.get("/receipt/hash") == "" {
		t.Errorf("decision: %s", first.body)
	}
	size := h.size()
	again := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusOK)
	if again.body != first.body {
		t.Errorf("repetition:\n%s\nfirst:\n%s", again.body, first.body)
	}
	byID := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-1"), "acme", h.acme.ID, 1)), http.StatusOK)
	if byID.body != first.body {
		t.Errorf("repetition by tenant id: %s", byID.body)
	}
	other := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-1"), "12.50", "12.51", 1)), http.StatusConflict)
	if other.Code != "conflict" || h.size() != size {
		t.Errorf("other content: %s, %d events more", other.body, h.size()-size)
	}
	a := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-2"), "c-1", "nobody", 1)), http.StatusBadRequest)
	if a.Field != "customer_id" {
		t.Errorf("unknown customer: %s", a.body)
	}
}

func account(id string) string {
	return `{"id":"` + id + `","name":"` + id + `","type":"asset","currency":"EUR"}`
}

func postingBody(id, status string) string {
	return `{"posting_id":"` + id + `","effective_at":"2026-01-31T09:00:00Z","status":"` + status + `","entries":[` +
		`{"account":"cash","direction":"debit","amount":"7","currency":"EUR"},{"account":"till","direction":"credit","amount":"7.00","currency":"EUR"}]}`
}

func TestPostings(t *testing.T) {
	h := openHouse(t)
	opened := h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	if again := h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusOK); again.body != opened.body {
		t.Errorf("account again:\n%s\nfirst:\n%s", again.body, opened.body)
	}
	h.want(h.do("POST", acme+"/accounts", strings.Replace(account("cash"), "EUR", "USD", 1)), http.StatusConflict)
	h.want(h.do("POST", acme+"/accounts", account("till")), http.StatusCreated)
	for _, step := range []struct {
		name, path, body string
		status           int
		pointer, want    string
	}{
		{"post", "", postingBody("p-1", "posted"), 201, "/balances/0/posted/debits", "7.00"},
		{"post again", "", postingBody("p-1", "posted"), 200, "/balances/0/posted/debits", "7.00"},
		{"post other", "", postingBody("p-1", "pending"), 409, "", ""},
		{"post what is posted", "/p-1/post", "", 200, "/status", "posted"},
		{"void what is posted", "/p-1/void", "", 409, "", ""},
		{"hold", "", postingBody("p-2", "pending"), 201, "/balances/0/pending/debits", "7.00"},
		{"settle", "/p-2/post", "", 200, "/balances/0/posted/debits", "14.00"},
		{"settle again", "/p-2/post", "", 200, "/balances/0/posted/debits", "14.00"},
		{"hold another", "", postingBody("p-3", "pending"), 201, "/status", "pending"},
		{"void", "/p-3/void", "", 200, "/status", "voided"},
		{"void again", "/p-3/void", "", 200, "/balances/0/pending/debits", "0.00"},
		{"post what is void", "/p-3/post", "", 409, "", ""},
		{"reverse", "/p-1/reverse", `{"posting_id":"r-1"}`, 201, "/balances/0/posted/credits", "7.00"},
		{"reverse again", "/p-1/reverse", `{"posting_id":"r-1"}`, 200, "/reverses", "p-1"},
		{"reverse twice", "/p-1/reverse", `{"posting_id":"r-2"}`, 409, "", ""},
		{"reverse nothing", "/p-9/reverse", `{"posting_id":"r-2"}`, 404, "", ""},
		{"settle nothing", "/p-9/post", "", 404, "", ""},
		{"unbalanced", "", strings.Replace(postingBody("p-4", "posted"), "7.00", "7.01", 1), 400, "", ""},
	} {
		t.Run(step.name, func(t *testing.T) {
			a := h.want(h.do("POST", acme+"/postings"+step.path, step.body), step.status)
			if got := a.get(step.pointer); step.pointer != "" && got != step.want {
				t.Errorf("%s is %q, want %q: %s", step.pointer, got, step.want, a.body)
			}
		})
	}
	first := h.want(h.do("POST", acme+"/postings", postingBody("p-5", "posted")), http.StatusCreated)
	if again := h.want(h.do("POST", acme+"/postings", postingBody("p-5", "posted")), http.StatusOK); again.body != first.body {
		t.Errorf("posting again:\n%s\nfirst:\n%s", again.body, first.body)
	}
}

const ruleBody = `{"name":"Large","event_types":["transaction.*"],"condition":"transaction.amount >= 10","score":40,"severity":"high"}`

func TestRules(t *testing.T) {
	h := openHouse(t)
	made := h.want(h.do("POST", acme+"/monitoring-rules", ruleBody, "Idempotency-Key", "k 1"), http.StatusCreated)
	if made.get("/version") != "1" || made.get("/mode") != "live" || made.get("/action") != "alert" {
		t.Errorf("rule: %s", made.body)
	}
	if again := h.want(h.do("POST", acme+"/monitoring-rules", ruleBody, "Idempotency-Key", "k 1"), http.StatusOK); again.body != made.body {
		t.Errorf("rule again:\n%s\nfirst:\n%s", again.body, made.body)
	}
	h.want(h.do("POST", acme+"/monitoring-rules", strings.Replace(ruleBody, "40", "41", 1), "Idempotency-Key", "k 1"), http.StatusConflict)
	path := acme + "/monitoring-rules/" + made.get("/id")
	patched := h.want(h.do("PATCH", path, `{"score":50,"event_types":["transaction.created"],"mode":null}`), http.StatusOK)
	if patched.get("/version") != "2" || patched.get("/score") != "50" || patched.get("/name") != "Large" || patched.get("/event_types/0") != "transaction.created" {
		t.Errorf("patched: %s", patched.body)
	}
	if same := h.want(h.do("PATCH", path, `{"score":50}`), http.StatusOK); same.get("/version") != "2" {
		t.Errorf("unchanged: %s", same.body)
	}
	if a := h.want(h.do("PATCH", path, `{"version":7}`), http.StatusBadRequest); a.Field != "version" {
		t.Errorf("unknown member: %s", a.body)
	}
	if a := h.want(h.do("PATCH", path, `null`), http.StatusBadRequest); a.Code != "invalid" {
		t.Errorf("null: %s", a.body)
	}
	gone := h.want(h.do("DELETE", path, ""), http.StatusNoContent)
	if gone.body != "" || gone.header.Get("Ledger-Seq") == "" {
		t.Errorf("deleted: %q, Ledger-Seq %q", gone.body, gone.header.Get("Ledger-Seq"))
	}
	h.want(h.do("DELETE", path, ""), http.StatusNotFound)
	h.want(h.do("PATCH", path, `{"score":1}`), http.StatusNotFound)
}

func TestWatchlistEntries(t *testing.T) {
	h := openHouse(t)
	const body = `{"list":"own","category":"internal","name":"Mallory Example","reason":"fraud"}`
	made := h.want(h.do("POST", acme+"/watchlist-entries", body), http.StatusCreated)
	same := h.want(h.do("POST", acme+"/watchlist-entries", body), http.StatusOK)
	if same.get("/id") != made.get("/id") || !strings.HasPrefix(made.get("/id"), "wle_") {
		t.Errorf("entry again: %s, first: %s", same.body, made.body)
	}
	other := strings.Replace(body, "Mallory", "Trudy", 1)
	keyed := h.want(h.do("POST", acme+"/watchlist-entries", other, "Idempotency-Key", "k-1"), http.StatusCreated)
	if again := h.want(h.do("POST", acme+"/watchlist-entries", other, "Idempotency-Key", "k-1"), http.StatusOK); again.body != keyed.body {
		t.Errorf("entry again:\n%s\nfirst:\n%s", again.body, keyed.body)
	}
	h.want(h.do("POST", acme+"/watchlist-entries", body, "Idempotency-Key", "k-1"), http.StatusConflict)
	found := h.want(h.do("POST", acme+"/screening/search", `{"name":"mallory EXAMPLE"}`), http.StatusOK)
	if found.get("/hits/0/entry_id") != made.get("/id") || found.get("/lists/0/list") != "own" {
		t.Errorf("search: %s", found.body)
	}
	if a := h.want(h.do("POST", acme+"/screening/search", `{}`), http.StatusBadRequest); a.Message != "name is required" || a.Field != "name" {
		t.Errorf("search without a name: %s", a.body)
	}
	h.want(h.do("DELETE", acme+"/watchlist-entries/"+made.get("/id"), ""), http.StatusNoContent)
	h.want(h.do("DELETE", acme+"/watchlist-entries/"+made.get("/id"), ""), http.StatusNoContent)
	h.want(h.do("DELETE", acme+"/watchlist-entries/wle_x", ""), http.StatusNotFound)
}

func TestCustomerUnderAnIdempotencyKey(t *testing.T) {
	h := openHouse(t)
	first := h.want(h.do("POST", acme+"/customers", customerBody("c-1"), "Idempotency-Key", "k"), http.StatusCreated)
	again := h.want(h.do("POST", acme+"/customers", customerBody("c-1"), "Idempotency-Key", "k"), http.StatusOK)
	if again.body != first.body {
		t.Errorf("again:\n%s\nfirst:\n%s", again.body, first.body)
	}
	h.want(h.do("POST", acme+"/customers", customerBody("c-2"), "Idempotency-Key", "k"), http.StatusConflict)
	h.want(h.do("PATCH", acme+"/customers/c-1", `{"phone":"1"}`, "Idempotency-Key", "k"), http.StatusOK)
	h.want(h.do("PATCH", acme+"/customers/c-1", `{"phone":"2"}`, "Idempotency-Key", "k"), http.StatusConflict)
	a := h.want(h.do("POST", acme+"/customers", customerBody("c-1"), "Idempotency-Key", strings.Repeat("k", 129)), http.StatusBadRequest)
	if a.Field != "Idempotency-Key" {
		t.Errorf("long key: %s", a.body)
	}
}

func TestWritesThatCannotBeDurable(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.store.Inject(eventstore.Fault{Err: eventstore.ErrFailed})
	for range 2 {
		a := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusServiceUnavailable)
		if a.header.Get("Retry-After") == "" || a.Code != "unavailable" {
			t.Errorf("Retry-After %q: %s", a.header.Get("Retry-After"), a.body)
		}
	}
}

// TestIdempotencyKeysOfIdleWrites sends requests that find everything as they want it: their key is
// bound all the same, to the answer and against other contents.
func TestIdempotencyKeysOfIdleWrites(t *testing.T) {
	h := openHouse(t)
	entry := `{"list":"own","category":"internal","name":"Bob Example"}`
	h.want(h.do("POST", acme+"/watchlist-entries", entry), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	alert := h.want(h.do("POST", webhook, eventBody("e-1")), http.StatusCreated).get("/alerts/0/id")
	h.want(h.do("POST", acme+"/alerts/"+alert+"/note", `{"text":"seen"}`), http.StatusOK)
	h.want(h.do("POST", acme+"/customers/c-1/close", `{"reason":"moved"}`), http.StatusOK)
	for _, row := range []struct{ method, path, body, other string }{
		{"POST", "/customers", customerBody("c-1"), customerBody("c-2")},
		{"PATCH", "/customers/c-1", `{"email":"ann@example.com"}`, `{"phone":"1"}`},
		{"POST", "/customers/c-1/close", `{"reason":"moved"}`, `{"reason":"moved away"}`},
		{"POST", "/watchlist-entries", entry, `{"list":"own","category":"internal","name":"Bert Example"}`},
		{"POST", "/alerts/" + alert + "/note", `{"text":"seen"}`, `{"text":"seen again"}`},
	} {
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			h := h.in(t)
			do := func(body string) *answer { return h.do(row.method, acme+row.path, body, "Idempotency-Key", "k") }
			before := h.size()
			first := h.want(do(row.body), http.StatusOK)
			if got := h.kindsFrom(before); got != "request.bound" {
				t.Errorf("recorded %q", got)
			}
			size := h.size()
			if again := h.want(do(row.body), http.StatusOK); again.body != first.body {
				t.Errorf("again:\n%s\nfirst:\n%s", again.body, first.body)
			}
			h.want(do(row.other), http.StatusConflict)
			if h.size() != size {
				t.Errorf("%d records more", h.size()-size)
			}
		})
	}
	h.want(h.do("POST", acme+"/customers", `{}`, "Idempotency-Key", "mended"), http.StatusBadRequest)
	h.want(h.do("POST", acme+"/customers", customerBody("c-3"), "Idempotency-Key", "mended"), http.StatusCreated)
}
