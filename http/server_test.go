package http_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
	"whocomply/eventstore"
	web "whocomply/http"
	"whocomply/projections"
)

// ledgers is the writer's side as the server wants it.
type ledgers struct{ *eventstore.Ledgers }

func (l ledgers) Read(ctx context.Context, slug string, from int64, limit int) (records []chain.Record, err error) {
	for stored, err := range l.Records(ctx, slug, from) {
		if err != nil {
			return nil, err
		}
		if records = append(records, stored.Record); len(records) == limit {
			break
		}
	}
	return records, nil
}

// source is the writer's side as projections want it.
type source struct{ all *eventstore.Ledgers }

func (s source) Ledgers(ctx context.Context) ([]string, error) { return s.all.Slugs(ctx) }

func (s source) Size(ctx context.Context, slug string) (int64, error) { return s.all.Size(ctx, slug) }

func (s source) Read(ctx context.Context, slug string, from int64) iter.Seq2[domain.Envelope, error] {
	return s.all.Envelopes(ctx, slug, from)
}

// house is a server over real ledgers in memory, with the tenants acme and rival.
type house struct {
	*web.Server
	t       testing.TB
	store   *eventstore.Memory
	ledgers *eventstore.Ledgers
	runner  *projections.Runner
	log     *bytes.Buffer
	acme    *access.Tenant
	key     string // of acme, with the scope admin
}

func openHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, store: eventstore.NewMemory(), log: &bytes.Buffer{}}
	ids, err := eventstore.OpenIDs(t.TempDir())
	h.must(err)
	t.Cleanup(func() { ids.Close() })
	log := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.ledgers, err = eventstore.Open(t.Context(), eventstore.Options{
		Store: h.store, IDs: ids, Origin: "test.example", Key: ed25519.NewKeyFromSeed(make([]byte, 32)),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Appended: func(slug string, _ []domain.Envelope) {
			if h.runner != nil {
				h.runner.Wake(slug)
			}
		},
	})
	h.must(err)
	t.Cleanup(h.ledgers.Close)
	h.Server = web.New(web.Options{
		Listen: "127.0.0.1:0", Ledgers: ledgers{h.ledgers}, Models: h.openModels(), Log: log,
		Metrics: prometheus.NewRegistry(), Now: time.Now, Patience: 200 * time.Millisecond,
	})
	h.acme, err = h.ledgers.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "acme", Name: "Acme Bank"})
	h.must(err)
	_, err = h.ledgers.CreateTenant(t.Context(), "test", access.CreateTenant{Slug: "rival", Name: "Rival Bank"})
	h.must(err)
	h.key = h.issue("acme", "aaaaaaaaaaaa", time.Time{}, "admin")
	return h
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
	secret := strings.Repeat("0123456789abcdef", 4)
	hash := sha256.Sum256([]byte(secret))
	_, err := h.ledgers.Execute(h.t.Context(), slug, "test", ledger.IssueKey(access.IssueKey{Key: access.Key{
		ID: id, Name: "test", SecretHash: hex.EncodeToString(hash[:]), Scopes: scopes, ExpiresAt: expires,
	}}))
	h.must(err)
	return "Bearer wc_" + id + "." + secret
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
	r := httptest.NewRequest(method, path, strings.NewReader(body))
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
	a := &answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), a, json.RejectUnknownMembers(true)); err != nil {
			h.t.Fatalf("%s %s: answer %q: %v", method, path, a.body, err)
		}
	}
	return a
}

// want fails the test unless the answer has the status.
func (h *house) want(a *answer, status int) *answer {
	h.t.Helper()
	if a.status != status {
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
