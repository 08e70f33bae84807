package casework_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/casework"
)

// TestDeadlines raises alerts of each kind: a sanctions hit must be seen to before a pattern of payments.
func TestDeadlines(t *testing.T) {
	now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	hit := func(category string) casework.Finding {
		return casework.Finding{CustomerID: "cus_1", Source: casework.Source{Kind: "event"}, Screened: domain.Screened{Hits: []domain.Hit{{EntryID: "1", Category: category}}}}
	}
	fired := func(severity domain.Severity) casework.Finding {
		return casework.Finding{CustomerID: "cus_1", Monitored: domain.Monitored{Fired: []domain.RuleFired{{RuleID: "rul_1", Mode: "live", Severity: severity}}}}
	}
	for name, row := range map[string]struct {
		finding casework.Finding
		days    int
	}{
		"sanctions": {hit("sanctions"), 1}, "pep": {hit("pep"), 5}, "adverse media": {hit("adverse_media"), 10},
		"critical": {fired(domain.Critical), 2}, "high": {fired(domain.High), 5}, "medium": {fired(domain.Medium), 10}, "low": {fired(domain.Low), 20},
		"not evaluated": {casework.Finding{CustomerID: "cus_1", Monitored: domain.Monitored{Failed: []domain.RuleFailed{{RuleID: "rul_1"}}}}, 3},
	} {
		raised := casework.New().DecideFinding(domain.Meta{At: now, IDs: domain.NewIDs(ulid.Make())}, row.finding)
		if len(raised) != 1 || !raised[0].Alert.DueAt.Equal(now.AddDate(0, 0, row.days)) {
			t.Errorf("%s: %+v, want one alert due after %d days", name, raised, row.days)
		}
	}
}
