package projections

import (
	"context"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
)

// ShadowReport is what a rule found in the shadow, beside what live rules did on the same days.
type ShadowReport struct {
	RuleID   string        `json:"rule_id"`
	Totals   ShadowDay     `json:"totals"`
	Days     []ShadowDay   `json:"days"`     // on which it fired or failed, oldest first
	Together []RuleOverlap `json:"together"` // live rules that fired on the same events as it did in the shadow, most often first
}

// ShadowDay is one day of occurred_at, or all of them.
type ShadowDay struct {
	Date   string `json:"date,omitempty"`
	Shadow Firing `json:"shadow"` // of the rule while it was in the shadow
	Live   Firing `json:"live"`   // of the rule while it was live
	Failed int64  `json:"failed"` // events on which it could not be evaluated
	Others Firing `json:"others"` // of the other live rules on the same days
}

// Firing counts events on which a rule fired.
type Firing struct {
	Fired  int64 `json:"fired"`
	Alone  int64 `json:"alone"`            // on which no other live rule fired; of others 0
	Alerts int64 `json:"alerts,omitempty"` // that it asked for; none in the shadow
}

// RuleOverlap counts events on which another rule fired too.
type RuleOverlap struct {
	RuleID string `json:"rule_id"`
	Events int64  `json:"events"`
}

// firings is the projection Firings.
type firings struct {
	days  map[ruleDay]*dayCount
	pairs map[rulePair]int64
}

type ruleDay struct{ ledger, rule, day, mode string }

type dayCount struct{ fired, alerts, alone, failed int64 }

type rulePair struct{ ledger, rule, other string }

var (
	ruleDayTable = inserting("rule_days (ledger, key, rule, day, mode, fired, alerts, alone, failed)",
		"ON CONFLICT (ledger, key) DO UPDATE SET fired = rule_days.fired + excluded.fired, alerts = rule_days.alerts + excluded.alerts, "+
			"alone = rule_days.alone + excluded.alone, failed = rule_days.failed + excluded.failed")
	rulePairTable = inserting("rule_pairs (ledger, key, rule, other, n)", "ON CONFLICT (ledger, key) DO UPDATE SET n = rule_pairs.n + excluded.n")
)

func newFirings() *firings {
	return &firings{days: map[ruleDay]*dayCount{}, pairs: map[rulePair]int64{}}
}

func (*firings) model() Model { return Firings }
func (*firings) version() int { return 1 }

func (f *firings) forget() {
	clear(f.days)
	clear(f.pairs)
}

func (f *firings) apply(_ *writer, e *domain.Envelope) error {
	event, ok := e.Event.(activity.Recorded)
	if !ok {
		return nil
	}
	m := &event.Decision.Monitoring
	if len(m.Fired)+len(m.Failed) == 0 {
		return nil
	}
	day := event.OccurredAt.UTC().Format(time.DateOnly)
	var live []string
	for i := range m.Fired {
		if m.Fired[i].Mode == "live" {
			live = append(live, m.Fired[i].RuleID)
		}
	}
	for i := range m.Fired {
		rule := &m.Fired[i]
		n := f.day(ruleDay{e.Ledger, rule.RuleID, day, rule.Mode})
		n.fired++
		if len(live) == 0 || len(live) == 1 && live[0] == rule.RuleID {
			n.alone++
		}
		if rule.Mode != "live" {
			for _, other := range live {
				f.pairs[rulePair{e.Ledger, rule.RuleID, other}]++
			}
		} else if rule.Action != "score" && rule.Suppressed == "" {
			n.alerts++
		}
	}
	for _, rule := range m.Failed {
		f.day(ruleDay{e.Ledger, rule.RuleID, day, ""}).failed++
	}
	return nil
}

func (f *firings) day(k ruleDay) *dayCount {
	n := f.days[k]
	if n == nil {
		n = &dayCount{}
		f.days[k] = n
	}
	return n
}

func (f *firings) write(w *writer) error {
	var days, pairs rows
	for k, n := range f.days {
		days.add(k.ledger, k.rule+" "+k.day+" "+k.mode, k.rule, k.day, k.mode, n.fired, n.alerts, n.alone, n.failed)
	}
	for k, n := range f.pairs {
		pairs.add(k.ledger, k.rule+" "+k.other, k.rule, k.other, n)
	}
	if err := w.run(ruleDayTable, &days); err != nil {
		return err
	}
	return w.run(rulePairTable, &pairs)
}

// Shadow reports what a rule did in the shadow and beside it. since and until narrow the days, as
// YYYY-MM-DD, both included; empty ones do not.
func (db *DB) Shadow(ctx context.Context, ledger, rule, since, until string) (ShadowReport, error) {
	report := ShadowReport{RuleID: rule, Days: []ShadowDay{}}
	if until == "" {
		until = "9999-12-31"
	}
	own, err := many(ctx, db, scanRuleDay, "SELECT day, mode, fired, alerts, alone, failed FROM rule_days "+
		"WHERE ledger = ? AND rule = ? AND day >= ? AND day <= ? ORDER BY day, mode", ledger, rule, since, until)
	if err != nil {
		return report, err
	}
	for _, d := range own {
		report.add(d)
	}
	others, err := many(ctx, db, scanRuleDay, "SELECT day, mode, SUM(fired), SUM(alerts), 0, 0 FROM rule_days "+
		"WHERE ledger = ? AND mode = 'live' AND rule <> ? AND day >= ? AND day <= ? GROUP BY day, mode ORDER BY day", ledger, rule, since, until)
	if err != nil {
		return report, err
	}
	for _, d := range others {
		if at := slices.IndexFunc(report.Days, func(o ShadowDay) bool { return o.Date == d.day }); at >= 0 {
			for _, day := range []*ShadowDay{&report.Days[at], &report.Totals} {
				day.Others.Fired, day.Others.Alerts = day.Others.Fired+d.fired, day.Others.Alerts+d.alerts
			}
		}
	}
	report.Together, err = many(ctx, db, scanOverlap, "SELECT other, n FROM rule_pairs WHERE ledger = ? AND rule = ? ORDER BY n DESC, other", ledger, rule)
	return report, err
}

// countedDay is a row of rule_days.
type countedDay struct {
	day, mode string
	dayCount
}

func scanRuleDay(row scanner) (d countedDay, err error) {
	err = row.Scan(&d.day, &d.mode, &d.fired, &d.alerts, &d.alone, &d.failed)
	return d, err
}

func scanOverlap(row scanner) (o RuleOverlap, err error) {
	err = row.Scan(&o.RuleID, &o.Events)
	return o, err
}

// add takes in a row of the rule itself; rows come in the order of days.
func (r *ShadowReport) add(d countedDay) {
	if n := len(r.Days); n == 0 || r.Days[n-1].Date != d.day {
		r.Days = append(r.Days, ShadowDay{Date: d.day})
	}
	for _, day := range []*ShadowDay{&r.Days[len(r.Days)-1], &r.Totals} {
		day.Failed += d.failed
		firing := &day.Shadow
		if d.mode == "live" {
			firing = &day.Live
		}
		firing.Fired, firing.Alone, firing.Alerts = firing.Fired+d.fired, firing.Alone+d.alone, firing.Alerts+d.alerts
	}
}
