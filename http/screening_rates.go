package http

import (
	"net/http"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

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

// ratesCollector sums up the rates of the tenants in memory when metrics are asked for. It loads none and waits
// for none: one whose state is being changed just then counts as it was when it was last seen. Lists of a
// tenant's own are called own: their names are the tenant's affair.
type ratesCollector struct {
	ledgers Ledgers

	mu   sync.Mutex
	seen map[string]screening.Rates // by tenant
}

func newRatesCollector(ledgers Ledgers) *ratesCollector {
	return &ratesCollector{ledgers: ledgers, seen: map[string]screening.Rates{}}
}

var (
	screenedCustomers = prometheus.NewDesc("whocomply_screened_customers", "Customers that have been screened, of all tenants in memory.", nil, nil)
	screeningHits     = prometheus.NewDesc("whocomply_screening_hits", "Hits of the last screenings of customers, of all tenants in memory.", []string{"list", "category"}, nil)
	screeningRate     = prometheus.NewDesc("whocomply_screening_hits_per_1000_customers", "The same for each 1,000 customers screened.", []string{"list", "category"}, nil)
)

// Describe implements prometheus.Collector.
func (r *ratesCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- screenedCustomers
	descs <- screeningHits
	descs <- screeningRate
}

// Collect implements prometheus.Collector.
func (r *ratesCollector) Collect(values chan<- prometheus.Metric) {
	all := r.rates()
	values <- prometheus.MustNewConstMetric(screenedCustomers, prometheus.GaugeValue, float64(all.Customers))
	for _, source := range all.Sources() {
		hits := all.Hits[source]
		values <- prometheus.MustNewConstMetric(screeningHits, prometheus.GaugeValue, float64(hits), source.List, source.Category)
		values <- prometheus.MustNewConstMetric(screeningRate, prometheus.GaugeValue, all.PerThousand(hits), source.List, source.Category)
	}
}

// rates sums up the tenants as they were last seen.
func (r *ratesCollector) rates() screening.Rates {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ledgers.Glance(func(s *ledger.State) { r.seen[s.Slug()] = sharedRates(s) })
	all := screening.Rates{Hits: map[screening.HitSource]int{}}
	for _, of := range r.seen {
		all.Customers += of.Customers
		all.WithHits += of.WithHits
		for source, hits := range of.Hits {
			all.Hits[source] += hits
		}
	}
	return all
}

// ownList stands for any list of a tenant's own.
const ownList = "own"

// sharedRates gives a tenant's rates without the names of its own lists.
func sharedRates(s *ledger.State) screening.Rates {
	rates, adopted := s.Screening.Rates(), s.Screening.Adopted()
	hits := make(map[screening.HitSource]int, len(rates.Hits))
	for source, n := range rates.Hits {
		if !slices.ContainsFunc(adopted, func(p screening.Publication) bool { return p.List == source.List }) {
			source.List = ownList
		}
		hits[source] += n
	}
	rates.Hits = hits
	return rates
}
