package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestDiskFull lets no file grow beyond a limit while clients write.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	const limit = 17 << 20 // the ledger has its first 16 MiB, and asks for more
	wrapper := append(tool(t, "prlimit"), "--fsize="+strconv.Itoa(limit), "--")
	checkFailure(t, wrapper, "file too large", strings.Repeat("x", 60<<10))
}

// TestFailingSync has the kernel say of a sync, after a few good ones, that it could not be done.
func TestFailingSync(t *testing.T) {
	t.Parallel()
	wrapper := append(tool(t, "strace"), "-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null",
		"-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=20+")
	checkFailure(t, wrapper, "input/output error", "")
}

// tool is a command that the tests need; .ci/setup installs it.
func tool(t *testing.T, name string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v; .ci/setup installs it", err)
	}
	return []string{path}
}

// checkFailure serves under a wrapper until a write fails, and wants the server to own up to it:
// from then on it acknowledges nothing, says why, and still answers reads. After a restart all
// that was acknowledged is there.
func checkFailure(t *testing.T, wrapper []string, why, filler string) {
	t.Helper()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve(wrapper...)
	c = c.on(s)
	first := c.customer("c-0", "Ann Example")
	pushed := c.made(first)
	acked := []acknowledged{{first, pushed.receipt()}}
	c.want(http.StatusOK, "GET", c.tenantPath("/customers/c-0"), nil, "Min-Ledger-Seq", pushed.header.Get("Ledger-Seq"))
	failed := func(w write) bool {
		t.Helper()
		got, err := c.write(w)
		switch {
		case err != nil:
			t.Fatal(err)
		case got.status == http.StatusCreated:
			acked = append(acked, acknowledged{w, got.receipt()})
			return false
		case got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "":
			t.Fatalf("a write that failed: %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
		}
		return true
	}
	for n := 0; !failed(c.filled(fmt.Sprint("e-", n), filler)); n++ {
		if n == 5000 {
			t.Fatal("no write fails")
		}
	}
	for n := range 5 {
		if !failed(c.filled(fmt.Sprint("late-", n), "")) {
			t.Errorf("a write after the failure was acknowledged")
		}
	}
	if ready, err := c.call("GET", "/readyz", nil); err != nil || ready.status != http.StatusServiceUnavailable || !strings.Contains(string(ready.body), "the event store has failed") {
		t.Errorf("readyz: %d, %v: %s", ready.status, err, ready.body)
	}
	s.await(why)
	c.want(http.StatusOK, "GET", c.tenantPath("/customers/c-0"), nil)
	c.want(http.StatusOK, "GET", "/healthz", nil)
	s.kill()
	s = p.serve()
	checkThere(t, c.on(s), acked)
	c.on(s).made(c.event("after the restart", "c-0"))
	s.stop()
}

// filled is an event with a filler in its metadata.
func (c *client) filled(id, filler string) write {
	w := c.event(id, "c-0")
	w.body["data"].(object)["filler"] = filler
	return w
}

// TestReadOnlyDirectory starts on directories that may not be changed. The superuser may change
// anything, so it gives up its capabilities first.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	var wrapper []string
	if os.Geteuid() == 0 {
		wrapper = append(tool(t, "setpriv"), "--bounding-set=-all", "--inh-caps=-all", "--")
	}
	for _, tc := range []struct {
		name  string
		files fs.FileMode // of what lies in it; none if 0
	}{
		{"empty", 0}, {"files can be written", 0o600}, {"nothing can be written", 0o400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newProgram(t)
			if tc.files != 0 {
				p.tenant()
			} else if err := os.Mkdir(p.data, 0o700); err != nil {
				t.Fatal(err)
			}
			chmod(t, p.data, tc.files, 0o500)
			defer chmod(t, p.data, 0o600, 0o700)
			got := runLine(t, append(wrapper, p.argv("serve", "--listen", "127.0.0.1:0")...))
			if want := "the data directory " + p.data + " cannot be written"; got.code != 1 || !strings.Contains(got.stderr, want) {
				t.Errorf("exit code %d, %q; want %q", got.code, got.stderr, want)
			}
		})
	}
}

// chmod sets the modes of all files and directories.
func chmod(t *testing.T, dir string, files, dirs fs.FileMode) {
	t.Helper()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var all []string
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			return os.Chmod(path, files)
		}
		all = append(all, path)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if err := os.Chmod(path, dirs); err != nil {
			t.Fatal(err)
		}
	}
}
