package http_test

import (
	"net/http"
	"strings"
	"testing"
)

// alarmed gives a house with the customer c-1, who is on a list of politically exposed persons and
// paid somebody on a list of the bank's own, and the ids of the two alerts on that.
func alarmed(t *testing.T) (h *house, pep, internal string) {
	t.Helper()
	h = openHouse(t, true)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"pep","name":"Ann Example"}`), http.StatusCreated)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"bad","category":"internal","name":"Bob Example"}`), http.StatusCreated)
	customer := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	event := h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
	return h, customer.get("/alerts/0/id"), event.get("/alerts/0/id")
}

// TestAlertsAreWorkedOn takes each step with an alert, reads it back, and looks at the customer.
func TestAlertsAreWorkedOn(t *testing.T) {
	h, pep, internal := alarmed(t)
	for _, step := range []struct {
		name, id, verb, body string
		status               int
		now, score, open     string // status of the alert, the customer's score and open alerts
	}{
		{"assign", pep, "assign", `{"assignee":"ann"}`, 200, "in_review", "65", "2"},
		{"note", pep, "note", `{"text":"asked the branch"}`, 200, "in_review", "65", "2"},
		{"escalate", pep, "escalate", `{"reason":"unsure"}`, 200, "escalated", "65", "2"},
		{"escalate again", pep, "escalate", `{"reason":"unsure"}`, 200, "escalated", "65", "2"},
		{"escalate otherwise", pep, "escalate", `{"reason":"very unsure"}`, 409, "escalated", "65", "2"},
		{"dismiss", pep, "dismiss", `{"reason":"another person"}`, 200, "dismissed", "35", "1"},
		{"assign what is dismissed", pep, "assign", `{"assignee":"bob"}`, 409, "dismissed", "35", "1"},
		{"reopen", pep, "reopen", `{"reason":"a second birth date"}`, 200, "open", "65", "2"},
		{"confirm", pep, "resolve", `{"reason":"passport","outcome":"true_match"}`, 200, "resolved", "65", "1"},
		{"handle", internal, "resolve", `{"reason":"paid by mistake"}`, 200, "resolved", "35", "0"},
		{"reopen what is open", internal, "reopen", `{"reason":"x"}`, 200, "open", "65", "1"},
		{"and again", internal, "reopen", `{"reason":"y"}`, 409, "open", "65", "1"},
		{"of nobody", "alr_x", "resolve", `{"reason":"x"}`, 404, "", "", ""},
		{"no reason", internal, "resolve", `{}`, 400, "open", "65", "1"},
		{"no assignee", internal, "assign", `{"reason":"x"}`, 400, "open", "65", "1"},
		{"no text", internal, "note", `{"text":""}`, 400, "open", "65", "1"},
		{"wrong outcome", internal, "dismiss", `{"reason":"x","outcome":"handled"}`, 400, "open", "65", "1"},
		{"unknown member", internal, "dismiss", `{"reason":"x","note":"y"}`, 400, "open", "65", "1"},
	} {
		t.Run(step.name, func(t *testing.T) {
			h := h.in(t)
			before := h.size()
			a := h.want(h.do("POST", acme+"/alerts/"+step.id+"/"+step.verb, step.body), step.status)
			if step.status != http.StatusOK {
				if h.size() != before {
					t.Errorf("a refused step wrote %d events", h.size()-before)
				}
				return
			}
			if a.get("/status") != step.now || a.get("/id") != step.id || a.get("/risk/composite_score") != step.score || a.get("/receipt/hash") == "" {
				t.Errorf("answer %s", a.body)
			}
			facts, view := h.seen(a, "/alerts/"+step.id), h.seen(a, "/customers/c-1/risk-view")
			if facts.get("/status") != step.now || view.get("/composite_score") != step.score || view.get("/open_alerts") != step.open {
				t.Errorf("alert %s\nrisk view %s", facts.body, view.body)
			}
		})
	}
}

