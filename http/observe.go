package http

import (
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain"
)

// metrics are what the server counts. Routes are named by their pattern, never by an address.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "whocomply_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "whocomply_http_request_seconds", Help: "Time from the request's headers to the last byte of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "whocomply_http_in_flight", Help: "Requests being answered.",
		}),
	}
	s.Metrics.MustRegister(m.requests, m.seconds, m.inFlight, modelCollector{s}, newRatesCollector(s.Ledgers))
	return m
}

// endpoint is a route with what is observed of it.
type endpoint struct {
	server   *Server
	route    route
	requests *prometheus.CounterVec // by status
	seconds  prometheus.Observer
}

func (s *Server) endpoint(r route) *endpoint {
	labels := prometheus.Labels{"method": r.method, "route": r.path}
	return &endpoint{
		server: s, route: r,
		requests: s.metrics.requests.MustCurryWith(labels), seconds: s.metrics.seconds.With(labels),
	}
}

// serve answers a request that matched the route.
func (e *endpoint) serve(ec echo.Context) error {
	e.answer(ec, e.route.handle)
	return nil
}

// answer lets handle answer and observes how it went.
func (e *endpoint) answer(ec echo.Context, handle func(*call) error) {
	started := time.Now()
	e.server.metrics.inFlight.Inc()
	defer e.server.metrics.inFlight.Dec()
	c := e.server.acquire(ec)
	if err := e.run(c, handle); err != nil {
		c.fail(err)
	}
	took := time.Since(started)
	e.requests.WithLabelValues(strconv.Itoa(c.status)).Inc()
	e.seconds.Observe(took.Seconds())
	e.log(c, took)
	e.server.release(c)
}

// run authenticates and handles. A panic is an error like any other, save the one by which a
// handler gives up the connection.
func (e *endpoint) run(c *call, handle func(*call) error) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = &panicError{value: p, stack: debug.Stack()}
		}
	}()
	if e.route.scope != "" {
		if err := c.authenticate(e.route.scope); err != nil {
			return err
		}
	}
	return handle(c)
}

// log writes the access log: nothing of the request that could name a person.
func (e *endpoint) log(c *call, took time.Duration) {
	if !e.server.Log.Enabled(c.Context(), slog.LevelDebug) {
		return
	}
	key := ""
	if c.caller.key != nil {
		key = c.caller.key.ID
	}
	e.server.Log.LogAttrs(c.Context(), slog.LevelDebug, "request",
		slog.String("method", c.Method), slog.String("route", e.route.path), slog.Int("status", c.status),
		slog.Duration("took", took), slog.String("request_id", c.id), slog.String("key_id", key))
}

// requestID takes the caller's X-Request-Id if it is short and harmless, else makes a ULID.
func (s *Server) requestID(r *http.Request) string {
	if sent := r.Header["X-Request-Id"]; len(sent) == 1 && isRequestID(sent[0]) {
		return sent[0]
	}
	var seed [16]byte
	rand.Read(seed[6:])
	milliseconds := uint64(s.Now().UnixMilli())
	binary.BigEndian.PutUint16(seed[0:], uint16(milliseconds>>32))
	binary.BigEndian.PutUint32(seed[2:], uint32(milliseconds))
	return domain.NewIDs(seed).Next().String()
}

func isRequestID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
