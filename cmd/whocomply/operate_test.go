package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/chain"
)

// TestCommands has every operator's command work on a directory that a server has open, and on one
// that nobody has.
func TestCommands(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	if got := p.run("verify"); got.code != 1 || !strings.Contains(got.stderr, "there is no installation in "+p.data) {
		t.Errorf("verify without an installation: exit code %d: %s", got.code, got.stderr)
	}
	t.Run("while nobody serves", func(t *testing.T) {
		p := &program{t: t, data: p.data}
		checkCommands(p, "offline")
		checkRefusals(p, "offline", t.TempDir())
	})
	s := p.serve()
	t.Run("while it serves", func(t *testing.T) {
		p := &program{t: t, data: p.data}
		checkCommands(p, "online")
		checkRefusals(p, "online", t.TempDir())
	})
	s.stop()
	if _, err := os.Stat(filepath.Join(p.data, socketFile)); err == nil {
		t.Error("the socket is left behind")
	}
}

func checkCommands(p *program, slug string) {
	t := p.t
	t.Helper()
	out := filepath.Join(t.TempDir(), "bundle")
	checkKeys(t, "tenant create", must[object](p, "tenant", "create", "--slug", slug, "--name", "Bank"), "tenant_id", "slug", "key_id", "api_key")
	issued := must[object](p, "key", "create", "--tenant", slug, "--name", "core-banking", "--scopes", "customers:write,events:write")
	checkKeys(t, "key create", issued, "key_id", "api_key", "scopes")
	if scopes := issued["scopes"].([]any); len(scopes) != 2 || scopes[0] != "customers:write" {
		t.Errorf("scopes %v", scopes)
	}
	id := issued["key_id"].(string)
	checkKeys(t, "key revoke", must[object](p, "key", "revoke", "--tenant", slug, "--key", id, "--reason", "lost"), "key_id", "reason")
	listed := must[[]object](p, "key", "list", "--tenant", slug)
	if len(listed) != 2 {
		t.Fatalf("%d keys", len(listed))
	}
	checkKeys(t, "key list", listed[0], "key_id", "name", "scopes", "issued_at")
	checkKeys(t, "key list", listed[1], "key_id", "name", "scopes", "issued_at", "revoked_at")
	published := must[object](p, importList(t, "ofac-sdn")...)
	if published["list"] != "ofac-sdn" || published["version"] != 1.0 || published["entries"].(float64) < 500 {
		t.Errorf("list import: %v", published)
	}
	account := must[object](p, "events", "import", "--tenant", slug, "--file", writeLines(t, `{"event_id":"e-1"}`))
	checkKeys(t, "events import", account, "import_id", "kind", "digest", "status", "lines", "recorded", "repeated", "rejected", "rejected_lines")
	checkKeys(t, "rebuild", must[object](p, "rebuild"), "projections", "seconds")
	for _, e := range must[[]object](p, "replay", "--tenant", slug) {
		checkKeys(t, "replay", e, "seq", "time", "type", "actor", "subject", "hash", "event", "after")
	}
	reports := must[[]object](p, "verify", "--tenant", slug)
	if len(reports) != 1 {
		t.Fatalf("%d reports", len(reports))
	}
	checkKeys(t, "verify", reports[0], "verdict", "ledger", "size", "root", "first_bad_seq", "reason", "detail", "signatures_checked")
	if reports[0]["verdict"] != string(chain.Intact) {
		t.Errorf("verify: %v", reports[0])
	}
	bundle := must[object](p, "export", "--tenant", slug, "--out", out)
	checkKeys(t, "export", bundle, "bundle", "ledger", "size", "checkpoint")
	for _, format := range []string{"hledger", "beancount"} {
		file := filepath.Join(t.TempDir(), "journal")
		told := must[object](p, "journal", "--tenant", slug, "--format", format, "--out", file)
		checkKeys(t, "journal", told, "journal", "format", "seq", "bytes")
		text, err := os.ReadFile(file)
		if err != nil || told["bytes"] != float64(len(text)) || !strings.HasPrefix(string(text), "; The books of "+slug) {
			t.Errorf("journal %v: %q, error %v", told, text, err)
		}
	}
}

// checkRefusals has commands refused: with words for a person, and an exit code.
func checkRefusals(p *program, slug, there string) {
	p.t.Helper()
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"key", "list", "--tenant", "nobody"}, 1, "there is no such tenant"},
		{[]string{"export", "--tenant", "nobody", "--out", there + "/bundle"}, 1, "there is no such tenant"},
		{[]string{"verify", "--tenant", "nobody"}, 1, "there is no such tenant"},
		{[]string{"replay", "--tenant", "nobody"}, 1, "there is no such tenant"},
		{[]string{"key", "create", "--tenant", slug, "--name", "x", "--scopes", "everything"}, 2, "scopes has the unknown member"},
		{[]string{"tenant", "create", "--slug", slug, "--name", "Another"}, 1, "exists with another name"},
		{[]string{"tenant", "create", "--slug", "No Slug", "--name", "x"}, 2, "slug must be"},
		{[]string{"export", "--tenant", slug, "--out", there}, 1, "does not exist yet"},
		{[]string{"rebuild", "--projection", "everything"}, 2, "projection must be"},
		{[]string{"journal", "--tenant", "nobody", "--out", there + "/journal"}, 1, "there is no such tenant"},
		{[]string{"journal", "--tenant", slug, "--out", there}, 1, "file exists"},
		{[]string{"journal", "--tenant", slug, "--out", there + "/journal", "--as-of", "yesterday"}, 2, "as-of must be a position of the ledger"},
		{[]string{"journal", "--tenant", slug, "--out", there + "/journal", "--as-of", "2001-01-01T00:00:00Z"}, 2, "as-of is before the ledger was opened"},
	} {
		if got := p.run(tc.args...); got.code != tc.code || !strings.Contains(got.stderr, tc.want) || got.stdout != "" {
			p.t.Errorf("%s: exit code %d, %s%s; want %d, %q", strings.Join(tc.args, " "), got.code, got.stdout, got.stderr, tc.code, tc.want)
		}
	}
}

