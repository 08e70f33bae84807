package http_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"whocomply/domain/access"
	web "whocomply/http"
)

// caller calls the API for a tenant of its own and holds each answer against the model.
type caller struct {
	*rapid.T
	house *house
	base  string
	key   string
	slug  string
	model *model
	last  string // Ledger-Seq of the last write
	calls *int
}

// TestTheAPIIsTheModel makes random calls, valid and invalid, and holds statuses, states and the
// past against a model in memory: 10,000 of them, fewer when the race detector is at work.
func TestTheAPIIsTheModel(t *testing.T) {
	steps := 110
	if raced {
		steps = 25
	}
	h := openHouse(t, true)
	o := h.options(h.ledgers, 4)
	o.Patience = 30 * time.Second
	h.Server = web.New(o)
	tenants, calls := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		c := h.callerFor(rt, fmt.Sprint("model-", tenants), tenants)
		c.calls = &calls
		tenants++
		for range steps {
			rapid.SampledFrom(actions).Draw(rt, "action")(c)
		}
	})
	t.Logf("%d calls for %d tenants", calls, tenants)
	if !raced && calls < 10_000 {
		t.Errorf("only %d calls", calls)
	}
}

func (h *house) callerFor(rt *rapid.T, slug string, n int) *caller {
	_, err := h.ledgers.CreateTenant(h.t.Context(), "test", access.CreateTenant{Slug: slug, Name: "Bank"})
	h.must(err)
	return &caller{
		T: rt, house: h, base: "/api/v1/tenants/" + slug, slug: slug, model: newModel(),
		key: h.issue(slug, fmt.Sprintf("%012x", n+0x1000), time.Time{}, "admin"),
	}
}

// actions are the kinds of calls, the more usual ones more often.
var actions = []func(*caller){
	(*caller).push, (*caller).push, (*caller).patch, (*caller).relate, (*caller).event, (*caller).event, (*caller).event,
	(*caller).rule, (*caller).changeRule, (*caller).entry, (*caller).work, (*caller).work, (*caller).account,
	(*caller).posting, (*caller).posting, (*caller).settle, (*caller).reverse,
	(*caller).readCustomer, (*caller).readAccount, (*caller).readThing, (*caller).readTotals, (*caller).readPast, (*caller).readPast,
}

func (c *caller) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(c.T, label)
}

// do sends a request.
func (c *caller) do(method, path, body string, header ...string) *answer {
	*c.calls++
	if strings.HasPrefix(path, "/api") {
		return c.house.do(method, path, body, append(header, "Authorization", c.key)...)
	}
	return c.house.do(method, c.base+path, body, append(header, "Authorization", c.key)...)
}

// write sends a write, whose status must be the model's. One that is refused writes nothing.
func (c *caller) write(want int, method, path, body string) *answer {
	before, err := c.house.ledgers.Size(c.Context(), c.slug)
	c.house.must(err)
	a := c.do(method, path, body)
	if a.status != want {
		c.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, a.status, want, a.body)
	}
	after, err := c.house.ledgers.Size(c.Context(), c.slug)
	c.house.must(err)
	if want >= 300 {
		if after != before {
			c.Fatalf("%s %s %s was refused and wrote %d events", method, path, body, after-before)
		}
		return a
	}
	if c.last = a.header.Get("Ledger-Seq"); c.last != fmt.Sprint(after-1) {
		c.Fatalf("%s %s: Ledger-Seq %s, the ledger ends at %d", method, path, c.last, after-1)
	}
	return a
}

// wrote sends a write and keeps the moment after it.
func (c *caller) wrote(want int, method, path, body string) *answer {
	a := c.write(want, method, path, body)
	if want < 300 {
		c.remember()
	}
	return a
}

func (c *caller) remember() {
	size, err := c.house.ledgers.Size(c.Context(), c.slug)
	c.house.must(err)
	c.model.remember(size - 1)
}

// read reads what the last write has made.
func (c *caller) read(want int, path string) *answer {
	a := c.do("GET", path, "", "Min-Ledger-Seq", c.last)
	if a.status != want {
		c.Fatalf("GET %s: status %d, want %d: %s", path, a.status, want, a.body)
	}
	return a
}

