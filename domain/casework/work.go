package casework

import (
	"cmp"

	"whocomply/domain"
)

// maxText bounds reasons and notes, in bytes.
const maxText = 4000

// DecideAssign gives Assigned, and nothing if the alert was given to this assignee last with the same words.
func (s *State) DecideAssign(cmd Assign) ([]domain.Event, error) {
	if err := domain.CheckID("assignee", cmd.Assignee); err != nil {
		return nil, err
	}
	a, err := s.find(cmd.Work, false)
	if err != nil {
		return nil, err
	}
	status := a.Status
	if status == StatusOpen {
		status = StatusInReview
	}
	return a.decide(aboutAssignee, Assigned{cmd.step(a, status), cmd.Assignee}, a.needOpen())
}

// DecideNote gives Noted, and nothing if the last note has the same text.
func (s *State) DecideNote(cmd Note) ([]domain.Event, error) {
	if err := domain.CheckText("text", cmd.Text, maxText, true); err != nil {
		return nil, err
	}
	a, err := s.find(cmd.Work, false)
	if err != nil {
		return nil, err
	}
	return a.decide(aboutNotes, Noted{cmd.step(a, a.Status), cmd.Text}, nil)
}

// DecideResolve gives Resolved, nothing for an alert that was resolved with the same words, and
// Conflict for one that was resolved otherwise or dismissed.
func (s *State) DecideResolve(cmd Resolve) ([]domain.Event, error) {
	cmd.Outcome = cmp.Or(cmd.Outcome, Handled)
	if err := domain.CheckOneOf("outcome", cmd.Outcome, TrueMatch, Handled); err != nil {
		return nil, err
	}
	a, err := s.find(cmd.Work, true)
	if err != nil {
		return nil, err
	}
	if cmd.Outcome == TrueMatch && (a.Kind == "monitoring" || a.Kind == "system") {
		return nil, domain.InvalidField("outcome", "true_match is for alerts on listed names; this one is a %s alert", a.Kind)
	}
	return a.decide(aboutStatus, Resolved{cmd.step(a, StatusResolved), cmd.Outcome}, a.needOpen())
}

// DecideDismiss gives Dismissed, nothing for an alert that was dismissed with the same words, and
// Conflict for one that was dismissed otherwise or resolved.
func (s *State) DecideDismiss(cmd Dismiss) ([]domain.Event, error) {
	cmd.Outcome = cmp.Or(cmd.Outcome, FalsePositive)
	if err := domain.CheckOneOf("outcome", cmd.Outcome, FalsePositive, Duplicate, Irrelevant); err != nil {
		return nil, err
	}
	a, err := s.find(cmd.Work, true)
	if err != nil {
		return nil, err
	}
	return a.decide(aboutStatus, Dismissed{cmd.step(a, StatusDismissed), cmd.Outcome}, a.needOpen())
}

// DecideEscalate gives Escalated, nothing for an alert that was escalated with the same words, and
// Conflict for one that was escalated otherwise or is not open.
func (s *State) DecideEscalate(cmd Escalate) ([]domain.Event, error) {
	a, err := s.find(cmd.Work, true)
	if err != nil {
		return nil, err
	}
	illegal := a.needOpen()
	if a.Status == StatusEscalated {
		illegal = domain.Errorf(domain.Conflict, "the alert is already escalated")
	}
	return a.decide(aboutStatus, Escalated{cmd.step(a, StatusEscalated)}, illegal)
}

// DecideReopen gives Reopened, nothing for an alert that was reopened with the same words, and
// Conflict for one that is open.
func (s *State) DecideReopen(cmd Reopen) ([]domain.Event, error) {
	a, err := s.find(cmd.Work, true)
	if err != nil {
		return nil, err
	}
	var illegal error
	if a.IsOpen() {
		illegal = domain.Errorf(domain.Conflict, "only a resolved or dismissed alert can be reopened; this one is %s", a.Status)
	}
	return a.decide(aboutStatus, Reopened{cmd.step(a, StatusOpen)}, illegal)
}

// find checks the reason and gives the alert.
func (s *State) find(w Work, reasoned bool) (*Standing, error) {
	if err := domain.CheckText("reason", w.Reason, maxText, reasoned); err != nil {
		return nil, err
	}
	a := s.alerts[w.AlertID]
	if a == nil {
		return nil, domain.Errorf(domain.Unknown, "there is no alert with this id")
	}
	return a, nil
}

// needOpen is nil while the alert can be worked on.
func (a *Standing) needOpen() error {
	if a.IsOpen() {
		return nil
	}
	return domain.Errorf(domain.Conflict, "the alert is %s; reopen it first", a.Status)
}

func (w Work) step(a *Standing, status string) Step {
	return Step{AlertID: a.ID, CustomerID: a.CustomerID, Status: status, Reason: w.Reason, Idem: w.Idem}
}

// decide gives the step unless it says what was said last about the same thing. Only then does it
// matter whether the step is illegal.
func (a *Standing) decide(about topic, step domain.Event, illegal error) ([]domain.Event, error) {
	if a.said[about] == wordsOf(step) {
		return nil, nil
	}
	if illegal != nil {
		return nil, illegal
	}
	return []domain.Event{step}, nil
}

// wordsOf digests what a step says, whatever Idempotency-Key it came with.
func wordsOf(step domain.Event) [16]byte {
	var words struct{ Kind, Reason, More string }
	words.Kind = step.Kind().Name
	switch step := step.(type) {
	case Assigned:
		words.Reason, words.More = step.Reason, step.Assignee
	case Noted:
		words.Reason, words.More = step.Reason, step.Text
	case Resolved:
		words.Reason, words.More = step.Reason, step.Outcome
	case Dismissed:
		words.Reason, words.More = step.Reason, step.Outcome
	case Escalated:
		words.Reason = step.Reason
	case Reopened:
		words.Reason = step.Reason
	}
	return domain.ContentDigest(words)
}
