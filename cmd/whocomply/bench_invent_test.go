package main

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

func inventTemplates(t *testing.T, n int) []template {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	made, err := templates(n, barePostPath, "", func() any { return inventEvent(random, "ten_1", 10, time.Unix(1_767_225_600, 0).UTC()) })
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestTemplates checks that requests differ in their ids, and that the announced length stays true.
func TestTemplates(t *testing.T) {
	next := endless(inventTemplates(t, 3))
	first, second := string(next(nil)), string(next([]byte("")))
	if !strings.Contains(first, `"event_id":"bench-event-000000000001"`) || !strings.Contains(second, `"event_id":"bench-event-000000000002"`) {
		t.Errorf("ids are missing in\n%s\n%s", first, second)
	}
	if strings.Contains(first, "#") {
		t.Errorf("a mark is left in %s", first)
	}
	_, body, _ := strings.Cut(first, "\r\n\r\n")
	if n := len(body); n < 450 || n > 700 {
		t.Errorf("the body has %d bytes, and should be about as long as a real one", n)
	}
}

// TestBenchRules checks that every rule compiles, that each suspicion fires one, and that few events are suspicious.
func TestBenchRules(t *testing.T) {
	rules := make([]monitoring.Rule, len(benchRules))
	for i, r := range benchRules {
		rules[i] = monitoring.Rule{
			ID: r.Name, Version: 1, Name: r.Name, EventTypes: r.EventTypes, Condition: r.Condition,
			Score: r.Score, Severity: domain.Severity(r.Severity), Action: r.Action, Mode: "live",
		}
	}
	set := monitoring.NewRuleSet(rules...)
	random := rand.New(rand.NewPCG(4, 4))
	at := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)
	fires := func(e benchEvent) bool {
		m := set.Evaluate(monitoringInput(t, e))
		if len(m.Failed) > 0 {
			t.Fatalf("a rule failed: %+v", m.Failed)
		}
		return len(m.Fired) > 0
	}
	fired := 0
	for range 10_000 {
		if fires(inventEvent(random, "ten_1", 10, at)) {
			fired++
		}
	}
	if fired < 100 || fired > 200 {
		t.Errorf("%d of 10,000 events fire a rule, want 1 to 2 %%", fired)
	}
	for i, suspect := range suspicion {
		e := inventEvent(random, "ten_1", 10, at)
		if suspect(&e.Data.Transaction); !fires(e) {
			t.Errorf("suspicion %d fires no rule", i)
		}
	}
}

func monitoringInput(t *testing.T, e benchEvent) monitoring.Input {
	t.Helper()
	tx, other := e.Data.Transaction, e.Data.Transaction.Counterparty
	amount, err := domain.ParseDecimal(tx.Amount)
	if err != nil {
		t.Fatal(err)
	}
	return monitoring.Input{
		Event: monitoring.Event{ID: e.EventID, Type: e.EventType, OccurredAt: e.OccurredAt},
		Transaction: &monitoring.Transaction{
			ID: tx.ID, Amount: amount, Currency: domain.Currency(tx.Currency), Direction: tx.Direction, Channel: tx.Channel,
			Method: tx.Method, Purpose: tx.Purpose, Account: tx.Account, Reference: tx.Reference,
			Counterparty: monitoring.Counterparty{Name: other.Name, Account: other.Account, Bank: other.Bank, Country: other.Country},
		},
		Customer: monitoring.Customer{CountryOfResidence: "NL", KYCStatus: "verified"},
		Risk:     monitoring.Risk{Rating: "low"},
	}
}

func TestInventList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sdn.csv")
	if err := inventList(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != benchEntries || len(rows[0]) != 12 {
		t.Errorf("%d rows: %v", len(rows), err)
	}
}

// TestSpan checks the figures that the report prints.
func TestSpan(t *testing.T) {
	rounds := []measurement{{Rate: 30}, {Rate: 10}, {Rate: 20}}
	bare := []measurement{{Rate: 60}, {Rate: 10}, {Rate: 80}}
	rate := func(m measurement) float64 { return m.Rate }
	for _, tc := range []struct {
		name string
		got  span
		want string
	}{
		{"odd", spanOf(rounds, rate), "20 [10..30]"},
		{"even", spanOf(rounds[:2], rate), "20 [10..30]"},
		{"one", spanOf(rounds[:1], rate), "30"},
		{"nothing", spanOf([]measurement{{}}, rate), "-"},
	} {
		if got := tc.got.text("%.0f"); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	report := benchReport{Scenarios: []scenarioReport{
		{Name: barePost, Rounds: bare}, {Name: postEvents, Bare: barePost, Rounds: rounds}, {Name: getRisk, Bare: bareGet, Rounds: rounds},
	}}
	report.compare()
	if got := report.Scenarios[1].TimesBare["req/s"].text("%.2f"); got != "0.50 [0.25..1.00]" {
		t.Errorf("ratios %s, want those of the rounds and not of the medians", got)
	}
	if report.Scenarios[0].TimesBare != nil || report.Scenarios[2].TimesBare != nil {
		t.Error("a scenario is compared with one that was not measured")
	}
}
