package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/projections"
)

// demo starts the server with the sample data and returns once it tells what to try.
func (p *program) demo() *server {
	p.t.Helper()
	s := p.launchDemo()
	s.await("Read the alert")
	s.await("alerts?customer_id=")
	return s
}

func (p *program) launchDemo() *server {
	p.t.Helper()
	return p.background(p.argv("demo", "--listen", "127.0.0.1:0", "--testdata", filepath.Join("..", "..", "testdata")))
}

// commands are the lines that a newcomer can paste.
func (s *server) curls() (lines []string) {
	for line := range strings.Lines(s.stdout.String()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "curl ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// demoKey is the API key that a demo prints.
func (s *server) demoKey() string {
	s.t.Helper()
	key := strings.TrimSpace(s.stdout.line("  wc_"))
	if len(key) != len("wc_")+12+1+64 {
		s.t.Fatalf("the demo prints the key %q", key)
	}
	return key
}

// TestDemo takes the demo through what a newcomer, an operator and an examiner do with it: the first
// start is killed while it loads, the second finishes, and all that follows looks at its data.
func TestDemo(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	early := p.launchDemo()
	time.Sleep(time.Second)
	early.kill()
	s := p.demo()
	t.Run("its lines can be pasted", func(t *testing.T) { checkPasted(t, s.curls()) })
	key := s.demoKey()
	s.stop()
	s = p.demo()
	if again := s.demoKey(); again != key {
		t.Errorf("the second start prints the key %s, the first %s", again, key)
	}
	s.address = strings.TrimSpace(strings.TrimSuffix(strings.Fields(s.stdout.line("serves on "))[3], "."))
	checkSample(t, &client{t: t, base: s.address, slug: "demo", key: key, http: newHTTPClient(t)})
	t.Run("its ledger can be exported and verified", func(t *testing.T) { checkBundle(t, p, s, key) })
	s.caughtUp()
	s.stop()
	t.Run("its read models can be built again", func(t *testing.T) { checkRebuild(&program{t: t, data: p.data}) })
}

// checkPasted pastes the lines into a shell.
func checkPasted(t *testing.T, lines []string) {
	t.Helper()
	tool(t, "curl")
	if len(lines) != 3 {
		t.Fatalf("the demo prints %d lines to paste", len(lines))
	}
	var pushed struct{ Screening domain.Screened }
	var view struct {
		SanctionsFlag bool `json:"sanctions_flag"`
	}
	var alerts []projections.Alert
	for i, data := range []any{&pushed, &view, &alerts} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", lines[i]).Output()
		if err != nil {
			t.Fatalf("%s: %v", lines[i], err)
		}
		if err := json.Unmarshal(out, &struct{ Data any }{data}); err != nil {
			t.Fatalf("%s: %v in %s", lines[i], err, out)
		}
	}
	if len(pushed.Screening.Lists) != 1 || len(pushed.Screening.Lists[0].Digest) != 64 {
		t.Fatalf("the push was screened against %v", pushed.Screening.Lists)
	}
	if !view.SanctionsFlag {
		t.Error("the risk view does not say sanctions_flag")
	}
	list := pushed.Screening.Lists[0]
	if len(alerts) != 1 || len(alerts[0].Reasons) == 0 || alerts[0].Reasons[0].Hit == nil || alerts[0].Reasons[0].Hit.List != list {
		t.Errorf("the alerts %+v do not name %v", alerts, list)
	}
}

// checkSample wants all of the sample to be there, once.
func checkSample(t *testing.T, c *client) {
	t.Helper()
	sample, err := readSample(filepath.Join("..", "..", "testdata", "datasets"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/customers": len(sample.customers) + 1, "/events": len(sample.events), "/postings": len(sample.postings),
		"/accounts": len(sample.accounts), "/monitoring-rules": len(sample.rules),
	} {
		var list struct{ Pagination struct{ Total int } }
		if err := json.Unmarshal(c.want(http.StatusOK, "GET", c.tenantPath("%s?limit=1", path), nil).body, &list); err != nil {
			t.Fatal(err)
		}
		if list.Pagination.Total != want {
			t.Errorf("%s: %d, want %d", path, list.Pagination.Total, want)
		}
	}
}

// checkBundle exports the ledger of a server at work, has it verified with and without a program
// of ours, and then with faults.
func checkBundle(t *testing.T, p *program, s *server, key string) {
	t.Helper()
	verifier := newVerifier(t)
	dir := filepath.Join(t.TempDir(), "bundle")
	p = &program{t: t, data: p.data}
	bundle := must[exported](p, "export", "--tenant", "demo", "--out", dir)
	verifier.check(t, chain.Report{Verdict: chain.Intact, Size: bundle.Size}, dir)
	out, err := exec.CommandContext(t.Context(), "sh", filepath.Join("..", "..", "testdata", "chain", "verify.sh"), dir, "100").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "100 events verified") {
		t.Errorf("verify.sh: %v: %s", err, out)
	}
	verifier.checkTampered(t, dir)
	c := &client{t: t, base: s.address, slug: "demo", key: key, http: newHTTPClient(t)}
	verifier.checkStale(t, c, dir, bundle)
}
