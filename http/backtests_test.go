package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	web "whocomply/http"
)

// pay records payments of c-1, an hour apart, of 100, 200, … in EUR.
func (h *house) pay(n int) {
	h.t.Helper()
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	for i := range n {
		at := time.Date(2026, 1, 10, i, 0, 0, 0, time.UTC).Format(time.RFC3339)
		body := strings.NewReplacer("2026-01-31T09:00:00Z", at, `"12.50"`, fmt.Sprintf(`"%d00.00"`, i+1)).Replace(eventBody(fmt.Sprint("e-", i)))
		h.want(h.do("POST", "/api/v1/events/webhook", body), http.StatusCreated)
	}
}

// finished waits for a backtest.
func (h *house) finished(started *answer) *answer {
	h.t.Helper()
	h.want(started, http.StatusAccepted)
	for range 1000 {
		a := h.want(h.do("GET", started.header.Get("Location"), ""), http.StatusOK)
		if s := a.get("/status"); s != "queued" && s != "running" {
			return a
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatal("the backtest does not end")
	return nil
}

func TestBacktestOfARule(t *testing.T) {
	h := openHouse(t)
	live := h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"Large","event_types":["transaction.*"],"condition":"transaction.amount >= 1500","score":40,"severity":"high"}`), http.StatusCreated)
	h.pay(20)
	path := acme + "/monitoring-rules/" + live.get("/id") + "/backtest"
	a := h.finished(h.do("POST", path, `{"budget_per_day":100}`))
	for pointer, want := range map[string]string{
		"/status": "done", "/rule_id": live.get("/id"), "/result/events": "20", "/result/rules/0/fired": "6", "/result/rules/0/alerts": "6",
		"/result/rules/0/customers_alerted": "1", "/result/rules/0/customers/0/alerts": "6", "/within_budget": "true",
		"/result/rules/0/overlap/" + live.get("/id"): "6", "/result/from": "2026-01-10T00:00:00Z", "/started_by": "key:aaaaaaaaaaaa",
	} {
		if got := a.get(pointer); got != want {
			t.Errorf("%s is %q, want %q: %s", pointer, got, want, a.body)
		}
	}
	if a.get("/progress/done") != a.get("/progress/total") {
		t.Errorf("progress: %s", a.body)
	}
	a = h.finished(h.do("POST", path, `{"from":"2026-01-10T10:00:00Z","to":"2026-01-10T15:00:00Z","budget_per_day":1,"rule":{"condition":"customer.last(\"3h\").sum() >= {limit}","cool_down":"2h","dedup_by":"customer"},"sweep":{"parameter":"limit","values":["3000","3600","9999"]}}`))
	for pointer, want := range map[string]string{
		"/result/events": "6", "/result/sweep/0/value": "3000", "/result/sweep/0/fired": "6", "/result/sweep/0/alerts": "3",
		"/result/sweep/0/within_budget": "false", "/result/sweep/1/fired": "4", "/result/sweep/2/alerts": "0", "/result/sweep/2/within_budget": "true", "/within_budget": "",
	} {
		if got := a.get(pointer); got != want {
			t.Errorf("%s is %q, want %q: %s", pointer, got, want, a.body)
		}
	}
	plot := h.want(h.do("GET", acme+"/backtests/"+a.get("/id")+"/plot", ""), http.StatusOK)
	if plot.header.Get("Content-Type") != "image/svg+xml" || strings.Count(plot.body, "<circle") != 3 || !strings.Contains(plot.body, "budget 1<") {
		t.Errorf("plot: %s", plot.body)
	}
	h.want(h.do("POST", acme+"/monitoring-rules/rul_none/backtest", `{}`), http.StatusNotFound)
	if a := h.want(h.do("POST", path, `{"typology":"fan-in"}`), http.StatusBadRequest); a.Field != "typology" {
		t.Errorf("a typology for a rule that there is: %s", a.body)
	}
}

func TestBacktestOfADraft(t *testing.T) {
	h := openHouse(t)
	h.pay(20)
	path, before := acme+"/monitoring-rules/backtest", h.size()
	a := h.finished(h.do("POST", path, `{"typology":"large-single","sweep":{"parameter":"threshold","values":["1000","2000"]}}`))
	if a.get("/result/sweep/0/fired") != "11" || a.get("/result/sweep/0/alerts") != "1" || a.get("/result/sweep/1/fired") != "1" {
		t.Errorf("typology: %s", a.body)
	}
	a = h.finished(h.do("POST", path, `{"rule":{"name":"Draft","event_types":["*"],"condition":"event.data.absent == 1","score":1,"severity":"low"}}`))
	if a.get("/result/rules/0/failed") != "20" || a.get("/result/rules/0/rule_id") != "draft" || !strings.Contains(a.get("/result/rules/0/failed_reason"), "no such key") {
		t.Errorf("a draft that fails: %s", a.body)
	}
	h.want(h.do("GET", acme+"/backtests/"+a.get("/id")+"/plot", ""), http.StatusNotFound)
	list := h.want(h.do("GET", acme+"/backtests?limit=1", ""), http.StatusOK)
	if list.get("/0/id") != a.get("/id") || list.get("/0/result") != "" || list.get("/1") != "" {
		t.Errorf("list: %s", list.body)
	}
	h.want(h.do("DELETE", acme+"/backtests/"+a.get("/id"), ""), http.StatusNoContent)
	h.want(h.do("GET", acme+"/backtests/"+a.get("/id"), ""), http.StatusNotFound)
	if size := h.size(); size != before {
		t.Errorf("the ledger has %d events, before %d", size, before)
	}
	const draft = `{"name":"Draft","event_types":["*"],"condition":"true","score":1,"severity":"low"}`
	for body, field := range map[string]string{
		`{}`: "rule", `{"rule":` + draft + `,"typology":"fan-in"}`: "rule", `{"typology":"nothing"}`: "typology",
		`{"typology":"fan-in","parameters":{"limit":"1"}}`:                      "parameters.limit",
		`{"rule":` + strings.Replace(draft, "true", "tru", 1) + `}`:             "rule.condition",
		`{"rule":` + strings.Replace(draft, "true", "1 in lists.none", 1) + `}`: "rule.condition",
		`{"rule":` + strings.Replace(draft, `"low"`, `"lower"`, 1) + `}`:        "rule.severity",
		`{"rule":{"nme":"x"}}`: "rule.nme",
		`{"rule":` + draft + `,"from":"2026-02-01T00:00:00Z","to":"2026-01-01T00:00:00Z"}`:                       "to",
		`{"rule":` + draft + `,"budget_per_day":-1}`:                                                             "budget_per_day",
		`{"rule":` + draft + `,"sweep":{"parameter":"x","values":["1"]}}`:                                        "sweep.parameter",
		`{"rule":` + strings.Replace(draft, "true", "1 > {x}", 1) + `,"sweep":{"parameter":"x","values":["a"]}}`: "sweep.values",
	} {
		if a := h.want(h.do("POST", path, body), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s\nfield %q: %s", body, a.Field, a.body)
		}
	}
}

// TestBacktestsAreBounded starts more than a tenant may have under way, while none can run.
func TestBacktestsAreBounded(t *testing.T) {
	h := openHouse(t)
	h.pay(1)
	hold := web.HoldBacktests(h.Server)
	const body = `{"typology":"fan-in"}`
	var started []*answer
	for range 3 {
		started = append(started, h.want(h.do("POST", acme+"/monitoring-rules/backtest", body), http.StatusAccepted))
	}
	if a := h.want(h.do("POST", acme+"/monitoring-rules/backtest", body), http.StatusTooManyRequests); a.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %s", a.body)
	}
	rival := h.issue("rival", "bbbbbbbbbbbb", time.Time{}, "admin")
	h.want(h.do("POST", "/api/v1/tenants/rival/monitoring-rules/backtest", body, "Authorization", rival), http.StatusAccepted)
	h.want(h.do("GET", "/api/v1/tenants/rival/backtests/"+started[0].get("/id"), "", "Authorization", rival), http.StatusNotFound)
	if a := h.want(h.do("GET", started[0].header.Get("Location"), ""), http.StatusOK); a.get("/status") != "queued" {
		t.Errorf("held: %s", a.body)
	}
	h.want(h.do("DELETE", started[0].header.Get("Location"), ""), http.StatusNoContent)
	hold()
	if a := h.finished(started[1]); a.get("/status") != "done" {
		t.Errorf("let go: %s", a.body)
	}
	h.finished(started[2])
	for range 25 {
		h.finished(h.do("POST", acme+"/monitoring-rules/backtest", body))
	}
	if list := h.want(h.do("GET", acme+"/backtests", ""), http.StatusOK); strings.Count(list.body, `"bkt_`) != 20 {
		t.Errorf("kept: %s", list.body)
	}
}
