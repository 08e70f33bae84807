package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary the program, so that the tests run what is built with the race
// detector, and build nothing.
const asProgram = "WHOCOMPLY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asStore) != "":
		serveStore()
	case os.Getenv(asProgram) != "":
		main()
	}
	os.Exit(m.Run())
}

// program is the program with a data directory.
type program struct {
	t     testing.TB
	data  string
	flags []string // of every command, beside --data

	serving []string // of the server, beside those
}

// newProgram gives the program a directory that does not exist yet.
func newProgram(t testing.TB) *program {
	t.Helper()
	return &program{t: t, data: filepath.Join(t.TempDir(), "data")}
}

// argv is the program's command line, the words of a command first.
func (p *program) argv(args ...string) []string {
	p.t.Helper()
	return slices.Concat(p.bare(args...), []string{"--data", p.data}, p.flags)
}

// bare is the command line of a command that has no data directory.
func (p *program) bare(args ...string) []string {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	return append([]string{self}, args...)
}

// start starts a command line with nothing of the tester's environment that the program looks at.
func start(t testing.TB, argv []string, stdout, stderr *output) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), argv[0], argv[1:]...)
	cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "HOME=" + os.TempDir()}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a wrapper ends together with what it runs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// ended is what a command line came to.
type ended struct {
	code           int
	stdout, stderr string
}

// run runs a command to its end.
func (p *program) run(args ...string) ended {
	p.t.Helper()
	return runLine(p.t, p.argv(args...))
}

func runLine(t testing.TB, argv []string) ended {
	t.Helper()
	stdout, stderr := newOutput(), newOutput()
	cmd := start(t, argv, stdout, stderr)
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	checkLog(t, stderr)
	return ended{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must runs a command that has to succeed and reads its JSON.
func must[T any](p *program, args ...string) (result T) {
	p.t.Helper()
	got := p.run(append(args, "--json")...)
	if got.code != 0 {
		p.t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), got.code, got.stderr)
	}
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&result); err != nil {
		p.t.Fatalf("%s: %v in %s", strings.Join(args, " "), err, got.stdout)
	}
	return result
}

// tenant makes the institution acme and gives a client with its first key.
func (p *program) tenant() *client {
	p.t.Helper()
	made := must[tenantCreated](p, "tenant", "create", "--slug", "acme", "--name", "Acme Bank")
	return &client{t: p.t, slug: made.Slug, key: made.APIKey, http: newHTTPClient(p.t)}
}

// server is the program serving.
type server struct {
	t              testing.TB
	cmd            *exec.Cmd
	stdout, stderr *output
	ended          chan struct{}
	address        string
}

// serve starts the server on a free port and returns once it serves. The wrapper, if any, is a
// command that runs the rest of its command line.
func (p *program) serve(wrapper ...string) *server {
	p.t.Helper()
	s := p.launch(wrapper...)
	s.await(`"msg":"serving"`)
	var served struct{ Address string }
	if err := json.Unmarshal([]byte(s.stderr.line(`"msg":"serving"`)), &served); err != nil {
		p.t.Fatal(err)
	}
	s.address = served.Address
	return s
}

// launch starts the server and does not wait for it.
func (p *program) launch(wrapper ...string) *server {
	p.t.Helper()
	serve := slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "debug"}, p.serving)
	return p.background(append(wrapper, p.argv(serve...)...))
}

// background starts a command that goes on until the end of the test at the latest.
func (p *program) background(argv []string) *server {
	p.t.Helper()
	s := &server{t: p.t, stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	s.cmd = start(p.t, argv, s.stdout, s.stderr)
	go func() {
		_ = s.cmd.Wait() // its exit code is asked for where it matters
		close(s.ended)
	}()
	p.t.Cleanup(s.kill)
	return s
}

// patience is how long anything may take that has to happen.
const patience = 60 * time.Second

// await returns when the server has said a text on either output.
func (s *server) await(text string) {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		changed := s.stderr.changed()
		if s.stdout.line(text)+s.stderr.line(text) != "" {
			return
		}
		select {
		case <-changed:
		case <-s.stdout.changed():
		case <-s.ended:
			if s.stdout.line(text)+s.stderr.line(text) == "" {
				s.t.Fatalf("the server ended before it said %q:\n%s", text, s.stderr)
			}
			return
		case <-deadline:
			s.t.Fatalf("the server does not say %q:\n%s", text, s.stderr)
		}
	}
}

// signal reaches the server and what it is wrapped in, unless it has ended: then its number may be another
// process's, of another test's even.
func (s *server) signal(signal syscall.Signal) error {
	select {
	case <-s.ended:
		return os.ErrProcessDone
	default:
		return syscall.Kill(-s.cmd.Process.Pid, signal)
	}
}

// kill ends the server as a power cut does.
func (s *server) kill() {
	_ = s.signal(syscall.SIGKILL) // it may have ended
	<-s.ended
	checkLog(s.t, s.stderr)
}

// stop asks the server to end and wants it to do so in order.
func (s *server) stop() {
	s.t.Helper()
	if err := s.signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	<-s.ended
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("the server ended with exit code %d:\n%s", code, s.stderr)
	}
	checkLog(s.t, s.stderr)
}

// caughtUp returns when the read models show all there is.
func (s *server) caughtUp() {
	s.t.Helper()
	c := &client{t: s.t, base: s.address, http: newHTTPClient(s.t)}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var ready struct {
			Projections []struct{ Lag int64 }
		}
		lag := int64(0)
		c.want(http.StatusOK, "GET", "/readyz", nil).read(&ready)
		for _, m := range ready.Projections {
			lag += m.Lag
		}
		if lag == 0 && len(ready.Projections) > 0 {
			return
		}
	}
	s.t.Fatal("the read models do not catch up")
}

// checkLog fails the test if the program has panicked or raced.
func checkLog(t testing.TB, log *output) {
	for _, sign := range []string{"DATA RACE", "panic:", "goroutine 1 ["} {
		if log.line(sign) != "" {
			t.Errorf("the program says %q:\n%s", sign, log)
		}
	}
}

// output is what a process writes, while it writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// Write takes in a piece.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.text.Write(p)
}

// String gives all that was written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.more
}

// line gives the first whole line that holds a text, or "".
func (o *output) line(text string) string {
	for line := range strings.Lines(o.String()) {
		if strings.Contains(line, text) && strings.HasSuffix(line, "\n") {
			return line
		}
	}
	return ""
}
