package http_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asked is a read and what it answered when it was the newest.
type asked struct {
	path, data string
	seq        string
	at         time.Time
}

// TestAsOfEqualsWhatWasRead goes through random histories, reads customers, risk views and accounts
// after each write, and later asks for the same as of then: by position and by time.
func TestAsOfEqualsWhatWasRead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := openHouse(t, true)
		h.want(h.do("POST", acme+"/monitoring-rules", strings.Replace(ruleBody, ">= 10", ">= 12", 1)), http.StatusCreated)
		for _, id := range []string{"cash", "till"} {
			h.want(h.do("POST", acme+"/accounts", account(id)), http.StatusCreated)
		}
		var all []asked
		for i := range rapid.IntRange(4, 16).Draw(r, "writes") {
			write := h.draw(r, i)
			if write.status >= 300 {
				continue
			}
			for _, path := range []string{"/customers/c-0", "/customers/c-1", "/customers/c-0/risk-view", "/customers/c-1/risk-view", "/accounts/cash", "/accounts/till/balance"} {
				a := h.after(write, path)
				all = append(all, asked{path, string(a.Data), write.header.Get("Ledger-Seq"), time.Now()})
			}
		}
		for _, then := range all {
			for _, asOf := range []string{then.seq, then.at.Format(time.RFC3339Nano)} {
				a := h.do("GET", acme+then.path+"?as_of="+url.QueryEscape(asOf), "")
				if string(a.Data) != then.data {
					r.Fatalf("%s as of %s:\n%s\nit was, at %s\n%s", then.path, asOf, a.body, then.seq, then.data)
				}
				if then.data != "" && asOf == then.seq && a.header.Get("Ledger-Seq") != then.seq {
					r.Fatalf("%s as of %s says position %s", then.path, asOf, a.header.Get("Ledger-Seq"))
				}
			}
		}
	})
}

// draw makes a random write; some are refused.
func (h *house) draw(r *rapid.T, i int) *answer {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(r, name) }
	customer := acme + "/customers/" + pick("customer", "c-0", "c-1")
	post := func(path, body string) *answer { return h.do("POST", path, body) }
	switch pick("write", "push", "patch", "close", "reopen", "event", "event", "alert", "alert", "entry", "posting", "posting", "settle") {
	case "push":
		return post(acme+"/customers", strings.Replace(customerBody(pick("id", "c-0", "c-1")), "DE", pick("country", "DE", "IR", "VN"), 1))
	case "patch":
		return h.do("PATCH", customer, pick("patch", `{"kyc":{"status":"verified"}}`, `{"kyc":null}`, `{"phone":"1"}`, `{"full_name":"Bob Example"}`, `{"metadata":{"b":1,"a":[2]}}`))
	case "close":
		return post(customer+"/close", `{"reason":"moved"}`)
	case "reopen":
		return post(customer+"/reopen", `{"reason":"back"}`)
	case "event":
		return post("/api/v1/events/webhook", strings.Replace(eventBody(fmt.Sprint("e-", i)), "c-1", pick("who", "c-0", "c-1"), 1))
	case "alert":
		listed := h.until(http.StatusOK, acme+"/alerts")
		id := listed.get(fmt.Sprint("/", rapid.IntRange(0, 3).Draw(r, "alert"), "/id"))
		return post(acme+"/alerts/"+id+"/"+pick("verb", "resolve", "dismiss", "escalate", "reopen"), fmt.Sprintf(`{"reason":"reason %d"}`, i))
	case "entry":
		return post(acme+"/watchlist-entries", `{"list":"own","category":"`+pick("category", "pep", "internal", "sanctions")+`","name":"Bob Example"}`)
	case "posting":
		return post(acme+"/postings", postingBody(fmt.Sprint("p-", i), pick("status", "posted", "pending")))
	}
	settled := acme + "/postings/p-" + fmt.Sprint(rapid.IntRange(0, 15).Draw(r, "posting")) + "/"
	if rapid.Bool().Draw(r, "in part") {
		return post(settled+"post", `{`+entries("2.5", "cash", "till")+`}`)
	}
	return post(settled+pick("settlement", "post", "void"), "")
}

