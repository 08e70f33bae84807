package ledger

import (
	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/screening"
)

// Disposal is what an officer finds about the hit behind an alert.
type Disposal struct {
	casework.Work
	Outcome string // true_match, false_positive or needs_information
}

// DisposeAlert records what an officer finds about the hit behind an alert, and takes the step with
// the alert that follows from it: a true match resolves it, a false positive dismisses it, and what
// needs information is noted. Its reply is an *AlertView.
func DisposeAlert(cmd Disposal) Command {
	found := (*turn).found
	if cmd.Outcome == screening.NeedsInformation {
		found = func(t *turn, _ domain.Event) { t.dispose(cmd.AlertID, cmd.Outcome, cmd.Reason) }
	}
	return workThen(cmd.Work, func(s *casework.State) ([]domain.Event, error) {
		if err := domain.CheckOneOf("outcome", cmd.Outcome, screening.TrueMatch, screening.FalsePositive, screening.NeedsInformation); err != nil {
			return nil, err
		}
		if err := domain.CheckText("reason", cmd.Reason, 4000, true); err != nil {
			return nil, err
		}
		a := s.Alert(cmd.AlertID)
		if a != nil && a.EntryID == "" {
			return nil, domain.InvalidField("outcome", "is for alerts on listed names; this one is a %s alert", a.Kind)
		}
		switch cmd.Outcome {
		case screening.TrueMatch:
			return s.DecideResolve(casework.Resolve{Work: cmd.Work, Outcome: casework.TrueMatch})
		case screening.FalsePositive:
			return s.DecideDismiss(casework.Dismiss{Work: cmd.Work, Outcome: casework.FalsePositive})
		}
		if a != nil && !a.IsOpen() {
			return nil, domain.Errorf(domain.Conflict, "the alert is %s; reopen it first", a.Status)
		}
		return s.DecideNote(casework.Note{Work: casework.Work{AlertID: cmd.AlertID, Idem: cmd.Idem}, Text: needsInformation + cmd.Reason})
	}, found)
}

// needsInformation begins the note on an alert that waits for something.
const needsInformation = "needs information: "

// found records what a step with an alert finds about a listed entity: its end as a true match or a
// false positive. An alert that is opened again takes that back.
func (t *turn) found(step domain.Event) {
	switch step := step.(type) {
	case casework.Resolved:
		if step.Outcome == casework.TrueMatch {
			t.dispose(step.AlertID, screening.TrueMatch, step.Reason)
		}
	case casework.Dismissed:
		if step.Outcome == casework.FalsePositive {
			t.dispose(step.AlertID, screening.FalsePositive, step.Reason)
		}
	case casework.Reopened:
		t.emit(t.state.Screening.DecideReopen(step.CustomerID, step.AlertID)...)
	}
}

// dispose records what was found about the entity of an alert. What is not listed any more, or on a
// list that is not looked at, cannot be found again, and needs no disposition.
func (t *turn) dispose(alertID, outcome, reason string) {
	s := t.state
	a := s.Alerts.Alert(alertID)
	if a.EntryID == "" {
		return
	}
	entry, _ := s.Lists().Entry(a.List, a.EntryID)
	if entry == nil {
		return
	}
	d := screening.Dispose{
		CustomerID: a.CustomerID, Counterparty: a.Counterparty, AlertID: a.ID, List: a.List, EntryID: a.EntryID,
		Outcome: outcome, Reason: reason, Customer: counterpartySide(a.Counterparty), Entry: screening.SideOf(entry),
	}
	if a.Counterparty == "" {
		d.Customer = sideOf(s.Customers.Find(a.CustomerID))
	}
	disposed, err := s.Screening.DecideDispose(t.meta, d)
	if err != nil {
		return // the step was checked by the same rules
	}
	t.emit(disposed...)
}

// sideOf gives what dispositions rest on of a customer.
func sideOf(c *customer.Customer) screening.Side {
	return screening.SideOfQueries(queriesOf(&c.Profile)...)
}

// counterpartySide gives what they rest on of a counterparty with a digest.
func counterpartySide(digest string) screening.Side { return screening.Side{"counterparty": digest} }

// disposed ends the dispositions about a customer that have lost what they rested on, and leaves out
// of what was found the hits that are disposed of as false.
func (t *turn) disposed(c *customer.Customer, found domain.Screened) domain.Screened {
	s := t.state
	if s.Screening.DispositionsOf(c.ID) == nil && s.Screening.Approved() == nil {
		return found
	}
	now := sideOf(c)
	t.emit(s.Screening.DecideVoid(c.ID, now, s.Lists())...)
	return s.Screening.DispositionsOf(c.ID).Apply(found, now, "", s.Screening.Approved(), s.Lists())
}

// ProposeGoodGuy wants somebody to give no hit on an entry. Its reply is a *screening.GoodGuyStanding.
func ProposeGoodGuy(cmd screening.ProposeGoodGuy) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		s := t.state
		if s.Lists() == nil {
			return nil, nil, errListsMissing
		}
		events, err := s.Screening.DecidePropose(t.meta, cmd, s.Lists())
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, s.Screening.SameGoodGuy(cmd, s.Lists()), nil
	}}
}

// DecideGoodGuy approves, rejects or withdraws one. Its reply is a *screening.GoodGuyStanding.
func DecideGoodGuy(cmd screening.DecideGoodGuy) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideGoodGuy(t.meta, cmd)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, t.state.Screening.GoodGuy(cmd.ID), nil
	}}
}
