package screening

import (
	"slices"
	"time"

	"whocomply/domain"
)

// Why customers are screened again, and how many of them.
const (
	RunOnChange  = "change"    // the lists changed
	RunRequested = "requested" // somebody asked for it
	RunScheduled = "scheduled" // it was time

	ScopeFull    = "full"    // every customer
	ScopeChanges = "changes" // every customer whom what changed on the lists can touch

	RunDone       = "completed"
	RunSuperseded = "superseded" // the lists changed again before it came to its end
)

// Run is screening the customers again.
type Run struct {
	ID      string               `json:"id"`     // run_…
	Cause   string               `json:"cause"`  // change, requested or scheduled
	Reason  string               `json:"reason"` // of who asked for it; empty for others
	Scope   string               `json:"scope"`  // full or changes
	Lists   []domain.ListVersion `json:"lists"`  // what they are screened on
	Changes []ListChange         `json:"changes,omitempty"`
}

// ListChange names the entries of a list that differ from the version that customers were screened on.
type ListChange struct {
	List    string   `json:"list"`
	Put     []string `json:"put,omitempty"`     // ids of those added or altered
	Removed []string `json:"removed,omitempty"` // and of those that are gone
}

// RunStarted begins a run. Until it is ended, a process that starts takes it up where it was.
type RunStarted struct {
	Run  Run                 `json:"run"`
	Idem *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is screening.run_started.
func (RunStarted) Kind() domain.Kind { return domain.Kind{Name: "screening.run_started", Version: 1} }

// Subject is the run.
func (e RunStarted) Subject() string { return e.Run.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e RunStarted) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// RunAdvanced says how far a run has come.
type RunAdvanced struct {
	RunID string `json:"run_id"`
	Tally
	Through string `json:"through"` // customers up to this id are done
}

// Tally counts what a run has done.
type Tally struct {
	Customers int `json:"customers"` // that were considered
	Screened  int `json:"screened"`  // of these, whom the lists' changes could touch; all in a full run
	Changed   int `json:"changed"`   // of these, whose result is another than before
}

// Kind is screening.run_advanced.
func (RunAdvanced) Kind() domain.Kind {
	return domain.Kind{Name: "screening.run_advanced", Version: 1}
}

// Subject is the run.
func (e RunAdvanced) Subject() string { return e.RunID }

// RunEnded proves who was screened again, and on what. Population is the lower-case hex SHA-256 of a
// line for each customer that was considered, in the order of their ids: the id, a space, the version
// of the profile in decimal, a line feed. Of each of them the ledger holds the last result: a
// screening.completed of this run if it changed, and an earlier one if it did not.
type RunEnded struct {
	RunID   string               `json:"run_id"`
	Outcome string               `json:"outcome"` // completed or superseded
	Lists   []domain.ListVersion `json:"lists"`
	Matcher string               `json:"matcher"`
	Stale   bool                 `json:"stale,omitzero"`
	Tally
	Population string `json:"population"`
	WithHits   int    `json:"with_hits"` // customers of the ledger whose last result has hits
	NoHit      int    `json:"no_hit"`    // and whose has none
}

// Kind is screening.run_ended.
func (RunEnded) Kind() domain.Kind { return domain.Kind{Name: "screening.run_ended", Version: 1} }

// Subject is the run.
func (e RunEnded) Subject() string { return e.RunID }

// RunStanding is a run that has not ended. It is never changed, only replaced.
type RunStanding struct {
	Run
	Tally
	Through   string
	StartedAt time.Time
	Seq       int64
}

// Covered is the last run that came to its end: what customers were screened on by it, unless they
// have been screened since.
type Covered struct {
	RunID string
	Lists []domain.ListVersion
	At    time.Time
	Seq   int64 // of its start
	Stale bool
}

// StartRun wants customers to be screened again.
type StartRun struct {
	Cause, Reason, Scope string
	Lists                *Lists
	Changes              []ListChange
	Idem                 *domain.Idempotency // the request's Idempotency-Key, if any
}

// Unfinished gives the run to go on with, or nil.
func (s *State) Unfinished() *RunStanding {
	if len(s.runs) == 0 {
		return nil
	}
	return s.runs[0]
}

// LastFull gives the time of the last full run that came to its end; zero if there is none.
func (s *State) LastFull() time.Time { return s.fullAt }

// LastRun gives the last run that came to its end, or nil.
func (s *State) LastRun() *Covered { return s.covered }

// Requested gives the run that somebody asked for and that has not ended, or nil.
func (s *State) Requested() *RunStanding {
	for _, run := range s.runs {
		if run.Cause == RunRequested {
			return run
		}
	}
	return nil
}

// DecideStartRun gives no event while a run of the same cause has not ended.
func (s *State) DecideStartRun(m domain.Meta, c StartRun) ([]domain.Event, error) {
	if err := domain.CheckText("reason", c.Reason, maxText, c.Cause == RunRequested); err != nil {
		return nil, err
	}
	for _, run := range s.runs {
		if run.Cause == c.Cause {
			return nil, nil
		}
	}
	run := Run{ID: m.IDs.New("run"), Cause: c.Cause, Reason: c.Reason, Scope: c.Scope, Lists: c.Lists.Versions(), Changes: c.Changes}
	return []domain.Event{RunStarted{Run: run, Idem: c.Idem}}, nil
}

// DecideAdvance gives no event for a run that has ended or is further.
func (s *State) DecideAdvance(c RunAdvanced) []domain.Event {
	for _, run := range s.runs {
		if run.ID == c.RunID && run.Through < c.Through {
			return []domain.Event{c}
		}
	}
	return nil
}

// DecideEnd gives no event for a run that has ended.
func (s *State) DecideEnd(c RunEnded, customers int) []domain.Event {
	for _, run := range s.runs {
		if run.ID == c.RunID {
			c.WithHits = s.withHits
			c.NoHit = customers - s.withHits
			return []domain.Event{c}
		}
	}
	return nil
}

// DecideRescreening is DecideScreening for a customer whose profile is as it was: it gives no event
// for the same result on other versions of the lists. That it was looked for there, the run says.
func (s *State) DecideRescreening(c RecordScreening) []domain.Event {
	if last := s.screenings[c.CustomerID]; last != nil && !c.Anew && last.Profile == c.Profile && last.finds(c.Screened) {
		return nil
	}
	return []domain.Event{Completed{CustomerID: c.CustomerID, Profile: c.Profile, Screened: c.Screened}}
}

// Finds reports whether a result says the same as the last, whatever versions of the lists it is of.
func (c *Completed) Finds(found domain.Screened) bool { return c.finds(found) }

func (c *Completed) finds(found domain.Screened) bool {
	return slices.EqualFunc(c.Hits, found.Hits, sameFinding) && slices.EqualFunc(c.Cleared, found.Cleared, sameFinding)
}

func sameFinding(a, b domain.Hit) bool {
	a.List, b.List = domain.ListVersion{List: a.List.List}, domain.ListVersion{List: b.List.List}
	return sameHit(a, b)
}

// names reports whether a result names one of these entries.
func (c *Completed) names(changed map[met]bool) bool {
	in := func(h domain.Hit) bool { return changed[met{list: h.List.List, entry: h.EntryID}] }
	return slices.ContainsFunc(c.Hits, in) || slices.ContainsFunc(c.Cleared, in)
}

func (s *State) startRun(e *domain.Envelope, run Run) {
	s.runs = append(slices.Clip(s.runs), &RunStanding{Run: run, StartedAt: e.Time, Seq: e.Seq})
}

func (s *State) advanceRun(event RunAdvanced) {
	s.runs = slices.Clone(s.runs)
	for i, run := range s.runs {
		if run.ID == event.RunID {
			after := *run
			after.Tally, after.Through = event.Tally, event.Through
			s.runs[i] = &after
		}
	}
}

func (s *State) endRun(e *domain.Envelope, event RunEnded) {
	for i, run := range s.runs {
		if run.ID != event.RunID {
			continue
		}
		s.runs = slices.Delete(slices.Clone(s.runs), i, i+1)
		if event.Outcome == RunDone {
			if run.Scope == ScopeFull {
				s.fullAt = e.Time
			}
			s.covered = &Covered{RunID: run.ID, Lists: event.Lists, At: e.Time, Seq: run.Seq, Stale: event.Stale}
		}
		return
	}
}

// complete keeps the last screening of a customer, and counts its hits.
func (s *State) complete(c *Completed) {
	if last := s.screenings[c.CustomerID]; last != nil {
		s.count(last, -1)
	}
	s.count(c, 1)
	s.screenings[c.CustomerID] = c
}
