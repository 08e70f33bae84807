package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

func (s *Server) operationRoutes() []route {
	metrics := promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})
	return []route{
		{"GET", "/healthz", "", s.getHealth},
		{"GET", "/readyz", "", s.getReadiness},
		{"GET", "/metrics", "", func(c *call) error {
			c.status = http.StatusOK
			metrics.ServeHTTP(c.echo.Response().Writer, c.Request)
			return nil
		}},
	}
}

// getHealth says that the process answers.
func (s *Server) getHealth(c *call) error {
	return c.ok(http.StatusOK, struct {
		Service string `json:"service"`
	}{"whocomply"})
}

// readiness says whether requests should come here. It is open to all and so names no tenant.
type readiness struct {
	Store    string           `json:"store"` // ok or failed
	Draining bool             `json:"draining"`
	Models   []modelReadiness `json:"projections"`
	Warnings []string         `json:"warnings,omitempty"` // what needs a look, but lets requests come
}

// modelReadiness sums up a read model over all ledgers.
type modelReadiness struct {
	Model   projections.Model `json:"model"`
	Ledgers int               `json:"ledgers"`
	Applied int64             `json:"applied"` // events
	Lag     int64             `json:"lag"`     // events not applied yet
	Stopped int               `json:"stopped"` // ledgers on which it goes no further
	Error   string            `json:"error,omitempty"`
}

// getReadiness is a 503 when a write cannot become durable or a read would stay behind for ever. A
// read model that merely lags is ready: reads say their position. So is a process whose watchlists
// are too old: what it screens says so itself, and the warning here is for whoever fetches lists.
func (s *Server) getReadiness(c *call) error {
	ready := readiness{Store: "ok", Draining: s.draining.Load(), Models: s.modelReadiness()}
	ready.Warnings = s.staleLists(c.Context())
	problem := ""
	for _, m := range ready.Models {
		if m.Stopped > 0 {
			problem = "the read model " + string(m.Model) + " has stopped: mend what its error names, then run whocomply rebuild --projection " + string(m.Model)
		}
	}
	if s.Ledgers.Err() != nil {
		ready.Store = "failed"
		problem = "the event store has failed and accepts nothing more: look at the disk and the log, then start the process again"
	}
	if ready.Draining {
		problem = "the process is ending: send requests elsewhere"
	}
	if problem == "" {
		return c.ok(http.StatusOK, ready)
	}
	c.echo.Response().Header().Set("Retry-After", "5")
	return c.envelope(http.StatusServiceUnavailable, failure{
		Status: "error", Message: problem, Code: domain.Unavailable, RequestID: c.id, Data: ready,
	})
}

// staleLists says which shared lists are older than they may be.
func (s *Server) staleLists(ctx context.Context) (warnings []string) {
	if err := s.Ledgers.View(ctx, access.System, func(state *ledger.State) error {
		for _, p := range state.Screening.Published() {
			if now := s.Now(); !now.Before(p.Expires()) {
				warnings = append(warnings, fmt.Sprintf("watchlist %s was retrieved %s ago, its limit is %s: publish it anew; until then what is screened is marked stale",
					p.List, now.Sub(p.RetrievedAt).Truncate(time.Minute), p.Limit()))
			}
		}
		return nil
	}); err != nil {
		return []string{"the ages of the watchlists are not known"}
	}
	return warnings
}

func (s *Server) modelReadiness() []modelReadiness {
	var models []modelReadiness
	at := map[projections.Model]int{}
	for _, status := range s.Models.Status() {
		i, seen := at[status.Model]
		if !seen {
			i = len(models)
			at[status.Model], models = i, append(models, modelReadiness{Model: status.Model})
		}
		m := &models[i]
		m.Ledgers++
		m.Applied += status.Position + 1
		m.Lag += max(0, status.Size-1-status.Position)
		if status.Stopped != "" {
			m.Stopped++
			m.Error = status.Stopped
		}
	}
	return models
}

// modelCollector measures the read models when metrics are asked for.
type modelCollector struct{ server *Server }

var (
	modelLag     = prometheus.NewDesc("whocomply_projection_lag", "Events a read model has not applied yet, over all ledgers.", []string{"model"}, nil)
	modelStopped = prometheus.NewDesc("whocomply_projection_stopped", "Ledgers on which a read model goes no further.", []string{"model"}, nil)
)

// Describe implements prometheus.Collector.
func (m modelCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- modelLag
	descs <- modelStopped
}

// Collect implements prometheus.Collector.
func (m modelCollector) Collect(values chan<- prometheus.Metric) {
	for _, r := range m.server.modelReadiness() {
		values <- prometheus.MustNewConstMetric(modelLag, prometheus.GaugeValue, float64(r.Lag), string(r.Model))
		values <- prometheus.MustNewConstMetric(modelStopped, prometheus.GaugeValue, float64(r.Stopped), string(r.Model))
	}
}
