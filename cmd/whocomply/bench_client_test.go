package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// long is longer than the client's and the server's buffers.
var long = strings.Repeat("0123456789", 10_000)

// answers is a server with every form of answer.
func answers(t *testing.T) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Ledger-Seq", "42")
		w.WriteHeader(http.StatusCreated)
		if _, err := w.Write(body); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /chunked", func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(long); i += 1000 {
			fmt.Fprint(w, long[i:i+1000])
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
	})
	mux.HandleFunc("GET /nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /key", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("Authorization")) })
	return mux
}

// TestRawConn holds the client against the standard library's server, several requests to a connection.
func TestRawConn(t *testing.T) {
	server := httptest.NewServer(answers(t))
	defer server.Close()
	conn, err := dialRaw(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	for _, tc := range []struct {
		name    string
		request []byte
		want    rawResponse
	}{
		{"body", rawRequest("POST", "/echo", "", []byte(`{"a":1}`)), rawResponse{201, 42, []byte(`{"a":1}`)}},
		{"long body", rawRequest("POST", "/echo", "", []byte(long)), rawResponse{201, 42, []byte(long)}},
		{"empty body", rawRequest("POST", "/echo", "", []byte{}), rawResponse{201, 42, nil}},
		{"chunked", rawRequest("GET", "/chunked", "", nil), rawResponse{200, -1, []byte(long)}},
		{"no content", rawRequest("GET", "/nothing", "", nil), rawResponse{204, -1, nil}},
		{"key", rawRequest("GET", "/key", "secret", nil), rawResponse{200, -1, []byte("Bearer secret")}},
		{"refused", rawRequest("GET", "/unknown", "", nil), rawResponse{404, -1, []byte("404 page not found\n")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := conn.roundTrip(tc.request)
			if err != nil {
				t.Fatal(err)
			}
			if got.status != tc.want.status || got.seq != tc.want.seq || !bytes.Equal(got.body, tc.want.body) {
				t.Errorf("got %d, seq %d, %d bytes %.40q, want %d, %d, %.40q", got.status, got.seq, len(got.body), got.body, tc.want.status, tc.want.seq, tc.want.body)
			}
		})
	}
}

// TestRawConnRefuses checks that what is no answer is an error.
func TestRawConnRefuses(t *testing.T) {
	for _, tc := range []struct{ name, answer string }{
		{"nothing", ""},
		{"other protocol", "SSH-2.0-OpenSSH_9.2\r\n"},
		{"no status", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"},
		{"no length", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"},
		{"bad length", "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
		{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"},
		{"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
		{"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
		{"chunk without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
		{"long line", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 20_000) + "\r\n\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			addr := answerOnce(t, tc.answer)
			conn, err := dialRaw(t.Context(), addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.close()
			if got, err := conn.roundTrip(rawRequest("GET", "/", "", nil)); err == nil {
				t.Errorf("accepted as %d %q", got.status, got.body)
			}
		})
	}
}

// answerOnce listens, reads one request, answers with these bytes and closes.
func answerOnce(t *testing.T, answer string) (addr string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(conn, answer)
		}
	}()
	return listener.Addr().String()
}

// TestLoad counts on the server's side what the closed loop says it sent.
func TestLoad(t *testing.T) {
	var served, refused int
	gate := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gate <- struct{}{}
		defer func() { <-gate }()
		served++
		w.Header().Set("Ledger-Seq", fmt.Sprint(served))
		if strings.HasSuffix(r.URL.Path, "7") {
			refused++
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, "no sevens")
		}
	}))
	defer server.Close()
	addr := server.Listener.Addr().String()
	requests := make([][]byte, 100)
	for i := range requests {
		requests[i] = rawRequest("GET", fmt.Sprintf("/%d", i), "", nil)
	}
	r, err := load{addr: addr, clients: 8, next: each(requests)}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.requests != 100 || r.answers != 100 || served != 100 || r.latency.total != 100 || r.lastSeq != 100 {
		t.Errorf("%d requests, %d answers, %d latencies, %d served, last seq %d", r.requests, r.answers, r.latency.total, served, r.lastSeq)
	}
	if r.errors != 10 || refused != 10 || r.firstError != "418: no sevens" {
		t.Errorf("%d errors (%s), %d refused", r.errors, r.firstError, refused)
	}
	if _, err := fill(t.Context(), load{addr: addr, clients: 2, next: each(requests[:8])}); err == nil {
		t.Error("fill hid a refusal")
	}
}

// TestLoadWindow checks that what is sent before the window is not measured.
func TestLoadWindow(t *testing.T) {
	server := httptest.NewServer(answers(t))
	defer server.Close()
	r, err := load{
		addr: server.Listener.Addr().String(), clients: 4, warmup: 50 * time.Millisecond, window: 100 * time.Millisecond,
		next: anyOf([][]byte{rawRequest("GET", "/nothing", "", nil)}),
	}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.requests == 0 || r.answers <= r.requests || r.elapsed != 100*time.Millisecond {
		t.Errorf("%d requests in the window of %s, %d answers", r.requests, r.elapsed, r.answers)
	}
}

// TestLoadBreaks checks that a connection that breaks ends the run with an error.
func TestLoadBreaks(t *testing.T) {
	addr := answerOnce(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	_, err := load{addr: addr, clients: 1, window: time.Minute, next: anyOf([][]byte{rawRequest("GET", "/", "", nil)})}.run(t.Context())
	if err == nil {
		t.Error("the run went on")
	}
}
