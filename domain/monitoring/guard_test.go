package monitoring_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/monitoring"
)

// TestGuardsChangeNothing evaluates conditions as they are, and with the same meaning in a form of
// which CEL evaluates all: whether they hold or fail, and which lists they rest on, must be the same.
func TestGuardsChangeNothing(t *testing.T) {
	first := []string{
		`transaction.currency == "EUR"`, `transaction.currency != "EUR"`, `transaction.currency in ["EUR", "USD"]`, `transaction.currency in ["USD"]`,
		`transaction.amount >= 12000`, `transaction.amount < 12000.00`, `transaction.amount == 12000.0`, `transaction.amount != 12000`, `transaction.amount > 11999.99`, `transaction.amount <= 1`,
		`has(transaction.counterparty.listed)`, `has(transaction.counterparty.country)`, `has(customer.declared_monthly)`, `customer.declared_monthly > 5`,
		`transaction.reference == ""`, `event.type == "session.opened"`, `risk.score > 40`, `customer.type in ["business"]`,
		`event.data.absent == 1`, `event.data.count == 3`, `customer.pep_declared`, `!risk.pep_flag`, `customer.last("1d").count() > 1`,
		`transaction.counterparty.country in lists.fatf_grey`, `transaction.currency in lists.fatf_black`, `transaction.currency in lists.absent`,
		`transaction.amount > 5 && transaction.counterparty.country in lists.fatf_black`, `"EUR" == transaction.currency`, `false`, `true`,
	}
	long := deposit(t)
	long.Transaction.Reference = strings.Repeat("x", 5000)
	inputs := []monitoring.Input{deposit(t), login(t), long, {Event: monitoring.Event{Data: jsontext.Value(`{"count":3}`)}}}
	for _, a := range first {
		for _, b := range first {
			condition := a + " && " + b + " && transaction.direction == \"in\""
			bare := fmt.Sprintf("!(!(%s) || !(%s) || !(transaction.direction == \"in\"))", a, b)
			asWritten, inFull := monitoring.NewRuleSet(rule(condition)), monitoring.NewRuleSet(rule(bare))
			for i, in := range inputs {
				got, want := asWritten.Evaluate(in), inFull.Evaluate(in)
				if len(got.Fired) != len(want.Fired) || len(got.Failed) != len(want.Failed) || len(got.References) != len(want.References) {
					t.Errorf("%s on %d: %+v, want %+v", condition, i, got, want)
				}
			}
		}
	}
}
