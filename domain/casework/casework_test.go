package casework_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/casework"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

func meta() domain.Meta {
	return domain.Meta{At: at, Actor: "key_1", IDs: domain.NewIDs(ulid.MustParseStrict("01KG0000000000000000000000"))}
}

func hit(list, entry, category, listed string) domain.Hit {
	return domain.Hit{
		EntryID: entry, List: domain.ListVersion{List: list, Version: 3, Digest: "d3"}, Category: category,
		Name: listed, Screened: "Ann Larsen", Field: "full_name", Similarity: 100, Explained: "It is " + listed + ".",
	}
}

func ofCustomer(hits ...domain.Hit) casework.Finding {
	return casework.Finding{CustomerID: "cus_1", Source: casework.Source{Kind: "customer", Seq: 4}, Screened: domain.Screened{Hits: hits}}
}

func ofEvent(m domain.Monitored, hits ...domain.Hit) casework.Finding {
	f := ofCustomer(hits...)
	f.Monitored, f.Source = m, casework.Source{Kind: "event", EventID: "evt-1", Seq: 4}
	return f
}

func fired(id, mode, action string, severity domain.Severity) domain.RuleFired {
	return domain.RuleFired{RuleID: id, Version: 2, Name: id, Mode: mode, Action: action, Score: 10, Severity: severity, Explanation: id + " fired."}
}

// find decides a finding and folds its alerts.
func find(s *casework.State, f casework.Finding) []casework.Raised {
	raised := s.DecideFinding(meta(), f)
	for i, r := range raised {
		s.Evolve(&domain.Envelope{Seq: int64(10 + i), Time: at, Event: r})
	}
	return raised
}

