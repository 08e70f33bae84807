package ledger_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/ledger"
)

// TestRulesThatCannotBeEvaluated wants each to be refused when it is made, or the decision to say
// so and an alert to be raised, once while that is open.
func TestRulesThatCannotBeEvaluated(t *testing.T) {
	list := "[" + strings.TrimSuffix(strings.Repeat(`"x",`, 3000), ",") + "]"
	for _, tc := range []struct {
		name, condition, refused, reason string
	}{
		{"that could run away", `event.data.a.all(x, event.data.b.all(y, event.data.c.all(z, x == y && y == z)))`, "could cost", ""},
		{"a field that there is not", `transaction.amont > 5`, "undefined field 'amont'", ""},
		{"values that do not go together", `transaction.amount > "5"`, "cannot be applied", ""},
		{"a number too long", `transaction.amount > 123456789012345678901`, "invalid int literal", ""},
		{"cost that only the event has", `event.data.list.all(x, event.data.list.exists(y, y == "z") || x == "x")`, "", "costs more than 50000 units"},
		{"division by zero", `100 / (transaction.amount - transaction.amount) > 1`, "", "division by zero"},
		{"remainder of zero", `100 % (transaction.amount - transaction.amount) > 1`, "", "division by zero"},
		{"overflow", `transaction.amount * 999999999999999999 * 100 > 1`, "", "more than 19 digits"},
		{"a member that is missing", `event.data.nothing == "x"`, "", "no such key: nothing"},
		{"a value of another kind", `event.data.list > 5`, "", "values of different kinds"},
		{"another currency", `customer.last("7d").sum() > 1`, "", "have no sum"},
		{"an empty window", `customer.last("7d").direction("in").max() > 1`, "", "the window is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, "acme")
			d.must(t, push(person("c-1", "Ann Larsen")))
			first := payment("e-0", "20.00", "Bob")
			first.Data = jsontext.Value(strings.Replace(string(first.Data), "EUR", "USD", 1))
			d.must(t, first)
			_, _, err := d.carry(t, d.meta(), rule(tc.condition))
			if tc.reason == "" {
				if domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.refused) {
					t.Fatalf("made with the error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			raised := ""
			for i, id := range []string{"e-1", "e-2", "e-3"} {
				event := payment(id, "20.00", "Bob")
				event.Data = jsontext.Value(strings.TrimSuffix(string(event.Data), "}") + `,"list":` + list + "}")
				events, _ := d.must(t, event)
				failed := events[0].Event.(activity.Recorded).Decision.Monitoring.Failed
				if len(failed) != 1 || !strings.Contains(failed[0].Reason, tc.reason) {
					t.Fatalf("%s: failed %+v", id, failed)
				}
				if i == 1 {
					if len(events) > 1 || failed[0].Suppressed != raised {
						t.Fatalf("%s: %d events, suppressed by %q, not %q", id, len(events), failed[0].Suppressed, raised)
					}
					d.must(t, ledger.DismissAlert(casework.Dismiss{Work: casework.Work{AlertID: raised, Reason: "seen"}, Outcome: casework.Irrelevant}))
					continue
				}
				alert := events[1].Event.(casework.Raised).Alert
				if alert.Kind != "system" || alert.Reasons[0].Failed == nil || failed[0].Suppressed != "" {
					t.Fatalf("%s: alert %+v, failed %+v", id, alert, failed)
				}
				raised = alert.ID
			}
		})
	}
}
