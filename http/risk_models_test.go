package http_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"whocomply/domain/ledger"
)

const retailModel = `{"name":"retail","factors":[{"factor":"identification","weight":30,"levels":{"unverified":30}},{"factor":"geography","weight":40,"levels":{"call_for_action":40,"monitored":20}}],` +
	`"bands":{"medium":25,"high":50},"floors":[{"factor":"sanctions","level":"open","rating":"high"},{"factor":"sanctions","level":"confirmed","rating":"prohibited"}],` +
	`"edd_from":"high","review_days":{"low":1000,"medium":500},"lists":{"call_for_action":"fatf_black","monitored":"fatf_grey"},"change_reason":"first"}`

// TestRiskModels states a model, tries it on all customers, puts it in force, and sees them move.
func TestRiskModels(t *testing.T) {
	h := openHouse(t, true)
	for i := range 250 {
		h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody(fmt.Sprint("c-", i)), `"DE"`, []string{`"DE"`, `"VN"`}[i%2], 1)), http.StatusCreated)
	}
	made := h.want(h.do("POST", acme+"/risk-models", retailModel), http.StatusCreated)
	if made.get("/id") != "retail@1" || made.get("/live") != "false" || made.get("/author") != "key:aaaaaaaaaaaa" {
		t.Errorf("stated: %s", made.body)
	}
	if same := h.want(h.do("POST", acme+"/risk-models", strings.Replace(retailModel, "first", "again", 1)), http.StatusOK); same.get("/version") != "1" || same.get("/change_reason") != "first" {
		t.Errorf("again: %s", same.body)
	}
	if second := h.want(h.do("POST", acme+"/risk-models", strings.Replace(retailModel, "25", "30", 1)), http.StatusCreated); second.get("/id") != "retail@2" {
		t.Errorf("second: %s", second.body)
	}
	if all := h.want(h.do("GET", acme+"/risk-models", ""), http.StatusOK); all.get("/0/id") != "standard@1" || all.get("/1/live") != "true" || all.get("/1/shipped") != "true" || all.get("/3/id") != "retail@2" {
		t.Errorf("models: %s", all.body)
	}
	h.want(h.do("GET", acme+"/risk-models/retail@1", ""), http.StatusOK)
	h.want(h.do("GET", acme+"/risk-models/retail@3", ""), http.StatusNotFound)

	size := h.size()
	for _, body := range []string{`{"model_id":"retail@1"}`, `{"model":` + retailModel + `}`} {
		run := h.want(h.do("POST", acme+"/risk-models/dry-run", body), http.StatusOK)
		for pointer, want := range map[string]string{
			"/customers": "250", "/changed": "250", "/moves/0/from": "low", "/moves/0/to": "medium", "/moves/0/customers": "125", "/moves/1/to": "high", "/moves/1/customers": "125", "/moves/2": "",
		} {
			if got := run.get(pointer); got != want {
				t.Errorf("%s: %s is %q, want %q: %s", body[:12], pointer, got, want, run.body[:300])
			}
		}
	}
	if h.size() != size {
		t.Error("a dry run has recorded something")
	}
	adopted := h.want(h.do("POST", acme+"/risk-models/retail@1/adopt", `{"reason":"better"}`), http.StatusOK)
	if adopted.get("/live") != "true" || adopted.get("/customers") != "250" || adopted.get("/progress") != `{"done":0,"total":250}` {
		t.Errorf("adopted: %s", adopted.body)
	}
	last := h.rateAll("retail@1", 100)
	for i := range 250 {
		if a := h.seen(last, fmt.Sprintf("/customers/c-%d/risk-view", i)); a.get("/rating") != []string{"medium", "high"}[i%2] || a.get("/model") != "retail@1" {
			t.Fatalf("customer %d is not rated anew: %s", i, a.body)
		}
	}
	if again := h.want(h.do("POST", acme+"/risk-models/retail@1/adopt", `{"reason":"better"}`), http.StatusOK); again.get("/customers") != "250" || again.get("/progress") != `{"done":250,"total":250}` {
		t.Errorf("adopted again: %s", again.body)
	}
	if old := h.want(h.do("GET", acme+"/risk-models/standard@2", ""), http.StatusOK); old.get("/live") != "false" || old.get("/progress") != "" {
		t.Errorf("the model before: %s", old.body)
	}
	if a := h.want(h.do("GET", acme+"/customers/c-0/risk-view", ""), http.StatusOK); a.get("/review_by") != time.Now().UTC().AddDate(0, 0, 500).Format(time.DateOnly) {
		t.Errorf("review: %s", a.body)
	}
	h.want(h.do("POST", acme+"/risk-models/nothing@1/adopt", `{"reason":"x"}`), http.StatusNotFound)
	for body, field := range map[string]string{
		`{}`: "model", `{"model_id":"a@1","model":{}}`: "model", `{"model":{"nme":"x"}}`: "model.nme",
		`{"model":` + strings.Replace(retailModel, "fatf_grey", "none", 1) + `}`:          "model.lists.monitored",
		`{"model":` + strings.Replace(retailModel, `"medium":25`, `"medium":55`, 1) + `}`: "model.bands.high",
	} {
		if a := h.want(h.do("POST", acme+"/risk-models/dry-run", body), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	if a := h.want(h.do("POST", acme+"/risk-models/retail@1/adopt", `{}`), http.StatusBadRequest); a.Field != "reason" {
		t.Errorf("without a reason: %s", a.body)
	}
}

// rateAll rates acme's customers anew, some by one command as it is done in the background, and wants the model
// to say how far that is. It gives an answer at the end of the ledger.
func (h *house) rateAll(model string, some int) (last *answer) {
	h.t.Helper()
	var ids []string
	h.must(h.ledgers.View(h.t.Context(), "acme", func(s *ledger.State) error { ids = s.Customers.IDs(); return nil }))
	done := 0
	for now := range slices.Chunk(ids, some) {
		_, err := h.ledgers.Execute(h.t.Context(), "acme", "test", ledger.RateCustomers(now))
		h.must(err)
		done += len(now)
		last = h.want(h.do("GET", acme+"/risk-models/"+model, ""), http.StatusOK)
		if got, want := last.get("/progress"), fmt.Sprintf(`{"done":%d,"total":%d}`, done, len(ids)); got != want {
			h.t.Errorf("progress is %s, want %s", got, want)
		}
	}
	return last
}

// TestOverrides asks for another rating, which another key approves.
func TestOverrides(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	other := h.issue("acme", "bbbbbbbbbbbb", time.Time{}, "alerts:write")
	path, expires := acme+"/customers/c-1/risk-override", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	body := `{"rating":"high","reason":"known to the branch","expires_at":"` + expires + `"}`
	asked := h.want(h.do("POST", path, body), http.StatusCreated)
	if asked.get("/pending/author") != "key:aaaaaaaaaaaa" || asked.get("/approved") != "" || asked.get("/rating/rating") != "low" {
		t.Errorf("asked: %s", asked.body)
	}
	h.want(h.do("POST", path, body), http.StatusConflict)
	h.want(h.do("POST", path+"/approve", `{}`), http.StatusForbidden)
	approved := h.want(h.do("POST", path+"/approve", `{"reason":"agreed"}`, "Authorization", other), http.StatusOK)
	if approved.get("/approved/approved_by") != "key:bbbbbbbbbbbb" || approved.get("/pending") != "" || approved.get("/rating/rating") != "high" || approved.get("/rating/computed_rating") != "low" {
		t.Errorf("approved: %s", approved.body)
	}
	view := h.seen(approved, "/customers/c-1/risk-view")
	if view.get("/rating") != "high" || view.get("/override/reason") != "known to the branch" || view.get("/edd_required") != "true" || view.get("/override/seq") != approved.get("/approved/seq") {
		t.Errorf("view: %s", view.body)
	}
	if a := h.want(h.do("GET", path, ""), http.StatusOK); a.get("/approved/expired") != "false" {
		t.Errorf("read: %s", a.body)
	}
	reviewed := h.want(h.do("POST", acme+"/customers/c-1/risk-review", `{"note":"all documents seen"}`), http.StatusOK)
	if reviewed.get("/reviewed_at") == "" {
		t.Errorf("reviewed: %s", reviewed.body)
	}
	ended := h.want(h.do("POST", path+"/end", `{"reason":"cleared"}`, "Authorization", other), http.StatusOK)
	if ended.get("/rating/rating") != "low" || ended.get("/approved") != "" {
		t.Errorf("ended: %s", ended.body)
	}
	h.want(h.do("POST", path, strings.Replace(body, `"rating"`, `"kind":"floor","rating"`, 1)), http.StatusCreated)
	h.want(h.do("POST", path+"/reject", `{"reason":"no"}`), http.StatusOK)
	for _, step := range []string{"approve", "reject", "end"} {
		h.want(h.do("POST", path+"/"+step, `{"reason":"x"}`), http.StatusNotFound)
	}
	h.want(h.do("GET", acme+"/customers/none/risk-override", ""), http.StatusNotFound)
	h.want(h.do("POST", acme+"/customers/none/risk-review", `{"note":"x"}`), http.StatusNotFound)
	for wrong, field := range map[string]string{
		strings.Replace(body, "high", "prohibited", 1): "rating", strings.Replace(body, "known to the branch", "", 1): "reason",
		strings.Replace(body, expires, "2020-01-01T00:00:00Z", 1): "expires_at", strings.Replace(body, `"rating"`, `"kind":"x","rating"`, 1): "kind",
	} {
		if a := h.want(h.do("POST", path, wrong), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", wrong, a.body)
		}
	}
}
