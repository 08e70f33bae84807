package ledger_test

import (
	"sync"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
)

// TestWindows follows a rule over the past through late events, a cool-down, and a state folded anew.
func TestWindows(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, push(person("c-1", "Ann Larsen")))
	d.must(t, ledger.CreateRule(monitoring.CreateRule{Rule: monitoring.Rule{
		Name: "Many payments", EventTypes: []string{"*"}, Severity: domain.High, DedupBy: "customer", CoolDown: "60m",
		Condition: `customer.last("24h").count() >= 3 && customer.last("24h").sum() > 100`,
	}}))
	for i, step := range []struct {
		hours  int // before
		passed time.Duration
		fires  bool
		alert  bool
	}{
		{hours: 3},
		{hours: 1},
		{hours: 2}, // late: what happened after it is not in its window
		{hours: 0, fires: true, alert: true},
		{hours: 0, passed: 59 * time.Minute, fires: true},
		{hours: 0, passed: time.Minute, fires: true, alert: true},
		{hours: 40},
	} {
		if i == 3 {
			d.state = d.folded(t, d.stored)
		}
		d.now = d.now.Add(step.passed)
		c := payment(string(rune('a'+i)), "30.10", "Somebody")
		c.OccurredAt = opened.Add(-time.Duration(step.hours) * time.Hour)
		_, reply := d.must(t, c)
		decision := reply.(activity.Recorded).Decision
		if fired := len(decision.Monitoring.Fired) > 0; fired != step.fires || (len(decision.Alerts) > 0) != step.alert {
			t.Fatalf("event %d: %+v", i, decision)
		}
		if step.fires && !step.alert && decision.Monitoring.Fired[0].Suppressed == "" {
			t.Errorf("event %d does not name the alert that stands for it", i)
		}
	}
}

// TestStaleWindow decides an event that was prepared before another of the same customer was recorded.
func TestStaleWindow(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, push(person("c-1", "Ann Larsen")))
	d.must(t, rule(`customer.last("1h").count() >= 2`))
	late := payment("late", "1", "Somebody")
	m := d.meta()
	if err := ledger.Prepare(&sync.Mutex{}, d.state, m, late); err != nil {
		t.Fatal(err)
	}
	d.must(t, payment("first", "1", "Somebody"))
	_, reply, err := ledger.Decide(d.state, m, late)
	if err != nil || len(reply.(activity.Recorded).Decision.Monitoring.Fired) != 1 {
		t.Errorf("decided on the past as it was before: %+v, %v", reply, err)
	}
}
