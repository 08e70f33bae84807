package http_test

import (
	"net/http"
	"testing"
)

// TestAnswersThatTheCallerHas asks again with the tag of the answer before and after a change.
func TestAnswersThatTheCallerHas(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("till")), http.StatusCreated)
	last := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	for _, row := range []struct{ path, change, body string }{
		{"/customers/c-1", "/customers/c-1/close", `{"reason":"left"}`},
		{"/customers/c-1/risk-view", "/customers/c-1/reopen", `{"reason":"back"}`},
		{"/accounts/cash", "/postings", postingBody("p-1", "posted")},
		{"/accounts/cash/balance", "/postings", postingBody("p-2", "posted")},
	} {
		t.Run(row.path, func(t *testing.T) {
			first := h.seen(last, row.path)
			tag := first.header.Get("ETag")
			for name, sent := range map[string]string{"same": tag, "weak": "W/" + tag, "one of several": `"x", ` + tag, "any": "*"} {
				a := h.in(t).want(h.do("GET", acme+row.path, "", "If-None-Match", sent), http.StatusNotModified)
				if a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Ledger-Seq") == "" {
					t.Errorf("%s: body %q, header %v", name, a.body, a.header)
				}
			}
			if again := h.want(h.do("GET", acme+row.path, "", "If-None-Match", `"x"`), http.StatusOK); again.body != first.body {
				t.Errorf("another tag: %s", again.body)
			}
			last = h.do(http.MethodPost, acme+row.change, row.body)
			if last.status > http.StatusCreated {
				t.Fatal(last.body)
			}
			h.seen(last, row.path)
			changed := h.want(h.do("GET", acme+row.path, "", "If-None-Match", tag), http.StatusOK)
			if changed.header.Get("ETag") == tag || changed.body == first.body {
				t.Errorf("after a change: %s", changed.body)
			}
			then := h.want(h.do("GET", acme+row.path+"?as_of="+first.header.Get("Ledger-Seq"), "", "If-None-Match", tag), http.StatusNotModified)
			if then.body != "" {
				t.Errorf("as of then: %s", then.body)
			}
		})
	}
}