func checkKeys(t testing.TB, what string, got object, want ...string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(got))
	if slices.Sort(want); !slices.Equal(keys, want) {
		t.Errorf("%s answers with %v, want %v", what, keys, want)
	}
}

// importList is the command that publishes a folder of testdata/lists as the list ofac-sdn.
func importList(t testing.TB, folder string) []string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "testdata", "lists", folder))
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		"list", "import", "--list", "ofac-sdn", "--format", "ofac-csv", "--file", filepath.Join(dir, "sdn.csv"),
		"--alt", filepath.Join(dir, "alt.csv"), "--add", filepath.Join(dir, "add.csv"),
	}
}

func writeLines(t testing.TB, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSecondServer also shows that the first is not disturbed.
func TestSecondServer(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	second := p.run("serve", "--listen", "127.0.0.1:0")
	if second.code != 1 || !strings.Contains(second.stderr, "another process works on the data directory "+p.data) {
		t.Errorf("exit code %d: %s", second.code, second.stderr)
	}
	c.on(s).made(c.customer("c-1", "Ann Example"))
	if got := must[[]chain.Report](p, "verify", "--tenant", "acme"); got[0].Verdict != chain.Intact {
		t.Errorf("after that: %+v", got)
	}
	s.stop()
}

// TestRevokedKey shows that a key ends with the command that revokes it, and for good.
func TestRevokedKey(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	c.want(http.StatusOK, "GET", c.tenantPath("/customers"), nil)
	id, _, _ := strings.Cut(strings.TrimPrefix(c.key, "wc_"), ".")
	must[object](p, "key", "revoke", "--tenant", "acme", "--key", id)
	c.want(http.StatusUnauthorized, "GET", c.tenantPath("/customers"), nil)
	s.kill()
	s = p.serve()
	c.on(s).want(http.StatusUnauthorized, "GET", c.tenantPath("/customers"), nil)
	issued := must[keyIssued](p, "key", "create", "--tenant", "acme", "--name", "next", "--scopes", "customers:read")
	next := *c.on(s)
	next.key = issued.APIKey
	next.want(http.StatusOK, "GET", next.tenantPath("/customers"), nil)
	s.stop()
}

// TestLogsTellNothing loads customers, fails in every way a client can, and looks into the logs at
// their most talkative.
func TestLogsTellNothing(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	must[object](p, importList(t, "ofac-sdn")...)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	pushed := c.made(c.customer("external-x4711x", "Sergey Vitalievich Kurchenko"))
	c.made(c.event("event-x4711x", "external-x4711x"))
	other := c.event("event-x4711x", "external-x4711x").body
	other["occurred_at"] = "2026-01-31T10:00:00Z"
	c.want(http.StatusConflict, "POST", "/api/v1/events/webhook", other)
	c.want(http.StatusBadRequest, "POST", "/api/v1/events/webhook", c.event("event-x4712x", "nobody-x4713x").body)
	bad := c.customer("external-x4712x", "Sergey Vitalievich Kurchenko").body
	bad["email"] = "kurchenko"
	c.want(http.StatusBadRequest, "POST", c.tenantPath("/customers"), bad)
	c.want(http.StatusNotFound, "GET", c.tenantPath("/customers/external-x4713x?min_seq=1"), nil)
	c.want(http.StatusOK, "GET", c.tenantPath("/customers/external-x4711x/risk-view"), nil, "Min-Ledger-Seq", pushed.header.Get("Ledger-Seq"))
	issued := must[keyIssued](p, "key", "create", "--tenant", "acme", "--name", "next", "--scopes", "customers:read")
	s.stop()
	log := s.stderr.String() + s.stdout.String()
	if strings.Count(log, `"msg":"request"`) < 5 {
		t.Errorf("the log does not show the requests:\n%s", log)
	}
	_, secret, _ := strings.Cut(c.key, ".")
	_, second, _ := strings.Cut(issued.APIKey, ".")
	for _, told := range []string{secret, second, "Kurchenko", "kurchenko", "x4711x", "x4712x", "x4713x", "someone@example.com", "Olga Beta"} {
		if line := (s.stderr.line(told) + s.stdout.line(told)); line != "" {
			t.Errorf("%q is in the log: %s", told, line)
		}
	}
}

// TestPublishedListIsInForce imports versions of a list while a tenant is at work: the next
// decision names the new version, and so do those after a restart.
func TestPublishedListIsInForce(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	c.made(c.customer("c-1", "Ann Example"))
	decided := func(id string, want ...domain.ListVersion) {
		t.Helper()
		var event struct{ Screening domain.Screened }
		if c.made(c.event(id, "c-1")).read(&event); !slices.Equal(event.Screening.Lists, want) {
			t.Errorf("%s rests on %v, want %v", id, event.Screening.Lists, want)
		}
	}
	decided("before")
	for i, folder := range []string{"ofac-sdn-2018-12", "ofac-sdn"} {
		got := must[json.RawMessage](p, importList(t, folder)...)
		var version domain.ListVersion
		if err := json.Unmarshal(got, &version); err != nil {
			t.Fatal(err)
		}
		if version.Version != i+1 || len(version.Digest) != 64 {
			t.Errorf("published %+v", version)
		}
		decided("on "+folder, version)
		s.kill()
		s = p.serve()
		c = c.on(s)
		decided("on "+folder+" after a restart", version)
	}
	s.stop()
}
