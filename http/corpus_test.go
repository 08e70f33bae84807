package http_test

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	web "whocomply/http"
)

// naughty gives the strings that readers stumble over.
func naughty(t *testing.T) (texts []string) {
	t.Helper()
	raw, err := os.ReadFile("../testdata/json/blns.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// suite gives the texts of the JSON test suite by the names of their files.
func suite(t *testing.T) map[string]string {
	t.Helper()
	lines, err := os.ReadFile("../testdata/json/jsontestsuite.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for line := range strings.Lines(string(lines)) {
		var row struct {
			File   string `json:"file"`
			Expect string `json:"expect"`
			B64    string `json:"b64"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(row.B64)
		if err != nil {
			t.Fatal(err)
		}
		texts[row.File] = string(raw)
	}
	return texts
}

// spot is a place in a write where a text of the caller's goes: § stands for it, as a JSON string
// in the body and escaped in a path, # for a number that no other write has.
type spot struct {
	route string // POST /customers
	path  string
	body  string
	told  string // JSON pointer to the text in the answer; empty if the answer does not tell it
	read  string // address at which it can be read
	there string // JSON pointer to the text in what is read
	again bool   // it may have been done before: 200 is as good as 201
}

// spots are all the places of all the writes there are, in an order in which they can follow each
// other over and over.
var spots = []spot{
	{"POST /customers", "/customers", `{"external_id":§,"type":"individual","email":"a@example.com","full_name":"Ann Example"}`, "/external_id", "/customers/§", "/external_id", false},
	{"POST /customers", "/customers", `{"external_id":"n-#","type":"individual","email":"a@example.com","full_name":§}`, "/full_name", "/customers/n-#", "/full_name", false},
	{"POST /customers", "/customers", `{"external_id":"b-#","type":"business","email":"a@example.com","legal_name":"Example AG","aliases":[§],"address":{"line1":§},"metadata":{"text":§}}`, "/metadata/text", "/customers/b-#", "/address/line1", false},
	{"POST /customers", "/customers", `{"external_id":"e-#","type":"individual","email":§,"full_name":"Ann Example"}`, "/email", "/customers/e-#", "/email", false},
	{"PATCH /customers/:id", "/customers/c-1", `{"occupation":§}`, "/occupation", "", "", true},
	{"PATCH /customers/:id", "/customers/§", `{"phone":"#"}`, "", "", "", true},
	{"PATCH /customers/:id", "/customers/c-1", `{§:"#"}`, "", "", "", true},
	{"POST /customers/:id/close", "/customers/c-1/close", `{"reason":§}`, "/status_reason", "", "", true},
	{"POST /customers/:id/reopen", "/customers/c-1/reopen", `{"reason":§}`, "/status_reason", "", "", true},
	{"POST /events/webhook", "", `{"tenant_id":"acme","event_id":§,"event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":{"text":§}}`, "/event_id", "/events/§", "/event_id", false},
	{"POST /events/webhook", "", `{"tenant_id":"acme","event_id":"n-#","event_type":"transaction.created","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":{"transaction":{"id":"t-#","amount":"1","currency":"EUR","direction":"out","counterparty":{"name":§,"bank":§},"purpose":§}}}`, "", "/events/n-#", "/data/transaction/counterparty/name", false},
	{"POST /events/webhook", "", `{"tenant_id":"acme","event_id":"t-#","event_type":§,"occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":{}}`, "", "/events/t-#", "/event_type", false},
	{"POST /events/webhook", "", `{"tenant_id":"acme","event_id":"c-#","event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":§,"data":{}}`, "", "", "", false},
	{"POST /events/webhook", "", `{"tenant_id":§,"event_id":"x-#","event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":{}}`, "", "", "", false},
	{"POST /events/batch", "/events/batch", `{"events":[{"event_id":§,"event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":§,"data":{"text":§}}]}`, "", "", "", true},
	{"POST /imports", "/imports?kind=events", `{"event_id":§,"event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":{§:§}}`, "", "", "", true},
	{"POST /imports", "/imports?kind=customers", `{"external_id":"i-#","type":"individual","email":"a@example.com","full_name":§,"aliases":[§]}`, "", "", "", true},
	{"POST /accounts", "/accounts", `{"id":§,"name":§,"type":"asset","currency":"EUR"}`, "/name", "/accounts/§", "/id", false},
	{"POST /postings", "/postings", `{"posting_id":§,"effective_at":"2026-01-31T09:00:00Z","description":§,"metadata":{"text":§},"status":"pending","entries":[{"account":"cash","direction":"debit","amount":"1","currency":"EUR"},{"account":"till","direction":"credit","amount":"1","currency":"EUR"}]}`, "/posting_id", "/postings/§", "/description", false},
	{"POST /postings", "/postings", `{"posting_id":"n-#","effective_at":"2026-01-31T09:00:00Z","status":"pending","entries":[{"account":§,"direction":"debit","amount":"1","currency":"EUR"},{"account":"till","direction":"credit","amount":"1","currency":"EUR"}]}`, "/entries/0/account", "/postings/n-#", "/entries/0/account", false},
	{"POST /postings/:id/post", "/postings/§/post", "", "/posting_id", "", "", true},
	{"POST /postings/:id/void", "/postings/§/void", "", "", "", "", true},
	{"POST /postings/:id/reverse", "/postings/§/reverse", `{"posting_id":"r-#","description":§}`, "/description", "/postings/r-#", "/reverses", true},
	{"POST /monitoring-rules", "/monitoring-rules", `{"name":§,"description":§,"event_types":["house.burning"],"condition":"true","score":1,"severity":"low"}`, "/name", "", "", false},
	{"POST /monitoring-rules", "/monitoring-rules", `{"name":"n-#","event_types":["house.burning"],"condition":§,"score":1,"severity":"low"}`, "/condition", "", "", false},
	{"POST /monitoring-rules/catalogue/:name/install", "/monitoring-rules/catalogue/structuring/install", `{"name":§,"change_reason":§}`, "/name", "", "", true},
	{"POST /monitoring-rules/catalogue/:name/install", "/monitoring-rules/catalogue/§/install", `{}`, "", "", "", true},
	{"POST /risk-models", "/risk-models", `{"name":"retail","description":§,"factors":[{"factor":"pep","weight":5,"levels":{}}],"bands":{"medium":30,"high":60},"floors":[{"factor":"sanctions","level":"open","rating":"high"},{"factor":"sanctions","level":"confirmed","rating":"prohibited"}],"edd_from":"high","industries":[§]}`, "", "", "", true},
	{"POST /risk-models", "/risk-models", `{"name":§,"factors":[{"factor":§,"weight":5,"levels":{§:1}}],"bands":{"medium":30,"high":60},"floors":[],"edd_from":§}`, "", "", "", true},
	{"POST /risk-models/dry-run", "/risk-models/dry-run", `{"model_id":§}`, "", "", "", true},
	{"POST /risk-models/:id/adopt", "/risk-models/standard@2/adopt", `{"reason":§}`, "", "", "", true},
	{"POST /risk-models/:id/adopt", "/risk-models/§/adopt", `{"reason":"x"}`, "", "", "", true},
	{"POST /customers/:id/risk-override", "/customers/c-1/risk-override", `{"rating":"high","reason":§,"expires_at":"2027-01-31T09:00:00Z"}`, "", "", "", true},
	{"POST /customers/:id/risk-override", "/customers/§/risk-override", `{"rating":§,"kind":§,"reason":"x","expires_at":"2027-01-31T09:00:00Z"}`, "", "", "", true},
	{"POST /customers/:id/risk-override/approve", "/customers/c-1/risk-override/approve", `{"reason":§}`, "", "", "", true},
	{"POST /customers/:id/risk-override/end", "/customers/c-1/risk-override/end", `{"reason":§}`, "", "", "", true},
	{"POST /customers/:id/risk-override/reject", "/customers/c-1/risk-override/reject", `{"reason":§}`, "", "", "", true},
	{"POST /customers/:id/risk-review", "/customers/c-1/risk-review", `{"note":§}`, "", "", "", true},
	{"POST /reference-lists", "/reference-lists", `{"name":"list-#","kind":"keywords","values":[§],"description":§}`, "/description", "", "", true},
	{"POST /reference-lists", "/reference-lists", `{"name":§,"kind":"countries","values":["VG"]}`, "", "", "", true},
	{"POST /reference-rates", "/reference-rates", `{"base":"EUR","date":"2026-01-31","rates":{"USD":"1.08"},"source":§,"change_reason":§}`, "/source", "", "", true},
	{"POST /reference-rates", "/reference-rates", `{"base":§,"date":§,"rates":{§:§}}`, "", "", "", true},
	{"POST /monitoring-rules/backtest", "/monitoring-rules/backtest", `{"typology":§,"parameters":{§:§}}`, "", "", "", true},
	{"POST /monitoring-rules/:id/backtest", "/monitoring-rules/{rule}/backtest", `{"rule":{§:§}}`, "", "", "", true},
	{"DELETE /backtests/:id", "/backtests/§", "", "", "", "", true},
	{"PATCH /monitoring-rules/:id", "/monitoring-rules/{rule}", `{"description":§}`, "/description", "/monitoring-rules/{rule}", "", true},
	{"DELETE /monitoring-rules/:id", "/monitoring-rules/§", "", "", "", "", true},
	{"POST /watchlist-entries", "/watchlist-entries", `{"list":"own-2","category":"internal","name":§,"reason":§,"aliases":[§]}`, "/name", "", "", true},
	{"POST /watchlist-entries", "/watchlist-entries", `{"list":§,"category":"internal","name":"Nobody Known #"}`, "/list", "", "", true},
	{"DELETE /watchlist-entries/:id", "/watchlist-entries/§", "", "", "", "", true},
	{"POST /watchlists/:list/subscribe", "/watchlists/§/subscribe", "", "", "", "", true},
	{"POST /watchlists/:list/unsubscribe", "/watchlists/shared/unsubscribe", `{"reason":§}`, "", "", "", true},
	{"POST /screening/search", "/screening/search", `{"name":§}`, "", "", "", true},
	{"POST /screening/search", "/screening/search", `{"name":§,"as_you_type":true}`, "", "", "", true},
	{"POST /alerts/:id/assign", "/alerts/{alert}/assign", `{"assignee":§}`, "/assignee", "", "", true},
	{"POST /alerts/:id/note", "/alerts/{alert}/note", `{"text":§}`, "", "", "", true},
	{"POST /alerts/:id/escalate", "/alerts/{alert}/escalate", `{"reason":§}`, "", "", "", true},
	{"POST /alerts/:id/resolve", "/alerts/{alert}/resolve", `{"reason":§}`, "", "", "", true},
	{"POST /alerts/:id/reopen", "/alerts/{alert}/reopen", `{"reason":§}`, "", "", "", true},
	{"POST /alerts/:id/dismiss", "/alerts/{alert}/dismiss", `{"reason":§}`, "", "", "", true},
	{"POST /alerts/:id/reopen", "/alerts/{alert}/reopen", `{"reason":"again #"}`, "", "", "", true},
	{"POST /alerts/:id/note", "/alerts/§/note", `{"text":"x"}`, "", "", "", true},
	{"POST /alerts/:id/disposition", "/alerts/{alert}/disposition", `{"outcome":"needs_information","reason":§}`, "", "", "", true},
	{"POST /screening/good-guys", "/screening/good-guys", `{"name":§,"list":"shared","entry_id":§,"reason":§}`, "", "", "", true},
	{"POST /screening/good-guys/:id/approve", "/screening/good-guys/§/approve", `{"reason":"x"}`, "", "", "", true},
	{"POST /screening/good-guys/:id/reject", "/screening/good-guys/§/reject", `{"reason":"x"}`, "", "", "", true},
	{"POST /screening/good-guys/:id/withdraw", "/screening/good-guys/§/withdraw", `{"reason":"x"}`, "", "", "", true},
	{"POST /screening/runs", "/screening/runs", `{"reason":§}`, "", "", "", true},
	{"POST /screening/batches", "/screening/batches?description=§", `{"rows":[{"name":"Ann"}]}`, "", "", "", true},
	{"POST /screening/batches", "/screening/batches", `{"description":§,"rows":[{"ref":§,"name":§,"aliases":[§]},{"name":"Ann #"}]}`, "", "", "", true},
	{"POST /screening/batches/:id/cancel", "/screening/batches/§/cancel", `{"reason":"x"}`, "", "", "", true},
	{"POST /screening/batches/:id/cancel", "/screening/batches/x/cancel", `{"reason":§}`, "", "", "", true},
	{"POST /events/iso20022", "/events/iso20022?customer_id=§", "", "", "", "", true},
	{"POST /api-keys", "/api-keys", `{"name":§,"scopes":["ledger:read"]}`, "/name", "", "", false},
	{"POST /api-keys", "/api-keys", `{"name":"n-#","scopes":[§],"allowed_cidrs":[§]}`, "", "", "", false},
	{"POST /api-keys/:id/rotate", "/api-keys/§/rotate", `{"overlap":§}`, "", "", "", true},
	{"DELETE /api-keys/:id", "/api-keys/§", "", "", "", "", true},
	{"PATCH /webhooks/:id", "/webhooks/{webhook}", `{"description":§}`, "/description", "/webhooks/{webhook}", "/description", true},
	{"PATCH /webhooks/:id", "/webhooks/{webhook}", `{"url":§,"filters":{"condition":§},"payload_format":§,"template":{§:§}}`, "", "", "", true},
	{"POST /webhooks", "/webhooks", `{"url":§,"events":[§],"secret":§}`, "", "", "", true},
	{"POST /webhooks/test", "/webhooks/test", `{"url":§}`, "", "", "", true},
	{"POST /webhooks/:id/enable", "/webhooks/{webhook}/enable", `{"held":§}`, "", "", "", true},
	{"POST /webhooks/:id/rotate-secret", "/webhooks/{webhook}/rotate-secret", `{"secret":§,"overlap":§}`, "", "", "", true},
	{"POST /webhooks/:id/replay", "/webhooks/{webhook}/replay", `{"status":"held","event_type":§,"created_since":§}`, "", "", "", true},
	{"POST /webhooks/:id/deliveries/:sequence/replay", "/webhooks/{webhook}/deliveries/§/replay", "", "", "", "", true},
	{"POST /webhooks/:id/backfill", "/webhooks/{webhook}/backfill", `{"from_seq":§}`, "", "", "", true},
	{"DELETE /webhooks/:id", "/webhooks/§", "", "", "", "", true},
}

// TestEveryWriteHasItsSpots names the writes of the router that the corpora do not reach.
func TestEveryWriteHasItsSpots(t *testing.T) {
	reached := map[string]bool{}
	for _, s := range spots {
		reached[s.route] = true
	}
	for _, r := range web.Routes(openHouse(t).Server) {
		name := r.Method + " " + strings.TrimPrefix(strings.TrimPrefix(r.Path, "/api/v1"), "/tenants/:slug")
		if r.Method != http.MethodGet && !reached[name] && !ofKeysTenant(r.Path) { // those share their handlers with others
			t.Errorf("no text is sent to %s", name)
		}
	}
}

// writable gives a house in which every write can succeed, and what stands for the braces in spots.
func writable(t *testing.T) (*house, *strings.Replacer) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"internal","name":"Bob Example"}`), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	event := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
	rule := h.want(h.do("POST", acme+"/monitoring-rules", ruleBody), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("till")), http.StatusCreated)
	hook := h.subscribe(`{"url":"https://your-endpoint.com/hook","events":["alert.escalated"]}`)
	return h, strings.NewReplacer("{webhook}", hook.ID, "{alert}", event.get("/alerts/0/id"), "{rule}", rule.get("/id"))
}

func (s spot) address() string {
	if s.path == "" {
		return "/api/v1/events/webhook"
	}
	return acme + s.path
}

// media is how the body is sent.
func (s spot) media() string {
	switch {
	case s.route == "POST /imports":
		return ndjson
	case s.body == "":
		return ""
	}
	return "application/json"
}

// send writes a text to a spot. The answer is no fault of ours, and a refusal has written nothing.
func (h *house) send(s spot, n int, text string, named *strings.Replacer) *answer {
	h.t.Helper()
	quoted, err := json.Marshal(text)
	h.must(err)
	number := fmt.Sprint(n)
	path := strings.NewReplacer("§", url.PathEscape(text), "#", number).Replace(named.Replace(s.address()))
	body := strings.NewReplacer("§", string(quoted), "#", number).Replace(s.body)
	before := h.size()
	a := h.do(s.route[:strings.IndexByte(s.route, ' ')], path, body, "Content-Type", s.media())
	switch {
	case a.status >= 500 || a.status == http.StatusUnauthorized:
		h.t.Errorf("%s %q: %d %s", s.route, text, a.status, a.body)
	case a.status >= 300 && h.size() != before:
		h.t.Errorf("%s %q was refused but wrote %d events", s.route, text, h.size()-before)
	case a.status >= 300 && a.Message == "":
		h.t.Errorf("%s %q was refused without a reason: %s", s.route, text, a.body)
	}
	return a
}

// stored is a text that a write took.
type stored struct {
	spot
	n    int
	text string
}

// TestNaughtyStringsEverywhere sends strings that trip readers to every spot of every write. What is
// taken is told by the answer and can be read back, byte for byte.
func TestNaughtyStringsEverywhere(t *testing.T) {
	h, named := writable(t)
	taken := make([]int, len(spots))
	var kept []stored
	var last *answer
	for n, text := range naughty(t) {
		if raced && n%4 > 0 {
			continue
		}
		for i, s := range spots {
			a := h.send(s, n, text, named)
			if a.status >= 300 {
				continue
			}
			taken[i]++
			if got := told(a, s.told); s.told != "" && got != text {
				t.Errorf("%s %q is answered with %q: %s", s.route, text, got, a.body)
			}
			if s.read != "" && s.there != "" && (!s.again || a.status == http.StatusCreated) {
				kept = append(kept, stored{s, n, text})
				last = a
			}
		}
	}
	for i, s := range spots {
		t.Logf("%3d taken by %s at %s", taken[i], s.route, s.path)
	}
	h.readBack(kept, last, named)
	h.verify()
}

// readBack reads what was taken.
func (h *house) readBack(kept []stored, last *answer, named *strings.Replacer) {
	h.t.Helper()
	for _, k := range kept {
		path := strings.NewReplacer("§", url.PathEscape(k.text), "#", fmt.Sprint(k.n)).Replace(named.Replace(k.read))
		if got := told(h.seen(last, path), k.there); got != k.text {
			h.t.Errorf("%s %q is read back as %q", k.route, k.text, got)
		}
	}
	if len(kept) < 1000 && !raced {
		h.t.Errorf("only %d texts were kept", len(kept))
	}
}

// told reads a text in an answer's data by JSON pointer.
func told(a *answer, pointer string) (text string) {
	value := any(nil)
	if json.Unmarshal(a.Data, &value) != nil {
		return ""
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			if len(v) == 0 {
				return ""
			}
			value = v[0]
		}
	}
	text, _ = value.(string)
	return text
}

// spelled gives a JSON object as it was written, but for the space between and the escapes of its strings.
func spelled(object string) string {
	value := jsontext.Value(object)
	if err := value.Compact(); err != nil {
		return err.Error()
	}
	text, err := json.Marshal(value)
	return string(text) + fmt.Sprint(err)
}

// verify reads acme's ledger from its first record on, as whoever replays it does.
func (h *house) verify() {
	h.t.Helper()
	next := int64(0)
	for e, err := range h.ledgers.Envelopes(h.t.Context(), "acme", 0) {
		h.must(err)
		if e.Seq != next {
			h.t.Fatalf("event %d stands where %d should", e.Seq, next)
		}
		next++
	}
	if next != h.size() {
		h.t.Errorf("%d of %d events can be read", next, h.size())
	}
}

// TestJSONEverywhere sends every text of the JSON test suite as the whole body of every write, and
// as the free part of those that have one. What is taken comes back as it was sent.
func TestJSONEverywhere(t *testing.T) {
	h, named := writable(t)
	free := []struct{ path, body, there string }{
		{acme + "/customers", `{"external_id":"m-#","type":"individual","email":"a@example.com","full_name":"Ann Example","metadata":§}`, "metadata"},
		{"/api/v1/events/webhook", `{"tenant_id":"acme","event_id":"m-#","event_type":"house.visit","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1","data":§}`, "data"},
		{acme + "/postings", strings.Replace(postingBody("m-#", "posted"), `"status"`, `"metadata":§,"status"`, 1), "metadata"},
	}
	reads := []string{"/customers/m-#", "/events/m-#", "/postings/m-#"}
	kept, n := 0, 0
	for file, text := range suite(t) {
		n++
		for _, s := range spots {
			if strings.Contains(s.path, "§") {
				continue
			}
			before := h.size()
			a := h.do(s.route[:strings.IndexByte(s.route, ' ')], named.Replace(s.address()), text, "Content-Type", cmp.Or(s.media(), "application/json"))
			if a.status >= 500 || a.status >= 300 && h.size() != before {
				t.Errorf("%s as body of %s: %d %s", file, s.route, a.status, a.body)
			}
		}
		for i, f := range free {
			before := h.size()
			number := fmt.Sprint(n)
			a := h.do("POST", f.path, strings.NewReplacer("§", text, "#", number).Replace(f.body))
			if a.status >= 500 || a.status >= 300 && h.size() != before {
				t.Errorf("%s in %s: %d %s", file, f.path, a.status, a.body)
			}
			if a.status >= 300 {
				continue
			}
			kept++
			read := h.seen(a, strings.Replace(reads[i], "#", number, 1))
			if got := read.get("/" + f.there); spelled(got) != spelled(text) {
				t.Errorf("%s in %s came back as %s, sent %s", file, f.path, got, text)
			}
		}
	}
	if kept < 12 {
		t.Errorf("only %d texts were kept", kept)
	}
	h.verify()
}
