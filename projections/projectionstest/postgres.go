// Package projectionstest gives tests a real PostgreSQL of their own, in a temporary directory, on a
// socket in it, and as an unprivileged user, for PostgreSQL does not run as root. It ends with the
// test process, however that ends, and leaves nothing behind.
//
// Its texts are in a natural order, not in that of their bytes, so that tests see who relies on it.
// The one that tests share does not care to survive a crash of the machine; it does survive being killed.
package projectionstest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver
)

// patience is how long PostgreSQL may take to start on a busy machine.
const patience = time.Minute

// shared is the one PostgreSQL of the process.
var shared = sync.OnceValues(func() (*Server, error) { return start("-c", "fsync=off", "-c", "full_page_writes=off") })

// Database gives the URL of an empty schema in the one PostgreSQL of the process.
func Database(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.Database(t)
}

// Server is a PostgreSQL.
type Server struct {
	dir     string
	control io.WriteCloser // a line starts it, the end ends it
	schemas atomic.Int64
}

// Start starts a PostgreSQL for one test, to be killed by it, or to be measured: it makes durable what it
// is given, as one of an institution does.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.control.Close() })
	return s
}

// Database gives the URL of an empty schema.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprint("test", s.schemas.Add(1))
	if err := s.exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	return s.url("search_path", name, "application_name", name)
}

// Settle returns when no session of other processes is at work on a database any more: one whose client
// was killed goes on to the end of its statement.
func Settle(t testing.TB, database string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Query().Get("application_name")
	query := u.Query()
	query.Del("application_name")
	u.RawQuery = query.Encode()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		n, err := count(u.String(), "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1", name)
		switch {
		case err == nil && n == 0:
			return
		case err != nil || time.Now().After(end):
			t.Fatalf("%d sessions are still at work: %v", n, err)
		}
	}
}

// Kill ends the server as kill -9 does, and returns when its sessions have noticed.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); !s.gone(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("sessions outlive their server")
		}
	}
}

// gone reports whether no process of the server is left: each works in its directory.
func (s *Server) gone() bool {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	return !slices.ContainsFunc(links, func(link string) bool {
		dir, _ := os.Readlink(link) // it may have ended meanwhile
		return dir == filepath.Join(s.dir, "data")
	})
}

// Restart starts the server again after Kill and returns when it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
}

// start makes an empty cluster and starts its server, with settings.
func start(settings ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postgres-")
	if err != nil {
		return nil, err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	data := filepath.Join(dir, "data")
	initdb := slices.Concat(as, []string{
		filepath.Join(bin, "initdb"), "-D", data, "-U", "whocomply", "-A", "trust", "-E", "UTF8",
		"--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync",
	})
	if out, err := exec.Command(initdb[0], initdb[1:]...).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	postgres := slices.Concat(as, []string{
		filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=300",
		"-c", "shared_buffers=64MB",
	}, settings)
	s := &Server{dir: dir}
	if err := s.supervise(postgres); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, s.launch()
}

// supervise leaves the server to a shell that starts it at each line it reads, and ends it and removes
// its directory when there is nothing more to read: then this process has ended.
func (s *Server) supervise(postgres []string) error {
	const script = `dir=$1; shift; while read -r _; do "$@" </dev/null & done; kill -QUIT $!; wait; rm -rf "$dir"`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh", s.dir}, postgres...)...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the tests is not for it
	log, err := os.Create(s.log())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if s.control, err = cmd.StdinPipe(); err != nil {
		return err
	}
	return cmd.Start()
}

func (s *Server) log() string { return filepath.Join(s.dir, "log") }

// launch starts the server and returns when it answers.
func (s *Server) launch() error {
	_, failure := io.WriteString(s.control, "start\n")
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if failure = s.exec("SELECT 1"); failure == nil {
			return nil
		}
	}
	said, err := os.ReadFile(s.log())
	return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w\n%s", failure, said), err)
}

func (s *Server) url(settings ...string) string {
	query := url.Values{"host": {s.dir}, "sslmode": {"disable"}}
	for i := 0; i < len(settings); i += 2 {
		query.Set(settings[i], settings[i+1])
	}
	return (&url.URL{Scheme: "postgres", User: url.User("whocomply"), Path: "/postgres", RawQuery: query.Encode()}).String()
}

func (s *Server) exec(statement string) error {
	db, err := sql.Open("postgres", s.url())
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), statement)
	return err
}

func count(database, query string, args ...any) (n int, err error) {
	db, err := sql.Open("postgres", database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(context.Background(), query, args...).Scan(&n)
	return n, err
}

// binaries finds PostgreSQL's programs: on the PATH, or where Debian has them.
func binaries() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		real, err := filepath.EvalSymlinks(path)
		return filepath.Dir(real), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.New("there is no PostgreSQL: .ci/setup installs it, as root")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// unprivileged gives what a command line begins with so that it runs as a user who is not root and
// who owns the directory.
func unprivileged(dir string) ([]string, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		owner, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return nil, err
	}
	return []string{"setpriv", "--reuid", owner.Uid, "--regid", owner.Gid, "--clear-groups", "--"}, os.Chown(dir, uid, -1)
}
