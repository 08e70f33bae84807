package http_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	web "whocomply/http"
)

// limited is a house in which an API key may send so many requests a second.
func limited(t *testing.T, perSecond float64) *house {
	h := openHouse(t)
	o := h.options(h.ledgers, -4)
	o.Rate = perSecond
	h.Server = web.New(o)
	return h
}

func TestKeysAreLimitedEachForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, 10)
		other := h.issue("acme", "bbbbbbbbbbbb", time.Time{}, "admin")
		ask := func(key string) *answer {
			return h.do("GET", acme+"/ledger/checkpoint", "", "Authorization", key)
		}
		for i := range 10 {
			a := h.want(ask(h.key), http.StatusOK)
			left := a.header.Get("RateLimit")
			if want := fmt.Sprintf(`"key";r=%d;t=1`, 9-i); i >= 4 && left != want || i < 4 && left != "" {
				t.Errorf("after %d requests RateLimit is %q", i+1, left)
			}
		}
		a := h.want(ask(h.key), http.StatusTooManyRequests)
		if a.Code != "too_many_requests" || a.header.Get("Retry-After") != "1" ||
			a.header.Get("RateLimit-Policy") != `"key";q=10;w=1` || a.header.Get("RateLimit") != `"key";r=0;t=1` {
			t.Errorf("refused with %v: %s", a.header, a.body)
		}
		h.want(ask(other), http.StatusOK)
		h.want(ask(""), http.StatusUnauthorized)
		time.Sleep(time.Second)
		for range 10 {
			h.want(ask(h.key), http.StatusOK)
		}
		h.want(ask(h.key), http.StatusTooManyRequests)
	})
}

func TestARefusedWriteWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, 1)
		h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
		before := h.size()
		h.want(h.do("POST", acme+"/customers", customerBody("c-2")), http.StatusTooManyRequests)
		if h.size() != before {
			t.Error("something was written")
		}
	})
}

func TestIdleKeysAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 10_050
		h := limited(t, 10)
		for i := range keys - 10 {
			if i == 5000 {
				time.Sleep(time.Second)
			}
			id := fmt.Sprintf("%012x", i+10)
			web.Count(h.Server, id, time.Now())
		}
		if n := web.Limiters(h.Server); n > 6000 {
			t.Errorf("%d keys are counted, of which 5000 were idle", n)
		}
	})
}

// pipes is a listener of connections in memory, whose deadlines keep the time of the test.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestSlowSendersAreCutOff sends headers or a body that never end.
func TestSlowSendersAreCutOff(t *testing.T) {
	for _, row := range []struct {
		name, sent string
		patience   time.Duration
	}{
		{"headers", "POST " + acme + "/customers HTTP/1.1\r\nHost: x\r\n", 5 * time.Second},
		{"body", "POST " + acme + "/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nAuthorization: %s\r\n\r\n{", 30 * time.Second},
		{"nothing", "", 5 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := openHouse(t)
				before := h.size()
				ctx, stop := context.WithCancel(t.Context())
				listener, ended := make(pipes), make(chan error, 1)
				go func() { ended <- h.Serve(ctx, listener) }()
				ours, theirs := net.Pipe()
				listener <- theirs
				began := time.Now()
				if strings.Contains(row.sent, "%s") {
					row.sent = fmt.Sprintf(row.sent, h.key)
				}
				_, err := io.WriteString(ours, row.sent)
				h.must(err)
				_, err = io.Copy(io.Discard, bufio.NewReader(ours))
				h.must(err)
				if took := time.Since(began); took < row.patience || took > row.patience+2*time.Second {
					t.Errorf("cut off after %v, want %v", took, row.patience)
				}
				stop()
				close(listener)
				if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				if h.size() != before {
					t.Error("something was written")
				}
			})
		})
	}
}

// TestReadsEndWithTheirCaller lets a caller go away who waits for a position that does not come.
func TestReadsEndWithTheirCaller(t *testing.T) {
	h := openHouse(t)
	o := h.options(h.ledgers, -4)
	o.Patience = time.Hour
	h.Server = web.New(o)
	ctx, leave := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", acme+"/customers?min_seq=1000", nil)
	r.Header.Set("Authorization", h.key)
	answered := make(chan int, 1)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered <- w.Code
	}()
	time.Sleep(20 * time.Millisecond)
	leave()
	select {
	case status := <-answered:
		if status != http.StatusServiceUnavailable {
			t.Errorf("status %d", status)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting")
	}
}
