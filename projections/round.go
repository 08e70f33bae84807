package projections

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// job is a run of events of one ledger for the projections that stand at its start.
type job struct {
	ledger string
	at     []int // places of the projections
	from   int64
	events []domain.Envelope
	fault  error // why there is no event after these
	whole  bool  // the ledger was read to its durable end
}

// takeDue empties the set of due ledgers. They come in an order that starts after the ledger served last.
func (r *Runner) takeDue() []string {
	r.dueMu.Lock()
	ledgers := slices.Sorted(maps.Keys(r.due))
	clear(r.due)
	r.dueMu.Unlock()
	at, found := slices.BinarySearch(ledgers, r.after)
	if found {
		at++
	}
	return slices.Concat(ledgers[at:], ledgers[:at])
}

// round gives each ledger a turn, as far as the round's bound goes, in one transaction. backlog
// says that some ledger has more; it is due again already. The caller holds r.turn and leads.
func (r *Runner) round(ctx context.Context, ledgers []string) (backlog bool, err error) {
	var jobs []*job
	events := 0
	for i, ledger := range ledgers {
		if events >= roundEvents {
			r.wakeMany(ledgers[i:])
			backlog = true
			break
		}
		mine, err := r.collect(ctx, ledger)
		if err != nil {
			r.wakeMany(ledgers)
			return false, err
		}
		for _, j := range mine {
			events += len(j.events)
			if !j.whole {
				r.Wake(ledger)
				backlog = true
			}
		}
		jobs = append(jobs, mine...)
		r.after = ledger
	}
	if err := r.advance(ctx, jobs); err != nil {
		r.wakeMany(ledgers)
		return false, err
	}
	return backlog, nil
}

func (r *Runner) wakeMany(ledgers []string) {
	for _, ledger := range ledgers {
		r.Wake(ledger)
	}
}

// collect reads what the projections need next of a ledger. Those that stand at the same position
// share the reading; those that are behind read up to the others, so that they meet there while
// the others stay fresh.
func (r *Runner) collect(ctx context.Context, ledger string) ([]*job, error) {
	size, err := r.source.Size(ctx, ledger)
	if err != nil {
		return nil, err
	}
	groups := map[int64][]int{}
	r.db.mu.Lock()
	s := r.db.standing(ledger)
	s.size = max(s.size, size)
	for i, next := range s.next {
		if s.stopped[i] == "" {
			groups[next] = append(groups[next], i)
		}
	}
	r.db.mu.Unlock()
	var jobs []*job
	limit := size
	for _, from := range slices.Backward(slices.Sorted(maps.Keys(groups))) {
		if from < limit {
			j := &job{ledger: ledger, at: groups[from], from: from}
			if err := r.read(ctx, j, limit); err != nil {
				return nil, err
			}
			j.whole = j.fault != nil || from+int64(len(j.events)) == size
			jobs = append(jobs, j)
		}
		limit = from
	}
	return jobs, nil
}

// read fills a job with events below the limit, at most a turn's worth. Only a failure that
// is not the next event's is returned.
func (r *Runner) read(ctx context.Context, j *job, limit int64) error {
	n := min(limit-j.from, turnEvents)
	j.events = make([]domain.Envelope, 0, n)
	for e, err := range r.source.Read(ctx, j.ledger, j.from) {
		next := j.from + int64(len(j.events))
		switch {
		case err != nil && (ctx.Err() != nil || domain.CodeOf(err) == domain.Unavailable):
			return err
		case err != nil:
			j.fault = err
			return nil
		case e.Seq != next || e.Ledger != j.ledger:
			j.fault = fmt.Errorf("event %d of %s stands at %d of %s", e.Seq, e.Ledger, next, j.ledger)
			return nil
		}
		j.events = append(j.events, e)
		if int64(len(j.events)) == n {
			return nil
		}
	}
	return nil
}

