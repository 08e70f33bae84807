package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/eventstore"
)

// batchResults reads the results of a batch.
func batchResults(t *testing.T, a *answer) (results []struct {
	Index, Status int
	Event         jsontext.Value
	Error         struct{ Code, Field string }
},
) {
	t.Helper()
	var data struct{ Results jsontext.Value }
	if err := json.Unmarshal(a.Data, &data, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data.Results, &results, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	return results
}

// TestBatchTellsWhatBecameOfEach sends good and bad events together, in an order that counts.
func TestBatchTellsWhatBecameOfEach(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.want(h.do("POST", acme+"/monitoring-rules", `{"name":"Busy","event_types":["*"],"score":10,"severity":"low","condition":"customer.last(\"1h\").count() >= 3"}`), http.StatusCreated)
	before := h.want(h.do("POST", webhook, eventBody("known")), http.StatusCreated)
	now := time.Now()
	one := func(id string) string { return typedEvent(id, "transaction.created", now, paid) }
	events := []string{
		one("a"), eventBody("known"), strings.Replace(one("b"), "acme", h.acme.ID, 1), strings.Replace(one("x"), "c-1", "nobody", 1),
		strings.Replace(one("x"), `"data"`, `"date"`, 1), strings.Replace(eventBody("known"), "12.50", "13.50", 1),
		strings.Replace(one("x"), "acme", "rival", 1), one("c"), one("a"),
	}
	send := func() *answer {
		return h.want(h.do("POST", acme+"/events/batch", `{"events":[`+strings.Join(events, ",")+`]}`), http.StatusOK)
	}
	first := send()
	if got := first.get("/recorded") + " " + first.get("/repeated") + " " + first.get("/refused"); got != "3 2 4" {
		t.Errorf("recorded, repeated, refused: %s", got)
	}
	want := []struct {
		status int
		field  string
	}{{201, ""}, {200, ""}, {201, ""}, {400, "customer_id"}, {400, "date"}, {409, ""}, {403, ""}, {201, ""}, {200, ""}}
	for i, r := range batchResults(t, first) {
		if r.Index != i || r.Status != want[i].status || r.Error.Field != want[i].field || (len(r.Event) > 0) != (r.Status < 300) {
			t.Errorf("result %d: %+v, want %+v", i, r, want[i])
		}
	}
	results := batchResults(t, first)
	if string(results[1].Event) != string(before.Data) || string(results[8].Event) != string(results[0].Event) || !strings.Contains(string(results[7].Event), "Busy") {
		t.Errorf("answers: %s", first.body)
	}
	size := h.size()
	for i, r := range batchResults(t, send()) {
		if w := want[i].status; r.Status != w && (w != 201 || r.Status != 200 || string(r.Event) != string(results[i].Event)) {
			t.Errorf("result %d again: %+v", i, r)
		}
	}
	if h.size() != size {
		t.Errorf("%d records more for the same batch", h.size()-size)
	}
}

func TestBatchIsBounded(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	size := h.size()
	for _, body := range []string{`{}`, `{"events":[]}`, `{"events":{}}`, `{"events":[` + strings.Repeat(`{},`, 500) + `{}]}`} {
		if a := h.want(h.do("POST", acme+"/events/batch", body), http.StatusBadRequest); a.Field != "events" {
			t.Errorf("%.40s: %s", body, a.body)
		}
	}
	if a := h.want(h.do("POST", acme+"/events/batch", `{"events":[7]}`), http.StatusBadRequest); a.Field != "events[0]" {
		t.Errorf("an event that is a number: %s", a.body)
	}
	h.want(h.do("POST", acme+"/events/batch", `{"events":["`+strings.Repeat("x", 1<<20)+`"]}`), http.StatusRequestEntityTooLarge)
	if h.size() != size {
		t.Error("something was recorded")
	}
	events := make([]string, 500)
	for i := range events {
		events[i] = typedEvent(fmt.Sprint(i), "visit.made", time.Now(), `{}`)
	}
	a := h.want(h.do("POST", acme+"/events/batch", `{"events":[`+strings.Join(events, ",")+`]}`), http.StatusOK)
	if a.get("/recorded") != "500" || h.size() != size+500 || a.header.Get("Ledger-Seq") != fmt.Sprint(size+499) {
		t.Errorf("%s recorded, %d records more, Ledger-Seq %s", a.get("/recorded"), h.size()-size, a.header.Get("Ledger-Seq"))
	}
	h.store.Inject(eventstore.Fault{Err: eventstore.ErrFailed})
	h.want(h.do("POST", acme+"/events/batch", `{"events":[`+eventBody("e-1")+`]}`), http.StatusServiceUnavailable)
}
