package http_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain/ledger"
	hooks "whocomply/domain/webhook"
	web "whocomply/http"
)

// newDeliverer makes a deliverer of the house's ledgers that may deliver to this machine.
func (h *house) newDeliverer(o web.DelivererOptions) *web.Deliverer {
	h.t.Helper()
	vault, err := hooks.NewVault(make([]byte, hooks.MasterSize))
	h.must(err)
	o.Ledgers, o.Models, o.Vault, o.Now, o.Sole = h.ledgers, h.models, vault, time.Now, true
	o.Log, o.Metrics = slog.New(slog.NewTextHandler(h.log, nil)), prometheus.NewRegistry()
	if o.Lookup == nil {
		o.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
			if strings.HasSuffix(host, ".example.com") || strings.HasSuffix(host, "-endpoint.com") || strings.HasSuffix(host, "yourcompany.com") {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
		}
	}
	return web.NewDeliverer(o)
}

// deliver runs a deliverer until the end of the test, or until what it gives is called.
func (h *house) deliver(d *web.Deliverer) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

// received is one delivery as a receiver saw it.
type received struct {
	header http.Header
	body   string
	at     time.Time
	Event  string `json:"event"`
	ID     string `json:"event_id"`
	Data   struct {
		Customer string `json:"customer_id"`
	} `json:"data"`
	Ledger struct {
		Seq   int64  `json:"seq"`
		Hash  string `json:"hash"`
		Proof string `json:"proof"`
	} `json:"ledger"`
	Subscription struct {
		Sequence int64   `json:"sequence"`
		Previous *string `json:"previous_event_id"`
	} `json:"subscription"`
}

// receiver is an endpoint on this machine that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(n int, w http.ResponseWriter, r *http.Request) // nil: 204; n counts from 1
}

func newReceiver(t testing.TB, tls bool) *receiver {
	r := &receiver{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		got := received{header: req.Header.Clone(), body: string(body), at: time.Now()}
		_ = json.Unmarshal(body, &got)
		r.mu.Lock()
		r.got = append(r.got, got)
		n, answer := len(r.got), r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(n, w, req)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	if tls {
		r.StartTLS()
	} else {
		r.Start()
	}
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) allowed() hooks.Allowed {
	port := r.Listener.Addr().(*net.TCPAddr).Port
	return hooks.Allowed{Network: netip.MustParsePrefix("127.0.0.1/32"), Port: uint16(port)}
}

func (r *receiver) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	if r.Certificate() != nil {
		pool.AddCert(r.Certificate())
	}
	return pool
}

// all gives what was received once there are n of it, or as it is after a while.
func (r *receiver) all(t testing.TB, n int) []received {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		r.mu.Lock()
		got := slices.Clone(r.got)
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("%d deliveries, want %d", len(got), n)
		}
	}
}

// served is a live house that delivers to one receiver.
func served(t *testing.T, tls bool, o web.DelivererOptions) (*house, *receiver) {
	h := openHouse(t, true)
	r := newReceiver(t, tls)
	o.Guard.Allowed, o.Roots = append(o.Guard.Allowed, r.allowed()), r.roots()
	h.deliverer = h.newDeliverer(o)
	h.Server = web.New(h.options(h.ledgers, slog.LevelDebug))
	h.deliver(h.deliverer)
	return h, r
}

type hook struct {
	ID, Secret, URL string
	BodySecret      string `json:"body_secret"`
	PublicKey       string `json:"public_key"`
	IsActive        bool   `json:"is_active"`
	Reason          string `json:"disabled_reason"`
	Stats           struct {
		Delivered   int64 `json:"successful_deliveries"`
		Undelivered int64 `json:"failed_deliveries"`
		Waiting     int64 `json:"waiting_deliveries"`
	}
	Receipt struct{ Seq int64 }
}

func readAs[T any](h *house, a *answer) (v T) {
	h.t.Helper()
	h.must(json.Unmarshal(a.Data, &v, json.MatchCaseInsensitiveNames(true)))
	return v
}

