package http_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const businessBody = `{"external_id":"b-1","type":"business","email":"office@example.com","legal_name":"Example Holding AG",` +
	`"parties":[{"party_id":"p-1","type":"individual","name":"Mallory Example","roles":["beneficial_owner","director"],"ownership_percent":"75.5","nationality":"DE"}],` +
	`"documents":[{"document_id":"d-1","type":"articles_of_association","country":"DE","issued_on":"2020-05-01","size":1024}]}`

// TestPartiesAndDocuments pushes a business, whose owner is on a list, and reads it back.
func TestPartiesAndDocuments(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"internal","name":"Mallory Example"}`), http.StatusCreated)
	made := h.want(h.do("POST", acme+"/customers", businessBody), http.StatusCreated)
	if made.get("/screening/hits/0/field") != "parties[0].name" || made.get("/alerts/0/kind") != "internal_list" {
		t.Errorf("pushed: %s", made.body)
	}
	read := h.seen(made, "/customers/b-1")
	for pointer, want := range map[string]string{
		"/parties/0/name": "Mallory Example", "/parties/0/ownership_percent": "75.5", "/parties/0/roles/1": "director",
		"/documents/0/document_id": "d-1", "/documents/0/size": "1024",
	} {
		if got := read.get(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	patched := h.want(h.do("PATCH", acme+"/customers/b-1", `{"parties":null,"documents":[]}`), http.StatusOK)
	if patched.get("/parties") != "" || patched.get("/version") != "2" {
		t.Errorf("patched: %s", patched.body)
	}
	for field, body := range map[string]string{
		"parties[0].ownership_percent": strings.Replace(businessBody, `"75.5"`, `75.5`, 1),
		"parties[0].roles[0]":          strings.Replace(businessBody, "beneficial_owner", "boss", 1),
		"documents[0].issued_on":       strings.Replace(businessBody, "2020-05-01", "in May", 1),
		"documents[0].content":         strings.Replace(businessBody, `"size":1024`, `"content":"x"`, 1),
	} {
		if a := h.want(h.do("POST", acme+"/customers", body), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", field, a.body)
		}
	}
}

// TestRelationshipsEnd closes a customer, goes on with it, and takes it up again.
func TestRelationshipsEnd(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	for _, step := range []struct {
		name, verb, body string
		status           int
		now              string
	}{
		{"reopen what is active", "reopen", `{"reason":"x"}`, 409, ""},
		{"close", "close", `{"reason":"moved"}`, 200, "closed"},
		{"close again", "close", `{"reason":"moved"}`, 200, "closed"},
		{"close otherwise", "close", `{"reason":"died"}`, 409, ""},
		{"no reason", "close", `{}`, 400, ""},
		{"reopen", "reopen", `{"reason":"back"}`, 200, "active"},
		{"close once more", "close", `{"reason":"moved"}`, 200, "closed"},
	} {
		t.Run(step.name, func(t *testing.T) {
			h := h.in(t)
			a := h.want(h.do("POST", acme+"/customers/c-1/"+step.verb, step.body), step.status)
			if step.status != http.StatusOK {
				return
			}
			read, view := h.seen(a, "/customers/c-1"), h.seen(a, "/customers/c-1/risk-view")
			if a.get("/status") != step.now || read.get("/status") != step.now || view.get("/status") != step.now || (a.get("/closed_at") == "") != (step.now == "active") ||
				a.get("/closed_at") != read.get("/closed_at") || a.get("/status_reason") != read.get("/status_reason") || a.get("/updated_at") != read.get("/updated_at") {
				t.Errorf("answer %s\nread %s\nrisk view %s", a.body, read.body, view.body)
			}
		})
	}
	h.want(h.do("POST", acme+"/customers/nobody/close", `{"reason":"x"}`), http.StatusNotFound)
	h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
	last := h.want(h.do("PATCH", acme+"/customers/c-1", `{"phone":"1"}`), http.StatusOK)
	if last.get("/status") != "closed" || last.get("/phone") != "1" {
		t.Errorf("patched: %s", last.body)
	}
	if a := h.seen(last, "/customers?status=closed"); a.get("/0/external_id") != "c-1" || a.Page.Total != 1 {
		t.Errorf("closed ones: %s", a.body)
	}
	keyed := h.want(h.do("POST", acme+"/customers/c-1/reopen", `{"reason":"again"}`, "Idempotency-Key", "k"), http.StatusOK)
	h.want(h.do("POST", acme+"/customers/c-1/close", `{"reason":"again"}`), http.StatusOK)
	if again := h.want(h.do("POST", acme+"/customers/c-1/reopen", `{"reason":"again"}`, "Idempotency-Key", "k"), http.StatusOK); again.get("/status") != "closed" || again.get("/receipt/hash") != keyed.get("/receipt/hash") {
		t.Errorf("the same request again: %s", again.body)
	}
}

// TestHistory tells the versions of a customer, page by page.
func TestHistory(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.want(h.do("PATCH", acme+"/customers/c-1", `{"phone":"1","country_of_residence":null}`), http.StatusOK)
	h.want(h.do("POST", acme+"/customers/c-1/close", `{"reason":"moved"}`), http.StatusOK)
	h.want(h.do("POST", acme+"/customers", customerBody("c-2")), http.StatusCreated)
	last := h.want(h.do("PATCH", acme+"/customers/c-1", `{"phone":"2"}`), http.StatusOK)
	for _, row := range []struct{ query, want string }{
		{"", `customer.pushed 3 ["phone"] 2, customer.closed   , customer.pushed 2 ["country_of_residence","phone"] 1, customer.pushed 1  `},
		{"?limit=1", `customer.pushed 3 ["phone"] 2`},
		{"?limit=1&offset=1", `customer.closed   `},
		{"?limit=1&offset=2", `customer.pushed 2 ["country_of_residence","phone"] 1`},
		{"?offset=3", `customer.pushed 1  `},
		{"?offset=4", ``},
	} {
		t.Run(row.query, func(t *testing.T) {
			a := h.in(t).seen(last, "/customers/c-1/history"+row.query)
			var told []string
			for i := 0; a.get(fmt.Sprint("/", i, "/type")) != ""; i++ {
				at := fmt.Sprint("/", i)
				told = append(told, fmt.Sprint(a.get(at+"/type"), " ", a.get(at+"/version"), " ", a.get(at+"/changed"), " ", a.get(at+"/profile/phone")))
			}
			if got := strings.Join(told, ", "); got != row.want || a.Page.Total != 4 {
				t.Errorf("%s of %d\nwant %s", got, a.Page.Total, row.want)
			}
		})
	}
	if a := h.seen(last, "/customers/c-1/history?limit=1&offset=1"); a.get("/0/reason") != "moved" || a.get("/0/actor") != "key:aaaaaaaaaaaa" || a.get("/0/hash") == "" {
		t.Errorf("closing: %s", a.body)
	}
	h.want(h.do("GET", acme+"/customers/nobody/history", ""), http.StatusNotFound)
}

// TestCustomersAreFound filters, searches and sorts.
func TestCustomersAreFound(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("c-1"), "Ann Example", "Åsa Example", 1)), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("c-2"), `"DE"`, `"IR"`, 1)), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", businessBody), http.StatusCreated)
	last := h.want(h.do("PATCH", acme+"/customers/c-1", `{"kyc":{"status":"verified"}}`), http.StatusOK)
	since := h.seen(last, "/customers/c-1").get("/updated_at")
	for _, row := range []struct{ query, want string }{
		{"", "c-1 c-2 b-1"},
		{"sort=-created_at", "b-1 c-2 c-1"},
		{"sort=-updated_at", "c-1 b-1 c-2"},
		{"sort=updated_at", "c-2 b-1 c-1"},
		{"sort=-composite_score", "c-2 b-1 c-1"},
		{"sort=composite_score&type=individual", "c-1 c-2"},
		{"type=business", "b-1"},
		{"status=active", "c-1 c-2 b-1"},
		{"status=closed", ""},
		{"kyc_status=verified", "c-1"},
		{"rating=medium", "c-2"},
		{"updated_since=" + since, "c-1"},
		{"q=c-", "c-1 c-2"},
		{"q=c-2", "c-2"},
		{"q=C-2", ""},
		{"q=ann", "c-2"},
		{"q=" + url.QueryEscape("ÅSA ex"), "c-1"},
		{"q=example", "b-1"},
		{"q=%25", ""},
		{"q=c-&type=individual&sort=-created_at&limit=1", "c-2"},
	} {
		t.Run(row.query, func(t *testing.T) {
			a := h.in(t).seen(last, "/customers?"+row.query)
			var ids []string
			for i := 0; a.get(fmt.Sprint("/", i, "/external_id")) != ""; i++ {
				ids = append(ids, a.get(fmt.Sprint("/", i, "/external_id")))
			}
			if got := strings.Join(ids, " "); got != row.want || a.Page.Total < int64(len(ids)) {
				t.Errorf("%q of %d, want %q", got, a.Page.Total, row.want)
			}
		})
	}
	for query, field := range map[string]string{
		"type=trust": "type", "status=open": "status", "sort=name": "sort", "updated_since=today": "updated_since", "q=" + strings.Repeat("x", 201): "q",
	} {
		if a := h.want(h.do("GET", acme+"/customers?"+query, ""), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}