// TestAsOfThatCannotBe shows how each wrong as_of is answered.
func TestAsOfThatCannotBe(t *testing.T) {
	h := openHouse(t, true)
	opened := time.Now()
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.seen(made, "/customers/c-1")
	for _, row := range []struct {
		asOf   string
		status int
	}{
		{"", 400},
		{"yesterday", 400},
		{"-1", 400},
		{"2026-01-31", 400},
		{"1000", 400},
		{"99999999999999999999", 400},
		{opened.Add(-time.Hour).Format(time.RFC3339Nano), 400},
		{time.Now().Add(time.Hour).Format(time.RFC3339Nano), 400},
		{"0", 404},
		{opened.Format(time.RFC3339Nano), 404},
		{made.header.Get("Ledger-Seq"), 200},
	} {
		for _, path := range []string{"/customers/c-1", "/customers/c-1/risk-view", "/accounts/cash", "/accounts/cash/balance"} {
			t.Run(path+" "+row.asOf, func(t *testing.T) {
				a := h.in(t).want(h.do("GET", acme+path+"?as_of="+url.QueryEscape(row.asOf), ""), row.status)
				if row.status == http.StatusBadRequest && a.Field != "as_of" {
					t.Errorf("answer %s", a.body)
				}
			})
		}
	}
	h.want(h.do("GET", acme+"/customers/nobody?as_of=3", ""), http.StatusNotFound)
}

// TestBalancesByValueDate asks for what takes effect up to a day, as known now and before.
func TestBalancesByValueDate(t *testing.T) {
	h := openHouse(t, true)
	for _, id := range []string{"cash", "till"} {
		h.want(h.do("POST", acme+"/accounts", account(id)), http.StatusCreated)
	}
	on := func(id, status, day string) *answer {
		return h.want(h.do("POST", acme+"/postings", strings.Replace(postingBody(id, status), "2026-01-31", day, 1)), http.StatusCreated)
	}
	first := on("p-1", "posted", "2026-01-10")
	on("p-2", "posted", "2026-01-20")
	held := on("p-3", "pending", "2026-01-05")
	on("p-4", "pending", "2026-01-05")
	h.want(h.do("POST", acme+"/postings/p-3/post", ""), http.StatusOK)
	last := h.want(h.do("POST", acme+"/postings/p-4/void", ""), http.StatusOK)
	for _, row := range []struct{ query, posted, pending string }{
		{"", "21.00", "0.00"},
		{"effective_at=2026-01-04T00:00:00Z", "0.00", "0.00"},
		{"effective_at=2026-01-05T09:00:00Z", "7.00", "0.00"},
		{"effective_at=2026-01-10T09:00:00Z", "14.00", "0.00"},
		{"effective_at=2026-02-01T00:00:00Z", "21.00", "0.00"},
		{"effective_at=2026-01-10T09:00:00Z&as_of=" + held.header.Get("Ledger-Seq"), "7.00", "7.00"},
		{"effective_at=2026-01-15T00:00:00Z&as_of=" + first.header.Get("Ledger-Seq"), "7.00", "0.00"},
		{"as_of=" + held.header.Get("Ledger-Seq"), "14.00", "7.00"},
	} {
		t.Run(row.query, func(t *testing.T) {
			a := h.in(t).seen(last, "/accounts/cash/balance?"+row.query)
			if a.get("/posted/debits") != row.posted || a.get("/pending/debits") != row.pending || a.get("/posted/credits") != "0.00" {
				t.Errorf("balance %s, want %s posted and %s pending", a.body, row.posted, row.pending)
			}
		})
	}
	if a := h.want(h.do("GET", acme+"/accounts/cash/balance?effective_at=today", ""), http.StatusBadRequest); a.Field != "effective_at" {
		t.Errorf("no time: %s", a.body)
	}
}
