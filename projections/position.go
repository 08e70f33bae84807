package projections

import (
	"context"
	"maps"
	"slices"

	"github.com/jmoiron/sqlx"

	"whocomply/domain"
)

// standing is how far the read models have come on one ledger. It is guarded by DB.mu.
type standing struct {
	next    [len(models)]int64  // seq of the next event to apply
	stopped [len(models)]string // why a model goes no further, or empty
	size    int64               // events the ledger was seen to have
	moved   chan struct{}       // closed when anything of this changes, then replaced
}

// Status says where a read model stands on a ledger.
type Status struct {
	Ledger   string `json:"ledger"`
	Model    Model  `json:"model"`
	Position int64  `json:"position"`        // seq of the last event applied, -1 before the first
	Size     int64  `json:"size"`            // events the ledger was seen to have
	Stopped  string `json:"error,omitempty"` // why it goes no further; never payload data
}

// Status lists where each read model stands on each ledger, in the order of ledger and model.
func (db *DB) Status() []Status {
	db.mu.RLock()
	defer db.mu.RUnlock()
	var list []Status
	for _, ledger := range slices.Sorted(maps.Keys(db.standings)) {
		s := db.standings[ledger]
		for i, model := range models {
			list = append(list, Status{ledger, model, s.next[i] - 1, s.size, s.stopped[i]})
		}
	}
	return list
}

// Position is the seq of the last event of the ledger that all the given read models have
// applied (all there are, if none is given), or -1 before the first.
func (db *DB) Position(ledger string, of ...Model) int64 {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.position(ledger, of)
}

func (db *DB) position(ledger string, of []Model) int64 {
	s := db.standings[ledger]
	if s == nil {
		return -1
	}
	if len(of) == 0 {
		return slices.Min(s.next[:]) - 1
	}
	least := s.next[place(of[0])]
	for _, model := range of[1:] {
		least = min(least, s.next[place(model)])
	}
	if slices.Contains(of, Customers) { // their open alerts are read from Alerts
		least = min(least, s.next[place(Alerts)])
	}
	return least - 1
}

// place is a model's place in a standing.
func place(model Model) int { return slices.Index(models[:], model) }

// Wait returns once the read model has applied the event at seq. It fails with
// domain.Unavailable when ctx ends first or when the read model has stopped before seq.
// The caller bounds the waiting by ctx.
func (db *DB) Wait(ctx context.Context, ledger string, seq int64, model Model) error {
	db.waiting.Add(1)
	defer db.waiting.Add(-1)
	for {
		reached, stopped, moved := db.watch(ledger, seq, model)
		switch {
		case reached:
			return nil
		case stopped:
			return domain.Errorf(domain.Unavailable, "%s has stopped before position %d", model, seq)
		}
		select {
		case db.hurry <- struct{}{}:
		default:
		}
		select {
		case <-ctx.Done():
			return domain.Errorf(domain.Unavailable, "%s has not reached position %d yet", model, seq)
		case <-moved:
		}
	}
}

func (db *DB) watch(ledger string, seq int64, model Model) (reached, stopped bool, moved <-chan struct{}) {
	db.mu.Lock()
	defer db.mu.Unlock()
	s := db.standing(ledger)
	stopped = s.stopped[place(model)] != "" || model == Customers && s.stopped[place(Alerts)] != ""
	return db.position(ledger, []Model{model}) >= seq, stopped, s.moved
}

// standing gives the standing of a ledger, perhaps a new one. It needs DB.mu for writing.
func (db *DB) standing(ledger string) *standing {
	s := db.standings[ledger]
	if s == nil {
		s = &standing{moved: make(chan struct{})}
		db.standings[ledger] = s
	}
	return s
}

// announce wakes whoever waits for a change of the standing. It needs DB.mu for writing.
func (s *standing) announce() {
	close(s.moved)
	s.moved = make(chan struct{})
}

// adopt reads the positions that were committed, by whichever node, and makes them known: positions
// move, be it back, a model that stopped elsewhere may go on, views that may be stale leave the
// cache, and whoever waits wakes, in one step.
func (db *DB) adopt(ctx context.Context, q sqlx.QueryerContext) error {
	var rows []struct {
		Ledger string
		Model  Model
		Next   int64
	}
	if err := sqlx.SelectContext(ctx, q, &rows, "SELECT ledger, model, next FROM positions"); err != nil {
		return err
	}
	found := map[string]*[len(models)]int64{}
	for _, row := range rows {
		if found[row.Ledger] == nil {
			found[row.Ledger] = &[len(models)]int64{}
		}
		if i := place(row.Model); i >= 0 {
			found[row.Ledger][i] = row.Next
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	for ledger := range found {
		db.standing(ledger)
	}
	for ledger, s := range db.standings {
		next := found[ledger]
		if next == nil {
			next = &[len(models)]int64{}
		}
		db.move(s, next)
	}
	return nil
}

// move brings a standing to other positions. It needs DB.mu for writing.
func (db *DB) move(s *standing, next *[len(models)]int64) {
	if s.next == *next {
		return
	}
	for i := range next {
		if next[i] != s.next[i] {
			s.next[i], s.stopped[i] = next[i], ""
			s.size = max(s.size, next[i])
			if models[i] == RiskViews {
				db.views.clear()
			}
		}
	}
	s.announce()
}
