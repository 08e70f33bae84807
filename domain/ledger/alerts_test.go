package ledger_test

import (
	"fmt"
	"testing"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// sanctioned gives a desk with the customer c-1, who is on two sanctions lists, and the alerts on that.
func sanctioned(t *testing.T) (d *desk, first, second string) {
	t.Helper()
	d, system := newDesk(t, "acme"), newDesk(t, "system")
	for _, list := range []string{"sdn", "eu"} {
		_, published := system.must(t, publication(list, "Viktor Petrov"))
		d.must(t, d.adopt(system, *published.(*screening.Publication)))
	}
	_, reply := d.must(t, push(person("c-1", "Viktor Petrov")))
	alerts := reply.(*ledger.CustomerView).Alerts
	if len(alerts) != 2 {
		t.Fatalf("%d alerts", len(alerts))
	}
	return d, alerts[0].ID, alerts[1].ID
}

// TestAlertsWeigh shows how a rating follows the work on its alerts, in the same append.
func TestAlertsWeigh(t *testing.T) {
	d, first, second := sanctioned(t)
	d.must(t, rule("true"))
	d.must(t, payment("1", "5", "Shop"))
	alarm := d.state.ViewCustomer("c-1").Alerts[2].ID
	work := func(id, reason string) casework.Work { return casework.Work{AlertID: id, Reason: reason} }
	for _, tc := range []struct {
		name string
		cmd  ledger.Command
		want string // events, then rating, score, flag and how many alerts are open
	}{
		{"assign", ledger.AssignAlert(casework.Assign{Work: work(first, ""), Assignee: "ann"}), "alert.assigned: high 75 true 3"},
		{"note", ledger.NoteAlert(casework.Note{Work: work(first, ""), Text: "looks like him"}), "alert.noted: high 75 true 3"},
		{"rule's alert handled", ledger.ResolveAlert(casework.Resolve{Work: work(alarm, "salary")}), "alert.resolved risk.rated: high 65 true 2"},
		{"one false positive of two", ledger.DismissAlert(casework.Dismiss{Work: work(first, "born later")}), "alert.dismissed screening.disposed risk.rated: high 65 true 1"},
		{"the same again", ledger.DismissAlert(casework.Dismiss{Work: work(first, "born later")}), ": high 65 true 1"},
		{"the other one too", ledger.DismissAlert(casework.Dismiss{Work: work(second, "born later")}), "alert.dismissed screening.disposed risk.rated: low 5 false 0"},
		{"reopened", ledger.ReopenAlert(casework.Reopen{Work: work(second, "second birth date")}), "alert.reopened screening.disposition_voided risk.rated: high 65 true 1"},
		{"escalated", ledger.EscalateAlert(casework.Escalate{Work: work(second, "unsure")}), "alert.escalated: high 65 true 1"},
		{"true match", ledger.ResolveAlert(casework.Resolve{Work: work(second, "passport"), Outcome: casework.TrueMatch}), "alert.resolved screening.disposed risk.rated: prohibited 65 true 0"},
		{"what is confirmed stays", push(person("c-1", "Viktor Petrov")), "screening.completed: prohibited 65 true 0"},
		{"a mistake", ledger.ReopenAlert(casework.Reopen{Work: work(second, "wrong file")}), "alert.reopened screening.disposition_voided risk.rated: high 65 true 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			events, reply := d.must(t, tc.cmd)
			view := d.state.ViewCustomer("c-1")
			got := fmt.Sprint(kinds(events), ": ", view.Rating.Rating, " ", view.Rating.Score, " ", view.Rating.SanctionsFlag, " ", len(view.Alerts))
			if got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			if alert, ok := reply.(*ledger.AlertView); ok && (alert.Rating != view.Rating || alert.Alert != d.state.Alerts.Alert(alert.Alert.ID)) {
				t.Errorf("reply %+v", alert)
			}
		})
	}
}

// TestWorkUnderAKey shows that a keyed step is not taken twice, whatever happened in between.
func TestWorkUnderAKey(t *testing.T) {
	d, first, _ := sanctioned(t)
	idem := domain.NewIdempotency("idem/k", "x")
	dismissal := func() ledger.Command {
		return ledger.DismissAlert(casework.Dismiss{Work: casework.Work{AlertID: first, Reason: "x", Idem: &idem}})
	}
	d.must(t, dismissal())
	d.must(t, ledger.ReopenAlert(casework.Reopen{Work: casework.Work{AlertID: first, Reason: "y"}}))
	if events, _ := d.must(t, dismissal()); len(events) > 0 || !d.state.Alerts.Alert(first).IsOpen() {
		t.Errorf("the same request again: %s", kinds(events))
	}
	if d.state.ViewAlert("alr_x") != nil {
		t.Error("a view of no alert")
	}
}
