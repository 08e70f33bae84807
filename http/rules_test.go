package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const wholeRule = `{"name":"Large","description":"Single transfers","event_types":["transaction.*"],"condition":"transaction.amount >= 10000",
	"score":40,"severity":"high","action":"both","mode":"shadow","effective_from":"2026-01-01T00:00:00Z","dedup_by":"customer",
	"cool_down":"24h","tags":["large amount","FATF R.10"],"change_reason":"first"}`

// TestWholeRule states every member of a rule, changes one, and reads what the rule has been.
func TestWholeRule(t *testing.T) {
	h := openHouse(t, true)
	made := h.want(h.do("POST", acme+"/monitoring-rules", wholeRule), http.StatusCreated)
	for pointer, want := range map[string]string{
		"/action": "both", "/mode": "shadow", "/effective_from": "2026-01-01T00:00:00Z", "/dedup_by": "customer", "/cool_down": "24h",
		"/tags/1": "FATF R.10", "/author": "key:aaaaaaaaaaaa", "/change_reason": "first",
	} {
		if got := made.get(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	path := acme + "/monitoring-rules/" + made.get("/id")
	second := h.want(h.do("PATCH", path, `{"mode":"live","change_reason":"second"}`), http.StatusOK)
	if second.get("/version") != "2" || second.get("/cool_down") != "24h" || second.get("/tags/0") != "large amount" ||
		second.get("/effective_from") != "2026-01-01T00:00:00Z" || second.get("/change_reason") != "second" {
		t.Errorf("after the patch: %s", second.body)
	}
	if same := h.want(h.do("PATCH", path, `{"mode":"live","change_reason":"no change at all"}`), http.StatusOK); same.get("/version") != "2" {
		t.Errorf("nothing changed: %s", same.body)
	}
	third := h.want(h.do("PATCH", path, `{"dedup_by":null,"cool_down":null,"effective_from":null,"tags":null}`), http.StatusOK)
	if third.get("/version") != "3" || third.get("/cool_down") != "" || third.get("/change_reason") != "" {
		t.Errorf("members set back: %s", third.body)
	}
	gone := h.want(h.do("DELETE", path, ""), http.StatusNoContent)
	versions := h.seen(gone, "/monitoring-rules/"+made.get("/id")+"/versions")
	for pointer, want := range map[string]string{
		"/0/deleted": "true", "/0/version": "3", "/1/version": "3", "/2/change_reason": "second", "/3/version": "1", "/3/actor": "key:aaaaaaaaaaaa", "/4": "",
	} {
		if got := versions.get(pointer); got != want {
			t.Errorf("version %s is %q, want %q: %s", pointer, got, want, versions.body)
		}
	}
	h.want(h.do("GET", acme+"/monitoring-rules/rul_none/versions", ""), http.StatusNotFound)
}

// TestBadRules names the member that is wrong.
func TestBadRules(t *testing.T) {
	h := openHouse(t)
	for change, field := range map[string]string{
		`"mode":"shadow"|"mode":"on"`:               "mode",
		`"action":"both"|"action":"block"`:          "action",
		`"cool_down":"24h"|"cool_down":"1 day"`:     "cool_down",
		`"dedup_by":"customer"|"dedup_by":"branch"`: "dedup_by",
		`"tags":["large amount"|"tags":[""`:         "tags",
		`"2026-01-01T00:00:00Z"|"soon"`:             "effective_from",
		`"change_reason"|"author"`:                  "author",
		`>= 10000|>= \"10000\"`:                     "condition",
	} {
		from, to, _ := strings.Cut(change, "|")
		a := h.want(h.do("POST", acme+"/monitoring-rules", strings.Replace(wholeRule, from, to, 1)), http.StatusBadRequest)
		if a.Field != field {
			t.Errorf("%s: field %q: %s", to, a.Field, a.body)
		}
	}
}

// TestCatalogue installs a typology with parameters, once under one key.
func TestCatalogue(t *testing.T) {
	h := openHouse(t, true)
	all := h.want(h.do("GET", acme+"/monitoring-rules/catalogue?limit=100", ""), http.StatusOK)
	if strings.Count(all.body, `"title":`) != 25 || all.get("/0/parameters/0/name") != "currency" {
		t.Errorf("catalogue: %s", all.body)
	}
	matrix := h.want(h.do("GET", "/docs/typologies", "", "Authorization", ""), http.StatusOK)
	for i := range 25 {
		one := h.want(h.do("GET", fmt.Sprint(acme, "/monitoring-rules/catalogue?limit=1&offset=", i), ""), http.StatusOK)
		if name := one.get("/0/name"); name == "" || one.get("/1") != "" || !strings.Contains(matrix.body, "<td>"+name+"</td>") {
			t.Errorf("typology %d %q is not in the matrix", i, name)
		}
	}
	const body = `{"parameters":{"currency":"USD","threshold":"5000"},"mode":"shadow","score":7,"change_reason":"to see"}`
	path := acme + "/monitoring-rules/catalogue/structuring/install"
	made := h.want(h.do("POST", path, body, "Idempotency-Key", "k"), http.StatusCreated)
	if made.get("/template") != "structuring" || made.get("/score") != "7" || made.get("/mode") != "shadow" || made.get("/dedup_by") != "customer" ||
		!strings.Contains(made.get("/condition"), `currency == \"USD\"`) || !strings.Contains(made.get("/condition"), "transaction.amount < 5000") {
		t.Errorf("installed: %s", made.body)
	}
	if again := h.want(h.do("POST", path, body, "Idempotency-Key", "k"), http.StatusOK); again.body != made.body {
		t.Errorf("again: %s", again.body)
	}
	h.want(h.do("POST", path, `{}`, "Idempotency-Key", "k"), http.StatusConflict)
	h.want(h.do("POST", acme+"/monitoring-rules/catalogue/nothing/install", `{}`), http.StatusNotFound)
	for wrong, field := range map[string]string{
		`{"parameters":{"threshold":"1 || true"}}`: "parameters.threshold", `{"parameters":{"limit":"1"}}`: "parameters.limit",
		`{"mode":"on"}`: "mode", `{"score":101}`: "score", `{"author":"me"}`: "author",
	} {
		if a := h.want(h.do("POST", path, wrong), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: field %q", wrong, a.Field)
		}
	}
	if changed := h.want(h.do("PATCH", acme+"/monitoring-rules/"+made.get("/id"), `{"mode":"live"}`), http.StatusOK); changed.get("/template") != "structuring" {
		t.Errorf("changed: %s", changed.body)
	}
}

// TestShadow runs a rule in the shadow beside live ones, then live, and compares.
func TestShadow(t *testing.T) {
	h := openHouse(t, true)
	shadow := h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"S","event_types":["*"],"score":1,"severity":"low","mode":"shadow","condition":"transaction.amount >= 500 || event.data.none == 1"}`), http.StatusCreated)
	live := h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"L","event_types":["*"],"score":1,"severity":"low","condition":"transaction.amount >= 800"}`), http.StatusCreated)
	h.pay(10) // 100 to 1000: the shadow rule fails on 4 and fires on 6, the live one on 3
	h.want(h.do("PATCH", acme+"/monitoring-rules/"+shadow.get("/id"), `{"mode":"live"}`), http.StatusOK)
	last := h.want(h.do("POST", "/api/v1/events/webhook", strings.Replace(eventBody("late"), "12.50", "700", 1)), http.StatusCreated)
	path := "/monitoring-rules/" + shadow.get("/id") + "/shadow"
	a := h.seen(last, path)
	for pointer, want := range map[string]string{
		"/totals/shadow/fired": "6", "/totals/shadow/alone": "3", "/totals/failed": "4", "/totals/live/fired": "1", "/totals/live/alerts": "1",
		"/totals/live/alone": "1", "/totals/others/fired": "3", "/totals/others/alerts": "3", "/days/0/date": "2026-01-10", "/days/0/live/fired": "0",
		"/days/1/date": "2026-01-31", "/days/1/others/fired": "0", "/days/2": "", "/together/0/rule_id": live.get("/id"), "/together/0/events": "3", "/together/1": "",
	} {
		if got := a.get(pointer); got != want {
			t.Errorf("%s is %q, want %q: %s", pointer, got, want, a.body)
		}
	}
	if a := h.seen(last, path+"?since=2026-01-11&until=2026-01-31"); a.get("/totals/shadow/fired") != "0" || a.get("/totals/live/fired") != "1" || a.get("/days/1") != "" {
		t.Errorf("a part: %s", a.body)
	}
	if a := h.want(h.do("GET", acme+path+"?since=soon", ""), http.StatusBadRequest); a.Field != "since" {
		t.Errorf("no date: %s", a.body)
	}
	h.want(h.do("GET", acme+"/monitoring-rules/rul_none/shadow", ""), http.StatusNotFound)
}
