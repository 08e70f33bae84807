package monitoring_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

const fixtures = "../../testdata/monitoring"

// fixture says when a typology with its defaults fires on the last of some events, and when not.
type fixture struct {
	Template string     `json:"template"`
	Fires    []scenario `json:"fires"`
	Quiet    []scenario `json:"quiet"`
}

type scenario struct {
	Name   string    `json:"name"`
	Events []happens `json:"events"`
}

// happens is an event in short; what is not stated is ordinary.
type happens struct {
	At           time.Time       `json:"at"`
	Type         string          `json:"type"`
	Amount       domain.Decimal  `json:"amount"`
	Currency     string          `json:"currency"`
	Direction    string          `json:"direction"`
	Channel      string          `json:"channel"`
	Counterparty string          `json:"counterparty"`
	Country      string          `json:"country"`
	Listed       string          `json:"listed"`
	Customer     string          `json:"customer"`
	Rating       string          `json:"rating"`
	Declared     *domain.Decimal `json:"declared"`
	Place        string          `json:"place"`
	Device       string          `json:"device"`
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// input is the event as rules see it. Of a fixture, "type" is the customer's if it has no dot.
func (h *happens) input() monitoring.Input {
	eventType, customerType := h.Type, "individual"
	if !strings.Contains(h.Type, ".") {
		eventType, customerType = "transaction.created", or(h.Type, "individual")
	}
	in := monitoring.Input{
		Event:    monitoring.Event{ID: "e", Type: eventType, OccurredAt: h.At},
		Customer: monitoring.Customer{ID: or(h.Customer, "c-1"), Type: customerType, DeclaredMonthly: h.Declared},
		Risk:     monitoring.Risk{Rating: or(h.Rating, "low")},
		Session:  monitoring.Session{Device: h.Device, Country: h.Place},
	}
	if h.Direction != "" {
		in.Transaction = &monitoring.Transaction{
			ID: "t", Amount: h.Amount, Currency: domain.Currency(or(h.Currency, "EUR")), Direction: h.Direction, Channel: or(h.Channel, "online"),
			Counterparty: monitoring.Counterparty{Account: h.Counterparty, Country: h.Country, Listed: h.Listed},
		}
	}
	return in
}

// last gives what the rules say about the last event of a scenario.
func (s *scenario) last(set *monitoring.RuleSet) domain.Monitored {
	past := monitoring.NewHistories()
	var result domain.Monitored
	for i := range s.Events {
		in := s.Events[i].input()
		in.Past = past.Of(set, &in)
		result = set.Evaluate(in)
		in.Past = monitoring.Past{}
		past.Record(&in)
	}
	return result
}

func readFixture(t testing.TB, id string) (f fixture) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(fixtures, id+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &f, json.RejectUnknownMembers(true))
	}
	if err != nil || f.Template != id || len(f.Fires) == 0 || len(f.Quiet) == 0 {
		t.Fatalf("%s: %v, %d fire, %d are quiet", id, err, len(f.Fires), len(f.Quiet))
	}
	return f
}

// TestCatalogue runs every typology of the catalogue on its fixtures.
func TestCatalogue(t *testing.T) {
	templates := monitoring.Catalogue()
	if len(templates) != 25 {
		t.Errorf("%d typologies", len(templates))
	}
	for _, template := range templates {
		t.Run(template.ID, func(t *testing.T) {
			r, err := template.Rule(nil)
			if err != nil {
				t.Fatal(err)
			}
			r.ID = "rul_1"
			set := monitoring.NewRuleSet(r)
			f := readFixture(t, template.ID)
			for _, s := range f.Fires {
				if got := s.last(set); len(got.Fired) != 1 {
					t.Errorf("does not fire: %s: %+v", s.Name, got)
				}
			}
			for _, s := range f.Quiet {
				if got := s.last(set); len(got.Fired) != 0 || len(got.Failed) != 0 {
					t.Errorf("is not quiet: %s: %+v", s.Name, got)
				}
			}
		})
	}
}

// TestCatalogueMatrix holds the matrix in the fixtures' README against the catalogue.
func TestCatalogueMatrix(t *testing.T) {
	var b strings.Builder
	b.WriteString("| # | typology | fires when | parameters and defaults | severity | sources | fires on | quiet on |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for i, template := range monitoring.Catalogue() {
		var parameters []string
		for _, p := range template.Parameters {
			parameters = append(parameters, fmt.Sprintf("`%s` %s", p.Name, p.Default))
		}
		f := readFixture(t, template.ID)
		fmt.Fprintf(&b, "| %d | `%s` %s | %s | %s | %s | %s | %d | %d |\n", i+1, template.ID, template.Name, template.Description,
			strings.Join(parameters, "; "), template.Severity, strings.Join(template.Tags, ", "), len(f.Fires), len(f.Quiet))
	}
	readme, err := os.ReadFile(filepath.Join(fixtures, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), b.String()) {
		t.Errorf("the matrix of the README should be\n%s", b.String())
	}
}

func TestTemplateParameters(t *testing.T) {
	template, found := monitoring.FindTemplate("structuring")
	if !found {
		t.Fatal("no structuring")
	}
	r, err := template.Rule(map[string]string{"currency": "USD", "threshold": "5000", "channels": "cash"})
	if err != nil || !strings.Contains(r.Condition, `.channel(["cash"])`) || !strings.Contains(r.Condition, "transaction.amount < 5000 &&") || r.Template != "structuring" {
		t.Errorf("%+v %v", r, err)
	}
	for name, value := range map[string]string{"threshold": "1 || true", "currency": `EUR" || "`, "window": "30 d", "channels": "a b\"", "limit": "5"} {
		if _, err := template.Rule(map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}
