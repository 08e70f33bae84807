package ledger_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
)

// BenchmarkRecordEvent measures the two steps of an event, with no rule and with the 25 typologies
// of the catalogue live: what runs beside others, and what runs in order.
func BenchmarkRecordEvent(b *testing.B) {
	const customers = 2000
	for _, rules := range []int{0, 25} {
		b.Run(fmt.Sprintf("%d rules", rules), func(b *testing.B) {
			d := newDesk(b, "acme")
			for i := range customers {
				d.must(b, push(person(fmt.Sprint("c-", i), "Ann Larsen")))
			}
			for _, template := range monitoring.Catalogue()[:rules] {
				rule, err := template.Rule(nil)
				if err != nil {
					b.Fatal(err)
				}
				d.must(b, ledger.CreateRule(monitoring.CreateRule{Rule: rule}))
			}
			var prepared, decided time.Duration
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				c := &ledger.RecordEvent{Input: activity.Input{
					EventID: fmt.Sprint(i), EventType: "transaction.created", OccurredAt: opened.Add(time.Duration(i) * time.Minute), Customer: fmt.Sprint("c-", i*7919%customers),
					Data: jsontext.Value(fmt.Sprintf(`{"transaction":{"id":"t","amount":"%d.50","currency":"EUR","direction":"out","channel":"online","account":"a-%d","counterparty":{"name":"Somebody","account":"DE%d","country":"DE"}}}`, 10+i%900, i*7919%customers, i*31%9000)),
				}}
				d.now = c.OccurredAt
				m := d.meta()
				start := time.Now()
				if err := ledger.Prepare(&sync.Mutex{}, d.state, m, c); err != nil {
					b.Fatal(err)
				}
				middle := time.Now()
				if _, _, err := ledger.Decide(d.state, m, c); err != nil {
					b.Fatal(err)
				}
				prepared, decided = prepared+middle.Sub(start), decided+time.Since(middle)
				i++
			}
			b.ReportMetric(float64(prepared.Nanoseconds())/float64(i), "ns/prepare")
			b.ReportMetric(float64(decided.Nanoseconds())/float64(i), "ns/decide")
		})
	}
}