func (h *house) subscribe(body string) hook {
	h.t.Helper()
	return readAs[hook](h, h.want(h.do("POST", acme+"/webhooks", body), http.StatusCreated))
}

func (h *house) push(ids ...string) {
	h.t.Helper()
	for _, id := range ids {
		h.want(h.do("POST", acme+"/customers", customerBody(id)), http.StatusCreated)
	}
}

// TestDelivery follows events to a receiver: each once, in order, tied to the ledger, with a log and
// evidence of it.
func TestDelivery(t *testing.T) {
	h, r := served(t, true, web.DelivererOptions{Report: 20 * time.Millisecond})
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"],"ordering":"fifo","ed25519":true}`, r.URL))
	if !strings.HasPrefix(hk.Secret, "whsec_") || !strings.HasPrefix(hk.PublicKey, "whpk_") {
		t.Errorf("made %+v", hk)
	}
	h.push("c-1", "c-2", "c-3")
	got := r.all(t, 3)
	for i, d := range got {
		if d.Event != "customer.created" || d.header.Get("Webhook-Id") != d.ID || d.Subscription.Sequence != int64(i+1) ||
			(i == 0) != (d.Subscription.Previous == nil) || i > 0 && *d.Subscription.Previous != got[i-1].ID {
			t.Errorf("delivery %d: %+v", i, d)
		}
		record := readAs[struct{ Hash string }](h, h.want(h.do("GET", acme+"/ledger/events/"+strconv.FormatInt(d.Ledger.Seq, 10), ""), http.StatusOK))
		if record.Hash != d.Ledger.Hash || d.Ledger.Proof != acme+"/ledger/events/"+strconv.FormatInt(d.Ledger.Seq, 10)+"/proof" {
			t.Errorf("delivery %d names %+v, the record has %s", i, d.Ledger, record.Hash)
		}
	}
	one := acme + "/webhooks/" + hk.ID
	h.eventually("it is recorded", func() bool { return h.hook(hk.ID).Stats.Delivered == 3 })
	log := h.want(h.do("GET", one+"/attempts?outcome=delivered", ""), http.StatusOK)
	listed := readAs[[]struct{ Status, EventID string }](h, h.want(h.do("GET", one+"/deliveries?status=delivered&event_type=customer.created", ""), http.StatusOK))
	if log.Page.Total != 3 || len(listed) != 3 || listed[0].Status != "delivered" {
		t.Errorf("log %s, deliveries %+v", log.body, listed)
	}
	h.want(h.do("GET", one+"/deliveries/2", ""), http.StatusOK)
	feed := readAs[[]struct {
		Headers map[string]string
		Body    string
	}](h, h.want(h.do("GET", one+"/events?after=1&limit=5", ""), http.StatusOK))
	if len(feed) != 2 || feed[0].Body != got[1].body || feed[0].Headers["Webhook-Id"] != got[1].ID {
		t.Errorf("feed %+v, want the bodies of the deliveries", feed)
	}
	explained := readAs[struct {
		Matches  bool
		Delivery struct{ Sequence int64 }
	}](h, h.want(h.do("GET", one+"/explain?seq="+strconv.FormatInt(got[2].Ledger.Seq, 10), ""), http.StatusOK))
	if !explained.Matches || explained.Delivery.Sequence != 3 {
		t.Errorf("explained %+v", explained)
	}
	h.eventually("the ledger has the outcomes", func() bool {
		e := h.endpoint(hk.ID)
		return e != nil && e.Reported > 0
	})
	if text := h.log.String(); strings.Contains(text, hk.Secret) {
		t.Error("the log holds the secret")
	}
	h.secretInLedger(hk.Secret)
}

func (h *house) endpoint(id string) (e *hooks.Endpoint) {
	h.t.Helper()
	h.must(h.ledgers.View(h.t.Context(), "acme", func(s *ledger.State) error {
		e = s.Webhooks.Endpoint(id)
		return nil
	}))
	return e
}

