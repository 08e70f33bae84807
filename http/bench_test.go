package http_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	web "whocomply/http"
)

// decided is ledgers on which every command was decided before, so that a benchmark measures the
// server alone. What is not overridden is that of real ledgers.
type decided struct {
	web.Ledgers
	outcome ledger.Outcome
}

func (d decided) Execute(context.Context, string, string, ledger.Command) (ledger.Outcome, error) {
	return d.outcome, nil
}

// sink is a ResponseWriter that forgets.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// rounds sends the same request over and over.
func rounds(b *testing.B, handler http.Handler, method, path, body, key string, status int) {
	r := httptest.NewRequestWithContext(b.Context(), method, path, nil)
	r.Header.Set("Authorization", key)
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(body))
	reader, w := strings.NewReader(body), &sink{header: http.Header{}}
	r.Body = io.NopCloser(reader)
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		clear(w.header)
		handler.ServeHTTP(w, r)
		if w.status != status {
			b.Fatalf("status %d, want %d", w.status, status)
		}
	}
}

// BenchmarkPostEvent is POST events/webhook without the network and without the ledger.
func BenchmarkPostEvent(b *testing.B) {
	h := openHouse(b)
	recorded := activity.Recorded{
		Input: activity.Input{EventID: "e-1"}, CustomerID: "cus_01JJJJJJJJJJJJJJJJJJJJJJJJ",
		Decision: activity.Decision{
			Monitoring: domain.Monitored{Score: 40, Fired: []domain.RuleFired{{
				RuleID: "rul_01JJJJJJJJJJJJJJJJJJJJJJJJ", Version: 1, Name: "Large", Mode: "live", Action: "alert", Score: 40,
				Severity: domain.High, Explanation: "transaction.amount is 12000.00, at least 10000",
			}}},
			Screening: domain.Screened{Lists: []domain.ListVersion{{List: "ofac-sdn", Version: 3, Digest: strings.Repeat("0", 64)}}},
			Alerts:    []string{"alr_01JJJJJJJJJJJJJJJJJJJJJJJJ"},
		},
	}
	s := web.New(h.options(decided{h.ledgers, ledger.Outcome{Reply: recorded, Last: 42}}, slog.LevelInfo))
	rounds(b, s, "POST", "/api/v1/events/webhook", eventBody("e-1"), h.key, http.StatusCreated)
}

// BenchmarkPostEventBare is echo that reads the same body and answers with as many bytes: what
// remains when this package does nothing.
func BenchmarkPostEventBare(b *testing.B) {
	bare, answer := echo.New(), bytes.Repeat([]byte("x"), 700)
	bare.POST("/api/v1/events/webhook", func(c echo.Context) error {
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return err
		}
		return c.Blob(http.StatusCreated, "application/json", answer)
	})
	rounds(b, bare, "POST", "/api/v1/events/webhook", eventBody("e-1"), "", http.StatusCreated)
}

// BenchmarkGetRiskView is GET risk-view without the network.
func BenchmarkGetRiskView(b *testing.B) {
	h := openHouse(b, true)
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	h.seen(made, "/customers/c-1/risk-view")
	s := web.New(h.options(h.ledgers, slog.LevelInfo))
	rounds(b, s, "GET", acme+"/customers/c-1/risk-view", "", h.key, http.StatusOK)
}

// BenchmarkAuthenticate is a request that fails right after its key was verified.
func BenchmarkAuthenticate(b *testing.B) {
	h := openHouse(b)
	s := web.New(h.options(h.ledgers, slog.LevelInfo))
	b.Run("key", func(b *testing.B) { rounds(b, s, "GET", acme+"/ledger/events/x", "", h.key, http.StatusNotFound) })
	b.Run("none", func(b *testing.B) { rounds(b, s, "GET", "/api/v1/nothing", "", "", http.StatusNotFound) })
}

// FuzzPostEvent sends any body: it is answered in our envelope and never as our own fault, and what
// is refused writes nothing.
func FuzzPostEvent(f *testing.F) {
	h := openHouse(f)
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	f.Add(eventBody("e-1"))
	f.Add(strings.Replace(eventBody("e-2"), "12.50", "1e3", 1))
	f.Add(`{"tenant_id":"acme"}`)
	f.Add("\xff[{")
	f.Fuzz(func(t *testing.T, body string) {
		h := h.in(t)
		before := h.size()
		a := h.do("POST", "/api/v1/events/webhook", body, "Content-Type", "application/json")
		switch a.status {
		case http.StatusOK, http.StatusCreated:
			if again := h.do("POST", "/api/v1/events/webhook", body); again.status != http.StatusOK || again.body != a.body {
				t.Errorf("%q: first %s, then %s", body, a.body, again.body)
			}
		case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict:
			if a.Status != "error" || h.size() != before {
				t.Errorf("%q: %s, %d events", body, a.body, h.size()-before)
			}
		default:
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	})
}
