package http_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// TestBadBodies shows how each kind of bad input is answered, and that none writes anything.
func TestBadBodies(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	before := h.size()
	event, webhook := eventBody("e-1"), "/api/v1/events/webhook"
	swap := func(old, new string) string {
		if !strings.Contains(event, old) {
			t.Fatalf("no %q in the event", old)
		}
		return strings.Replace(event, old, new, 1)
	}
	for _, row := range []struct {
		name, path, body string
		status           int
		code, field      string
	}{
		{"unknown member", webhook, swap(`"event_id"`, `"extra":1,"event_id"`), 400, "invalid", "extra"},
		{"member in another case", webhook, swap(`"event_id"`, `"Event_id"`), 400, "invalid", "Event_id"},
		{"member twice", webhook, swap(`"event_id"`, `"event_id":"e-0","event_id"`), 400, "invalid", "event_id"},
		{"member twice in data", webhook, swap(`"id":"t-1"`, `"id":"t-1","id":"t-2"`), 400, "invalid", "data.transaction.id"},
		{"number for a decimal", webhook, swap(`"12.50"`, `12.50`), 400, "invalid", "data.transaction.amount"},
		{"exponent in a decimal", webhook, swap(`12.50`, `1e3`), 400, "invalid", "data.transaction.amount"},
		{"too many decimals", webhook, swap(`12.50`, `12.505`), 400, "invalid", "data.transaction.amount"},
		{"unknown currency", webhook, swap(`EUR`, `EUX`), 400, "invalid", "data.transaction.currency"},
		{"number for a text", webhook, swap(`"e-1"`, `1`), 400, "invalid", "event_id"},
		{"text for an object", webhook, swap(event[strings.Index(event, `{"transaction"`):len(event)-1], `"x"`), 400, "invalid", "data"},
		{"no time", webhook, swap(`2026-01-31T09:00:00Z`, `yesterday`), 400, "invalid", "occurred_at"},
		{"no tenant", webhook, swap(`"tenant_id":"acme",`, ``), 400, "invalid", "tenant_id"},
		{"null", webhook, `null`, 400, "invalid", ""},
		{"array", webhook, `[]`, 400, "invalid", ""},
		{"empty", webhook, " \n", 400, "invalid", ""},
		{"half", webhook, event[:len(event)/2], 400, "invalid", ""},
		{"two values", webhook, event + event, 400, "invalid", ""},
		{"not UTF-8", webhook, swap(`e-1`, "e-\xff"), 400, "invalid", ""},
		{"lone surrogate", webhook, swap(`e-1`, `\ud800`), 400, "invalid", ""},
		{"control character", webhook, swap(`e-1`, `e\u0000`), 400, "invalid", "event_id"},
		{"too large", webhook, swap(`"12.50"`, `"`+strings.Repeat("1", 1<<20)+`"`), 413, "too_large", ""},
		{"email left out", acme + "/customers", strings.Replace(customerBody("c-2"), `"email":"ann@example.com",`, "", 1), 400, "invalid", "email"},
		{"nested member", acme + "/customers", strings.Replace(customerBody("c-2"), `}`, `,"kyc":{"state":"x"}}`, 1), 400, "invalid", "kyc.state"},
		{"number for an amount", acme + "/postings", strings.Replace(postingBody("p-1", "posted"), `"7"`, `7`, 1), 400, "invalid", "entries[0].amount"},
		{"fraction for a score", acme + "/monitoring-rules", strings.Replace(ruleBody, "40", "4.5", 1), 400, "invalid", "score"},
		{"member of an array", acme + "/watchlist-entries", `{"list":"own","category":"internal","name":"X","aliases":[1]}`, 400, "invalid", "aliases[0]"},
		{"id of ours in a rule", acme + "/monitoring-rules", strings.Replace(ruleBody, "{", `{"id":"rul_1",`, 1), 400, "invalid", "id"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.want(h.do("POST", row.path, row.body), row.status)
			if a.Status != "error" || a.Code != row.code || a.Field != row.field || a.Message == "" || a.RequestID == "" {
				t.Errorf("answer %s, want code %q and field %q", a.body, row.code, row.field)
			}
			if a.RequestID != a.header.Get("X-Request-Id") {
				t.Errorf("request id %q in the body, %q in the header", a.RequestID, a.header.Get("X-Request-Id"))
			}
		})
	}
	if h.size() != before {
		t.Errorf("bad bodies wrote %d events", h.size()-before)
	}
}

func TestMediaTypes(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct {
		name, media string
		status      int
	}{
		{"none", "", 415},
		{"form", "application/x-www-form-urlencoded", 415},
		{"merge patch on a POST", "application/merge-patch+json", 415},
		{"broken", "application/json;;", 415},
		{"plain", "application/json", 201},
		{"with a parameter", "Application/JSON; charset=utf-8", 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.want(h.do("POST", acme+"/customers", customerBody("c-1"), "Content-Type", row.media), row.status)
		})
	}
}

