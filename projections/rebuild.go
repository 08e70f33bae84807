package projections

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"whocomply/domain"
)

// Rebuild empties the named read models (all, if none is named) and builds them again from the
// ledgers. It may run beside Run; meanwhile reads find less, and their position says so. Another node
// that applies events to a shared database stops, and goes on with them afterwards.
// progress, if not nil, is told how many events of each ledger all models have applied.
// Rebuild fails if a model stops.
func (r *Runner) Rebuild(ctx context.Context, progress func(ledger string, done, size int64), of ...Model) error {
	if len(of) == 0 {
		of = models[:]
	}
	defer r.release()
	if err := r.empty(ctx, of); err != nil {
		return fmt.Errorf("empty read models: %w", err)
	}
	ledgers, err := r.source.Ledgers(ctx)
	if err != nil {
		return err
	}
	for _, ledger := range ledgers {
		if err := r.refill(ctx, ledger, of, progress); err != nil {
			return fmt.Errorf("rebuild from ledger %s: %w", ledger, err)
		}
	}
	return nil
}

// empty recreates the tables of the models in one transaction and sets them back to the start.
func (r *Runner) empty(ctx context.Context, of []Model) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	if _, err := r.lead(ctx, true); err != nil {
		return err
	}
	if err := r.w.release(); err != nil { // their tables are dropped
		return err
	}
	tx, err := r.w.conn.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it has nothing to do
	for _, model := range of {
		at := place(model)
		if at < 0 {
			return fmt.Errorf("there is no read model %q", model)
		}
		if err := r.db.recreate(ctx, tx, r.projections[at]); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	r.db.views.clear()
	for _, s := range r.db.standings {
		for _, model := range of {
			s.next[place(model)], s.stopped[place(model)] = 0, ""
		}
		s.announce()
	}
	return nil
}

func (r *Runner) refill(ctx context.Context, ledger string, of []Model, progress func(string, int64, int64)) error {
	for {
		backlog, err := r.serve(ctx, ledger)
		if err != nil {
			return err
		}
		for _, s := range r.db.Status() {
			if s.Ledger == ledger && s.Stopped != "" && slices.Contains(of, s.Model) {
				return fmt.Errorf("%s", s.Stopped)
			}
		}
		if size, err := r.source.Size(ctx, ledger); err != nil {
			return err
		} else if progress != nil {
			progress(ledger, r.db.Position(ledger, of...)+1, size)
		}
		if !backlog {
			return nil
		}
	}
}

// serve gives one ledger a turn, as long as this node applies events.
func (r *Runner) serve(ctx context.Context, ledger string) (backlog bool, err error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	leads, err := r.lead(ctx, false)
	if err != nil {
		return false, err
	}
	if !leads {
		return false, domain.Errorf(domain.Unavailable, "another node applies events now, and goes on with it")
	}
	return r.round(ctx, []string{ledger})
}

// Dump writes all rows of all read models, table by table in the order of their first columns, as
// text: two databases that were built from the same ledgers give the same bytes. Each table is
// read as of its own moment, so the Runner should have nothing to do.
func (db *DB) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	var tables []string
	for _, p := range newProjections() {
		text, err := schemaOf(string(p.model()))
		if err != nil {
			return err
		}
		tables = append(tables, tablesOf(text)...)
	}
	for _, table := range append(tables, "positions") {
		if strings.HasSuffix(table, "_recent") { // shown with the table that its rows move to
			continue
		}
		if err := db.dumpTable(ctx, out, table); err != nil {
			return fmt.Errorf("dump %s: %w", table, err)
		}
	}
	return out.Flush()
}

// dumpTable orders by the first columns, at most three: they are the primary key, or, in the tables of
// totals and positions, as good as.
func (db *DB) dumpTable(ctx context.Context, w io.Writer, table string) error {
	if strings.HasSuffix(table, "_keys") {
		return db.dumpKeys(ctx, w, table)
	}
	found, err := db.pool.QueryxContext(ctx, "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
	if err != nil {
		return err
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s (%s)\n", table, strings.Join(columns, ", ")); err != nil {
		return err
	}
	for found.Next() {
		values, err := found.SliceScan()
		if err != nil {
			return err
		}
		for i, value := range values {
			if text, ok := value.([]byte); ok {
				values[i] = string(text)
			}
		}
		if _, err := fmt.Fprintf(w, "%q\n", values); err != nil {
			return err
		}
	}
	return found.Err()
}

// dumpKeys writes entries one by one: how they stand together is the story of their coming.
func (db *DB) dumpKeys(ctx context.Context, w io.Writer, table string) error {
	entries, err := db.allKeys(ctx, table)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s (key, seq)\n", table); err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := fmt.Fprintf(w, "%d %d\n", e.digest, e.seq); err != nil {
			return err
		}
	}
	return nil
}