// TestFactsOfAnAlert reads why an alert was raised, on what, and what was done about it.
func TestFactsOfAnAlert(t *testing.T) {
	h, pep, internal := alarmed(t)
	h.want(h.do("POST", acme+"/alerts/"+internal+"/assign", `{"assignee":"ann","reason":"knows the shop"}`), http.StatusOK)
	last := h.want(h.do("POST", acme+"/alerts/"+internal+"/note", `{"text":"called"}`), http.StatusOK)
	facts := h.seen(last, "/alerts/"+internal)
	for pointer, want := range map[string]string{
		"/kind": "internal_list", "/assignee": "ann", "/source/event_id": "e-1", "/event/event_id": "e-1",
		"/event/data/transaction/amount": "12.50", "/reasons/0/hit/name": "Bob Example", "/history/0/type": "alert.assigned",
		"/history/0/reason": "knows the shop", "/history/0/actor": "key:aaaaaaaaaaaa", "/history/1/text": "called", "/history/1/status": "in_review",
	} {
		if got := facts.get(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	if at := facts.get("/source/seq"); at != facts.get("/event/seq") || facts.get("/created_at") == "" {
		t.Errorf("raised on %s: %s", at, facts.body)
	}
	if other := h.seen(last, "/alerts/"+pep); other.get("/event") != "" || other.get("/source/kind") != "customer" || other.get("/history") != "" {
		t.Errorf("the other alert: %s", other.body)
	}
}

func TestAlertFilters(t *testing.T) {
	h, pep, internal := alarmed(t)
	last := h.want(h.do("POST", acme+"/alerts/"+pep+"/assign", `{"assignee":"ann"}`), http.StatusOK)
	since := h.seen(last, "/alerts/"+internal).get("/created_at")
	for _, row := range []struct{ query, first string }{
		{"", internal},
		{"?status=in_review", pep},
		{"?assignee=ann", pep},
		{"?assignee=bob", ""},
		{"?severity=high&kind=pep", pep},
		{"?customer_id=c-1&sort=created_at", pep},
		{"?customer_id=c-2", ""},
		{"?created_since=" + since, internal},
		{"?created_until=" + since, pep},
		{"?sort=-severity", internal},
		{"?min_age=1d", ""},
		{"?min_age=0s", internal},
		{"?min_age=0s&created_until=" + since, pep},
		{"?overdue=true", ""},
		{"?sort=due_at", pep},
		{"?sort=-due_at&kind=pep", pep},
	} {
		t.Run(row.query, func(t *testing.T) {
			if a := h.in(t).seen(last, "/alerts"+row.query); a.get("/0/id") != row.first {
				t.Errorf("first is %q, want %q: %s", a.get("/0/id"), row.first, a.body)
			}
		})
	}
	for query, field := range map[string]string{
		"created_since=yesterday": "created_since", "created_until=2026-01-31": "created_until", "min_age=3": "min_age",
		"min_age=-1h": "min_age", "min_age=99999d": "min_age", "sort=name": "sort", "overdue=no": "overdue", "status=closed": "status",
	} {
		if a := h.want(h.do("GET", acme+"/alerts?"+query, ""), http.StatusBadRequest); a.Field != field || !strings.HasPrefix(a.Message, field+" ") {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}

// TestStepsUnderAnIdempotencyKey repeats a step after the alert has moved on.
func TestStepsUnderAnIdempotencyKey(t *testing.T) {
	h, pep, internal := alarmed(t)
	dismiss := func(id, reason string) *answer {
		return h.do("POST", acme+"/alerts/"+id+"/dismiss", `{"reason":"`+reason+`"}`, "Idempotency-Key", "k")
	}
	first := h.want(dismiss(pep, "x"), http.StatusOK)
	h.want(h.do("POST", acme+"/alerts/"+pep+"/reopen", `{"reason":"y"}`), http.StatusOK)
	again := h.want(dismiss(pep, "x"), http.StatusOK)
	if again.get("/receipt/hash") != first.get("/receipt/hash") || again.get("/status") != "open" {
		t.Errorf("again: %s", again.body)
	}
	h.want(dismiss(pep, "z"), http.StatusConflict)
	h.want(dismiss(internal, "x"), http.StatusConflict)
}
