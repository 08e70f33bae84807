package monitoring_test

import (
	"fmt"
	"testing"

	"whocomply/domain/monitoring"
)

// realistic are ten rules as an institution has them.
var realistic = []string{
	`transaction.channel == "cash" && transaction.amount >= 10000`,
	`transaction.counterparty.country in ["IR", "KP", "MM"]`,
	`transaction.amount >= 1000 && transaction.amount % 1000 == 0`,
	`transaction.channel == "cash" && transaction.amount >= 8500 && transaction.amount < 10000`,
	`transaction.direction == "out" && (customer.pep_declared || risk.pep_flag) && transaction.amount > 5000`,
	`transaction.counterparty.country != "" && transaction.counterparty.country != customer.country_of_residence`,
	`risk.rating in ["high", "prohibited"] && transaction.amount > 1000`,
	`customer.kyc_status != "verified" && transaction.direction == "out"`,
	`customer.industry in ["gambling", "crypto", "arms"] && transaction.method == "wire" && transaction.amount > 25000.50`,
	`transaction.currency == "USD" && transaction.amount >= 9999.99 && !has(transaction.purpose)`,
}

func realisticSet() *monitoring.RuleSet {
	var rules []monitoring.Rule
	for i, condition := range realistic {
		r := rule(condition)
		r.ID, r.EventTypes = fmt.Sprintf("rul_%02d", i), []string{"transaction.*"}
		rules = append(rules, r)
	}
	return monitoring.NewRuleSet(rules...)
}

func BenchmarkEvaluate(b *testing.B) {
	set, quiet := realisticSet(), deposit(b)
	quiet.Transaction.Amount = amount(b, "129.95")
	quiet.Transaction.Counterparty.Country = "DE"
	b.Run("none of 10 rules fires", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got := set.Evaluate(quiet); len(got.Fired)+len(got.Failed) != 0 {
				b.Fatal(got)
			}
		}
	})
	loud := deposit(b)
	b.Run("3 of 10 rules fire", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got := set.Evaluate(loud); len(got.Fired) != 3 || len(got.Failed) != 0 {
				b.Fatal(got)
			}
		}
	})
	data := monitoring.NewRuleSet(rule(`event.data.items.exists(i, i.amount > 100)`))
	b.Run("1 rule on event.data", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got := data.Evaluate(loud); len(got.Fired)+len(got.Failed) != 0 {
				b.Fatal(got)
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		monitoring.NewRuleSet(rule(realistic[4]))
	}
}
