package projections_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/projections"
)

// TestCustomersChange follows a customer's versions and status.
func TestCustomersChange(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", pushed("1", 1, ""), rated("1", 5, "low"), pushed("1", 2, "verified"), pushed("2", 1, "")))
	m.reach(t, "acme", source.put("acme", customer.Closed{CustomerID: "cus_1", Reason: "moved"}))
	c := must[projections.Customer](t)(m.Customer(t.Context(), "acme", "ext-1"))
	if c.Status != "closed" || c.StatusReason != "moved" || !c.ClosedAt.Equal(epoch.Add(4e6)) || !c.UpdatedAt.Equal(c.ClosedAt) || c.Version != 2 || c.Seq != 4 {
		t.Errorf("closed: %+v", c)
	}
	m.reach(t, "acme", source.put("acme", customer.Reopened{CustomerID: "cus_1", Reason: "back"}, pushed("1", 3, "verified")))
	c = must[projections.Customer](t)(m.Customer(t.Context(), "acme", "ext-1"))
	if c.Status != "active" || c.StatusReason != "back" || !c.ClosedAt.IsZero() || !c.UpdatedAt.Equal(epoch.Add(6e6)) {
		t.Errorf("reopened: %+v", c)
	}
	for _, tc := range []struct {
		page projections.Page
		want string
	}{
		{projections.Page{Limit: 9}, "[6 5 4 2 0] -1 5"},
		{projections.Page{Limit: 2}, "[6 5] 2 5"},
		{projections.Page{Limit: 2, Offset: 1}, "[5 4] 2 5"},
		{projections.Page{Limit: 1, Offset: 3}, "[2] 0 5"},
		{projections.Page{Limit: 9, Offset: 5}, "[] -1 5"},
	} {
		seqs, before, total, err := m.CustomerChanges(t.Context(), "acme", "ext-1", tc.page)
		if got := fmt.Sprint(seqs, before, total); got != tc.want || err != nil {
			t.Errorf("%+v: %s, want %s, %v", tc.page, got, tc.want, err)
		}
	}
	_, _, _, err := m.CustomerChanges(t.Context(), "acme", "ext-3", projections.Page{Limit: 1})
	wantUnknown(t, "changes of nobody", err)
}

// TestAlertsAreWorkedOn follows two alerts of a customer through all read models that show them.
func TestAlertsAreWorkedOn(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	step := func(alert, status string) casework.Step {
		return casework.Step{AlertID: "alr_" + alert, CustomerID: "cus_1", Status: status, Reason: "seen"}
	}
	m.reach(t, "acme", source.put("acme", pushed("1", 1, ""), raised("1", "a", domain.Low), raised("1", "b", domain.High)))
	for _, tc := range []struct {
		name  string
		event domain.Event
		asOf  int64  // of the risk view
		want  string // status, assignee and outcome of the first, then the ids of open alerts
	}{
		{"assigned", casework.Assigned{Step: step("a", "in_review"), Assignee: "ann"}, 2, "in_review ann  [alr_b alr_a]"},
		{"noted", casework.Noted{Step: step("a", "in_review"), Text: "hm"}, 2, "in_review ann  [alr_b alr_a]"},
		{"escalated", casework.Escalated{Step: step("a", "escalated")}, 2, "escalated ann  [alr_b alr_a]"},
		{"resolved", casework.Resolved{Step: step("a", "resolved"), Outcome: "handled"}, 6, "resolved ann handled [alr_b]"},
		{"the other dismissed", casework.Dismissed{Step: step("b", "dismissed"), Outcome: "duplicate"}, 7, "resolved ann handled []"},
		{"reopened", casework.Reopened{Step: step("a", "open")}, 8, "open   [alr_a]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m.reach(t, "acme", source.put("acme", tc.event))
			a := must[projections.Alert](t)(m.Alert(t.Context(), "acme", "alr_a"))
			c := must[projections.Customer](t)(m.Customer(t.Context(), "acme", "cus_1"))
			if got := fmt.Sprint(a.Status, " ", a.Assignee, " ", a.Outcome, " ", c.OpenAlerts); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			text, _, err := m.RiskView(t.Context(), "acme", "cus_1")
			var view projections.RiskView
			if err != nil || json.Unmarshal(text, &view) != nil || view.OpenAlerts != len(c.OpenAlerts) || view.AsOf.Seq != tc.asOf {
				t.Errorf("risk view %s, %v", text, err)
			}
		})
	}
	a := must[projections.Alert](t)(m.Alert(t.Context(), "acme", "alr_a"))
	var told []string
	for _, s := range a.History {
		told = append(told, fmt.Sprint(s.Seq, s.Type, s.Status, s.Reason, s.Assignee, s.Text, s.Outcome, s.Actor))
	}
	want := []string{
		"3 alert.assigned in_review seen ann   key_1", "4 alert.noted in_review seen  hm  key_1", "5 alert.escalated escalated seen    key_1",
		"6 alert.resolved resolved seen   handled key_1", "8 alert.reopened open seen    key_1",
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], " ", "")
	}
	if joined := strings.ReplaceAll(strings.Join(told, "|"), " ", ""); joined != strings.Join(want, "|") || a.Seq != 8 || !a.UpdatedAt.Equal(epoch.Add(8e6)) {
		t.Errorf("history\n%s, want\n%s; changed by %d", joined, strings.Join(want, "|"), a.Seq)
	}
	for _, tc := range []struct {
		filter projections.AlertFilter
		total  int64
	}{{projections.AlertFilter{Status: "dismissed"}, 1}, {projections.AlertFilter{Assignee: "ann"}, 0}, {projections.AlertFilter{CustomerID: "cus_1"}, 2}} {
		if _, total, err := m.Alerts(t.Context(), "acme", tc.filter, projections.Page{Limit: 1}); err != nil || total != tc.total {
			t.Errorf("%+v: %d, %v", tc.filter, total, err)
		}
	}
}
