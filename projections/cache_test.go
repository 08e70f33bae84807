package projections_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/projections"
)

// TestRiskViewIsNeverOlderThanItsPosition reads views while they change all the time. The score of
// customer i after the event at seq is known, and as_of must name the last change up to the position.
func TestRiskViewIsNeverOlderThanItsPosition(t *testing.T) {
	const customers, changes = 5, 4000
	source := newMemory()
	for i := range customers {
		source.add("acme", pushed(fmt.Sprint(i), 1, ""))
	}
	for i := range changes {
		source.add("acme", rated(fmt.Sprint(i*7%customers), i%100, "low"))
	}
	lastChange := func(customer int, upTo int64) int64 {
		for seq := upTo; seq >= customers; seq-- {
			if source.ledgers["acme"][seq].Subject == fmt.Sprint("cus_", customer) {
				return seq
			}
		}
		return int64(customer)
	}
	m := openNew(t, source)
	m.reach(t, "acme", source.show("acme", customers))
	var done atomic.Bool
	var readers sync.WaitGroup
	for reader := range 4 {
		readers.Go(func() {
			for i := reader; !done.Load(); i++ {
				name := []string{"cus_", "ext-"}[i%2] + fmt.Sprint(i%customers)
				text, position, err := m.RiskView(t.Context(), "acme", name)
				var view projections.RiskView
				if err != nil || json.Unmarshal(text, &view) != nil {
					t.Errorf("%s: %s, %v", name, text, err)
					return
				}
				if least := lastChange(i%customers, position); view.AsOf.Seq < least || view.CustomerID != fmt.Sprint("cus_", i%customers) {
					t.Errorf("%s at position %d is as of %d, want %d or later", name, position, view.AsOf.Seq, least)
					return
				}
			}
		})
	}
	for shown := int64(customers); shown < customers+changes; shown += 10 {
		source.show("acme", 10)
		m.Wake("acme")
		if shown%100 == 5 {
			m.reach(t, "acme", shown+9)
		}
	}
	done.Store(true)
	readers.Wait()
}

// TestRiskViewAfterRebuild shows that a rebuild leaves nothing behind in the cache.
func TestRiskViewAfterRebuild(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", pushed("1", 1, ""), rated("1", 5, "low")))
	if _, _, err := m.RiskView(t.Context(), "acme", "cus_1"); err != nil {
		t.Fatal(err)
	}
	source.mu.Lock()
	source.ledgers["acme"][0].Event = pushed("2", 1, "")
	source.ledgers["acme"][1].Event = rated("2", 5, "low")
	source.mu.Unlock()
	if err := m.Rebuild(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.RiskView(t.Context(), "acme", "cus_1"); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("error %v, want not_found", err)
	}
}
