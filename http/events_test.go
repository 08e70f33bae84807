package http_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// typedEvent is an event of the customer c-1.
func typedEvent(id, eventType string, at time.Time, data string) string {
	return fmt.Sprintf(`{"tenant_id":"acme","event_id":%q,"event_type":%q,"occurred_at":%q,"customer_id":"c-1","data":%s}`, id, eventType, rfc3339(at), data)
}

// TestKnownEventTypesAreChecked sends known types with something wrong in them, and types of the
// institution's own with the same.
func TestKnownEventTypesAreChecked(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"Many attempts","event_types":["login.*","vault.*"],"score":10,"severity":"low",`+
		`"condition":"event.data.login.attempts >= 5"}`), http.StatusCreated)
	size := h.size()
	for i, row := range []struct{ eventType, data, field string }{
		{"login.failed", `{"login":{"attempts":-1}}`, "data.login.attempts"},
		{"login.failed", `{"login":{"password":"secret"}}`, "data.login.password"},
		{"onboarding.completed", `{"onboarding":{"outcome":"fine"}}`, "data.onboarding.outcome"},
		{"account.opened", `{"account":{"currency":"EUR"}}`, "data.account.id"},
		{"card.blocked", `{"card":{"id":"card-1","number":"4242424242424242"}}`, "data.card.number"},
		{"card.blocked", `{"session":{"ip":"nowhere"}}`, "data.session.ip"},
		{"transaction.created", `{}`, "data.transaction"},
	} {
		a := h.want(h.do("POST", webhook, typedEvent(fmt.Sprint("e-", i), row.eventType, time.Now(), row.data)), http.StatusBadRequest)
		if a.Field != row.field || strings.Contains(a.body, "secret") || strings.Contains(a.body, "4242") {
			t.Errorf("%s: %s, want the field %s", row.eventType, a.body, row.field)
		}
	}
	if h.size() != size {
		t.Error("a refused event left something behind")
	}
	for i, eventType := range []string{"login.failed", "vault.opened"} {
		a := h.want(h.do("POST", webhook, typedEvent(fmt.Sprint("f-", i), eventType, time.Now(), `{"login":{"attempts":7}}`)), http.StatusCreated)
		if a.get("/rules_fired/0/name") != "Many attempts" {
			t.Errorf("%s: the rule did not fire: %s", eventType, a.body)
		}
	}
}

// ids gives a member of each item of a list.
func ids(a *answer, name string) string {
	var items []map[string]any
	_ = json.Unmarshal(a.Data, &items) // none are no items
	var texts []string
	for _, item := range items {
		texts = append(texts, fmt.Sprint(item[name]))
	}
	return strings.Join(texts, " ")
}

// paid is the data of a transaction.
const paid = `{"transaction":{"id":"t-1","amount":"1","currency":"EUR","direction":"in"}}`

const webhook = "/api/v1/events/webhook"

// TestLateEventsAreMarked sends events in another order than they occurred in, and finds them again.
func TestLateEventsAreMarked(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	rule := h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"Busy","event_types":["*"],"score":10,"severity":"low","condition":"customer.last(\"3h\").count() >= 3"}`), http.StatusCreated)
	now := time.Now()
	var last *answer
	for _, row := range []struct {
		id    string
		ago   time.Duration
		marks string // late, out_of_order
		fires bool
	}{
		{"a", 2 * time.Hour, "false false", false},
		{"b", time.Hour, "false false", false},
		{"c", 25 * time.Hour, "true true", false},
		{"d", 90 * time.Minute, "false true", false}, // its window ends where it occurred, before b
		{"e", -4 * time.Minute, "false false", true},
		{"f", 0, "false true", true},
	} {
		last = h.want(h.do("POST", webhook, typedEvent(row.id, "transaction.created", now.Add(-row.ago), paid)), http.StatusCreated)
		if marks := last.get("/late") + " " + last.get("/out_of_order"); marks != row.marks || (last.get("/rules_fired/0/rule_id") != "") != row.fires {
			t.Errorf("%s: %s", row.id, last.body)
		}
		again := h.want(h.do("POST", webhook, typedEvent(row.id, "transaction.created", now.Add(-row.ago), paid)), http.StatusOK)
		if again.body != last.body {
			t.Errorf("%s again: %s", row.id, again.body)
		}
	}
	a := h.want(h.do("POST", webhook, typedEvent("g", "visit.made", now.Add(6*time.Minute), `{}`)), http.StatusBadRequest)
	if a.Field != "occurred_at" {
		t.Errorf("ahead: %s", a.body)
	}
	h.want(h.do("POST", webhook, strings.Replace(typedEvent("h", "visit.made", now, `{}`), "c-1", "nobody", 1)), http.StatusBadRequest)
	for query, want := range map[string]string{
		"":                           "f e d c b a",
		"limit=2":                    "f e",
		"limit=2&offset=2":           "d c",
		"late=true":                  "c",
		"late=false":                 "f e d b a",
		"out_of_order=true":          "f d c",
		"rule_id=" + rule.get("/id"): "f e",
		"rule_id=none":               "",
		"customer_id=c-1&late=true&event_type=transaction.created":                                             "c",
		"customer_id=c-1&rule_id=" + rule.get("/id"):                                                           "f e",
		"occurred_since=" + rfc3339(now.Add(-time.Hour)):                                                       "f e b",
		"occurred_until=" + rfc3339(now.Add(-90*time.Minute)):                                                  "c a",
		"customer_id=c-1&occurred_since=" + rfc3339(now.Add(-2*time.Hour)) + "&occurred_until=" + rfc3339(now): "d b a",
	} {
		list := h.seen(last, "/events?"+query)
		if got := ids(list, "event_id"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for query, field := range map[string]string{
		"late=yes": "late", "out_of_order=1": "out_of_order", "occurred_since=today": "occurred_since", "occurred_until=1": "occurred_until", "from=1": "from",
	} {
		if a := h.want(h.do("GET", acme+"/events?"+query, ""), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}
