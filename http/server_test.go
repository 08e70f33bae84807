package http_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
	web "whocomply/http"
	"whocomply/projections"
)

// house is a server over real ledgers in memory and real read models, with the tenants acme and rival.
type house struct {
	*web.Server
	t       testing.TB
	store   *eventstore.Memory
	ledgers *eventstore.Ledgers
	models  *projections.DB
	log     *buffer

	deliverer *web.Deliverer
	acme      *access.Tenant
	key       string // of acme, with the scope admin
}

// readModels gives the place of a house's read models.
var readModels = func(t testing.TB) string { return filepath.Join(t.TempDir(), "read.db") }

// openHouse opens a house; the read models follow the ledgers only if they are told to live.
func openHouse(t testing.TB, live ...bool) *house {
	t.Helper()
	h := &house{t: t, store: eventstore.NewMemory(), log: &buffer{}}
	var err error
	h.models, err = projections.Open(t.Context(), readModels(t))
	h.must(err)
	t.Cleanup(func() { h.must(h.models.Close()) })
	runner := projections.NewRunner(h.models, source{h}, slog.New(slog.DiscardHandler))
	h.openLedgers(runner.Wake)
	h.deliverer = h.newDeliverer(web.DelivererOptions{})
	h.Server = web.New(h.options(h.ledgers, slog.LevelDebug))
	if len(live) > 0 {
		h.run(runner)
	}
	h.acme, err = h.ledgers.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"})
	h.must(err)
	_, err = h.ledgers.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "rival", Name: "Rival Bank"})
	h.must(err)
	h.key = h.issue("acme", "aaaaaaaaaaaa", time.Time{}, "admin")
	return h
}

func (h *house) options(ledgers web.Ledgers, level slog.Level) web.Options {
	return web.Options{
		Listen: "127.0.0.1:0", Ledgers: ledgers, Models: h.models,
		Log:     slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: level})),
		Metrics: prometheus.NewRegistry(), Now: time.Now, Patience: 5 * time.Second, Deliverer: h.deliverer,
	}
}

func (h *house) openLedgers(wake func(slug string)) {
	ids, err := eventstore.OpenIDs(h.t.TempDir())
	h.must(err)
	h.t.Cleanup(func() { h.must(ids.Close()) })
	h.ledgers, err = eventstore.Open(h.t.Context(), eventstore.Options{
		Store: h.store, IDs: ids, Origin: "test.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Appended: func(slug string, _ []domain.Envelope) { wake(slug) },
	})
	h.must(err)
	h.t.Cleanup(h.ledgers.Close)
}

// run keeps the read models up to date until the end of the test.
func (h *house) run(runner *projections.Runner) {
	ctx, stop := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			h.t.Error(err)
		}
	})
}

// source is the ledgers as projections read them.
type source struct{ *house }

func (s source) Ledgers(ctx context.Context) ([]string, error) { return s.ledgers.Slugs(ctx) }

func (s source) Size(ctx context.Context, slug string) (int64, error) {
	return s.ledgers.Size(ctx, slug)
}

func (s source) Read(ctx context.Context, slug string, from int64) iter.Seq2[domain.Envelope, error] {
	return s.ledgers.Envelopes(ctx, slug, from)
}

// buffer is a log that may be written and read at once.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// in is the same house for a test within the test.
func (h *house) in(t testing.TB) *house {
	same := *h
	same.t = t
	return &same
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// issue makes an API key and gives its Authorization header.
func (h *house) issue(slug, id string, expires time.Time, scopes ...string) string {
	h.t.Helper()
	return h.issueKey(slug, access.Key{ID: id, Scopes: scopes, ExpiresAt: expires})
}

// issueKey makes an API key with a secret that all keys share.
func (h *house) issueKey(slug string, key access.Key) string {
	h.t.Helper()
	secret := strings.Repeat("0123456789abcdef", 4)
	hash := sha256.Sum256([]byte(secret))
	key.Name, key.SecretHash = "test", hex.EncodeToString(hash[:])
	_, err := h.ledgers.Execute(h.t.Context(), slug, "test", ledger.IssueKey(access.IssueKey{Key: key}))
	h.must(err)
	return "Bearer wc_" + key.ID + "." + secret
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	Status string         `json:"status"`
	Data   jsontext.Value `json:"data"`
	Page   *struct {
		Limit  int   `json:"limit"`
		Offset int   `json:"offset"`
		Total  int64 `json:"total"`
	} `json:"pagination"`
	Message   string `json:"message"`
	Code      string `json:"code"`
	Field     string `json:"field"`
	RequestID string `json:"request_id"`
}

// do sends a request with the admin key; header holds pairs that replace what is sent by default.
func (h *house) do(method, path, body string, header ...string) *answer {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", h.key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Del(header[i]); header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	h.conform(r, body, w.Code, w.Header(), w.Body.Bytes())
	a := &answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), a, json.RejectUnknownMembers(true)); err != nil {
			h.t.Fatalf("%s %s: answer %q: %v", method, path, a.body, err)
		}
	}
	return a
}

// until asks until the answer has the status, for at most 10 s.
func (h *house) until(status int, path string) *answer {
	h.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if a := h.do("GET", path, ""); a.status == status || time.Now().After(end) {
			return h.want(a, status)
		}
	}
}

// want fails the test unless the answer has the status, or one of several.
func (h *house) want(a *answer, status ...int) *answer {
	h.t.Helper()
	if !slices.Contains(status, a.status) {
		h.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// get reads a member of the answer's data by JSON pointer.
func (a *answer) get(pointer string) string {
	value := a.Data
	for name := range jsontext.Pointer(pointer).Tokens() {
		var members map[string]jsontext.Value
		var items []jsontext.Value
		if json.Unmarshal(value, &members) == nil {
			value = members[name]
		} else if json.Unmarshal(value, &items) == nil && name < "9" && int(name[0]-'0') < len(items) {
			value = items[name[0]-'0']
		} else {
			return ""
		}
	}
	return strings.Trim(string(value), `"`)
}

// size is the number of acme's events.
func (h *house) size() int64 {
	h.t.Helper()
	n, err := h.ledgers.Size(h.t.Context(), "acme")
	h.must(err)
	return n
}

const acme = "/api/v1/tenants/acme"

func customerBody(id string) string {
	return `{"external_id":"` + id + `","type":"individual","email":"ann@example.com","full_name":"Ann Example","country_of_residence":"DE"}`
}

func eventBody(id string) string {
	return `{"tenant_id":"acme","event_id":"` + id + `","event_type":"transaction.created","occurred_at":"2026-01-31T09:00:00Z","customer_id":"c-1",` +
		`"data":{"transaction":{"id":"t-1","amount":"12.50","currency":"EUR","direction":"out","counterparty":{"name":"Bob Example","country":"FR"}}}}`
}