// secretInLedger fails the test if a payload of the ledger shows a secret.
func (h *house) secretInLedger(secret string) {
	h.t.Helper()
	for r, err := range h.ledgers.Records(h.t.Context(), "acme", 0) {
		h.must(err)
		if strings.Contains(string(r.Payload), secret) {
			h.t.Errorf("event %d shows the secret", r.Seq)
		}
	}
}

// eventually waits for what nothing announces.
func (h *house) eventually(what string, holds func() bool) {
	h.t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("not in time: %s; %v\n%s", what, h.outcomes(), h.log)
		}
	}
}

// hook reads a subscription by the API.
func (h *house) hook(id string) hook {
	h.t.Helper()
	return readAs[hook](h, h.want(h.do("GET", acme+"/webhooks/"+id, ""), http.StatusOK))
}

// TestShapes drives the three shapes of the same subscriptions by the examples of their documents.
func TestShapes(t *testing.T) {
	h := openHouse(t)
	uuid := "f67f165d-0d1e-4eb7-81e6-3494a260dcd4"
	var id string
	for _, row := range []struct {
		method, path, body string
		status             int
		holds              []string // pieces of the answer; <id> stands for the one made before
	}{
		{
			"POST", "/api/v1/webhooks/", `{"event_type":"screening.completed","webhook_url":"https://api.yourcompany.com/webhooks/screening",` +
				`"description":"Production screening webhook","filters":{}}`, 201,
			[]string{`"event_type":"screening.completed"`, `"webhook_url":"https://api.yourcompany.com/webhooks/screening"`, `"secret_key":"whsec_`, `"message":"Webhook created successfully"`},
		},
		{"GET", "/api/v1/webhooks/", "", 200, []string{
			`{"webhooks":[{"id":"<id>"`, `"is_active":true`, `"description":"Production screening webhook"`, `"filters":{}`,
			`"stats":{"total_deliveries":0,"successful_deliveries":0,"failed_deliveries":0}`, `"last_triggered_at":null`, `+00:00"`,
		}},
		{"GET", "/api/v1/webhooks/<id>/", "", 200, []string{`"id":"<id>"`, `"updated_at":"`}},
		{"PATCH", "/api/v1/webhooks/<id>/", `{"is_active":false,"description":"off"}`, 200, []string{`{"message":"Webhook updated","id":"<id>"}`}},
		{"GET", "/api/v1/webhooks/<id>/", "", 200, []string{`"is_active":false`, `"description":"off"`}},
		{"GET", acme + "/webhooks/<id>", "", 200, []string{`"disabled_reason":"asked"`, `"events":["screening.completed"]`}},
		{"POST", acme + "/webhooks/<id>/enable", "", 200, []string{`"is_active":true`}},
		{"PATCH", acme + "/webhooks/<id>", `{"events":["alert.*","case.resolved"],"timeout_ms":5000}`, 200, []string{`"timeout_ms":5000`, `"version":3`, `"description":"off"`}},
		{"GET", "/api/v1/webhooks/<id>/", "", 200, []string{`"event_type":"alert.*,case.resolved"`}},
		{"DELETE", "/api/v1/webhooks/<id>/", "", 200, []string{`{"message":"Webhook deleted successfully"}`}},
		{"GET", "/api/v1/webhooks/<id>/", "", 404, []string{`"status":"error"`}},
		{
			"POST", "/api/webhooks", `{"url":"https://your-endpoint.com/hook","events":["scan.completed"],"secret":"your-secret"}`, 201,
			[]string{`"url":"https://your-endpoint.com/hook"`, `"events":["scan.completed"]`, `"secret":"your-secret"`},
		},
		{"GET", "/api/webhooks", "", 200, []string{`"url":"https://your-endpoint.com/hook"`}},
		{"DELETE", "/api/webhooks/<id>", "", 204, nil},
		{
			"POST", acme + "/webhooks", `{"url":"https://your-endpoint.com/hook","events":["all"],"payload_format":"icomply","secret":"whsec_A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0U1V2W3X4Y5Z6"}`, 201,
			[]string{`"events":["*"]`, `"body_secret":"whs_`, `"secret":"whsec_A1B2`},
		},
		{"POST", acme + "/webhooks/<id>/rotate-secret", `{"overlap":"1h"}`, 201, []string{`"secret":"whsec_`, `"previous_secret_until":"`}},
		{"GET", acme + "/webhooks", "", 200, []string{`"total":1`}},
		{"DELETE", acme + "/webhooks/<id>", "", 204, nil},
		{"DELETE", acme + "/webhooks/" + uuid, "", 404, nil},
		{"GET", "/api/v1/webhook-event-types", "", 200, []string{`"name":"alert.created"`, `"emitted":false`}},
		{"POST", "/api/v1/webhooks/", `{"event_type":"nonsense","webhook_url":"https://a.example.com/"}`, 400, []string{`"field":"events"`}},
		{"POST", "/api/v1/webhooks/", `{"event_type":"test","webhook_url":"http://a.example.com/"}`, 400, []string{`"field":"webhook_url"`, "https://"}},
		{"POST", "/api/v1/webhooks/", `{"event_type":"test","webhook_url":"https://169.254.169.254/"}`, 400, []string{`"field":"webhook_url"`}},
		{"POST", "/api/v1/webhooks/", `{"event_type":"test"}`, 400, []string{`"field":"url"`}},
		{"POST", "/api/webhooks", `{"url":"https://a.example.com/","events":["*"],"secret":"short"}`, 400, []string{`"field":"secret"`}},
		{"POST", acme + "/webhooks", `{"url":"https://a.example.com/","events":["*"],"filters":{"condition":"data."}}`, 400, []string{`"field":"filters"`}},
		{"POST", "/api/v1/webhooks/test/", `{"webhook_url":"https://127.0.0.1/"}`, 400, []string{`"field":"webhook_url"`}},
	} {
		path := strings.ReplaceAll(row.path, "<id>", id)
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			a := h.in(t).bare(row.method, path, row.body)
			if a.status != row.status {
				t.Fatalf("status %d: %s", a.status, a.body)
			}
			for _, piece := range row.holds {
				if !strings.Contains(a.body, strings.ReplaceAll(piece, "<id>", id)) {
					t.Errorf("%s is not in %s", piece, a.body)
				}
			}
			if a.status == http.StatusCreated && !strings.Contains(path, "rotate") {
				var made struct {
					ID   string
					Data struct{ ID string }
				}
				if err := json.Unmarshal([]byte(a.body), &made, json.MatchCaseInsensitiveNames(true)); err != nil {
					t.Fatal(err)
				}
				id = made.ID + made.Data.ID
			}
		})
	}
}