func (c *caller) equal(what, got, want string) {
	if got != want {
		c.Fatalf("%s is %q, want %q", what, got, want)
	}
}

func (c *caller) customerID(label string) string {
	return c.pick(label, "c-0", "c-1", "c-2", "c/3", "nobody")
}

func (c *caller) push() {
	id, email := c.pick("external_id", "c-0", "c-1", "c-2", "c/3"), c.pick("email", "a@example.com", "a@example.com", "a@example.com", "")
	p := modelProfile{c.pick("phone", "", "1", "2"), c.pick("kyc", "", "pending", "verified")}
	want := 400
	if email != "" {
		want = c.model.push(id, p)
	}
	c.wrote(want, "POST", "/customers", p.body(id, email))
}

func (c *caller) patch() {
	id := c.customerID("customer")
	known, want := c.model.customers[id], 200
	var p modelProfile
	if known != nil {
		p = known.profile
	}
	merge := c.pick("merge", `{}`, `{"phone":"2"}`, `{"phone":null}`, `{"kyc":{"status":"verified"}}`, `{"kyc":null}`,
		`{"email":null}`, `{"external_id":"x"}`, `{"nick":"x"}`, `[]`)
	switch merge {
	case `{"phone":"2"}`:
		p.phone = "2"
	case `{"phone":null}`:
		p.phone = ""
	case `{"kyc":{"status":"verified"}}`:
		p.kyc = "verified"
	case `{"kyc":null}`:
		p.kyc = ""
	case `{}`:
	default:
		want = 400
	}
	if known == nil {
		want = 404
	} else if want == 200 {
		c.model.push(id, p)
	}
	c.wrote(want, "PATCH", "/customers/"+escape(id), merge)
}

func escape(id string) string { return strings.ReplaceAll(id, "/", "%2F") }

func (c *caller) relate() {
	id, reason := c.customerID("customer"), c.pick("reason", "", "r1", "r2")
	verb := c.pick("verb", "close", "reopen")
	want := c.model.relate(id, reason, map[string]string{"close": "closed", "reopen": "active"}[verb])
	c.wrote(want, "POST", "/customers/"+escape(id)+"/"+verb, fmt.Sprintf(`{"reason":%q}`, reason))
}

func (c *caller) event() {
	id := fmt.Sprint("e-", rapid.IntRange(0, 30).Draw(c.T, "event"))
	e := modelEvent{customer: c.customerID("customer"), amount: rapid.SampledFrom([]int{0, 5, 50, 500}).Draw(c.T, "amount")}
	kind, data := "house.visit", `{"n":1}`
	if e.amount > 0 {
		kind = "transaction.created"
		data = fmt.Sprintf(`{"transaction":{"id":"t-1","amount":"%d","currency":"EUR","direction":"in"}}`, e.amount)
		if rapid.IntRange(0, 9).Draw(c.T, "spoiled") == 0 {
			data, e.amount = strings.Replace(data, "EUR", "EURO", 1), -1
		}
	}
	first, repeated := c.model.events[id]
	fired, score, alert := c.model.fires(e.amount)
	e.score = score
	want := 201
	switch {
	case e.amount < 0, c.model.customers[e.customer] == nil:
		want = 400
	case repeated && first.customer == e.customer && first.amount == e.amount:
		want, e.score, alert = 200, first.score, false
	case repeated:
		want = 409
	}
	a := c.write(want, "POST", "/api/v1/events/webhook", fmt.Sprintf(
		`{"tenant_id":%q,"event_id":%q,"event_type":%q,"occurred_at":"2026-01-31T09:00:00Z","customer_id":%q,"data":%s}`, c.slug, id, kind, e.customer, data))
	if want >= 300 {
		return
	}
	c.equal("the score", a.get("/score"), fmt.Sprint(e.score))
	if want == 201 {
		c.model.events[id] = e
		c.decided(a, &e, fired, alert)
	}
	c.remember()
}

