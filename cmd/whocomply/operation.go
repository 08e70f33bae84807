package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"whocomply/domain"
	"whocomply/eventstore"
)

// operation is what an operator has done to an installation. Its fields are its arguments; they
// go over the operator's socket as JSON.
type operation interface {
	// name is the operation's path on the socket.
	name() string
	// do carries it out. The result is printed, as JSON if that was asked for.
	do(ctx context.Context, in *Instance, report progress) (any, error)
}

// progress is told how much of the work is done, in events, lines or entries.
type progress func(done, total int64)

// operations lists what the socket offers.
func operations() []operation {
	return []operation{
		&tenantCreateCmd{},
		&keyCreateCmd{}, &keyListCmd{}, &keyRevokeCmd{}, &keyRotateSigningCmd{},
		&publishList{},
		&importStart{}, &importRun{}, &importFinish{}, &importRejects{},
		&rebuildCmd{}, &verifyCmd{}, &exportCmd{}, &journalCmd{}, &replayCmd{}, &replayDecision{},
	}
}

// session carries out operations on one opening of the data directory: here, or in the server that
// has it open.
type session struct {
	flags dataFlags
	in    *Instance // nil while a server has the directory
}

// openSession readies for an operation. Only tenants and lists can be the first thing an
// installation has: for all else a directory without one is a slip of the pen.
func openSession(ctx context.Context, flags dataFlags, op operation) (*session, error) {
	if conn, err := dialOperator(ctx, flags); err == nil {
		return &session{flags: flags}, conn.Close()
	}
	switch op.(type) {
	case *tenantCreateCmd, *publishList:
	default:
		if _, err := os.Stat(flags.path(keyFile)); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no installation in %s", flags.Data)
		}
	}
	in, err := openInstance(ctx, flags)
	if errors.Is(err, eventstore.ErrInUse) {
		return &session{flags: flags}, nil
	}
	return &session{flags: flags, in: in}, err
}

func dialOperator(ctx context.Context, flags dataFlags) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", flags.path(socketFile))
}

// operate carries out an operation and decodes what it gave into result.
func (s *session) operate(ctx context.Context, op operation, report progress, result any) error {
	if s.in == nil {
		return remote(ctx, s.flags, op, report, result)
	}
	done, err := op.do(ctx, s.in, report)
	if err != nil {
		return err
	}
	text, err := json.Marshal(done)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, result)
}

func (s *session) close() error {
	if s.in == nil {
		return nil
	}
	return s.in.Close()
}

// operate carries out one operation, showing progress where a person can see it.
func operate(ctx context.Context, flags dataFlags, op operation, result any) error {
	report, finish := showProgress(op.name())
	defer finish()
	s, err := openSession(ctx, flags, op)
	if err != nil {
		return err
	}
	return errors.Join(s.operate(ctx, op, report, result), s.close())
}

// line is one line of the socket's answer: progress, and at the end a result or an error.
type line struct {
	Done   int64           `json:"done,omitempty"`
	Total  int64           `json:"total,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Code   domain.Code     `json:"code,omitempty"`
}

// remote has the running server carry out an operation.
func remote(ctx context.Context, flags dataFlags, op operation, report progress, result any) error {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialOperator(ctx, flags) },
	}}
	defer client.CloseIdleConnections()
	body, send := io.Pipe()
	go func() { send.CloseWithError(json.NewEncoder(send).Encode(op)) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://operator/"+op.name(), body)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("another process has %s open but does not answer on its %s: %w", flags.Data, socketFile, err)
	}
	defer resp.Body.Close()
	lines := json.NewDecoder(bufio.NewReader(resp.Body))
	for {
		var l line
		switch err := lines.Decode(&l); {
		case err != nil:
			return fmt.Errorf("the server on %s did not finish: %w", flags.Data, err)
		case l.Error != "":
			return domain.Errorf(l.Code, "%s", l.Error)
		case l.Result != nil:
			return json.Unmarshal(l.Result, result)
		}
		report(l.Done, l.Total)
	}
}

// serveOperator answers operations on the socket until ctx ends. The socket is the only proof of
// being an operator: it lies in a directory of mode 0700 and has mode 0600 itself.
func serveOperator(ctx context.Context, in *Instance) error {
	path := in.flags.path(socketFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.HandleFunc("POST /"+op.name(), func(w http.ResponseWriter, r *http.Request) { answer(w, r, in) })
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // what it does is abandoned; operations can be repeated
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// answer carries out one operation for the socket, a line of JSON at a time.
func answer(w http.ResponseWriter, r *http.Request, in *Instance) {
	out := json.NewEncoder(w)
	say := func(l line) {
		_ = out.Encode(l) // an operator who has gone away is told nothing
		_ = http.NewResponseController(w).Flush()
	}
	fail := func(err error) { say(line{Error: err.Error(), Code: domain.CodeOf(err)}) }
	var op operation
	for _, known := range operations() {
		if "/"+known.name() == r.URL.Path {
			op = known
		}
	}
	if err := json.NewDecoder(r.Body).Decode(op); err != nil {
		fail(err)
		return
	}
	var last time.Time
	result, err := op.do(r.Context(), in, func(done, total int64) {
		if now := time.Now(); now.Sub(last) > 100*time.Millisecond {
			last = now
			say(line{Done: done, Total: total})
		}
	})
	if err != nil {
		fail(err)
		return
	}
	text, err := json.Marshal(result)
	if err != nil {
		fail(err)
		return
	}
	say(line{Result: text})
}

// showProgress draws a bar on a terminal, and nothing elsewhere.
func showProgress(what string) (report progress, finish func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(int64, int64) {}, func() {}
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())
	return func(done, total int64) {
		if total > 0 && bar.GetMax64() != total {
			bar.ChangeMax64(total)
		}
		_ = bar.Set64(done) // a bar that cannot be drawn changes nothing
	}, func() { _ = bar.Finish() }
}

// printResult writes a result as JSON, or in the words of text.
func printResult(asJSON bool, result any, text func(io.Writer)) error {
	if !asJSON {
		text(os.Stdout)
		return nil
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(result)
}