// bare sends a request whose answer need not have an envelope.
func (h *house) bare(method, path, body string) *answer {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", h.key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	h.conform(r, body, w.Code, w.Header(), w.Body.Bytes())
	return &answer{status: w.Code, header: w.Header(), body: w.Body.String()}
}

// TestWebhooksAreOfTheirTenant wants nothing of acme's to be there for rival.
func TestWebhooksAreOfTheirTenant(t *testing.T) {
	h := openHouse(t)
	hk := h.subscribe(`{"url":"https://your-endpoint.com/hook","events":["*"]}`)
	key := h.issue("rival", "bbbbbbbbbbbb", time.Time{}, "admin")
	for _, path := range []string{"/api/v1/webhooks/" + hk.ID + "/", acme + "/webhooks/" + hk.ID} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
		r.Header.Set("Authorization", key)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	reader := h.issue("acme", "cccccccccccc", time.Time{}, "webhooks:read")
	if a := h.do("DELETE", acme+"/webhooks/"+hk.ID, "", "Authorization", reader); a.status != http.StatusForbidden {
		t.Errorf("deleted with webhooks:read: %d", a.status)
	}
}

// TestIdempotentSubscription shows the secret once, and takes the same content once.
func TestIdempotentSubscription(t *testing.T) {
	h := openHouse(t)
	body := `{"url":"https://your-endpoint.com/hook","events":["*"],"secret":"your-secret"}`
	first := readAs[hook](h, h.want(h.do("POST", acme+"/webhooks", body, "Idempotency-Key", "k"), http.StatusCreated))
	again := readAs[hook](h, h.want(h.do("POST", acme+"/webhooks", body, "Idempotency-Key", "k"), http.StatusOK))
	if first.ID != again.ID || first.Secret != "your-secret" || again.Secret != "" {
		t.Errorf("first %+v, again %+v", first, again)
	}
	h.want(h.do("POST", acme+"/webhooks", strings.Replace(body, "your-secret", "another-secret", 1), "Idempotency-Key", "k"), http.StatusConflict)
}