// decided holds the decision on an event against the rules.
func (c *caller) decided(a *answer, e *modelEvent, fired []string, alert bool) {
	var told struct {
		Fired []struct {
			ID string `json:"rule_id"`
		} `json:"rules_fired"`
		Alerts []struct {
			ID string `json:"id"`
		} `json:"alerts"`
	}
	c.house.must(json.Unmarshal(a.Data, &told))
	var ids []string
	for _, rule := range told.Fired {
		ids = append(ids, rule.ID)
	}
	slices.Sort(ids)
	c.equal("what fired", fmt.Sprint(ids), fmt.Sprint(fired))
	if raised := len(told.Alerts); raised > 1 || (raised == 1) != alert {
		c.Fatalf("%d alerts, want %v: %s", raised, alert, a.body)
	}
	for _, raised := range told.Alerts {
		c.model.alerts[raised.ID] = &modelAlert{nth: len(c.model.alerts), customer: e.customer, status: "open", said: map[string]string{}}
	}
}

func (c *caller) rule() {
	if len(c.model.rules) > 4 {
		return
	}
	r := &modelRule{
		1, rapid.SampledFrom([]int{1, 10, 100}).Draw(c.T, "threshold"), rapid.IntRange(0, 9).Draw(c.T, "score"),
		c.pick("mode", "live", "live", "shadow", "off"), c.pick("action", "alert", "score"),
	}
	condition, want := fmt.Sprint("transaction.amount >= ", r.threshold), 201
	if rapid.IntRange(0, 4).Draw(c.T, "spoiled") == 0 {
		condition, want = "transaction.amount >=", 400
	}
	a := c.wrote(want, "POST", "/monitoring-rules", fmt.Sprintf(`{"name":"Rule","event_types":["transaction.*"],"condition":%q,"score":%d,"severity":"low","mode":%q,"action":%q}`,
		condition, r.score, r.mode, r.action))
	if want == 201 {
		c.model.rules[a.get("/id")] = r
	}
}

