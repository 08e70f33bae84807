package casework_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/casework"
)

// worked decides a step on an alert and folds it.
func worked(s *casework.State, verb, alert, words string) ([]domain.Event, error) {
	w := casework.Work{AlertID: alert, Reason: words}
	decide := map[string]func() ([]domain.Event, error){
		"assign":   func() ([]domain.Event, error) { return s.DecideAssign(casework.Assign{Work: w, Assignee: "ann"}) },
		"reassign": func() ([]domain.Event, error) { return s.DecideAssign(casework.Assign{Work: w, Assignee: "bob"}) },
		"note": func() ([]domain.Event, error) {
			return s.DecideNote(casework.Note{Work: casework.Work{AlertID: alert}, Text: words})
		},
		"resolve": func() ([]domain.Event, error) { return s.DecideResolve(casework.Resolve{Work: w}) },
		"confirm": func() ([]domain.Event, error) {
			return s.DecideResolve(casework.Resolve{Work: w, Outcome: "true_match"})
		},
		"dismiss":  func() ([]domain.Event, error) { return s.DecideDismiss(casework.Dismiss{Work: w}) },
		"escalate": func() ([]domain.Event, error) { return s.DecideEscalate(casework.Escalate{Work: w}) },
		"reopen":   func() ([]domain.Event, error) { return s.DecideReopen(casework.Reopen{Work: w}) },
	}
	events, err := decide[verb]()
	for _, event := range events {
		s.Evolve(&domain.Envelope{Seq: 99, Time: at, Event: event})
	}
	return events, err
}

// one gives a state with one open alert on a listed name, and its id.
func one() (*casework.State, string) {
	s := casework.New()
	return s, find(s, ofCustomer(hit("sdn", "1", "sanctions", "A")))[0].Alert.ID
}

// TestLife follows an alert step by step. What is refused says why.
func TestLife(t *testing.T) {
	s, id := one()
	for i, tc := range []struct{ verb, words, event, status, assignee, outcome, refused string }{
		{"reopen", "x", "", "open", "", "", "only a resolved or dismissed alert can be reopened; this one is open"},
		{"note", "looks like him", "alert.noted", "open", "", "", ""},
		{"note", "looks like him", "", "open", "", "", ""},
		{"assign", "", "alert.assigned", "in_review", "ann", "", ""},
		{"assign", "", "", "in_review", "ann", "", ""},
		{"reassign", "on leave", "alert.assigned", "in_review", "bob", "", ""},
		{"escalate", "unsure", "alert.escalated", "escalated", "bob", "", ""},
		{"note", "asked the branch", "alert.noted", "escalated", "bob", "", ""},
		{"escalate", "unsure", "", "escalated", "bob", "", ""},
		{"escalate", "still unsure", "", "escalated", "bob", "", "the alert is already escalated"},
		{"assign", "senior", "alert.assigned", "escalated", "ann", "", ""},
		{"dismiss", "another birth date", "alert.dismissed", "dismissed", "ann", "false_positive", ""},
		{"dismiss", "another birth date", "", "dismissed", "ann", "false_positive", ""},
		{"dismiss", "another name", "", "dismissed", "ann", "false_positive", "the alert is dismissed; reopen it first"},
		{"resolve", "done", "", "dismissed", "ann", "false_positive", "the alert is dismissed; reopen it first"},
		{"escalate", "done", "", "dismissed", "ann", "false_positive", "the alert is dismissed; reopen it first"},
		{"reassign", "done", "", "dismissed", "ann", "false_positive", "the alert is dismissed; reopen it first"},
		{"note", "late", "alert.noted", "dismissed", "ann", "false_positive", ""},
		{"reopen", "a second birth date", "alert.reopened", "open", "", "", ""},
		{"reopen", "a second birth date", "", "open", "", "", ""},
		{"assign", "senior", "alert.assigned", "in_review", "ann", "", ""},
		{"dismiss", "another birth date", "alert.dismissed", "dismissed", "ann", "false_positive", ""},
		{"reopen", "a third birth date", "alert.reopened", "open", "", "", ""},
		{"confirm", "it is him", "alert.resolved", "resolved", "", "true_match", ""},
		{"resolve", "it is him", "", "resolved", "", "true_match", "the alert is resolved; reopen it first"},
	} {
		t.Run(fmt.Sprint(i, " ", tc.verb), func(t *testing.T) {
			events, err := worked(s, tc.verb, id, tc.words)
			if e, refused := errors.AsType[*domain.Error](err); refused != (tc.refused != "") || refused && (e.Code != domain.Conflict || e.Message != tc.refused) {
				t.Errorf("error %v, want %q", err, tc.refused)
			}
			kind := ""
			for _, event := range events {
				kind += event.Kind().Name
				if about := event.(domain.Subject).Subject(); about != "cus_1" {
					t.Errorf("about %q", about)
				}
			}
			a := s.Alert(id)
			if got := []string{kind, a.Status, a.Assignee, a.Outcome}; !slices.Equal(got, []string{tc.event, tc.status, tc.assignee, tc.outcome}) {
				t.Errorf("%q, want %q", got, tc)
			}
		})
	}
}

