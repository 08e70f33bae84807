// Package http is the REST API.
//
//	server.go      options, listening, serving, draining; the table of routes
//	call.go        one request being answered: body in, envelope out
//	query.go       paths, query strings, pages, and reads that wait for a position
//	auth.go        API keys, tenants, scopes and networks
//	limits.go      how many requests an API key may send
//	errors.go      what an error is called, and its status
//	observe.go     metrics, access log, request ids
//	<resource>.go  routes, handlers and wire types of one resource
//	etag.go        answers that the caller has already
//	deliver.go     the delivery of webhooks, in files of that name
//	docs.go        the API described: openapi.yaml and the page /docs
//	import.go      a file of customers, events or postings being taken in, line by line
//
// # Answers
//
// What succeeds answers {"status":"ok","data":…}, what fails
// {"status":"error","message":…,"code":…,"field":…,"request_id":…}; errors.go lists the codes. Bodies
// are JSON in UTF-8 without unknown or repeated members, at most 1 MiB; anything else is a 400 (413,
// 415) that names the field. A query parameter that an endpoint does not know is a 400 too.
//
// # Writes
//
// A write answers once its events are durable: 201 if it made something, 200 if that was there
// before, 204 if it took something away. The header Ledger-Seq is the position a read must have
// reached to show the effect, and the member receipt names the record. The same content under the
// same id of the caller's is answered with what was recorded the first time, for ever; other content
// is a 409. Where the body has no id of its own, the header Idempotency-Key is one: the first request
// under a key that succeeds binds it to its route and content, also if there was nothing to do. A
// request that is refused binds nothing, so that it can be mended and sent again.
//
// # Reads
//
// A read comes from a read model and says with the header Ledger-Seq the position it is not older
// than. With the header Min-Ledger-Seq, or the parameter min_seq, it waits until the read model is
// there, at most Options.Patience; then it is a 503 that says how far the read model has come. A
// customer, a risk view, an account and a balance carry an ETag, and are a 304 to whoever sends it
// back as If-None-Match.
package http

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

// Ledgers is the side of the ledgers that requests reach. Errors are *domain.Error where the caller
// of the API can do something about them. All methods may be called at once.
type Ledgers interface {
	// Execute carries out a command and returns once it is durable. A repetition gives an Outcome
	// without a Reply: Find gives the event that was recorded the first time.
	Execute(ctx context.Context, slug, actor string, cmd ledger.Command) (ledger.Outcome, error)
	// ExecuteAll carries out commands as Execute does, decided in their order and sharing commits. Outcomes
	// and errors stand in the places of their commands. None may need what another makes.
	ExecuteAll(ctx context.Context, slug, actor string, cmds []ledger.Command) ([]ledger.Outcome, []error)
	// View lets look read a ledger's state under its read lock; domain.Unknown if there is no such ledger.
	View(ctx context.Context, slug string, look func(*ledger.State) error) error
	// Glance lets look read the states of the tenants in memory that nobody is changing just now. It waits for nobody.
	Glance(look func(*ledger.State))
	// Find gives the event bound to an idempotency key such as "event/<event_id>", or domain.Unknown.
	Find(ctx context.Context, slug, key string) (domain.Envelope, error)
	// SeqOf gives the position of the event that Find gives, without reading it.
	SeqOf(ctx context.Context, slug, key string) (seq int64, found bool, err error)
	// Events gives the durable events at some positions, which must rise.
	Events(ctx context.Context, slug string, seqs []int64) ([]domain.Envelope, error)
	// Read gives at most limit durable records in order, the first of them at the position from.
	Read(ctx context.Context, slug string, from int64, limit int) ([]chain.Record, error)
	// Payloads yields what the records of a ledger hold, unparsed, from a position up to the durable end.
	Payloads(ctx context.Context, slug string, from int64) iter.Seq2[domain.Payload, error]
	// Replay makes the decision of the event at a position again, from the ledger alone.
	Replay(ctx context.Context, slug string, seq int64) (*ledger.Replayed, error)
	// Size is the number of durable records of a ledger.
	Size(ctx context.Context, slug string) (int64, error)
	// Checkpoint signs the durable end of a ledger as C2SP tlog-checkpoint.
	Checkpoint(ctx context.Context, slug string) ([]byte, error)
	// Tile gives a hash tile or an entry bundle as C2SP tlog-tiles serves it; domain.Unknown if the
	// durable end has not reached it.
	Tile(ctx context.Context, slug string, t chain.Tile) ([]byte, error)
	// Prove shows that an event is in a ledger. The proof carries the event's signed note.
	Prove(ctx context.Context, slug string, seq int64) (chain.Proof, error)
	// Name gives the full name of a ledger, "<origin>/<slug>".
	Name(slug string) string
	// KeyOwner gives the slug of the tenant that issued an API key, whatever became of the key.
	KeyOwner(ctx context.Context, keyID string) (slug string, known bool, err error)
	// Err says why no ledger can be written any more, nil if they can.
	Err() error
}

