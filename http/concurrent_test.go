package http_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// pushers is how many clients say the same at once.
const pushers = 50

// TestFiftyClientsAtOnce has 50 clients send the same customer, event, account and posting at the same
// moment over TCP: each is recorded once, one client is told that it made it, and all get the same data.
func TestFiftyClientsAtOnce(t *testing.T) {
	h := openHouse(t)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	for _, row := range []struct{ path, body, records string }{
		{acme + "/customers", customerBody("c-1"), "customer.pushed screening.completed risk.rated"},
		{webhook, eventBody("e-1"), "activity.recorded"},
		{acme + "/accounts", account("cash"), "account.opened"},
		{acme + "/accounts", account("till"), "account.opened"},
		{acme + "/postings", postingBody("p-1", "posted"), "posting.recorded"},
	} {
		before := h.size()
		statuses, datas := map[string]int{}, map[string]int{}
		for _, got := range h.atOnce(server, row.path, row.body) {
			status, data, _ := strings.Cut(got, " ")
			statuses[status]++
			datas[data]++
		}
		if statuses["201"] != 1 || statuses["200"] != pushers-1 || len(datas) != 1 {
			t.Errorf("%s: statuses %v, %d answers: %v", row.path, statuses, len(datas), datas)
		}
		if got := h.kindsFrom(before); got != row.records {
			t.Errorf("%s: recorded %s, want %s", row.path, got, row.records)
		}
	}
}

// TestFiftyClientsDisagree has 50 clients send other contents under the same id: one is taken.
func TestFiftyClientsDisagree(t *testing.T) {
	h := openHouse(t)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	before := h.size()
	made, refused := 0, 0
	for _, got := range h.atOnce(server, webhook, strings.Replace(eventBody("e-1"), "12.50", "1%d.50", 1)) {
		switch {
		case strings.HasPrefix(got, "201"):
			made++
		case strings.HasPrefix(got, "409"):
			refused++
		}
	}
	if made != 1 || refused != pushers-1 || h.size() != before+1 {
		t.Errorf("%d made, %d refused, %d records", made, refused, h.size()-before)
	}
}

// atOnce posts a body, whose %d if any is the client's number, from all clients at one moment, and
// gives each one's status and body.
func (h *house) atOnce(server *httptest.Server, path, body string) []string {
	h.t.Helper()
	got := make([]string, pushers)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() {
			sent := strings.Replace(body, "%d", fmt.Sprint(10+i), 1)
			r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, server.URL+path, strings.NewReader(sent))
			if err != nil {
				h.t.Error(err)
				return
			}
			r.Header.Set("Authorization", h.key)
			r.Header.Set("Content-Type", "application/json")
			<-start
			answer, err := server.Client().Do(r)
			if err != nil {
				h.t.Error(err)
				return
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if err != nil {
				h.t.Error(err)
			}
			got[i] = fmt.Sprint(answer.StatusCode, " ", string(text))
		})
	}
	close(start)
	group.Wait()
	return got
}

// kindsFrom writes the kinds of acme's records from a position on.
func (h *house) kindsFrom(seq int64) string {
	h.t.Helper()
	var kinds []string
	for e, err := range h.ledgers.Envelopes(h.t.Context(), "acme", seq) {
		h.must(err)
		kinds = append(kinds, e.Event.Kind().Name)
	}
	return strings.Join(kinds, " ")
}
