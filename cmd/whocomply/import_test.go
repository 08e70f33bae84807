package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whocomply/domain/intake"
	"whocomply/domain/ledger"
)

// eventLine is a line of an import.
func (c *client) eventLine(t testing.TB, id, customer string) string {
	t.Helper()
	body := c.event(id, customer).body
	delete(body, "tenant_id") // known to whoever imports
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// recordedEvents counts a tenant's events by event_id, in the ledger itself.
func recordedEvents(p *program, slug string) map[string]int {
	p.t.Helper()
	count := map[string]int{}
	type recorded struct {
		Type  string
		Event struct {
			EventID string `json:"event_id"`
		}
	}
	got := p.run("replay", "--tenant", slug, "--json")
	var events []recorded
	if err := json.Unmarshal([]byte(got.stdout), &events); err != nil {
		p.t.Fatalf("%v: %s", err, got.stderr)
	}
	for _, e := range events {
		if e.Event.EventID != "" {
			count[e.Event.EventID]++
		}
	}
	return count
}

func TestImportTellsWhatItRefused(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c.on(s).made(c.customer("c-1", "Ann Example"))
	s.stop()
	good := c.eventLine(t, "e-1", "c-1")
	must[imported](p, "events", "import", "--tenant", "acme", "--file", writeLines(t, good))
	redone := must[ledger.Replayed](p, "replay", "--tenant", "acme", "--decision", "e-1")
	if !redone.Identical || redone.EventID != "e-1" || len(redone.Compared) == 0 {
		t.Errorf("the decision made again: %+v", redone)
	}
	if told := p.run("replay", "--tenant", "acme", "--decision", "e-1"); !strings.HasPrefix(told.stdout, "identical: ") || told.code != 0 {
		t.Errorf("the decision made again: %+v", told)
	}
	if told := p.run("replay", "--tenant", "acme", "--decision", "e-9"); told.code != 1 {
		t.Errorf("what was never decided: %+v", told)
	}
	file := writeLines(t,
		good,
		"",
		"{",
		c.eventLine(t, "e-2", "nobody"),
		good,
		strings.Replace(good, "2026-01-31T09", "2026-01-31T10", 1),
		strings.Replace(good, `"data"`, `"date"`, 1),
		`"`+strings.Repeat("x", 1<<20)+`"`,
		strings.Replace(c.eventLine(t, "e-3", "c-1"), "{", `{"tenant_id":"of somebody",`, 1),
	)
	account := must[imported](p, "events", "import", "--tenant", "acme", "--file", file)
	want := []intake.Rejected{
		{Line: 2, Reason: "the line is empty"},
		{Line: 3, Reason: "the body is not valid JSON at byte 1"},
		{Line: 4, Field: "customer_id", Reason: "customer_id names no customer; push the customer first"},
		{Line: 6, Reason: "this id was used before with other content"},
		{Line: 7, Field: "date", Reason: "date is not a known field"},
		{Line: 8, Reason: "the line is longer than 1048576 bytes"},
	}
	if !slices.Equal(account.Told, want) || account.Rejected != 6 || account.Recorded != 1 || account.Repeated != 2 || account.Lines != 9 {
		t.Errorf("%+v, want the lines %+v", account, want)
	}
	report := filepath.Join(t.TempDir(), "rejects.ndjson")
	again := must[imported](p, "import", "--kind", "events", "--tenant", "acme", "--file", file, "--rejects", report)
	told, err := os.ReadFile(report)
	if again.ID == account.ID || again.Repeated != 3 || err != nil || strings.Count(string(told), "\n") != 6 ||
		!strings.HasPrefix(string(told), `{"line":2,"reason":"the line is empty"}`+"\n") {
		t.Errorf("again: %+v, %v\n%s", again, err, told)
	}
	text := p.run("events", "import", "--tenant", "acme", "--file", file)
	if text.code != 0 || !strings.HasPrefix(text.stdout, "0 recorded, 3 were there before, 6 rejected\nline 2: the line is empty\n") {
		t.Errorf("again: exit code %d, %s%s", text.code, text.stdout, text.stderr)
	}
	if got := recordedEvents(p, "acme"); len(got) != 2 || got["e-1"] != 1 || got["e-3"] != 1 {
		t.Errorf("recorded %v", got)
	}
	if got := p.run("events", "import", "--tenant", "nobody", "--file", file); got.code != 1 || !strings.Contains(got.stderr, "there is no such tenant") {
		t.Errorf("into no tenant: exit code %d, %s", got.code, got.stderr)
	}
}

// TestInterruptedImport kills the import, then the server that carries it out, then the import
// that has the directory to itself; the last run finishes. Nothing is lost and nothing twice.
func TestInterruptedImport(t *testing.T) {
	t.Parallel()
	const size = 4000
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c.on(s).made(c.customer("c-1", "Ann Example"))
	lines := make([]string, size)
	for i := range lines {
		lines[i] = c.eventLine(t, fmt.Sprint("e-", i), "c-1")
	}
	args := []string{"events", "import", "--tenant", "acme", "--file", writeLines(t, lines...)}
	importer := p.background(p.argv(args...))
	c.on(s).awaitEvents(size / 10)
	importer.kill()
	importer = p.background(p.argv(args...))
	c.on(s).awaitEvents(size / 3)
	s.kill()
	<-importer.ended
	if code := importer.cmd.ProcessState.ExitCode(); code != 1 || importer.stderr.line("run the command again") == "" {
		t.Errorf("the import ended with exit code %d when its server did: %s", code, importer.stderr)
	}
	importer = p.background(p.argv(args...))
	time.Sleep(300 * time.Millisecond)
	importer.kill()
	last := must[imported](p, args...)
	if last.Lines != size || last.Recorded+last.Repeated != size || last.Repeated > 3*500 || last.Rejected != 0 || last.Status != intake.Complete {
		t.Errorf("the last run: %+v", last)
	}
	if once := must[imported](p, args...); once.importState != last.importState {
		t.Errorf("after the last run: %+v, want %+v", once, last)
	}
	counts := recordedEvents(p, "acme")
	for id, n := range counts {
		if n != 1 {
			t.Errorf("%s was recorded %d times", id, n)
		}
	}
	if len(counts) != size {
		t.Errorf("%d events, want %d", len(counts), size)
	}
}

// awaitEvents returns when the tenant has so many events.
func (c *client) awaitEvents(n int) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var list struct{ Pagination struct{ Total int } }
		got := c.want(http.StatusOK, "GET", c.tenantPath("/events?limit=1"), nil)
		if err := json.Unmarshal(got.body, &list); err != nil {
			c.t.Fatal(err)
		}
		if list.Pagination.Total >= n {
			return
		}
	}
	c.t.Fatalf("there are never %d events", n)
}

