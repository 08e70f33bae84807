package ledger

import (
	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/risk"
)

// AlertView is an alert and its customer's rating as the ledger knows them at one moment.
type AlertView struct {
	Alert  *casework.Standing
	Rating *risk.Rating
}

// ViewAlert gives the alert with this id, or nil.
func (s *State) ViewAlert(id string) *AlertView {
	alert := s.Alerts.Alert(id)
	if alert == nil {
		return nil
	}
	return &AlertView{Alert: alert, Rating: s.Ratings.Of(alert.CustomerID)}
}

// AssignAlert makes an alert somebody's. Its reply is an *AlertView.
func AssignAlert(cmd casework.Assign) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideAssign(cmd) })
}

// NoteAlert adds a note to an alert. Its reply is an *AlertView.
func NoteAlert(cmd casework.Note) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideNote(cmd) })
}

// ResolveAlert ends the work on an alert and rates its customer anew. Its reply is an *AlertView.
func ResolveAlert(cmd casework.Resolve) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideResolve(cmd) })
}

// DismissAlert sets an alert aside and rates its customer anew. Its reply is an *AlertView.
func DismissAlert(cmd casework.Dismiss) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideDismiss(cmd) })
}

// EscalateAlert hands an alert up. Its reply is an *AlertView.
func EscalateAlert(cmd casework.Escalate) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideEscalate(cmd) })
}

// ReopenAlert opens an alert again and rates its customer anew. Its reply is an *AlertView.
func ReopenAlert(cmd casework.Reopen) Command {
	return work(cmd.Work, func(s *casework.State) ([]domain.Event, error) { return s.DecideReopen(cmd) })
}

// work takes a step with an alert. Whether the customer's rating changes is the risk model's to say,
// in the same append, and so is what the step finds about a listed entity.
func work(on casework.Work, decide func(*casework.State) ([]domain.Event, error)) Command {
	return workThen(on, decide, (*turn).found)
}

func workThen(on casework.Work, decide func(*casework.State) ([]domain.Event, error), found func(*turn, domain.Event)) Command {
	return &simple{idem: domain.IdempotencyOf(on.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		steps, err := decide(t.state.Alerts)
		if err != nil {
			return nil, nil, err
		}
		if t.state.Lists() == nil {
			return nil, nil, errListsMissing
		}
		t.emit(steps...)
		if len(steps) > 0 {
			found(t, steps[0])
			t.rate(t.state.Customers.Find(t.state.Alerts.Alert(on.AlertID).CustomerID))
		}
		return nil, t.state.ViewAlert(on.AlertID), nil
	}}
}
