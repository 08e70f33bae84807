package http_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain"
	"whocomply/eventstore"
	web "whocomply/http"
	"whocomply/projections"
)

func webHandle(h *house, path string, handle func() error) { web.Handle(h.Server, path, handle) }

func TestUnmatched(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct {
		name, method, path string
		status             int
		code               string
	}{
		{"no such address", "GET", "/api/v2", 404, "not_found"},
		{"trailing slash", "GET", acme + "/customers/", 404, "not_found"},
		{"below a last id", "GET", acme + "/alerts/a/b", 404, "not_found"},
		{"other method", "DELETE", acme + "/customers", 405, "method_not_allowed"},
		{"other method on the webhook", "GET", "/api/v1/events/webhook", 405, "method_not_allowed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.want(h.do(row.method, row.path, ""), row.status)
			if a.Status != "error" || a.Code != row.code || a.RequestID == "" {
				t.Errorf("answer %s", a.body)
			}
			if allow := a.header.Get("Allow"); (allow != "") != (row.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
		})
	}
}

func TestPanicsAreHiddenAndLogged(t *testing.T) {
	h := openHouse(t)
	webHandle(h, "/panic", func() error { panic("out of reach") })
	a := h.want(h.do("GET", "/panic", ""), http.StatusInternalServerError)
	if a.Code != "internal" || strings.Contains(a.body, "reach") {
		t.Errorf("answer %s", a.body)
	}
	if log := h.log.String(); !strings.Contains(log, "out of reach") || !strings.Contains(log, "operations_test.go") || !strings.Contains(log, a.RequestID) {
		t.Errorf("log: %s", log)
	}
	h.want(h.do("GET", "/healthz", "", "Authorization", ""), http.StatusOK)
}

func TestRequestIDs(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct {
		name, sent string
		kept       bool
	}{
		{"kept", "trace-1.A_b", true},
		{"too long", strings.Repeat("a", 65), false},
		{"unsafe", `a"b`, false},
		{"empty", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := h.do("GET", "/healthz", "", "X-Request-Id", row.sent).header.Get("X-Request-Id")
			if row.kept != (got == row.sent) || !row.kept && len(got) != 26 {
				t.Errorf("sent %q, got %q", row.sent, got)
			}
		})
	}
	one, two := h.do("GET", "/healthz", "").header.Get("X-Request-Id"), h.do("GET", "/healthz", "").header.Get("X-Request-Id")
	if one == two {
		t.Errorf("two requests have the id %s", one)
	}
}