// TestImportOfEachKind takes in customers and postings from a file and from standard input, without a
// server and beside one.
func TestImportOfEachKind(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	profile := `{"external_id":"c-%d","type":"individual","email":"ann@example.com","full_name":"Ann Example"}`
	customers := writeLines(t, fmt.Sprintf(profile, 1), fmt.Sprintf(profile, 2))
	if got := must[imported](p, "import", "--kind", "customers", "--tenant", "acme", "--file", customers); got.Recorded != 2 || got.Status != intake.Complete {
		t.Errorf("customers: %+v", got)
	}
	s := p.serve()
	c.on(s).made(c.account("a"))
	c.on(s).made(c.account("b"))
	body, err := json.Marshal(c.posting("p-1", "a", "b").body)
	if err != nil {
		t.Fatal(err)
	}
	argv := p.argv("import", "--kind", "postings", "--tenant", "acme", "--json", "--file", "-")
	got := runLine(t, append([]string{"sh", "-c", `printf '%s\n' "$0" | "$@"`, string(body)}, argv...))
	if got.code != 0 || !strings.Contains(got.stdout, `"recorded": 1`) {
		t.Errorf("postings: exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	for _, args := range [][]string{
		{"import", "--kind", "alerts", "--tenant", "acme", "--file", customers},
		{"import", "--kind", "customers", "--tenant", "nobody", "--file", customers},
		{"import", "--kind", "customers", "--tenant", "acme", "--file", os.DevNull},
		{"import", "--kind", "customers", "--tenant", "acme", "--file", filepath.Join(t.TempDir(), "none")},
	} {
		if got := p.run(args...); got.code == 0 || got.stderr == "" {
			t.Errorf("%v: exit code %d, %s", args, got.code, got.stderr)
		}
	}
}