// Options are what a Server rests on.
type Options struct {
	Listen          string // host:port
	TLSCert, TLSKey string // PEM files; without them the server speaks plain HTTP
	BehindProxy     bool   // plain HTTP beyond loopback is wanted: a proxy in front ends TLS

	Ledgers  Ledgers
	Models   *projections.DB
	Log      *slog.Logger
	Metrics  *prometheus.Registry // metrics are registered here and served from here
	Now      func() time.Time
	Patience time.Duration // how long a read waits for the position asked for; 2 s if zero
	Rate     float64       // requests a second that one API key may send; 0 does not limit
	Jobs     int           // background jobs that run at once, of some half of the cores; 1 if zero

	Deliverer *Deliverer // of webhooks; it runs beside the server
}

// Timeouts of the server and bounds of a request.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 120 * time.Second
	drainTimeout      = 20 * time.Second
	defaultPatience   = 2 * time.Second

	maxHeader = 64 << 10
	maxBody   = 1 << 20
)

// Server is the REST API. It is an http.Handler, and listens with Listen and Serve.
type Server struct {
	Options
	router   *echo.Echo
	checks   *validator.Validate
	metrics  *metrics
	lost     *endpoint // answers what no route matches
	calls    sync.Pool // of *call
	uses     keyUses
	limits   *limiters
	draining atomic.Bool

	backtests *backtests
}

// New makes a server that is ready to answer.
func New(o Options) *Server {
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	s := &Server{Options: o, router: echo.New(), checks: newChecks(), uses: keyUses{models: o.Models}, limits: newLimiters(o.Rate)}
	s.metrics = newMetrics(s)
	s.backtests = newBacktests(o.Now, max(1, o.Jobs), func(slug, id string, err error) {
		o.Log.Error("backtest failed", "ledger", slug, "backtest", id, "error", err)
	})
	s.calls.New = func() any { return &call{server: s} }
	s.lost = s.endpoint(route{path: "unmatched"})
	s.router.HTTPErrorHandler = s.unmatched
	for _, r := range s.routes() {
		s.router.Add(r.method, r.path, s.endpoint(r).serve)
	}
	return s
}

// route is one endpoint of the API. A path with :slug, or a scope, wants an API key.
type route struct {
	method string
	path   string
	scope  string // that the key must have; empty for the endpoints open to all
	handle func(*call) error
}

const (
	api     = "/api/v1"
	tenants = api + "/tenants/:slug"
)

// routes lists the whole API.
func (s *Server) routes() []route {
	return slices.Concat(
		s.customerRoutes(),
		s.eventRoutes(), s.messageRoutes(),
		s.accountRoutes(),
		s.postingRoutes(),
		s.bookRoutes(),
		s.ruleRoutes(),
		s.backtestRoutes(),
		s.referenceRoutes(),
		s.riskModelRoutes(),
		s.overrideRoutes(),
		s.watchlistRoutes(),
		s.alertRoutes(), s.screeningRoutes(), s.nameBatchRoutes(),
		s.webhookRoutes(),
		s.importRoutes(),
		s.keyRoutes(),
		s.ledgerRoutes(),
		s.operationRoutes(),
		s.docRoutes(),
	)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Listen opens the address of the options. It refuses to speak plain HTTP beyond loopback unless
// there is a proxy that ends TLS: API keys would cross the network readable.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(s.Options.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address: %w", err)
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return nil, errors.New("a TLS certificate and its key come together")
	}
	if s.TLSCert == "" && !s.BehindProxy && !loopback(host) {
		return nil, fmt.Errorf("%s is reachable beyond this machine: give --tls-cert and --tls-key, or --behind-proxy if a proxy in front ends TLS", s.Options.Listen)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", s.Options.Listen)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Serve answers on the listener until ctx ends, then lets the requests under way finish and says
// on /readyz that no more should come. It closes the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	var kept sync.WaitGroup
	kept.Go(func() { s.keepKeyUses(keeping) })
	defer kept.Wait()
	defer s.backtests.end()
	defer stopKeeping()
	ended := make(chan error, 1)
	go func() {
		if s.TLSCert != "" {
			ended <- server.ServeTLS(l, s.TLSCert, s.TLSKey)
		} else {
			ended <- server.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
