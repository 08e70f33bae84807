package monitoring_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

func ExampleRuleSet_Evaluate() {
	set := monitoring.NewRuleSet(monitoring.Rule{
		ID: "rul_01", Version: 1, Name: "Large cash deposit", EventTypes: []string{"transaction.*"},
		Condition: `transaction.amount >= 9999.99 && transaction.channel == "cash"`,
		Score:     40, Severity: domain.High, Action: "alert", Mode: "live",
	})
	amount, _ := domain.ParseDecimal("12000.00")
	result := set.Evaluate(monitoring.Input{
		Event:       monitoring.Event{ID: "evt-1", Type: "transaction.created", OccurredAt: time.Now()},
		Transaction: &monitoring.Transaction{ID: "tx-1", Amount: amount, Currency: "EUR", Direction: "in", Channel: "cash"},
	})
	fmt.Println(result.Score, result.Fired[0].Explanation)
	// Output: 40 Large cash deposit: transaction.amount = 12000.00, transaction.channel = "cash"
}

// TestDocumented compiles the conditions that the package documentation shows.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(doc), "Some conditions:\n")
	shown, _, _ = strings.Cut(shown, "# Context")
	compiled := 0
	for line := range strings.Lines(shown) {
		condition, isCondition := strings.CutPrefix(line, "//\t")
		if !isCondition {
			continue
		}
		compiled++
		if _, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: rule(condition)}); err != nil {
			t.Errorf("%s: %v", condition, err)
		}
	}
	if compiled != 9 {
		t.Errorf("found %d conditions", compiled)
	}
}
