package http_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"whocomply/domain/screening"
)

// TestReplayOverHTTP makes decisions again after rules, lists and the list they rested on have changed.
func TestReplayOverHTTP(t *testing.T) {
	h := openHouse(t)
	publish := func(version int) {
		var entries []screening.Entry
		for i := range version + 1 {
			entries = append(entries, screening.Entry{ID: fmt.Sprint(i), EntityType: "individual", Name: []string{"Bob Example", "Nobody Known", "Somebody Else"}[(i+version)%3]})
		}
		_, err := h.ledgers.PublishList(t.Context(), "test", screening.PublishList{
			List: "un", Category: "sanctions", Format: "ndjson", Source: "list", SourceHash: fmt.Sprintf("%064d", 0), RetrievedAt: time.Now(), Force: "a test", Entries: entries,
		})
		h.must(err)
	}
	rule := h.want(h.do("POST", acme+"/monitoring-rules", ruleBody), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	var seqs []string
	for i := range 3 {
		publish(i)
		seqs = append(seqs, h.want(h.do("POST", "/api/v1/events/webhook", eventBody(fmt.Sprint("e-", i))), http.StatusCreated).get("/receipt/seq"))
		h.want(h.do("PATCH", acme+"/monitoring-rules/"+rule.get("/id"), fmt.Sprintf(`{"score":%d}`, i)), http.StatusOK)
	}
	for i, seq := range seqs {
		a := h.want(h.do("GET", acme+"/ledger/events/"+seq+"/replay", ""), http.StatusOK)
		if a.get("/identical") != "true" || a.get("/seq") != seq || a.get("/lists/0/version") != fmt.Sprint(i+1) || a.get("/compared/0") != "activity.recorded" {
			t.Errorf("event %d: %s", i, a.body)
		}
		if same := h.want(h.do("GET", fmt.Sprint(acme, "/events/e-", i, "/replay"), ""), http.StatusOK); same.body != a.body {
			t.Errorf("by event_id: %s", same.body)
		}
	}
	h.want(h.do("GET", acme+"/ledger/events/0/replay", ""), http.StatusBadRequest)
	h.want(h.do("GET", acme+"/ledger/events/999/replay", ""), http.StatusNotFound)
	h.want(h.do("GET", acme+"/ledger/events/x/replay", ""), http.StatusNotFound)
	h.want(h.do("GET", acme+"/events/none/replay", ""), http.StatusNotFound)
}
