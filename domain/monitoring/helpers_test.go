package monitoring_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday

func meta(seed int) domain.Meta {
	sum := sha256.Sum256(fmt.Append(nil, seed))
	return domain.Meta{At: noon, Actor: "key_1", IDs: domain.NewIDs(ulid.ULID(sum[:16]))}
}

func amount(t testing.TB, s string) domain.Decimal {
	t.Helper()
	d, err := domain.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// deposit is the event that most tests look at.
func deposit(t testing.TB) monitoring.Input {
	return monitoring.Input{
		Event: monitoring.Event{
			ID: "evt-1", Type: "transaction.created", OccurredAt: noon.Add(11*time.Hour + 30*time.Minute),
			Data: jsontext.Value(`{"transaction":{"id":"tx-1"},"fee":"1.50","count":3,"rate":1e-2,"flag":true,"none":null,
				"huge":123456789012345678901234567890,"items":[{"amount":10.10},{"amount":20}],"tags":["a","b"]}`),
		},
		Transaction: &monitoring.Transaction{
			ID: "tx-1", Amount: amount(t, "12000.00"), Currency: "EUR", Direction: "in", Channel: "cash", Method: "counter",
			Account: "acc-7", Reference: "Invoice 42",
			Counterparty: monitoring.Counterparty{Name: "Ivan Petrov", Bank: "Zürcher Bank", Country: "KY"},
		},
		Customer: monitoring.Customer{
			ID: "cus_1", ExternalID: "C-1", Type: "individual", CountryOfResidence: "DE", Nationality: "DE",
			Industry: "gambling", Occupation: "croupier", PEPDeclared: true, KYCStatus: "verified",
		},
		Risk: monitoring.Risk{Score: 42, Rating: "medium", PEPFlag: true},
	}
}

// login is an event without a transaction.
func login(t testing.TB) monitoring.Input {
	in := deposit(t)
	in.Event.Type, in.Event.Data, in.Transaction = "session.opened", nil, nil
	return in
}

func rule(condition string) monitoring.Rule {
	return monitoring.Rule{
		ID: "rul_1", Version: 1, Name: "Rule", EventTypes: []string{"*"}, Condition: condition,
		Score: 10, Severity: domain.High, Action: "alert", Mode: "live",
	}
}

// evaluate gives whether the condition holds, or the reason why it could not be evaluated.
func evaluate(condition string, in monitoring.Input) (fired bool, reason string) {
	result := monitoring.NewRuleSet(rule(condition)).Evaluate(in)
	if len(result.Failed) > 0 {
		return false, result.Failed[0].Reason
	}
	return len(result.Fired) > 0, ""
}

// apply decides a command on the state and folds its events.
func apply(s *monitoring.State, events []domain.Event) {
	for _, e := range events {
		s.Evolve(&domain.Envelope{Event: e})
	}
}