// words writes alerts as kind, severity and the texts of their reasons.
func words(raised []casework.Raised) string {
	var lines []string
	for _, r := range raised {
		line := r.Alert.Kind + " " + string(r.Alert.Severity) + ":"
		for _, reason := range r.Alert.Reasons {
			line += " " + reason.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestDecideFinding(t *testing.T) {
	list := " (list sdn, version 3)."
	for _, tc := range []struct {
		name    string
		finding casework.Finding
		want    string
	}{
		{"nothing", ofCustomer(), ""},
		{"one alert per entity", ofCustomer(hit("sdn", "1", "sanctions", "A"), hit("sdn", "2", "sanctions", "B"), hit("sdn", "1", "sanctions", "Alias of A")), "sanctions critical: It is A" + list + " It is Alias of A" + list + "\nsanctions critical: It is B" + list},
		{"an id on two lists is two entities", ofCustomer(hit("sdn", "1", "sanctions", "A"), hit("eu", "1", "sanctions", "A")), "sanctions critical: It is A" + list + "\nsanctions critical: It is A (list eu, version 3)."},
		{"categories", ofCustomer(hit("sdn", "1", "pep", "A"), hit("sdn", "2", "adverse_media", "B"), hit("sdn", "3", "internal", "C")), "pep high: It is A" + list + "\nadverse_media medium: It is B" + list + "\ninternal_list high: It is C" + list},
		{"one alert for all rules, as severe as the worst", ofEvent(domain.Monitored{Fired: []domain.RuleFired{fired("a", "live", "alert", domain.Low), fired("b", "live", "alert", domain.High), fired("c", "live", "alert", domain.Medium)}}), "monitoring high: a fired. b fired. c fired."},
		{"shadow rules only report", ofEvent(domain.Monitored{Fired: []domain.RuleFired{fired("a", "shadow", "alert", domain.Critical)}}), ""},
		{"some rules only score", ofEvent(domain.Monitored{Fired: []domain.RuleFired{fired("a", "live", "score", domain.Critical), fired("b", "live", "alert", domain.Low)}}), "monitoring low: b fired."},
		{"a failed rule is never silent", ofEvent(domain.Monitored{Failed: []domain.RuleFailed{{RuleID: "r", Version: 2, Reason: "no such key"}, {RuleID: "q", Version: 1, Reason: "too costly"}}}), "system medium: rule r version 2 could not be evaluated: no such key rule q version 1 could not be evaluated: too costly"},
		{"all at once, in this order", ofEvent(domain.Monitored{Fired: []domain.RuleFired{fired("a", "live", "alert", domain.Low)}, Failed: []domain.RuleFailed{{RuleID: "r", Version: 2, Reason: "x"}}}, hit("sdn", "1", "pep", "A")), "pep high: It is A" + list + "\nmonitoring low: a fired.\nsystem medium: rule r version 2 could not be evaluated: x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raised := find(casework.New(), tc.finding)
			if got := words(raised); got != tc.want {
				t.Errorf("raised\n%s\nwant\n%s", got, tc.want)
			}
			ids := domain.NewIDs(ulid.MustParseStrict("01KG0000000000000000000000"))
			for _, r := range raised {
				if a := r.Alert; a.ID != ids.New("alr") || a.CustomerID != "cus_1" || a.Source != tc.finding.Source || r.Subject() != "cus_1" {
					t.Errorf("alert %+v", a)
				}
				for _, reason := range r.Alert.Reasons {
					if rests := []bool{reason.Hit != nil, reason.Rule != nil, reason.Failed != nil}; strings.Count(fmt.Sprint(rests), "true") != 1 {
						t.Errorf("reason %q rests on %v", reason.Text, rests)
					}
				}
			}
		})
	}
}

// TestGrounds shows which findings raise a second alert after one on the entity A.
func TestGrounds(t *testing.T) {
	first := hit("sdn", "1", "sanctions", "A")
	later := first
	later.List = domain.ListVersion{List: "sdn", Version: 4, Digest: "d4"}
	renamed := later
	renamed.Name = "A the Second"
	married := first
	married.Screened = "Ann Holm"
	other := ofCustomer(first)
	other.CustomerID = "cus_2"
	rule := domain.Monitored{Fired: []domain.RuleFired{fired("a", "live", "alert", domain.Low)}}
	for _, tc := range []struct {
		name   string
		before casework.Finding
		second casework.Finding
		want   int
	}{
		{"the same again", ofCustomer(first), ofCustomer(first), 0},
		{"another version of the list", ofCustomer(first), ofCustomer(later), 0},
		{"a changed entry, while the alert is open", ofCustomer(first), ofCustomer(renamed), 0},
		{"a changed customer, while the alert is open", ofCustomer(first), ofCustomer(married), 0},
		{"another entity with the same name", ofCustomer(first), ofCustomer(first, hit("sdn", "2", "sanctions", "A")), 1},
		{"another customer", ofCustomer(first), other, 1},
		{"an event after the customer", ofCustomer(first), ofEvent(domain.Monitored{}, first), 1},
		{"the customer after an event", ofEvent(domain.Monitored{}, first), ofCustomer(first), 1},
		{"events each time", ofEvent(rule, first), ofEvent(rule, first), 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := casework.New()
			find(s, tc.before)
			if raised := find(s, tc.second); len(raised) != tc.want {
				t.Errorf("raised %q, want %d alerts", words(raised), tc.want)
			}
			if third := find(s, tc.second); tc.second.Source.Kind == "customer" && len(third) != 0 {
				t.Errorf("a third time raised %q", words(third))
			}
		})
	}
}

func TestOpenOf(t *testing.T) {
	s := casework.New()
	find(s, ofCustomer(hit("sdn", "1", "sanctions", "A")))
	held := s.OpenOf("cus_1")
	find(s, ofCustomer(hit("sdn", "2", "pep", "B")))
	now := s.OpenOf("cus_1")
	if len(held) != 1 || len(now) != 2 || held[0] != now[0] || now[1].Kind != "pep" || now[1].Seq != 10 || !now[1].RaisedAt.Equal(at) {
		t.Errorf("held %v, now %v", held, now)
	}
	if s.OpenOf("cus_2") != nil || slices.Contains(now, nil) {
		t.Error("alerts of nobody")
	}
}