// TestLogsNameNobody sends what could name a person wherever a request can hold it.
func TestLogsNameNobody(t *testing.T) {
	h := openHouse(t)
	h.do("POST", acme+"/customers", strings.Replace(customerBody("c-secret"), "Ann", "Secret", 1))
	h.do("PATCH", acme+"/customers/c-secret", `{"phone":"secret"}`)
	h.do("GET", acme+"/alerts?customer_id=secret&limit=x", "")
	h.do("GET", "/secret?secret", "")
	log := h.log.String()
	if strings.Contains(strings.ToLower(log), "secret") || strings.Contains(log, h.key[24:40]) {
		t.Errorf("log: %s", log)
	}
	for _, want := range []string{`"route":"/api/v1/tenants/:slug/customers/:id"`, `"status":200`, `"key_id":"aaaaaaaaaaaa"`, `"route":"unmatched"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in the log: %s", want, log)
		}
	}
}

func TestLedgerEndpoints(t *testing.T) {
	h := openHouse(t)
	made := h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusCreated)
	one := h.want(h.do("GET", acme+"/ledger/events/"+made.get("/receipt/seq"), ""), http.StatusOK)
	if one.get("/hash") != made.get("/receipt/hash") || !strings.HasPrefix(one.get("/note"), `whocomply/event@v1\n`) {
		t.Errorf("record: %s, receipt: %s", one.body, made.get("/receipt"))
	}
	size := h.size()
	listed := h.want(h.do("GET", acme+"/ledger/events?from=1&limit=2", ""), http.StatusOK)
	if listed.get("/0/seq") != "1" || listed.get("/1/seq") != "2" || listed.get("/2") != "" || listed.Page.Total != size || listed.Page.Offset != 1 {
		t.Errorf("records: %s", listed.body)
	}
	if beyond := h.want(h.do("GET", acme+"/ledger/events?from=1000", ""), http.StatusOK); string(beyond.Data) != "[]" {
		t.Errorf("beyond the end: %s", beyond.body)
	}
	for _, id := range []string{"1000", "x", "-1"} {
		h.want(h.do("GET", acme+"/ledger/events/"+id, ""), http.StatusNotFound)
	}
	h.want(h.do("GET", acme+"/ledger/events?min_seq=1000", ""), http.StatusServiceUnavailable)
	note := h.want(h.do("GET", acme+"/ledger/checkpoint", ""), http.StatusOK)
	if !strings.HasPrefix(note.body, "test.example/acme\n") || !strings.HasPrefix(note.header.Get("Content-Type"), "text/plain") {
		t.Errorf("checkpoint %q as %q", note.body, note.header.Get("Content-Type"))
	}
}

func TestListensOnlyWhereKeysAreSafe(t *testing.T) {
	h := openHouse(t)
	for _, row := range []struct {
		name    string
		options web.Options
		opens   bool
	}{
		{"loopback", web.Options{Listen: "127.0.0.1:0"}, true},
		{"loopback by name", web.Options{Listen: "localhost:0"}, true},
		{"all interfaces", web.Options{Listen: ":0"}, false},
		{"all interfaces by address", web.Options{Listen: "0.0.0.0:0"}, false},
		{"all interfaces behind a proxy", web.Options{Listen: ":0", BehindProxy: true}, true},
		{"all interfaces with TLS", web.Options{Listen: ":0", TLSCert: "cert.pem", TLSKey: "key.pem"}, true},
		{"certificate without key", web.Options{Listen: "127.0.0.1:0", TLSCert: "cert.pem"}, false},
		{"no port", web.Options{Listen: "127.0.0.1"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := row.options
			o.Ledgers, o.Models, o.Log, o.Now, o.Metrics = h.ledgers, h.models, h.Log, h.Now, prometheus.NewRegistry()
			l, err := web.New(o).Listen(t.Context())
			if (err == nil) != row.opens {
				t.Fatalf("listening gave %v", err)
			}
			if err == nil {
				h.must(l.Close())
			}
		})
	}
}

// TestServeDrains ends the server while a request is under way: the request is answered, and Serve
// returns after it.
func TestServeDrains(t *testing.T) {
	h := openHouse(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	webHandle(h, "/slow", func() error {
		close(entered)
		<-leave
		panic("late")
	})
	ctx, stop := context.WithCancel(t.Context())
	l, err := h.Listen(ctx)
	h.must(err)
	served := make(chan error, 1)
	go func() { served <- h.Serve(ctx, l) }()
	status := make(chan int, 1)
	go func() {
		status <- fetch(t, http.DefaultClient, "http://"+l.Addr().String()+"/slow")
	}()
	<-entered
	stop()
	h.until(http.StatusServiceUnavailable, "/readyz")
	select {
	case err := <-served:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(leave)
	if got := <-status; got != http.StatusInternalServerError {
		t.Errorf("the request under way got %d", got)
	}
	h.must(<-served)
}

// TestServesTLS fetches over TLS with a certificate from files.
func TestServesTLS(t *testing.T) {
	h := openHouse(t)
	model := httptest.NewTLSServer(nil)
	defer model.Close()
	pair := model.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	h.must(err)
	o := h.options(h.ledgers, slog.LevelInfo)
	o.TLSCert, o.TLSKey = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	h.must(os.WriteFile(o.TLSCert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	h.must(os.WriteFile(o.TLSKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	s := web.New(o)
	ctx, stop := context.WithCancel(t.Context())
	l, err := s.Listen(ctx)
	h.must(err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	if got := fetch(t, model.Client(), "https://"+l.Addr().String()+"/healthz"); got != http.StatusOK {
		t.Errorf("status %d over TLS", got)
	}
	stop()
	h.must(<-served)
}

func fetch(t *testing.T, client *http.Client, address string) int {
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

func TestReadyzSaysWhenTheStoreFailed(t *testing.T) {
	h := openHouse(t)
	h.store.Inject(eventstore.Fault{Err: eventstore.ErrFailed})
	h.want(h.do("POST", acme+"/customers", customerBody("c-1")), http.StatusServiceUnavailable)
	a := h.want(h.do("GET", "/readyz", "", "Authorization", ""), http.StatusServiceUnavailable)
	if a.get("/store") != "failed" || !strings.Contains(a.Message, "start the process again") || a.header.Get("Retry-After") == "" {
		t.Errorf("readiness: %s", a.body)
	}
	h.want(h.do("GET", "/healthz", "", "Authorization", ""), http.StatusOK)
}

// poisoned is a ledger that cannot be read.
type poisoned struct{ source }

func (poisoned) Read(context.Context, string, int64) iter.Seq2[domain.Envelope, error] {
	return func(yield func(domain.Envelope, error) bool) { yield(domain.Envelope{}, errors.New("no such event")) }
}

func TestReadyzSaysWhenAReadModelStopped(t *testing.T) {
	h := openHouse(t)
	h.run(projections.NewRunner(h.models, poisoned{source{h}}, slog.New(slog.DiscardHandler)))
	a := h.until(http.StatusServiceUnavailable, "/readyz")
	if a.get("/projections/0/stopped") == "0" || !strings.Contains(a.Message, "whocomply rebuild --projection ") {
		t.Errorf("readiness: %s", a.body)
	}
	h.want(h.do("GET", acme+"/customers/c-1?min_seq=1", ""), http.StatusServiceUnavailable)
}

func TestMetricsNameRoutesByPattern(t *testing.T) {
	h := openHouse(t)
	h.do("POST", acme+"/customers", customerBody("c-1"))
	h.do("GET", "/nowhere", "")
	a := h.want(h.do("GET", "/metrics", "", "Authorization", ""), http.StatusOK)
	for _, want := range []string{
		`whocomply_http_requests_total{method="POST",route="/api/v1/tenants/:slug/customers",status="201"} 1`,
		`whocomply_http_requests_total{method="",route="unmatched",status="404"} 1`,
		`whocomply_http_request_seconds_count{method="POST",route="/api/v1/tenants/:slug/customers"} 1`,
		`whocomply_http_in_flight 1`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %s in %s", want, a.body)
		}
	}
	if strings.Contains(a.body, "acme") || strings.Contains(a.body, "nowhere") {
		t.Errorf("metrics name what was asked for: %s", a.body)
	}
}
