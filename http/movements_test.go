package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"whocomply/http/client"
)

// TestPostingsAreMonitored books payments of a customer until a rule fires, and reads everywhere what
// was decided.
func TestPostingsAreMonitored(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", `{"id":"ann","name":"Ann","type":"liability","currency":"EUR","customer_id":"c-1"}`), http.StatusCreated)
	pay := func(id string) string {
		body := postingOn(id, "posted", "2026-01-10", entries("6000", "cash", "ann"))
		return strings.Replace(body, `{"posting_id"`, `{"metadata":{"channel":"cash","counterparty":{"name":"Bob Example","country":"DE"}},"posting_id"`, 1)
	}
	if a := h.want(h.do("POST", acme+"/postings", pay("p-0")), http.StatusCreated); a.get("/monitoring") != "" || a.get("/alerts") != "" {
		t.Errorf("without a rule: %s", a.body)
	}
	h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"Cash","event_types":["posting.*"],"condition":"customer.last(\"24h\").direction(\"in\").channel(\"cash\").sum() > 10000","score":40,"severity":"high"}`), http.StatusCreated)
	quiet := h.want(h.do("POST", acme+"/postings", pay("p-1")), http.StatusCreated)
	if quiet.get("/monitoring/0/score") != "0" || quiet.get("/alerts") != "[]" || quiet.get("/monitoring/0/direction") != "in" {
		t.Errorf("nothing found: %s", quiet.body)
	}
	first := h.want(h.do("POST", acme+"/postings", pay("p-2")), http.StatusCreated)
	for pointer, want := range map[string]string{
		"/monitoring/0/rules_fired/0/version": "1", "/monitoring/0/rules_fired/0/windows/0/value": "12000.00", "/monitoring/0/score": "40",
		"/monitoring/0/amount": "6000.00", "/monitoring/0/event_id": first.get("/ref") + ".0", "/monitoring/0/event_type": "posting.recorded",
		"/risk/0/before/rating": "low", "/risk/0/customer_id": first.get("/monitoring/0/customer_id"), "/alerts/0/id": first.get("/monitoring/0/alerts/0/id"),
	} {
		if got := first.get(pointer); got != want || got == "" {
			t.Errorf("%s is %q, want %q: %s", pointer, got, want, first.body)
		}
	}
	if again := h.want(h.do("POST", acme+"/postings", pay("p-2")), http.StatusOK); again.body != first.body {
		t.Errorf("again:\n%s\nfirst:\n%s", again.body, first.body)
	}
	event := h.seen(first, "/events/"+first.get("/monitoring/0/event_id"))
	if event.get("/data/posting/posting_id") != "p-2" || event.get("/decision/alerts/0") != first.get("/alerts/0/id") {
		t.Errorf("event: %s", event.body)
	}
	if alert := h.seen(first, "/alerts/"+first.get("/alerts/0/id")); alert.get("/kind") != "monitoring" {
		t.Errorf("alert: %s", alert.body)
	}
	if listed := h.seen(first, "/events?event_type=posting.recorded&customer_id=c-1"); listed.get("/1/event_id") != quiet.get("/monitoring/0/event_id") {
		t.Errorf("events: %s", listed.body)
	}
	back := h.want(h.do("POST", acme+"/postings/p-2/reverse", `{"posting_id":"r-2"}`), http.StatusCreated)
	if back.get("/monitoring/0/event_type") != "posting.reversed" || back.get("/monitoring/0/direction") != "out" || back.get("/monitoring/0/amount") != "6000.00" {
		t.Errorf("reversal: %s", back.body)
	}
	if again := h.want(h.do("POST", acme+"/postings/p-2/reverse", `{"posting_id":"r-2"}`), http.StatusOK); again.body != back.body {
		t.Errorf("reversal again:\n%s\nfirst:\n%s", again.body, back.body)
	}
	if a := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("e-9"), "transaction.created", "posting.recorded", 1)), http.StatusBadRequest); a.Field != "event_type" {
		t.Errorf("pushed: %s", a.body)
	}
	c := h.dial(untouched)
	booked, err := c.RecordPosting(t.Context(), client.Posting{PostingID: "p-3", EffectiveAt: time.Now(), Entries: []client.Entry{
		{Account: "cash", Direction: "debit", Amount: "1", Currency: "EUR"}, {Account: "ann", Direction: "credit", Amount: "1", Currency: "EUR"},
	}})
	h.must(err)
	if len(booked.Monitoring) != 1 || booked.Monitoring[0].Account != "ann" || len(booked.Risk) != 1 {
		t.Errorf("client: %s", fmt.Sprint(booked))
	}
}
