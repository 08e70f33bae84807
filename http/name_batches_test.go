package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// advance has all rows of a batch looked for, as a server does in the background.
func (h *house) advance(id string) {
	h.t.Helper()
	for {
		var batch *screening.BatchStanding
		var lists *screening.Lists
		h.must(h.ledgers.View(h.t.Context(), "acme", func(s *ledger.State) error {
			batch, lists = s.Screening.Batch(id), s.Lists()
			return nil
		}))
		if batch == nil {
			break
		}
		part := batch.Part()
		held, err := h.ledgers.Events(h.t.Context(), "acme", []int64{part.Seq})
		h.must(err)
		rows := held[0].Event.(screening.BatchRows).Rows
		_, err = h.ledgers.Execute(h.t.Context(), "acme", "operator", ledger.AdvanceBatch(lists.ScreenRows(id, batch.Done, rows[batch.Done-part.First:], nil)))
		h.must(err)
	}
	h.reached(h.size() - 1)
}

const guests = `{"description":"guests","rows":[{"ref":"a","name":"Ann Larsen"},{"ref":"b","name":"","gender":"male"},{"ref":"c","name":"Viktor Petrov"},` +
	`{"ref":"d","name":"Viktor Petrov","date_of_birth":"1980-01-02","entity_type":"individual"},{"ref":"e","nome":"X"},"f"]}`

// TestNameBatch sends names, some of them wrong, and reads what they have met: each wrong row by its
// index, the others by what speaks for the hit.
func TestNameBatch(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"sanctions","entity_type":"individual","name":"Viktor Petrov","dates_of_birth":["1980-01-02"]}`), http.StatusCreated)
	made := h.want(h.do("POST", acme+"/screening/batches", guests, "Idempotency-Key", "k"), http.StatusCreated)
	id := made.get("/id")
	if made.get("/rows") != "6" || made.get("/refused") != "3" || made.get("/errors/0/index") != "1" || made.get("/errors/0/field") != "name" ||
		made.get("/errors/1/index") != "4" || made.get("/errors/1/field") != "nome" || made.get("/errors/1/ref") != "e" || made.get("/errors/2/reason") != "must be an object" {
		t.Errorf("made: %s", made.body)
	}
	again := h.want(h.do("POST", acme+"/screening/batches", guests, "Idempotency-Key", "k"), http.StatusOK)
	if again.get("/id") != id || again.get("/errors") != made.get("/errors") || again.get("/receipt") != made.get("/receipt") {
		t.Errorf("again: %s", again.body)
	}
	h.want(h.do("POST", acme+"/screening/batches", strings.Replace(guests, "Ann", "Anna", 1), "Idempotency-Key", "k"), http.StatusConflict)
	if shown := h.seen(made, "/screening/batches/"+id); shown.get("/status") != "running" || shown.get("/done") != "0" {
		t.Errorf("running: %s", shown.body)
	}
	h.want(h.do("GET", acme+"/screening/batches/"+id+"/results.csv", ""), http.StatusConflict)
	h.advance(id)
	shown := h.want(h.do("GET", acme+"/screening/batches/"+id, ""), http.StatusOK)
	if shown.get("/status") != "completed" || shown.get("/with_hits") != "2" || shown.get("/no_hit") != "1" || shown.get("/screened_on/0/lists/0/list") != "own" {
		t.Errorf("completed: %s", shown.body)
	}
	results := h.want(h.do("GET", acme+"/screening/batches/"+id+"/results", ""), http.StatusOK)
	var order []string
	for i := range 6 {
		at := fmt.Sprintf("/%d", i)
		order = append(order, results.get(at+"/row/ref")+" "+results.get(at+"/status")+" "+results.get(at+"/hits/0/evidence"))
	}
	if got := strings.Join(order, ", "); got != "d hit 85, c hit 50, a no_hit , b refused , e refused ,  refused " {
		t.Errorf("results in the order %s", got)
	}
	if results.get("/0/hits/0/explanation") == "" || results.get("/3/error/reason") != "name is required" || results.Page.Total != 6 {
		t.Errorf("results: %s", results.body)
	}
	h.want(h.do("GET", acme+"/screening/batches/bat_x/results", ""), http.StatusNotFound)
	h.want(h.do("GET", acme+"/screening/batches/bat_x/results.csv", ""), http.StatusNotFound)
}

// TestNameSheet sends names as a file, and reads the results as one.
func TestNameSheet(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	const file = "\xef\xbb\xbfref,Name,Date_of_Birth,countries\r\n=1,\"Petrov, Viktor\",1980,\"RU; DK\"\r\nb,Ann\r\nc,,,\r\nd,Ann Larsen,,\r\n"
	made := h.want(h.do("POST", acme+"/screening/batches?description=guests", file, "Content-Type", "text/csv"), http.StatusCreated)
	if made.get("/rows") != "4" || made.get("/description") != "guests" || made.get("/errors/0/reason") != "has 2 columns where the header has 4" || made.get("/errors/1/field") != "name" {
		t.Errorf("made: %s", made.body)
	}
	h.advance(made.get("/id"))
	got := h.want(h.do("GET", acme+"/screening/batches/"+made.get("/id")+"/results.csv", ""), http.StatusOK)
	lines := strings.Split(strings.TrimSpace(got.body), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[1], `0,'=1,hit,"Petrov, Viktor",sanctions,sdn,Viktor-Petrov,Viktor Petrov,`) || lines[2] != `1,,refused,,,,,,,,,,has 2 columns where the header has 4` ||
		lines[4] != "3,d,no_hit,Ann Larsen,,,,,,,,," {
		t.Errorf("file %s", got.body)
	}
	for want, text := range map[string]string{
		"the file has the column nationality": "name,nationality\nA,DK\n", "the file has no column name": "ref\na\n", "line 2 of the file is no CSV": "name\na\"b\n",
		"the file is not UTF-8": "name\n\xc4rger\n", "the body is empty": " ", "rows must hold 1 to": "name\n", "rows must hold 1 to 10000": "name\n" + strings.Repeat("A\n", 10_001),
		"the file has the column name twice": "name,name\nA,B\n",
	} {
		if a := h.want(h.do("POST", acme+"/screening/batches", text, "Content-Type", "text/csv"), http.StatusBadRequest); !strings.Contains(strings.ReplaceAll(a.Message, `"`, ""), want) {
			t.Errorf("%q: %s", text[:min(40, len(text))], a.Message)
		}
	}
}

