package screening

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// HitSource is a list and a category of its entries.
type HitSource struct {
	List     string `json:"list"`
	Category string `json:"category"`
}

// Rates says how many hits there are among the last screenings of customers.
type Rates struct {
	Customers int // that were screened
	WithHits  int // of these, whose last result has any
	Hits      map[HitSource]int
}

// Rates counts as of now.
func (s *State) Rates() Rates {
	return Rates{Customers: len(s.screenings), WithHits: s.withHits, Hits: maps.Clone(s.hits)}
}

// Sources lists where hits come from, ordered by list and category.
func (r Rates) Sources() []HitSource {
	return slices.SortedFunc(maps.Keys(r.Hits), func(a, b HitSource) int {
		return cmp.Or(strings.Compare(a.List, b.List), strings.Compare(a.Category, b.Category))
	})
}

// PerThousand is hits for each 1,000 customers screened; 0 if there are none.
func (r Rates) PerThousand(hits int) float64 {
	if r.Customers == 0 {
		return 0
	}
	return float64(hits) * 1000 / float64(r.Customers)
}

// count adds the hits of a result, or takes them away.
func (s *State) count(c *Completed, by int) {
	if len(c.Hits) > 0 {
		s.withHits += by
	}
	for i := range c.Hits {
		from := HitSource{c.Hits[i].List.List, c.Hits[i].Category}
		if s.hits[from] += by; s.hits[from] == 0 {
			delete(s.hits, from)
		}
	}
}
