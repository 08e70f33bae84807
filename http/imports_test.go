package http_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain/intake"
	"whocomply/eventstore"
	web "whocomply/http"
)

const ndjson = "application/x-ndjson"

// load sends a file.
func (h *house) load(kind string, lines ...string) *answer {
	h.t.Helper()
	return h.do("POST", acme+"/imports?kind="+kind, strings.Join(lines, "\n")+"\n", "Content-Type", ndjson)
}

// counts writes what an import came to.
func counts(a *answer) string {
	return strings.Join([]string{a.get("/status"), a.get("/lines"), a.get("/recorded"), a.get("/repeated"), a.get("/rejected")}, " ")
}

// TestImports takes in customers, accounts' postings and events, with lines that are wrong, and sends
// the files again.
func TestImports(t *testing.T) {
	h := openHouse(t, true)
	h.want(h.do("POST", acme+"/accounts", account("cash")), http.StatusCreated)
	h.want(h.do("POST", acme+"/accounts", account("till")), http.StatusCreated)
	h.want(h.do("POST", acme+"/customers", customerBody("c-2")), http.StatusCreated)
	for _, row := range []struct {
		kind   string
		lines  []string
		counts string
		wrong  string // line, field and reason of each that is rejected
	}{
		{
			"customers",
			[]string{customerBody("c-1"), customerBody("c-2"), strings.Replace(customerBody("c-3"), "DE", "XX", 1), customerBody("c-1")},
			"complete 4 1 2 1", "3 country_of_residence country_of_residence must be an ISO 3166-1 alpha-2 code such as DE;",
		},
		{
			"postings",
			[]string{postingBody("p-1", "posted"), `[]`, strings.Replace(postingBody("p-2", "posted"), "cash", "nowhere", 1)},
			"complete 3 1 0 2", `2  the body must be a JSON object;3 entries[0].account entries[0].account is not an account: "…";`,
		},
		{
			"events",
			[]string{
				eventBody("e-1"), "", "{", strings.Replace(eventBody("e-2"), "c-1", "nobody", 1), eventBody("e-1"),
				strings.Replace(eventBody("e-1"), "12.50", "13.50", 1), strings.Replace(eventBody("e-3"), "acme", "rival", 1), `"` + strings.Repeat("x", 1<<20),
			},
			"complete 8 1 1 6", "2  the line is empty;3  the body is not valid JSON at byte 1;4 customer_id customer_id names no customer; push the customer first;" +
				"6  this id was used before with other content;7  this API key is not a key of that tenant;8  the line is longer than 1048576 bytes;",
		},
	} {
		t.Run(row.kind, func(t *testing.T) {
			h := h.in(t)
			first := h.want(h.load(row.kind, row.lines...), http.StatusCreated)
			if counts(first) != row.counts {
				t.Errorf("%s, want %s", counts(first), row.counts)
			}
			var rejects []intake.Rejected
			if err := json.Unmarshal(h.want(h.do("GET", acme+"/imports/"+first.get("/id")+"/rejects", ""), http.StatusOK).Data, &rejects); err != nil {
				t.Fatal(err)
			}
			wrong := ""
			for _, r := range rejects {
				wrong += fmt.Sprintf("%d %s %s;", r.Line, r.Field, r.Reason)
			}
			if wrong != row.wrong {
				t.Errorf("rejected %s\nwant     %s", wrong, row.wrong)
			}
			again := h.want(h.load(row.kind, row.lines...), http.StatusCreated)
			if again.get("/id") == first.get("/id") || again.get("/rejected") != first.get("/rejected") || again.get("/recorded") != "0" {
				t.Errorf("again: %s", again.body)
			}
			if shown := h.want(h.do("GET", acme+"/imports/"+first.get("/id"), ""), http.StatusOK); counts(shown) != row.counts || shown.get("/digest") != first.get("/digest") {
				t.Errorf("shown as %s", shown.body)
			}
		})
	}
	whole := h.want(h.load("events", eventBody("e-7"), eventBody("e-8")), http.StatusCreated)
	size := h.size()
	if again := h.want(h.load("events", eventBody("e-7"), eventBody("e-8")), http.StatusOK); again.body != whole.body || h.size() != size {
		t.Errorf("the same file again: %s, %d records more", again.body, h.size()-size)
	}
	if list := h.want(h.do("GET", acme+"/imports?kind=events&status=complete&limit=1", ""), http.StatusOK); list.get("/0/id") != whole.get("/id") || list.Page.Total != 3 {
		t.Errorf("imports of events: %s", list.body)
	}
}

// TestImportGoesOn cuts an import by a store that fails, and sends the file again.
func TestImportGoesOn(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	lines := make([]string, 1700)
	for i := range lines {
		lines[i] = eventBody(fmt.Sprint("e-", i))
	}
	faults := make([]eventstore.Fault, 32) // the first runs pass, then nothing does for some time
	for i := 12; i < len(faults); i++ {
		faults[i].Err = eventstore.ErrUnavailable
	}
	h.store.Inject(faults...)
	before := h.size()
	h.want(h.load("events", lines...), http.StatusServiceUnavailable)
	cut := h.want(h.do("GET", acme+"/imports?status=running", ""), http.StatusOK)
	if done := cut.get("/0/lines"); done == "0" || done == "1700" || done == "" {
		t.Errorf("cut at line %q: %s", done, cut.body)
	}
	var rest *answer
	for range 9 { // what is left of the faults meets the next appends
		if rest = h.load("events", lines...); rest.status != http.StatusServiceUnavailable {
			break
		}
	}
	h.want(rest, http.StatusOK)
	if rest.get("/id") != cut.get("/0/id") || rest.get("/status") != "complete" || rest.get("/lines") != "1700" || rest.get("/rejected") != "0" {
		t.Errorf("gone on with: %s", rest.body)
	}
	seen := map[string]int{}
	for e, err := range h.ledgers.Envelopes(t.Context(), "acme", before) {
		h.must(err)
		seen[e.Event.Kind().Name]++
	}
	if seen["activity.recorded"] != 1700 || seen["import.started"] != 1 || seen["import.finished"] != 1 {
		t.Errorf("recorded %v", seen)
	}
}