// TestNameBatchIsCancelled stops a batch, and shows what else is refused.
func TestNameBatchIsCancelled(t *testing.T) {
	h := openHouse(t, true)
	h.publish("sdn", time.Now(), 0, "Viktor Petrov")
	first := h.want(h.do("POST", acme+"/screening/batches", guests), http.StatusCreated)
	for range 4 {
		h.want(h.do("POST", acme+"/screening/batches", `{"rows":[{"name":"Ann"}]}`), http.StatusCreated)
	}
	if a := h.want(h.do("POST", acme+"/screening/batches", guests), http.StatusConflict); !strings.Contains(a.Message, "5 batches are under way") {
		t.Errorf("a sixth: %s", a.body)
	}
	at := acme + "/screening/batches/" + first.get("/id") + "/cancel"
	if a := h.want(h.do("POST", at, `{}`), http.StatusBadRequest); a.Field != "reason" {
		t.Errorf("no reason: %s", a.body)
	}
	for range 2 {
		if a := h.want(h.do("POST", at, `{"reason":"the wrong file"}`, "Idempotency-Key", "c"), http.StatusOK); a.get("/status") != "cancelled" {
			t.Errorf("cancelled: %s", a.body)
		}
	}
	h.want(h.do("POST", acme+"/screening/batches/bat_x/cancel", `{"reason":"x"}`), http.StatusNotFound)
	last := h.want(h.do("POST", acme+"/screening/batches", guests), http.StatusCreated)
	if shown := h.seen(last, "/screening/batches?status=cancelled"); shown.Page.Total != 1 || shown.get("/0/reason") != "the wrong file" || shown.get("/0/done") != "0" {
		t.Errorf("batches: %s", shown.body)
	}
	for field, body := range map[string]string{
		"rows": `{"rows":[]}`, "rows ": `{"rows":[{"name":"!"},{"name":""}]}`, "description": `{"description":"` + strings.Repeat("x", 1001) + `","rows":[{"name":"Ann"}]}`, "names": `{"names":[]}`,
	} {
		if a := h.want(h.do("POST", acme+"/screening/batches", body), http.StatusBadRequest); a.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %s", field, a.body)
		}
	}
	h.want(h.do("POST", acme+"/screening/batches", guests, "Content-Type", "text/plain"), http.StatusUnsupportedMediaType)
}