func TestTestOfAnEndpoint(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{})
	body := fmt.Sprintf(`{"url":%q}`, r.URL)
	a := readAs[struct {
		Success bool
		LogID   int64 `json:"log_id"`
		Status  int   `json:"http_status_code"`
	}](h, h.want(h.do("POST", acme+"/webhooks/test", body), http.StatusOK))
	if !a.Success || a.LogID == 0 || a.Status != 204 {
		t.Errorf("answer %+v", a)
	}
	if got := r.all(t, 1)[0]; got.Event != "test" || got.header.Get("Webhook-Signature") == "" {
		t.Errorf("received %+v", got)
	}
	r.answer = func(_ int, w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) }
	failed := h.bare("POST", "/api/v1/webhooks/test/", strings.Replace(body, "url", "webhook_url", 1))
	if failed.status != http.StatusBadGateway || !strings.Contains(failed.body, `"success":false,"message":"Test webhook delivery failed: HTTP 404: Not Found"`) ||
		!strings.Contains(failed.body, `"http_status_code":404`) {
		t.Errorf("answer %d %s", failed.status, failed.body)
	}
	h.want(h.do("POST", acme+"/webhooks/test", body), http.StatusBadGateway)
	u, err := url.Parse(r.URL)
	h.must(err)
	r.Close()
	gone := h.bare("POST", "/api/v1/webhooks/test/", fmt.Sprintf(`{"webhook_url":"http://127.0.0.1:%s/"}`, u.Port()))
	if gone.status != http.StatusBadGateway || !strings.Contains(gone.body, `"http_status_code":null`) {
		t.Errorf("answer %d %s", gone.status, gone.body)
	}
	if log := h.want(h.do("GET", acme+"/webhooks/test/attempts", ""), http.StatusOK); log.Page.Total != 4 {
		t.Errorf("log %s", log.body)
	}
}

// TestRecipes subscribes as the recipes of the documentation do, and wants what their receivers read.
func TestRecipes(t *testing.T) {
	for _, row := range []struct {
		file  string
		holds []string
	}{
		{"slack.json", []string{`{"text":"alert.created: alert alr_`, `(high) on customer cus_`}},
		{"jira.json", []string{`"issues":["COMPLIANCE"]`, `"labels":["whocomply","high"]`, `"reasons":[{`, `"ledger_seq":`}},
		{"pagerduty.json", []string{`"routing_key":"your-integration-key"`, `"event_action":"trigger"`, `"dedup_key":"`, `"custom_details":{`, `"source":"test.example/acme"`}},
	} {
		t.Run(row.file, func(t *testing.T) {
			h, r := served(t, false, web.DelivererOptions{})
			recipe, err := os.ReadFile("docs/samples/" + row.file)
			h.must(err)
			h.subscribe(regexp.MustCompile(`"url": "[^"]*"`).ReplaceAllString(string(recipe), fmt.Sprintf(`"url": %q`, r.URL)))
			h.want(h.do("POST", acme+"/watchlist-entries", `{"list":"own","category":"internal","name":"Bob Example"}`), http.StatusCreated)
			h.push("c-1")
			h.want(h.do("POST", "/api/v1/events/webhook", eventBody("e-1")), http.StatusCreated)
			got := r.all(t, 1)[0]
			for _, piece := range row.holds {
				if !strings.Contains(got.body, piece) {
					t.Errorf("%s is not in %s", piece, got.body)
				}
			}
		})
	}
}