// TestTwoSendOneFile has two clients import the same file at once.
func TestTwoSendOneFile(t *testing.T) {
	h := openHouse(t)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	lines := make([]string, 1200)
	for i := range lines {
		lines[i] = eventBody(fmt.Sprint("e-", i))
	}
	got := make(chan *answer)
	for range 2 {
		go func() { got <- h.load("events", lines...) }()
	}
	a, b := <-got, <-got
	if a.get("/id") != b.get("/id") || counts(a) != counts(b) || a.get("/lines") != "1200" || a.get("/rejected") != "0" || a.status+b.status != 401 {
		t.Errorf("%d %s\n%d %s", a.status, a.body, b.status, b.body)
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	h := openHouse(t)
	size := h.size()
	post := func(query, body string, header ...string) *answer {
		return h.do("POST", acme+"/imports"+query, body, append([]string{"Content-Type", ndjson}, header...)...)
	}
	for query, field := range map[string]string{"": "kind", "?kind=alerts": "kind", "?kind=events&mode=x": "mode"} {
		if a := h.want(post(query, "{}"), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	h.want(post("?kind=events", "{}", "Content-Type", "application/json"), http.StatusUnsupportedMediaType)
	h.want(post("?kind=events", ""), http.StatusBadRequest)
	h.want(post("?kind=events", strings.Repeat("x", 16<<20+1)), http.StatusRequestEntityTooLarge)
	key := h.issue("acme", "bbbbbbbbbbbb", time.Time{}, "events:write", "events:read")
	h.want(post("?kind=customers", "{}", "Authorization", key), http.StatusForbidden)
	if h.size() != size+1 {
		t.Errorf("%d records", h.size()-size-1)
	}
	h.want(post("?kind=customers", "{}"), http.StatusCreated)
	mine := h.want(post("?kind=events", "{}", "Authorization", key), http.StatusCreated)
	list := h.want(h.do("GET", acme+"/imports", "", "Authorization", key), http.StatusOK)
	if list.Page.Total != 1 || list.get("/0/id") != mine.get("/id") {
		t.Errorf("a key for events sees %s", list.body)
	}
	h.want(h.do("GET", acme+"/imports/imp_none", ""), http.StatusNotFound)
	stopped := h.want(post("?kind=events", strings.Repeat("\n", 10_600)), http.StatusCreated)
	if counts(stopped) != "stopped 10500 0 0 10500" {
		t.Errorf("a file of nothing: %s", counts(stopped))
	}
	last := h.want(h.do("GET", acme+"/imports/"+stopped.get("/id")+"/rejects?limit=2&offset=10498", ""), http.StatusOK)
	if last.get("/0/line") != "10499" || last.get("/1/line") != "10500" || last.Page.Total != 10500 {
		t.Errorf("the last rejects: %s", last.body)
	}
}

// FuzzRuns puts the lines of a file together again.
func FuzzRuns(f *testing.F) {
	f.Add([]byte("a\n\r\n\nb"))
	f.Add([]byte(strings.Repeat("\n", 1001)))
	f.Add([]byte(strings.Repeat("x", 70<<10) + "\ny\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var again []byte
		for lines, err := range web.Runs(bytes.NewReader(file)) {
			if err != nil || len(lines) == 0 {
				t.Fatalf("a run of %d lines, %v", len(lines), err)
			}
			for _, line := range lines {
				again = append(append(again, line...), '\n')
			}
		}
		if want := append(bytes.Clone(file), '\n'); len(file) > 0 && !bytes.Equal(again, bytes.TrimSuffix(want, []byte("\n"))) && !bytes.Equal(again, want) {
			t.Errorf("%q is put together as %q", file, again)
		}
	})
}

// TestRuns cuts files into runs of lines.
func TestRuns(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for _, row := range []struct {
		file string
		want string // lengths of lines, runs apart
	}{
		{"", ""},
		{"a", "1"},
		{"a\nbb\n", "1 2"},
		{"a\n\nbb", "1 0 2"},
		{"\n", "0"},
		{strings.Repeat("a\n", 501), strings.TrimSpace(strings.Repeat("1 ", 500)) + "|1"},
		{long + "\nb", "1048577 1"},
		{strings.Repeat(long+"\n", 5), "1048577 1048577 1048577 1048577|1048577"},
	} {
		var runs []string
		for lines, err := range web.Runs(strings.NewReader(row.file)) {
			if err != nil {
				t.Fatal(err)
			}
			var lengths []string
			for _, line := range lines {
				lengths = append(lengths, fmt.Sprint(len(line)))
			}
			runs = append(runs, strings.Join(lengths, " "))
		}
		if got := strings.Join(runs, "|"); got != row.want {
			t.Errorf("%.20q of %d bytes: %.200s, want %.200s", row.file, len(row.file), got, row.want)
		}
	}
}
