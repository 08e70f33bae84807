package main

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"whocomply/eventstore"
)

// benchBareCmd serves what the product is compared with: the least a server can do that keeps the same promise, each
// event durable, hash-chained and signed before its answer. It has no tenants, keys, checks, ids, rules or read
// models; what the product costs more is what those cost.
type benchBareCmd struct {
	Data   string `help:"Data directory." required:"" type:"path"`
	Listen string `help:"Address to listen on." required:""`
}

// Run serves until the context ends.
func (c *benchBareCmd) Run(ctx context.Context) (err error) {
	tuneRuntime()
	store, err := eventstore.OpenBolt(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	writer, err := newBareWriter(store)
	if err != nil {
		return err
	}
	defer writer.close()
	server := &http.Server{Addr: c.Listen, Handler: bareHandler(writer), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() { stopped <- server.Shutdown(context.WithoutCancel(ctx)) })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// Paths of the bare server.
const (
	barePostPath  = "/events"
	bareGetPath   = "/fixed"
	bareStatsPath = "/stats"
	healthPath    = "/healthz"
)

func bareHandler(w *bareWriter) http.Handler {
	e := echo.New()
	e.POST(barePostPath, w.post)
	e.GET(bareGetPath, func(c echo.Context) error { return c.JSONBlob(http.StatusOK, bareView) })
	e.GET(bareStatsPath, func(c echo.Context) error {
		return c.JSON(http.StatusOK, bareStats{Events: w.events.Load(), Batches: w.batches.Load()})
	})
	e.GET(healthPath, func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	return e
}

// bareStats says how the events were grouped.
type bareStats struct {
	Events  int64 `json:"events"`
	Batches int64 `json:"batches"`
}

// benchEvent is the body of POST /api/v1/events/webhook as the bench sends it.
type benchEvent struct {
	TenantID   string    `json:"tenant_id"`
	EventID    string    `json:"event_id"`
	EventType  string    `json:"event_type"`
	OccurredAt time.Time `json:"occurred_at"`
	CustomerID string    `json:"customer_id"`
	Data       struct {
		Transaction benchTransaction `json:"transaction"`
	} `json:"data"`
}

type benchTransaction struct {
	ID           string            `json:"id"`
	Amount       string            `json:"amount"`
	Currency     string            `json:"currency"`
	Direction    string            `json:"direction"`
	Channel      string            `json:"channel"`
	Method       string            `json:"method"`
	Counterparty benchCounterparty `json:"counterparty"`
	Purpose      string            `json:"purpose"`
	Account      string            `json:"account"`
	Reference    string            `json:"reference"`
}

type benchCounterparty struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Bank    string `json:"bank"`
	Country string `json:"country"`
}

const maxBareBody = 64 << 10

// post records an event and answers with its place in the ledger. The payload is the body as it came.
func (w *bareWriter) post(c echo.Context) error {
	n := c.Request().ContentLength
	if n < 0 || n > maxBareBody {
		return echo.ErrStatusRequestEntityTooLarge
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.Request().Body, body); err != nil {
		return err
	}
	var event benchEvent
	if err := json.Unmarshal(body, &event, json.RejectUnknownMembers(true)); err != nil {
		return echo.ErrBadRequest
	}
	r, err := w.record("activity.recorded", event.CustomerID, body)
	if err != nil {
		return err
	}
	reply := make([]byte, 0, 128)
	reply = strconv.AppendInt(append(reply, `{"status":"ok","data":{"seq":`...), r.seq, 10)
	reply = base64.StdEncoding.AppendEncode(append(reply, `,"hash":"`...), r.hash[:])
	return c.JSONBlob(http.StatusCreated, append(reply, `"}}`...))
}

// bareView is about what a risk view is, without anything that would have to be looked up.
var bareView = []byte(`{"status":"ok","data":{"id":"cus_01K00000000000000000000000","rating":"low","composite_score":12,` +
	`"sanctions_flag":false,"pep_flag":false,"edd_required":false,"edd_reasons":[],"factors":[` +
	`{"factor":"geography","weight":30,"score":10,"reason":"resident of NL","seq":41},` +
	`{"factor":"product","weight":20,"score":15,"reason":"no account of higher risk","seq":41},` +
	`{"factor":"activity","weight":50,"score":12,"reason":"nothing in the last 90 days","seq":977}],` +
	`"kyc_status":"verified","open_alerts":0,"as_of":{"seq":977,"hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",` +
	`"recorded_at":"2026-01-31T09:00:00.000000Z"}}}`)