func TestWorkIsChecked(t *testing.T) {
	s, id := one()
	rule := find(s, ofEvent(domain.Monitored{Fired: []domain.RuleFired{fired("a", "live", "alert", domain.Low)}}))[0].Alert.ID
	long := strings.Repeat("x", 4001)
	w := func(id, reason string) casework.Work { return casework.Work{AlertID: id, Reason: reason} }
	for _, tc := range []struct {
		name    string
		decide  func() ([]domain.Event, error)
		code    domain.Code
		message string
	}{
		{"unknown alert", func() ([]domain.Event, error) { return s.DecideResolve(casework.Resolve{Work: w("alr_x", "x")}) }, domain.Unknown, "there is no alert with this id"},
		{"no reason to resolve", func() ([]domain.Event, error) { return s.DecideResolve(casework.Resolve{Work: w(id, "")}) }, domain.Invalid, "reason is required"},
		{"no reason to dismiss", func() ([]domain.Event, error) { return s.DecideDismiss(casework.Dismiss{Work: w(id, "")}) }, domain.Invalid, "reason is required"},
		{"no reason to escalate", func() ([]domain.Event, error) { return s.DecideEscalate(casework.Escalate{Work: w(id, "")}) }, domain.Invalid, "reason is required"},
		{"no reason to reopen", func() ([]domain.Event, error) { return s.DecideReopen(casework.Reopen{Work: w(id, "")}) }, domain.Invalid, "reason is required"},
		{"long reason", func() ([]domain.Event, error) { return s.DecideEscalate(casework.Escalate{Work: w(id, long)}) }, domain.Invalid, "reason is longer than 4000 bytes"},
		{"no text", func() ([]domain.Event, error) { return s.DecideNote(casework.Note{Work: w(id, "")}) }, domain.Invalid, "text is required"},
		{"no assignee", func() ([]domain.Event, error) { return s.DecideAssign(casework.Assign{Work: w(id, "")}) }, domain.Invalid, "assignee is required"},
		{"unprintable assignee", func() ([]domain.Event, error) {
			return s.DecideAssign(casework.Assign{Work: w(id, ""), Assignee: "a\nb"})
		}, domain.Invalid, "assignee contains the unprintable character U+000A"},
		{"outcome of a dismissal", func() ([]domain.Event, error) {
			return s.DecideResolve(casework.Resolve{Work: w(id, "x"), Outcome: "false_positive"})
		}, domain.Invalid, "outcome must be true_match or handled"},
		{"outcome of a resolution", func() ([]domain.Event, error) {
			return s.DecideDismiss(casework.Dismiss{Work: w(id, "x"), Outcome: "handled"})
		}, domain.Invalid, "outcome must be false_positive, duplicate or irrelevant"},
		{"a rule matches nobody", func() ([]domain.Event, error) {
			return s.DecideResolve(casework.Resolve{Work: w(rule, "x"), Outcome: "true_match"})
		}, domain.Invalid, "outcome true_match is for alerts on listed names; this one is a monitoring alert"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			events, err := tc.decide()
			if e, ok := errors.AsType[*domain.Error](err); !ok || e.Code != tc.code || e.Message != tc.message || len(events) > 0 {
				t.Errorf("%d events, error %v, want %s", len(events), err, tc.message)
			}
		})
	}
}

// legal says which status a step leads to from which, and "" where it is refused.
var legal = map[string]map[string]string{
	"assign":   {"open": "in_review", "in_review": "in_review", "escalated": "escalated"},
	"reassign": {"open": "in_review", "in_review": "in_review", "escalated": "escalated"},
	"note":     {"open": "open", "in_review": "in_review", "escalated": "escalated", "resolved": "resolved", "dismissed": "dismissed"},
	"resolve":  {"open": "resolved", "in_review": "resolved", "escalated": "resolved"},
	"confirm":  {"open": "resolved", "in_review": "resolved", "escalated": "resolved"},
	"dismiss":  {"open": "dismissed", "in_review": "dismissed", "escalated": "dismissed"},
	"escalate": {"open": "escalated", "in_review": "escalated"},
	"reopen":   {"resolved": "open", "dismissed": "open"},
}

