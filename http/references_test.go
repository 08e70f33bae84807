package http_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestReferences decides on a list and on rates of the institution's, and names their versions.
func TestReferences(t *testing.T) {
	h := openHouse(t)
	const list = `{"name":"crypto","kind":"keywords","values":["Western  Union","bitcoin"],"change_reason":"first"}`
	made := h.want(h.do("POST", acme+"/reference-lists", list), http.StatusCreated)
	if made.get("/version") != "1" || made.get("/values/1") != "western union" || made.get("/author") != "key:aaaaaaaaaaaa" {
		t.Errorf("made: %s", made.body)
	}
	if same := h.want(h.do("POST", acme+"/reference-lists", list), http.StatusOK); same.get("/version") != "1" {
		t.Errorf("again: %s", same.body)
	}
	second := h.want(h.do("POST", acme+"/reference-lists", strings.Replace(list, "bitcoin", "ether", 1)), http.StatusOK)
	if second.get("/version") != "2" {
		t.Errorf("second: %s", second.body)
	}
	if a := h.want(h.do("GET", acme+"/reference-lists/crypto/versions", ""), http.StatusOK); a.get("/0/version") != "2" || a.get("/1/values/0") != "bitcoin" || a.get("/2") != "" {
		t.Errorf("versions: %s", a.body)
	}
	if a := h.want(h.do("GET", acme+"/reference-lists?limit=2&offset=1", ""), http.StatusOK); a.get("/0/name") != "fatf_black" || a.get("/0/as_of") != "2025-10-24" || a.get("/0/version") != "0" || a.get("/1/name") != "fatf_grey" {
		t.Errorf("lists: %s", a.body)
	}
	if a := h.want(h.do("GET", acme+"/reference-lists/fatf_grey/versions", ""), http.StatusOK); a.get("/0") != "" {
		t.Errorf("versions of what is shipped: %s", a.body)
	}
	h.want(h.do("GET", acme+"/reference-lists/crypto?min_seq="+second.header.Get("Ledger-Seq"), ""), http.StatusOK)
	h.want(h.do("GET", acme+"/reference-lists/nothing", ""), http.StatusNotFound)
	h.want(h.do("GET", acme+"/reference-lists/nothing/versions", ""), http.StatusNotFound)

	const rates = `{"base":"EUR","date":"2026-01-30","rates":{"USD":"1.25"}}`
	h.want(h.do("POST", acme+"/reference-rates", rates), http.StatusCreated)
	if same := h.want(h.do("POST", acme+"/reference-rates", rates), http.StatusOK); same.get("/version") != "1" {
		t.Errorf("same rates: %s", same.body)
	}
	if other := h.want(h.do("POST", acme+"/reference-rates", strings.Replace(rates, "1.25", "2", 1)), http.StatusOK); other.get("/version") != "2" {
		t.Errorf("other rates: %s", other.body)
	}
	if a := h.want(h.do("GET", acme+"/reference-rates?base=EUR&date=2026-01-30", ""), http.StatusOK); a.get("/0/rates/USD") != "2" || a.get("/1") != "" {
		t.Errorf("rates: %s", a.body)
	}
	if a := h.want(h.do("GET", acme+"/reference-rates?base=USD", ""), http.StatusOK); a.get("/0") != "" {
		t.Errorf("rates of another base: %s", a.body)
	}

	const rule = `{"name":"Words","event_types":["*"],"score":5,"severity":"low","condition":"mentions(transaction.reference, lists.crypto) || convert(transaction.amount, transaction.currency, \"USD\") == 25.00"}`
	h.want(h.do("POST", acme+"/monitoring-rules", rule), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	event := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
	if event.get("/score") != "5" || event.get("/references/0/name") != "crypto" || event.get("/references/0/version") != "2" ||
		event.get("/references/1/name") != "EUR 2026-01-30" || event.get("/references/1/kind") != "rates" {
		t.Errorf("decided: %s", event.body)
	}
	event = h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-2"), "EUR", "SEK", 1)), http.StatusCreated)
	if !strings.Contains(event.get("/rules_failed/0/reason"), "there is no reference rate from SEK to USD for 2026-01-31") || event.get("/alerts/0/id") == "" {
		t.Errorf("without a rate: %s", event.body)
	}
	for body, field := range map[string]string{
		`{"name":"a","kind":"keywords"}`:                               "values",
		`{"name":"A","kind":"keywords","values":[]}`:                   "name",
		`{"name":"a","kind":"countries","values":["Germany"]}`:         "values[0]",
		`{"name":"a","kind":"countries","values":["DE"],"version":4}`:  "version",
		`{"name":"crypto","kind":"countries","values":["DE"]}`:         "kind",
		`{"name":"a","kind":"keywords","values":["x"],"as_of":"soon"}`: "as_of",
	} {
		if a := h.want(h.do("POST", acme+"/reference-lists", body), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	for body, field := range map[string]string{
		`{"base":"EURO","date":"2026-01-30","rates":{"USD":"1"}}`: "base",
		`{"base":"EUR","date":"2026-01-32","rates":{"USD":"1"}}`:  "date",
		`{"base":"EUR","date":"2026-01-30","rates":{"USD":1.5}}`:  "rates.USD",
		`{"base":"EUR","date":"2026-01-30","rates":{"USD":"-1"}}`: "rates.USD",
		`{"base":"EUR","date":"2026-01-30","rates":{}}`:           "rates",
	} {
		if a := h.want(h.do("POST", acme+"/reference-rates", body), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	if a := h.want(h.do("GET", acme+"/reference-rates?date=x", ""), http.StatusBadRequest); a.Field != "date" {
		t.Errorf("bad date: %s", a.body)
	}
}