// advance applies jobs in one transaction: all their rows and positions, or nothing. If that fails, it
// finds the fault by halves, each in a transaction of its own: first job by job, then projection
// by projection, then half the events by half, until a single event is left that a
// projection cannot apply, which stops that projection there. This costs nothing while nothing
// fails, where a savepoint per projection would cost two statements each in every round.
func (r *Runner) advance(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	err := r.commit(jobs)
	if err == nil {
		r.publish(jobs)
		return nil
	}
	if r.db.dialect.transient(err) || ctx.Err() != nil || !r.w.alive() {
		return err
	}
	first := jobs[0]
	switch {
	case len(jobs) > 1:
		for _, j := range jobs {
			if err := r.advance(ctx, []*job{j}); err != nil {
				return err
			}
		}
	case len(first.at) > 1:
		for _, at := range first.at {
			alone := *first
			alone.at = []int{at}
			if err := r.advance(ctx, []*job{&alone}); err != nil {
				return err
			}
		}
	case len(first.events) > 1:
		return r.halve(ctx, first)
	case len(first.events) == 1:
		r.stop(first.ledger, first.at[0], first.from, first.events[0].Event.Kind().Name, err)
	default:
		return err
	}
	return nil
}

// halve applies the first half of a job and, unless the projection stopped there, the second.
func (r *Runner) halve(ctx context.Context, j *job) error {
	middle := len(j.events) / 2
	front, back := *j, *j
	front.events, front.fault = j.events[:middle], nil
	back.events, back.from = j.events[middle:], j.from+int64(middle)
	if err := r.advance(ctx, []*job{&front}); err != nil {
		return err
	}
	if r.hasStopped(j.ledger, j.at[0]) {
		return nil
	}
	return r.advance(ctx, []*job{&back})
}

var positionTable = inserting("positions (ledger, model, next)", "ON CONFLICT (ledger, model) DO UPDATE SET next = excluded.next")

// commit writes what the jobs change, and the positions after them, in one transaction.
func (r *Runner) commit(jobs []*job) error {
	defer func() {
		for _, p := range r.projections {
			p.forget()
		}
	}()
	return r.w.within(func() error {
		var positions rows
		for _, j := range jobs {
			for _, at := range j.at {
				if err := r.fold(r.projections[at], j); err != nil {
					return err
				}
				positions.add(j.ledger, string(models[at]), j.from+int64(len(j.events)))
			}
		}
		for _, p := range r.projections {
			if err := p.write(r.w); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		return r.w.run(positionTable, &positions)
	})
}

func (r *Runner) fold(p projection, j *job) error {
	for i := range j.events {
		if err := p.apply(r.w, &j.events[i]); err != nil {
			return fmt.Errorf("apply: %w", err)
		}
	}
	return nil
}

// publish makes a commit known: views that it changed leave the cache, positions move, and whoever
// waits wakes, in one step. Projections that met a fault stop.
func (r *Runner) publish(jobs []*job) {
	db := r.db
	db.mu.Lock()
	for _, id := range r.w.stale {
		db.views.drop(id)
	}
	db.noteMoved(r.w.moved)
	for _, j := range jobs {
		s := db.standing(j.ledger)
		for _, at := range j.at {
			s.next[at] = j.from + int64(len(j.events))
		}
		s.announce()
	}
	db.mu.Unlock()
	for _, j := range jobs {
		if j.fault == nil {
			continue
		}
		for _, at := range j.at {
			r.stop(j.ledger, at, j.from+int64(len(j.events)), "unreadable event", j.fault)
		}
	}
}

// stop ends a projection on a ledger before an event, until a restart or a Rebuild.
func (r *Runner) stop(ledger string, at int, seq int64, kind string, cause error) {
	text := fmt.Sprintf("%s stopped on ledger %s before event %d (%s): %s", models[at], ledger, seq, kind, reason(cause))
	r.log.Error("read model stopped", "model", models[at], "ledger", ledger, "seq", seq, "type", kind, "error", reason(cause))
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	s := r.db.standing(ledger)
	s.stopped[at] = text
	s.announce()
}

func (r *Runner) hasStopped(ledger string, at int) bool {
	r.db.mu.RLock()
	defer r.db.mu.RUnlock()
	return r.db.standings[ledger].stopped[at] != ""
}

// reason is the text of an error without what errors of JSON quote from the payload.
func reason(err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Sprintf("JSON does not fit %v at byte %d", semantic.GoType, semantic.ByteOffset)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("JSON is malformed at byte %d", syntactic.ByteOffset)
	}
	return err.Error()
}
