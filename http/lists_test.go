package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	web "whocomply/http"
)

// stocked gives a house with three of everything, and the last write.
func stocked(t *testing.T) (h *house, last *answer) {
	t.Helper()
	h = openHouse(t, true)
	for i := range 3 {
		_, err := h.ledgers.PublishList(t.Context(), "test", screening.PublishList{
			List: fmt.Sprint("shared-", i), Category: "sanctions", Format: "ndjson", Source: "list.ndjson", SourceHash: strings.Repeat("0", 64), RetrievedAt: time.Now(), Entries: []screening.Entry{
				{ID: "1", List: fmt.Sprint("shared-", i), Category: "sanctions", EntityType: "individual", Name: "Nobody Known"},
			},
		})
		h.must(err)
		h.want(h.do("POST", acme+"/watchlist-entries", fmt.Sprintf(`{"list":"own","category":"internal","name":"Bob Example %d"}`, i)), http.StatusCreated)
		rule := h.want(h.do("POST", acme+"/monitoring-rules", strings.Replace(ruleBody, "Large", fmt.Sprint("Large ", i), 1)), http.StatusCreated)
		for _, score := range []int{41, 42} {
			h.want(h.do("PATCH", acme+"/monitoring-rules/"+rule.get("/id"), fmt.Sprintf(`{"score":%d}`, score)), http.StatusOK)
		}
		h.want(h.do("POST", acme+"/monitoring-rules/backtest", `{"typology":"large-single"}`), http.StatusAccepted)
		h.want(h.do("POST", acme+"/risk-models", retailModel), http.StatusCreated, http.StatusOK)
		h.want(h.do("POST", acme+"/reference-lists", fmt.Sprintf(`{"name":"offshore","kind":"countries","values":["%s"]}`, []string{"VG", "KY", "BM"}[i])), http.StatusCreated, http.StatusOK)
		h.want(h.do("POST", acme+"/reference-rates", fmt.Sprintf(`{"base":"EUR","date":"2026-01-2%d","rates":{"USD":"1.08"}}`, i)), http.StatusCreated)
		h.want(h.do("POST", acme+"/api-keys", fmt.Sprintf(`{"name":"key %d","scopes":["ledger:read"]}`, i)), http.StatusCreated)
		h.want(h.do("POST", acme+"/accounts", account([]string{"cash", "till", "safe"}[i])), http.StatusCreated)
	}
	for range 3 {
		h.want(h.do("POST", acme+"/webhooks", `{"url":"https://your-endpoint.com/hook","events":["customer.created"]}`), http.StatusCreated)
		h.want(h.do("POST", acme+"/webhooks/test", `{"url":"https://your-endpoint.com/hook"}`), http.StatusBadGateway)
	}
	for i := range 3 {
		h.want(h.do("POST", acme+"/customers", customerBody(fmt.Sprint("c-", i))), http.StatusCreated)
		h.want(h.do("PATCH", acme+"/customers/c-1", fmt.Sprintf(`{"phone":"%d"}`, i)), http.StatusOK, http.StatusNotFound)
		h.want(h.do("POST", acme+"/postings", postingBody(fmt.Sprint("p-", i), "posted")), http.StatusCreated)
	}
	listed := h.want(h.do("POST", acme+"/customers", strings.Replace(customerBody("listed"), "Ann Example", "Nobody Known", 1)), http.StatusCreated)
	for i := range 3 {
		alert := listed.get(fmt.Sprintf("/alerts/%d/id", i))
		h.want(h.do("POST", acme+"/alerts/"+alert+"/disposition", `{"outcome":"false_positive","reason":"another one"}`), http.StatusOK)
		h.want(h.do("POST", acme+"/screening/good-guys", fmt.Sprintf(`{"name":"Nobody %d","list":"shared-0","entry_id":"1","reason":"known"}`, i)), http.StatusCreated)
		h.want(h.do("POST", acme+"/screening/batches", `{"rows":[{"name":"Nobody Known"},{"name":"Ann"},{}]}`), http.StatusCreated)
		run := h.want(h.do("POST", acme+"/screening/runs", `{"reason":"asked for"}`), http.StatusCreated)
		_, err := h.ledgers.Execute(t.Context(), "acme", "test", ledger.EndRun(screening.RunEnded{
			RunID: run.get("/id"), Outcome: screening.RunDone, Lists: []domain.ListVersion{}, Population: strings.Repeat("0", 64),
		}))
		h.must(err)
	}
	for i := range 3 {
		h.want(h.do("POST", acme+"/imports?kind=events", strings.Repeat("\n", 3+i), "Content-Type", ndjson), http.StatusCreated)
		last = h.want(h.do("POST", "/api/v1/events/webhook", eventBody(fmt.Sprint("e-", i))), http.StatusCreated)
	}
	return h, last
}

// lists are the routes that answer with lists, with things of the stocked house in their paths.
var lists = map[string]string{
	"/customers":              "/customers",
	"/customers/:id/timeline": "/customers/c-1/timeline",
	"/customers/:id/history":  "/customers/c-1/history",
	"/events":                 "/events",
	"/accounts":               "/accounts",
	"/postings":               "/postings",
	"/trial-balance":          "/trial-balance",
	"/monitoring-rules":       "/monitoring-rules",
	"/watchlist-entries":      "/watchlist-entries",
	"/watchlists":             "/watchlists",
	"/alerts":                 "/alerts",
	"/api-keys":               "/api-keys",
	"/imports":                "/imports",
	"/imports/:id/rejects":    "/imports/{import}/rejects",
	"/ledger/events":          "/ledger/events",
	"/screening/dispositions": "/screening/dispositions",
	"/screening/good-guys":    "/screening/good-guys",
	"/screening/runs":         "/screening/runs",
	"/screening/batches":      "/screening/batches",

	"/screening/batches/:id/results": "/screening/batches/{batch}/results",

	"/webhooks":                "/webhooks",
	"/webhooks/:id/deliveries": "/webhooks/{webhook}/deliveries",
	"/webhooks/:id/events":     "/webhooks/{webhook}/events",
	"/webhooks/:id/attempts":   "/webhooks/test/attempts",

	"/monitoring-rules/catalogue":     "/monitoring-rules/catalogue",
	"/monitoring-rules/:id/versions":  "/monitoring-rules/{rule}/versions",
	"/risk-models":                    "/risk-models",
	"/backtests":                      "/backtests",
	"/reference-lists":                "/reference-lists",
	"/reference-lists/:name/versions": "/reference-lists/offshore/versions",
	"/reference-rates":                "/reference-rates",
}

