package ledger

import (
	"iter"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

// Replayed is a decision that was made again, on what the ledger held right before it.
type Replayed struct {
	Seq        int64     `json:"seq"`
	EventID    string    `json:"event_id"`
	EventType  string    `json:"event_type"`
	CustomerID string    `json:"customer_id"`
	RecordedAt time.Time `json:"recorded_at"`

	Identical   bool         `json:"identical"`
	Differences []Difference `json:"differences"`
	Compared    []string     `json:"compared"` // types of the events that the decision made

	RuleSet    string                    `json:"rule_set"` // what it rested on
	Lists      []domain.ListVersion      `json:"lists"`
	References []domain.ReferenceVersion `json:"references"`
	Model      string                    `json:"risk_model"`
}

// Difference is a place at which the decision made again is another. Recorded and Replayed are empty
// where the one or the other has nothing.
type Difference struct {
	Seq  int64  `json:"seq"`
	Type string `json:"type"`
	domain.Difference
}

// ReplayDecision makes the decision again that a ledger's event at states. The past are the events of
// the ledger from the first on, up to some that follow it. Contents gives the shared lists that
// the tenant had adopted.
func ReplayDecision(at *domain.Envelope, past iter.Seq2[domain.Envelope, error], contents func([]domain.ListVersion) ([]*screening.List, error)) (*Replayed, error) {
	recorded, isDecision := at.Event.(activity.Recorded)
	if !isDecision {
		return nil, domain.Errorf(domain.Invalid, "event %d is %s: only activity.recorded states a decision on an event", at.Seq, at.Event.Kind().Name)
	}
	r := &replay{at: at, recorded: &recorded, state: New(at.Ledger), contents: contents, meta: replayedMeta(at, &recorded)}
	for e, err := range past {
		if err != nil {
			return nil, err
		}
		more, err := r.take(&e)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return r.told()
}

// replay is a decision being made again.
type replay struct {
	at       *domain.Envelope
	recorded *activity.Recorded
	state    *State
	contents func([]domain.ListVersion) ([]*screening.List, error)
	meta     domain.Meta
	command  *RecordEvent
	made     []domain.Envelope
	stored   []domain.Envelope
}

// replayedMeta gives what the decision was given from outside: its ids count up from that of its
// first alert, or without one from that of its event.
func replayedMeta(at *domain.Envelope, recorded *activity.Recorded) domain.Meta {
	first := at.ID
	if alerts := recorded.Decision.Alerts; len(alerts) > 0 {
		_, first, _ = strings.Cut(alerts[0], "_")
	}
	return domain.Meta{At: at.Time, Actor: at.Actor, IDs: domain.IDsFrom(first)}
}

// take takes in the next event of the past; more is false once all that the decision made was seen.
func (r *replay) take(e *domain.Envelope) (more bool, err error) {
	if e.ID == r.at.ID || e.ID == r.at.Cause {
		if err := r.prepare(); err != nil {
			return false, err
		}
	}
	switch {
	case e.Seq < r.at.Seq:
		r.state.Evolve(e)
		return true, nil
	case e.Seq == r.at.Seq:
		r.stored = append(r.stored, *e)
		t := &turn{state: r.state, meta: r.meta}
		_, err = r.command.decide(t)
		r.made = t.events
		return true, err
	case r.follows(e):
		r.stored = append(r.stored, *e)
		return true, nil
	}
	return false, nil
}

// follows reports whether an event behind the decision was made by it.
func (r *replay) follows(e *domain.Envelope) bool {
	if e.Cause == "" || e.Cause != r.at.ID && e.Cause != r.at.Cause {
		return false
	}
	switch event := e.Event.(type) {
	case casework.Raised:
		return event.Alert.Source.Seq == r.at.Seq
	case risk.Rated:
		return event.CustomerID == r.recorded.CustomerID
	}
	return false
}

// prepare does what was done before the first event of the append was decided.
func (r *replay) prepare() error {
	if r.command != nil {
		return nil
	}
	var adopted []domain.ListVersion
	for _, p := range r.state.Screening.Adopted() {
		adopted = append(adopted, p.ListVersion)
	}
	lists, err := r.contents(adopted)
	if err != nil {
		return err
	}
	for _, list := range lists {
		r.state.load(list)
	}
	c := &RecordEvent{Input: r.recorded.Input, idem: r.recorded.Idem, transaction: r.recorded.Transaction()}
	c.seen, c.queries = ruleInput(&c.Input, c.transaction, c.Session()), paymentQueries(c.transaction)
	r.command = c
	c.look(r.state)
	return c.prepare(r.meta)
}

// told compares.
func (r *replay) told() (*Replayed, error) {
	if len(r.made) == 0 {
		return nil, domain.Errorf(domain.Unknown, "the ledger ends before event %d", r.at.Seq)
	}
	m, s := &r.recorded.Decision.Monitoring, &r.recorded.Decision.Screening
	told := &Replayed{
		Seq: r.at.Seq, EventID: r.recorded.EventID, EventType: r.recorded.EventType, CustomerID: r.recorded.CustomerID, RecordedAt: r.at.Time,
		Differences: []Difference{}, RuleSet: m.RuleSet, Lists: s.Lists, References: append([]domain.ReferenceVersion{}, m.References...),
		Model: r.state.Ratings.Of(r.recorded.CustomerID).ModelName(),
	}
	for i := range max(len(r.stored), len(r.made)) {
		var before, after domain.Event
		if i < len(r.made) {
			after = r.made[i].Event
		}
		if i < len(r.stored) {
			before = r.stored[i].Event
		}
		kind := ""
		for _, event := range []domain.Event{after, before} {
			if event != nil {
				kind = event.Kind().Name
			}
		}
		differences, err := domain.Differences(before, after)
		if err != nil {
			return nil, err
		}
		told.Compared = append(told.Compared, kind)
		for _, d := range differences {
			told.Differences = append(told.Differences, Difference{Seq: r.at.Seq + int64(i), Type: kind, Difference: d})
		}
	}
	told.Identical = len(told.Differences) == 0
	return told, nil
}