// ruleID names a rule, or none.
func (c *caller) ruleID() string {
	ids := []string{"rul_x"}
	for id := range c.model.rules {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return c.pick("rule", ids...)
}

func (c *caller) changeRule() {
	id := c.ruleID()
	known := c.model.rules[id]
	switch what := c.pick("change", "delete", "score", "mode", "nothing", "spoil"); {
	case known == nil && what == "delete":
		c.wrote(404, "DELETE", "/monitoring-rules/"+id, "")
	case known == nil:
		c.wrote(404, "PATCH", "/monitoring-rules/"+id, `{"score":1}`)
	case what == "delete":
		delete(c.model.rules, id)
		c.wrote(204, "DELETE", "/monitoring-rules/"+id, "")
	case what == "spoil":
		c.wrote(400, "PATCH", "/monitoring-rules/"+id, `{"score":101}`)
	default:
		after := *known
		body := `{}`
		switch what {
		case "score":
			after.score = rapid.IntRange(0, 9).Draw(c.T, "score")
			body = fmt.Sprintf(`{"score":%d}`, after.score)
		case "mode":
			after.mode = c.pick("mode", "live", "shadow", "off")
			body = fmt.Sprintf(`{"mode":%q}`, after.mode)
		}
		if after != *known {
			after.version++
		}
		*known = after
		a := c.wrote(200, "PATCH", "/monitoring-rules/"+id, body)
		c.equal("the version", a.get("/version"), fmt.Sprint(after.version))
	}
}

func (c *caller) entry() {
	if rapid.Bool().Draw(c.T, "remove") {
		ids := []string{"wle_x"}
		for id := range c.model.entries {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		id, want := c.pick("entry", ids...), 204
		if _, known := c.model.entries[id]; !known {
			want = 404
		} else {
			c.model.entries[id] = ""
		}
		c.wrote(want, "DELETE", "/watchlist-entries/"+id, "")
		return
	}
	name, want := c.pick("name", "Zebedee Quux", "Yolanda Vrrp", ""), 201
	for _, known := range c.model.entries {
		if known == name {
			want = 200
		}
	}
	if name == "" {
		want = 400
	}
	a := c.wrote(want, "POST", "/watchlist-entries", fmt.Sprintf(`{"list":"own","category":"internal","name":%q}`, name))
	if want < 300 {
		c.model.entries[a.get("/id")] = name
	}
}

// alertID names an alert, or none.
func (c *caller) alertID() string {
	ids := []string{"alr_x"}
	for id := range c.model.alerts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return c.pick("alert", ids...)
}

func (c *caller) work() {
	id, verb := c.alertID(), c.pick("verb", "assign", "note", "escalate", "resolve", "dismiss", "reopen")
	reason, more, body := c.pick("reason", "", "r1", "r2"), "", ""
	switch verb {
	case "assign":
		more = c.pick("assignee", "", "ann", "bob")
		body = fmt.Sprintf(`{"assignee":%q,"reason":%q}`, more, reason)
	case "note":
		more, reason = reason, ""
		body = fmt.Sprintf(`{"text":%q}`, more)
	case "resolve":
		more = c.pick("outcome", "handled", "true_match")
		body = fmt.Sprintf(`{"reason":%q,"outcome":%q}`, reason, more)
	default:
		body = fmt.Sprintf(`{"reason":%q}`, reason)
	}
	want := c.model.work(id, verb, reason, more)
	a := c.wrote(want, "POST", "/alerts/"+id+"/"+verb, body)
	if want == 200 {
		c.equal("the status", a.get("/status"), c.model.alerts[id].status)
		c.equal("the assignee", a.get("/assignee"), c.model.alerts[id].assignee)
	}
}

func (c *caller) accountID(label string) string { return c.pick(label, "a-0", "a-1", "a-2") }

func (c *caller) account() {
	id, want := c.accountID("id"), 201
	opened := modelAccount{currency: c.pick("currency", "EUR", "EUR", "EUR", "USD", "XXY"), constraint: c.pick("constraint", "none", "no_debit_balance")}
	switch known := c.model.accounts[id]; {
	case opened.currency == "XXY":
		want = 400
	case known != nil && (known.currency != opened.currency || known.constraint != opened.constraint):
		want = 409
	case known != nil:
		want = 200
	default:
		c.model.accounts[id] = &opened
	}
	c.wrote(want, "POST", "/accounts", fmt.Sprintf(`{"id":%q,"name":"Account","type":"asset","currency":%q,"constraint":%q}`, id, opened.currency, opened.constraint))
}

func (c *caller) postingID(label string) string {
	return fmt.Sprint("p-", rapid.IntRange(0, 12).Draw(c.T, label))
}

func (c *caller) posting() {
	id := c.postingID("id")
	p := &modelPosting{
		debit: c.accountID("debit"), credit: c.accountID("credit"), currency: c.pick("currency", "EUR", "EUR", "EUR", "USD"),
		amount: rapid.IntRange(1, 3).Draw(c.T, "amount"), born: c.pick("status", "posted", "posted", "pending"),
	}
	other := p.amount
	if rapid.IntRange(0, 9).Draw(c.T, "spoiled") == 0 {
		other++
	}
	known, want := c.model.postings[id], 0
	switch {
	case other != p.amount:
		want = 400
	case known == nil:
		want = c.model.post(id, p)
	case known.reverses == "" && known.debit == p.debit && known.credit == p.credit && known.currency == p.currency && known.amount == p.amount && known.born == p.born:
		want = 200
	default:
		want = 409
	}
	c.wrote(want, "POST", "/postings", fmt.Sprintf(`{"posting_id":%q,"effective_at":"2026-01-31T09:00:00Z","status":%q,"entries":[`+
		`{"account":%q,"direction":"debit","amount":"%d","currency":%q},{"account":%q,"direction":"credit","amount":"%d.00","currency":%q}]}`,
		id, p.born, p.debit, p.amount, p.currency, p.credit, other, p.currency))
}

func (c *caller) settle() {
	id, verb := c.postingID("id"), c.pick("verb", "post", "void")
	want := c.model.settle(id, map[string]string{"post": "posted", "void": "voided"}[verb])
	c.wrote(want, "POST", "/postings/"+id+"/"+verb, "")
}

func (c *caller) reverse() {
	original, id := c.postingID("original"), c.postingID("id")
	want := c.model.reverse(original, id)
	c.wrote(want, "POST", "/postings/"+original+"/reverse", fmt.Sprintf(`{"posting_id":%q}`, id))
}

// tellCustomer says of a customer that was read what the model says of it.