// TestEveryListIsPaged walks through every list of the router, row by row, and shows it what is no
// page. A route that answers no list must refuse to be asked for a part of one, so that none is
// left out here by mistake.
func TestEveryListIsPaged(t *testing.T) {
	h, last := stocked(t)
	rule := h.seen(last, "/monitoring-rules").get("/0/id")
	imported := h.seen(last, "/imports").get("/0/id")
	hook := h.seen(last, "/webhooks").get("/0/id")
	batch := h.seen(last, "/screening/batches").get("/0/id")
	for _, r := range web.Routes(h.Server) {
		route, tenant := strings.CutPrefix(r.Path, "/api/v1/tenants/:slug")
		if !tenant || r.Method != http.MethodGet {
			continue
		}
		t.Run(route, func(t *testing.T) {
			h := h.in(t)
			path, isList := lists[route]
			if !isList {
				path = strings.NewReplacer(":id", "x", ":path", "0/000.p/1", ":sequence", "1").Replace(route)
				if a := h.want(h.do("GET", acme+path+"?limit=1", ""), http.StatusBadRequest); a.Field != "limit" {
					t.Errorf("neither a list nor without a limit: %s", a.body)
				}
				return
			}
			path = strings.Replace(path, "{import}", imported, 1)
			offset := "offset"
			switch route {
			case "/ledger/events":
				offset = "from"
			case "/webhooks/:id/events":
				offset = "after"
			}
			path = strings.NewReplacer("{rule}", rule, "{webhook}", hook, "{batch}", batch).Replace(path)
			if offset != "after" { // its rows are signed anew each second
				h.walks(last, path, offset)
			}
			h.refusesPages(path, offset)
		})
	}
}

// walks reads a list whole and then row by row.
func (h *house) walks(last *answer, path, offset string) {
	h.t.Helper()
	whole := h.seen(last, path+"?limit=100")
	all := h.rows(whole)
	if whole.Page != nil && whole.Page.Total > 100 {
		all = append(all, h.rows(h.seen(last, path+"?limit=100&"+offset+"=100"))...)
	}
	if len(all) < 3 || whole.Page == nil || whole.Page.Limit != 100 || whole.Page.Offset != 0 || whole.Page.Total != int64(len(all)) {
		h.t.Fatalf("%d rows, pagination %+v", len(all), whole.Page)
	}
	if a := h.seen(last, path); a.Page.Limit != 20 || len(h.rows(a)) != min(20, len(all)) {
		h.t.Errorf("without a limit: %d rows, pagination %+v", len(h.rows(a)), a.Page)
	}
	for i, want := range all {
		a := h.seen(last, fmt.Sprintf("%s?limit=1&%s=%d", path, offset, i))
		rows := h.rows(a)
		if len(rows) != 1 || a.Page.Limit != 1 || a.Page.Offset != i || a.Page.Total != int64(len(all)) {
			h.t.Fatalf("%s %d: %d rows, pagination %+v", offset, i, len(rows), a.Page)
		}
		if string(rows[0]) != string(want) {
			h.t.Errorf("row %d is alone\n%s\nand among others\n%s", i, rows[0], want)
		}
	}
	for _, beyond := range []int{len(all), 1_000_000} {
		if a := h.seen(last, fmt.Sprintf("%s?%s=%d", path, offset, beyond)); len(h.rows(a)) != 0 || a.Page.Total != int64(len(all)) {
			h.t.Errorf("beyond the end: %s", a.body)
		}
	}
}

// refusesPages asks for pages that are none.
func (h *house) refusesPages(path, offset string) {
	h.t.Helper()
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=-1": "limit", "limit=x": "limit", "limit=": "limit", "limit=1.5": "limit",
		"limit=1e1": "limit", "limit=99999999999999999999": "limit", "limit=1&limit=1": "limit", "page=1": "page", "Limit=1": "Limit",
		offset + "=-1": offset, offset + "=x": offset, offset + "=": offset, offset + "=1.0": offset, offset + "=99999999999999999999": offset,
	} {
		if a := h.want(h.do("GET", acme+path+"?"+query, ""), http.StatusBadRequest); a.Field != field || a.Code != "invalid" {
			h.t.Errorf("%s: %s", query, a.body)
		}
	}
}

// rows cuts a list into its rows, which in a trial balance are the accounts. What says how old something
// is differs from one answer to the next.
func (h *house) rows(a *answer) (rows []jsontext.Value) {
	h.t.Helper()
	list := a.Data
	if list.Kind() == '{' {
		list = jsontext.Value(a.get("/accounts"))
	}
	h.must(json.Unmarshal(list, &rows))
	for i, row := range rows {
		var members map[string]jsontext.Value
		h.must(json.Unmarshal(row, &members))
		delete(members, "age_seconds")
		delete(members, "last_used_at")
		text, err := json.Marshal(members, json.Deterministic(true))
		h.must(err)
		rows[i] = text
	}
	return rows
}
