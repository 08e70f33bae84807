package ledger_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
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

// BenchmarkRecordPosting measures the two steps of a posting between two accounts: of the institution's
// own and of customers', with rules on other events and on postings.
func BenchmarkRecordPosting(b *testing.B) {
	for _, row := range []struct{ name, owner, types string }{
		{"no rule", "c-0", ""},
		{"rules on transactions", "c-0", "transaction.*"},
		{"rules on postings, own accounts", "", "posting.*"},
		{"rules on postings, customers' accounts", "c-0", "posting.*"},
	} {
		b.Run(row.name, func(b *testing.B) {
			d := newDesk(b, "acme")
			d.must(b, push(person("c-0", "Ann Larsen")))
			for _, id := range []string{"x", "y"} {
				d.must(b, &ledger.OpenAccount{OpenAccount: posting.OpenAccount{ID: id, Name: id, Type: "liability", Currency: "EUR", CustomerID: row.owner}})
			}
			for range 10 {
				if row.types != "" {
					d.must(b, ledger.CreateRule(monitoring.CreateRule{Rule: monitoring.Rule{
						Name: "Rule", EventTypes: []string{row.types}, Severity: domain.Low, Condition: `transaction.amount > 10000 && customer.last("24h").sum() > 20000`,
					}}))
				}
			}
			amount := number(b, "1250.00")
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				c := &ledger.RecordPosting{Record: posting.Record{ID: fmt.Sprint(i), EffectiveAt: opened, Entries: []posting.Entry{
					{Account: "x", Direction: posting.Debit, Amount: amount, Currency: "EUR"}, {Account: "y", Direction: posting.Credit, Amount: amount, Currency: "EUR"},
				}}}
				m := d.meta()
				if err := ledger.Prepare(&sync.Mutex{}, d.state, m, c); err != nil {
					b.Fatal(err)
				}
				if _, _, err := ledger.Decide(d.state, m, c); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