// TestJSONTestSuite sends every text of the suite, as a body and as a customer's metadata. A body
// always has the wrong shape; as metadata an object is kept, and what is not JSON is said to be so.
func TestJSONTestSuite(t *testing.T) {
	h := openHouse(t)
	suite, err := os.ReadFile("../testdata/json/jsontestsuite.jsonl")
	h.must(err)
	rows, kept := 0, 0
	for line := range bytes.Lines(suite) {
		rows++
		var row struct {
			File   string `json:"file"`
			Expect string `json:"expect"`
			B64    string `json:"b64"`
		}
		h.must(json.Unmarshal(line, &row))
		raw, err := base64.StdEncoding.DecodeString(row.B64)
		h.must(err)
		text, before := string(raw), h.size()
		for _, path := range []string{"/api/v1/events/webhook", acme + "/customers", acme + "/postings"} {
			if a := h.do("POST", path, text, "Content-Type", "application/json"); a.status != 400 || a.Code != "invalid" {
				t.Errorf("%s to %s: %d %s", row.File, path, a.status, a.body)
			}
		}
		a := h.do("POST", acme+"/customers", strings.Replace(customerBody("c-1"), "}", `,"metadata":`+text+"}", 1))
		object := strings.HasPrefix(strings.TrimSpace(text), "{") && !strings.Contains(row.File, "duplicated")
		switch {
		case row.Expect == "reject" && (a.status != 400 || !strings.HasPrefix(a.Message, "the body is not valid JSON")),
			row.Expect == "accept" && (a.status <= 201) != object:
			t.Errorf("%s, to %s: %d %s", row.File, row.Expect, a.status, a.body)
		case a.status <= 201:
			kept++
		case h.size() != before:
			t.Errorf("%s was refused but wrote %d events", row.File, h.size()-before)
		}
	}
	if rows != 157 || kept < 5 {
		t.Errorf("%d texts, %d kept", rows, kept)
	}
}

func TestBadQueries(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct{ name, path, field string }{
		{"limit 0", "/customers?limit=0", "limit"},
		{"limit beyond", "/customers?limit=101", "limit"},
		{"limit is a word", "/customers?limit=ten", "limit"},
		{"limit is empty", "/customers?limit=", "limit"},
		{"offset below", "/customers?offset=-1", "offset"},
		{"twice", "/customers?limit=1&limit=2", "limit"},
		{"unknown", "/customers?page=1", "page"},
		{"unknown on one", "/customers/c-1?limit=1", "limit"},
		{"as_of where there is none", "/customers?as_of=1", "as_of"},
		{"status", "/alerts?status=closed", "status"},
		{"rating", "/customers?rating=none", "rating"},
		{"min_seq", "/customers?min_seq=-1", "min_seq"},
		{"from", "/ledger/events?from=x", "from"},
		{"malformed", "/customers?limit=%zz", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.want(h.do("GET", acme+row.path, ""), http.StatusBadRequest)
			if a.Field != row.field || a.Code != "invalid" {
				t.Errorf("answer %s, want field %q", a.body, row.field)
			}
		})
	}
	a := h.want(h.do("GET", acme+"/customers", "", "Min-Ledger-Seq", "x"), http.StatusBadRequest)
	if a.Field != "Min-Ledger-Seq" {
		t.Errorf("Min-Ledger-Seq: %s", a.body)
	}
}

// broken is a body whose sender goes away.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodiesThatEndEarlyOrNever(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct {
		name   string
		body   io.Reader
		status int
	}{
		{"early", io.MultiReader(strings.NewReader(`{"external_id":`), broken{}), http.StatusBadRequest},
		{"never", endless{}, http.StatusRequestEntityTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), "POST", acme+"/customers", row.body)
			r.Header.Set("Authorization", h.key)
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = -1
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != row.status {
				t.Errorf("status %d, want %d: %s", w.Code, row.status, w.Body)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestErrorsHaveTheirStatus shows what an error of each code becomes.
func TestErrorsHaveTheirStatus(t *testing.T) {
	h := openHouse(t)
	var problem error
	webHandle(h, "/problem", func() error { return problem })
	for _, row := range []struct {
		err    error
		status int
		code   string
	}{
		{domain.InvalidField("x", "is wrong"), 400, "invalid"},
		{domain.Errorf(domain.Unsigned, "who"), 401, "unauthorized"},
		{domain.Errorf(domain.Forbidden, "no"), 403, "forbidden"},
		{domain.Errorf(domain.Unknown, "what"), 404, "not_found"},
		{domain.Errorf(domain.Conflict, "taken"), 409, "conflict"},
		{domain.Errorf(domain.Unavailable, "later"), 503, "unavailable"},
		{errors.New("the disk said secret"), 500, "internal"},
		{domain.Errorf("new", "a code that nobody mapped: secret"), 500, "internal"},
	} {
		problem = row.err
		a := h.want(h.do("GET", "/problem", ""), row.status)
		if a.Code != row.code || strings.Contains(a.body, "secret") {
			t.Errorf("%v: %s", row.err, a.body)
		}
		if logged := strings.Contains(h.log.String(), a.RequestID+`","method":"GET","route":"/problem","error"`); logged != (row.status == 500) {
			t.Errorf("%v: logged is %v", row.err, logged)
		}
	}
}
