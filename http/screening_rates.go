package http

import (
	"context"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// hitRatesAnswer says how often customers meet somebody listed, as the ledger stands.
type hitRatesAnswer struct {
	Customers   int             `json:"customers"` // that were screened
	WithHits    int             `json:"with_hits"`
	NoHit       int             `json:"no_hit"`
	Hits        int             `json:"hits"`
	PerThousand float64         `json:"hits_per_1000_customers"`
	Lists       []hitRateAnswer `json:"lists"` // with hits, by name and category
}

type hitRateAnswer struct {
	screening.HitSource
	Hits        int     `json:"hits"`
	PerThousand float64 `json:"hits_per_1000_customers"`
}

// getRates is told by the ledger's state itself: it keeps count.
func (s *Server) getRates(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	var rates screening.Rates
	if err := c.view(func(s *ledger.State) error { rates = s.Screening.Rates(); return nil }); err != nil {
		return err
	}
	answer := hitRatesAnswer{Customers: rates.Customers, WithHits: rates.WithHits, NoHit: rates.Customers - rates.WithHits, Lists: []hitRateAnswer{}}
	for _, source := range rates.Sources() {
		hits := rates.Hits[source]
		answer.Hits += hits
		answer.Lists = append(answer.Lists, hitRateAnswer{source, hits, rates.PerThousand(hits)})
	}
	answer.PerThousand = rates.PerThousand(answer.Hits)
	return c.ok(http.StatusOK, answer)
}

// ratesCollector sums up the rates of all tenants when metrics are asked for. Lists of a tenant's own
// are called own: their names are the tenant's affair.
type ratesCollector struct{ server *Server }

var (
	screenedCustomers = prometheus.NewDesc("whocomply_screened_customers", "Customers that have been screened, of all tenants.", nil, nil)
	screeningHits     = prometheus.NewDesc("whocomply_screening_hits", "Hits of the last screenings of customers, of all tenants.", []string{"list", "category"}, nil)
	screeningRate     = prometheus.NewDesc("whocomply_screening_hits_per_1000_customers", "The same for each 1,000 customers screened.", []string{"list", "category"}, nil)
)

// Describe implements prometheus.Collector.
func (r ratesCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- screenedCustomers
	descs <- screeningHits
	descs <- screeningRate
}

// Collect implements prometheus.Collector.
func (r ratesCollector) Collect(values chan<- prometheus.Metric) {
	all := r.server.rates(context.Background())
	values <- prometheus.MustNewConstMetric(screenedCustomers, prometheus.GaugeValue, float64(all.Customers))
	for _, source := range all.Sources() {
		hits := all.Hits[source]
		values <- prometheus.MustNewConstMetric(screeningHits, prometheus.GaugeValue, float64(hits), source.List, source.Category)
		values <- prometheus.MustNewConstMetric(screeningRate, prometheus.GaugeValue, all.PerThousand(hits), source.List, source.Category)
	}
}

// rates sums up the tenants whose ledgers the read models know. One that cannot be read is left out.
func (s *Server) rates(ctx context.Context) screening.Rates {
	all := screening.Rates{Hits: map[screening.HitSource]int{}}
	for _, slug := range s.tenants() {
		_ = s.Ledgers.View(ctx, slug, func(state *ledger.State) error {
			of := state.Screening.Rates()
			all.Customers += of.Customers
			all.WithHits += of.WithHits
			for source, hits := range of.Hits {
				if !slices.ContainsFunc(state.Screening.Adopted(), func(p screening.Publication) bool { return p.List == source.List }) {
					source.List = ownList
				}
				all.Hits[source] += hits
			}
			return nil
		})
	}
	return all
}

// ownList stands for any list of a tenant's own.
const ownList = "own"

// tenants names the tenants whose ledgers the read models know.
func (s *Server) tenants() (slugs []string) {
	for _, status := range s.Models.Status() { // ordered by ledger
		if n := len(slugs); status.Ledger != access.System && (n == 0 || slugs[n-1] != status.Ledger) {
			slugs = append(slugs, status.Ledger)
		}
	}
	return slugs
}