// TestWork takes random steps with several alerts: each leads where the table says or is refused,
// the same again adds nothing, and a customer's open and confirmed alerts are those that stand so.
func TestWork(t *testing.T) {
	verbs := []string{"assign", "reassign", "note", "resolve", "confirm", "dismiss", "escalate", "reopen"}
	rapid.Check(t, func(t *rapid.T) {
		s := casework.New()
		var ids []string
		for i := range 3 {
			r := ofCustomer(hit("sdn", fmt.Sprint(i), "sanctions", "A"))
			raised := s.DecideFinding(meta(), r)[0]
			raised.Alert.ID = fmt.Sprint("alr_", i)
			s.Evolve(&domain.Envelope{Seq: int64(10 + i), Time: at, Event: raised})
			ids = append(ids, raised.Alert.ID)
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			id, verb := rapid.SampledFrom(ids).Draw(t, "alert"), rapid.SampledFrom(verbs).Draw(t, "verb")
			before, open := s.Alert(id), s.OpenOf("cus_1")
			held := slices.Clone(open)
			status := before.Status
			words := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "words")
			events, err := worked(s, verb, id, words)
			now, want := s.Alert(id), legal[verb][status]
			switch {
			case len(events) == 0 && now != before:
				t.Fatalf("no event changed %+v to %+v", before, now)
			case len(events) == 1 && now.Status != want:
				t.Fatalf("%s of what is %s gave %s, want %s", verb, status, now.Status, want)
			case err != nil && (want != "" || domain.CodeOf(err) != domain.Conflict):
				t.Fatalf("%s of what is %s: %v", verb, status, err)
			case before.Status != status || !slices.Equal(open, held):
				t.Fatal("what was handed out changed")
			}
			if again, _ := worked(s, verb, id, words); len(again) > 0 {
				t.Fatalf("%s again: %v", verb, again)
			}
			checkLists(t, s, ids)
		}
	})
}

// checkLists holds a customer's lists against the alerts themselves.
func checkLists(t *rapid.T, s *casework.State, ids []string) {
	var open, confirmed []*casework.Standing
	for _, id := range ids {
		switch a := s.Alert(id); {
		case a.IsOpen():
			open = append(open, a)
		case a.Outcome == casework.TrueMatch:
			confirmed = append(confirmed, a)
		}
	}
	if !slices.Equal(s.OpenOf("cus_1"), open) || !slices.Equal(s.ConfirmedOf("cus_1"), confirmed) {
		t.Fatalf("open %v, want %v; confirmed %v, want %v", s.OpenOf("cus_1"), open, s.ConfirmedOf("cus_1"), confirmed)
	}
}

// TestGroundsOutliveAlerts shows that what was handled or set aside is not raised again, and that a
// false positive is: that it is none again means that what was found rests on nothing any more.
func TestGroundsOutliveAlerts(t *testing.T) {
	for outcome, raised := range map[string]int{casework.Irrelevant: 0, casework.Duplicate: 0, casework.FalsePositive: 1} {
		s, id := one()
		steps, err := s.DecideDismiss(casework.Dismiss{Work: casework.Work{AlertID: id, Reason: "known"}, Outcome: outcome})
		if err != nil {
			t.Fatal(err)
		}
		s.Evolve(&domain.Envelope{Seq: 99, Time: at, Event: steps[0]})
		if again := find(s, ofCustomer(hit("sdn", "1", "sanctions", "A"))); len(again) != raised || !s.Alert(id).RaisedAt.Equal(at) {
			t.Errorf("%s: raised again: %q", outcome, words(again))
		}
	}
}

// TestOneAlertPerEntity shows that another name of the same entity joins the alert that is open.
func TestOneAlertPerEntity(t *testing.T) {
	s, _ := one()
	if again := find(s, ofCustomer(hit("sdn", "1", "sanctions", "B"))); len(again) > 0 {
		t.Errorf("a second alert: %q", words(again))
	}
	if other := find(s, ofCustomer(hit("sdn", "2", "sanctions", "B"))); len(other) != 1 {
		t.Errorf("another entity: %q", words(other))
	}
}
