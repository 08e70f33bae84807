package screening_test

import (
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// TestRates draws screenings of some customers, again and again, and counts the hits of the last ones
// by hand.
func TestRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, last := screening.New(), map[string]screening.Completed{}
		for range rapid.IntRange(0, 30).Draw(t, "screenings") {
			c := screening.Completed{CustomerID: fmt.Sprint("cus_", rapid.IntRange(0, 5).Draw(t, "customer"))}
			for range rapid.IntRange(0, 3).Draw(t, "hits") {
				c.Hits = append(c.Hits, domain.Hit{
					List:     domain.ListVersion{List: rapid.SampledFrom([]string{"sdn", "un"}).Draw(t, "list")},
					Category: rapid.SampledFrom([]string{"sanctions", "pep"}).Draw(t, "category"),
				})
			}
			s.Evolve(&domain.Envelope{Event: c})
			last[c.CustomerID] = c
		}
		want, withHits := map[screening.HitSource]int{}, 0
		for _, c := range last {
			for _, h := range c.Hits {
				want[screening.HitSource{List: h.List.List, Category: h.Category}]++
			}
			withHits += min(1, len(c.Hits))
		}
		if got := s.Rates(); got.Customers != len(last) || got.WithHits != withHits || !maps.Equal(got.Hits, want) || len(got.Sources()) != len(want) {
			t.Fatalf("%+v, want %d customers, %d with hits, %v", got, len(last), withHits, want)
		}
	})
	if r := (screening.Rates{Customers: 400}); r.PerThousand(3) != 7.5 || (screening.Rates{}).PerThousand(0) != 0 {
		t.Errorf("3 hits of 400 customers are %v per thousand", r.PerThousand(3))
	}
}
