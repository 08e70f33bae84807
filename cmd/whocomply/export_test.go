package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"whocomply/domain/chain"
)

// verifier is the auditor's program, built.
type verifier string

func newVerifier(t *testing.T) verifier {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger-verify")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../ledger-verify").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return verifier(path)
}

// check runs the verifier and compares its exit code and its report with what is wanted: the
// verdict, the size where it is not 0, the first bad event and the reason.
func (v verifier) check(t *testing.T, want chain.Report, args ...string) {
	t.Helper()
	got := runLine(t, append([]string{string(v), "--json"}, args...))
	var report chain.Report
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		t.Fatalf("%v in %s%s", err, got.stdout, got.stderr)
	}
	same := report.Verdict == want.Verdict && report.Reason == want.Reason && got.code == want.Verdict.ExitCode() &&
		(want.Size == 0 || report.Size == want.Size) && (want.FirstBadSeq == nil) == (report.FirstBadSeq == nil) &&
		(want.FirstBadSeq == nil || *want.FirstBadSeq == *report.FirstBadSeq)
	if !same {
		t.Errorf("exit code %d, %s; want %+v", got.code, got.stdout, want)
	}
}

// checkTampered flips bits of the bundle, one at a time.
func (v verifier) checkTampered(t *testing.T, dir string) {
	t.Helper()
	for _, tc := range []struct {
		name, file, at string
		seq            int64
		reason         chain.Code
	}{
		{"text", "events/000", `"seq":7,"subject":"`, 7, chain.CodeSignature},
		{"payload", "payloads/001", `"customer_id":"`, -1, chain.CodePayload},
		{"payload of the first event", "payloads/000", `"keys":["`, 0, chain.CodePayload},
	} {
		t.Run("flipped bit in the "+tc.name, func(t *testing.T) {
			path := filepath.Join(dir, tc.file)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(good, []byte(tc.at))
			if at < 0 {
				t.Fatalf("%s holds no %s", tc.file, tc.at)
			}
			bad := bytes.Clone(good)
			bad[at+len(tc.at)] ^= 1
			seq := tc.seq
			if seq < 0 { // a line of the second file of 256
				seq = 256 + int64(bytes.Count(good[:at], []byte("\n")))
			}
			write := func(content []byte) {
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(bad)
			v.check(t, chain.Report{Verdict: chain.Tampered, FirstBadSeq: &seq, Reason: tc.reason}, dir)
			write(good)
		})
	}
}

// checkStale holds the bundle against checkpoints from before and after more was written.
func (v verifier) checkStale(t *testing.T, c *client, dir string, bundle exported) {
	t.Helper()
	checkpoint := func() string {
		path := filepath.Join(t.TempDir(), "checkpoint")
		note := c.want(http.StatusOK, "GET", c.tenantPath("/ledger/checkpoint"), nil).body
		if err := os.WriteFile(path, note, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	v.check(t, chain.Report{Verdict: chain.Intact, Size: bundle.Size}, dir, "--checkpoint", checkpoint())
	c.made(c.customer("after the export", "Ann Example"))
	v.check(t, chain.Report{Verdict: chain.Behind, Size: bundle.Size, Reason: chain.CodeStale}, dir, "--checkpoint", checkpoint())
}
