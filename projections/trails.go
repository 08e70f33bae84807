package projections

import (
	"context"
	"slices"
)

// trail gives the positions that a digest leads to, newest first. It reads them piece by piece, so that
// however many there are, few are in memory.
type trail struct {
	db     *DB
	table  string
	digest int64
	upTo   int64
	last   int64   // runs that begin after it have been read
	piece  []int64 // read and not given, newest last
	runs   int     // that are read next; 0 before the first
	ended  bool
}

// A trail reads few runs at first, and twice as many each time, up to a bound.
const (
	runsFirst = 8
	runsMost  = 256
)

// trails makes trails of the positions up to one that digests lead to.
func (db *DB) trails(table string, upTo int64, digests ...int64) trails {
	list := make(trails, len(digests))
	for i, digest := range digests {
		list[i] = &trail{db: db, table: table, digest: digest, upTo: upTo, last: upTo}
	}
	return list
}

// run is a row of a table of keys, or of its recent ones, which has n = 0.
type run struct {
	first, n int64
	packed   []byte
}

func scanRun(row scanner) (r run, err error) {
	err = row.Scan(&r.first, &r.n, &r.packed)
	return r, err
}

// peek gives the next position, or -1 at the end.
func (t *trail) peek(ctx context.Context) (int64, error) {
	for len(t.piece) == 0 {
		if t.ended {
			return -1, nil
		}
		if err := t.read(ctx); err != nil {
			return -1, err
		}
	}
	return t.piece[len(t.piece)-1], nil
}

func (t *trail) pop() { t.piece = t.piece[:len(t.piece)-1] }

// read reads a piece. The first statement reads what is recent and the newest runs, as of one moment:
// what moves later is in runs that begin after those.
func (t *trail) read(ctx context.Context) error {
	text := "SELECT * FROM (SELECT first, n, more FROM " + t.table + " WHERE key = ? AND first <= ? ORDER BY first DESC LIMIT ?) q"
	first := t.runs == 0
	t.runs = min(max(2*t.runs, runsFirst), runsMost)
	args := []any{t.digest, t.last, t.runs}
	if first {
		from, to := partOf(t.digest)
		text += " UNION ALL SELECT first, 0, entries FROM " + t.table + "_recent WHERE key BETWEEN ? AND ?"
		args = append(args, from, to)
	}
	found, err := many(ctx, t.db, scanRun, text, args...)
	if err != nil {
		return err
	}
	runs := 0
	for _, r := range found {
		if r.n == 0 {
			err = t.takeRecent(r.packed)
		} else {
			runs, t.last = runs+1, min(t.last, r.first-1)
			t.piece, err = unpackRun(t.piece, r.first, r.n, r.packed)
		}
		if err != nil {
			return err
		}
	}
	t.ended = runs < t.runs
	slices.Sort(t.piece)
	for n := len(t.piece); n > 0 && t.piece[n-1] > t.upTo; n = len(t.piece) {
		t.pop()
	}
	return nil
}

func (t *trail) takeRecent(packed []byte) error {
	entries, err := unpack(nil, packed)
	for _, e := range entries {
		if e.digest == t.digest {
			t.piece = append(t.piece, e.seq)
		}
	}
	return err
}

// trails give what any of them leads to, newest first and each position once.
type trails []*trail

// peek gives the next position, or -1 at the end.
func (list trails) peek(ctx context.Context) (int64, error) {
	newest := int64(-1)
	for _, t := range list {
		seq, err := t.peek(ctx)
		if err != nil {
			return -1, err
		}
		newest = max(newest, seq)
	}
	return newest, nil
}

// pop goes past the position that peek gave.
func (list trails) pop(seq int64) {
	for _, t := range list {
		if n := len(t.piece); n > 0 && t.piece[n-1] == seq {
			t.pop()
		}
	}
}

// path leads to rows, newest first: to those that one of some trails leads to and, where there are others,
// one of the others too.
type path struct{ of, others trails }

// next gives up to n positions; none at the end.
func (p path) next(ctx context.Context, n int) (seqs []int64, err error) {
	for len(seqs) < n {
		seq, err := p.of.peek(ctx)
		if err != nil || seq < 0 {
			return seqs, err
		}
		p.of.pop(seq)
		if p.others != nil {
			met, err := p.meet(ctx, seq)
			if err != nil {
				return nil, err
			}
			if !met {
				continue
			}
		}
		seqs = append(seqs, seq)
	}
	return seqs, nil
}

// meet reports whether one of the others leads to a position.
func (p path) meet(ctx context.Context, seq int64) (bool, error) {
	for {
		other, err := p.others.peek(ctx)
		if err != nil || other <= seq {
			return other == seq, err
		}
		p.others.pop(other)
	}
}

// page gives the positions of a page.
func (p path) page(ctx context.Context, at Page) ([]int64, error) {
	if _, err := p.next(ctx, at.Offset); err != nil {
		return nil, err
	}
	seqs, err := p.next(ctx, at.Limit)
	if seqs == nil {
		seqs = []int64{}
	}
	return seqs, err
}

// countKeys counts the positions that digests lead to, none of which leads where another does.
func (db *DB) countKeys(ctx context.Context, table string, digests ...int64) (total int64, err error) {
	for _, digest := range digests {
		from, to := partOf(digest)
		found, err := many(ctx, db, scanCounted, "SELECT COALESCE(SUM(n), 0), NULL FROM "+table+" WHERE key = ? "+
			"UNION ALL SELECT 0, entries FROM "+table+"_recent WHERE key BETWEEN ? AND ?", digest, from, to)
		if err != nil {
			return 0, err
		}
		for _, r := range found {
			entries, err := unpack(nil, r.packed)
			if err != nil {
				return 0, err
			}
			total += r.n
			for _, e := range entries {
				if e.digest == digest {
					total++
				}
			}
		}
	}
	return total, nil
}

// scanCounted reads how many positions runs have, or recent entries.
func scanCounted(row scanner) (r run, err error) {
	err = row.Scan(&r.n, &r.packed)
	return r, err
}

// lastUpTo gives the last position up to one that any of the digests leads to, or -1.
func (db *DB) lastUpTo(ctx context.Context, table string, upTo int64, digests ...int64) (int64, error) {
	return db.trails(table, upTo, digests...).peek(ctx)
}

// rowsRead is how many rows along a path are read at a time.
const rowsRead = 500

// along calls take with the arguments of a listing that holds its rows to pieces of a path, until take
// has enough.
func (db *DB) along(ctx context.Context, way path, q listing, take func(q listing) (enough bool, err error)) error {
	for {
		seqs, err := way.next(ctx, rowsRead)
		if err != nil || len(seqs) == 0 {
			return err
		}
		if enough, err := take(q.among(db, seqs)); err != nil || enough {
			return err
		}
	}
}

// among holds the rows of a listing to positions.
func (q listing) among(db *DB, seqs []int64) listing {
	condition, list := db.dialect.among(seqs)
	q.where += " AND seq " + condition
	q.args = append(slices.Clone(q.args), list)
	return q
}

// listAlong reads a page of a listing along a path, newest first. It counts all rows, unless it is told
// how many there are and may end with the page.
func listAlong[T any](ctx context.Context, db *DB, way path, q listing, p Page, total int64, scan func(scanner) (T, error)) ([]T, int64, error) {
	page, counted, offset := []T{}, int64(0), int64(p.Offset)
	err := db.along(ctx, way, q, func(q listing) (bool, error) {
		n := int64(rowsRead)
		if total < 0 || counted < offset {
			var err error
			if n, err = one(ctx, db, "total", scanColumn[int64], "SELECT COUNT(*) FROM "+q.from+" WHERE "+q.where, q.args...); err != nil {
				return false, err
			}
		}
		if from, want := max(offset-counted, 0), p.Limit-len(page); from < n && want > 0 {
			part, err := rowsOf(ctx, db, q, Page{Offset: int(from), Limit: want}, scan)
			if err != nil {
				return false, err
			}
			page = append(page, part...)
		}
		counted += n
		return total >= 0 && len(page) == p.Limit, nil
	})
	if total < 0 {
		total = counted
	}
	return page, total, err
}

// pageAlong reads a page of a listing along a path on which each position is one of its rows.
func pageAlong[T any](ctx context.Context, db *DB, way path, q listing, p Page, scan func(scanner) (T, error)) ([]T, error) {
	seqs, err := way.page(ctx, p)
	if err != nil {
		return nil, err
	}
	return rowsOf(ctx, db, q.among(db, seqs), Page{Limit: p.Limit}, scan)
}

// allKeys gives all entries of a table of keys, in their order.
func (db *DB) allKeys(ctx context.Context, table string) (entries []key, err error) {
	found, err := db.pool.QueryContext(ctx, "SELECT key, first, n, more FROM "+table+" UNION ALL SELECT key, first, 0, entries FROM "+table+"_recent")
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var digest int64
		var r run
		if err := found.Scan(&digest, &r.first, &r.n, &r.packed); err != nil {
			return nil, err
		}
		if r.n == 0 {
			if entries, err = unpack(entries, r.packed); err != nil {
				return nil, err
			}
			continue
		}
		seqs, err := unpackRun(nil, r.first, r.n, r.packed)
		if err != nil {
			return nil, err
		}
		for _, seq := range seqs {
			entries = append(entries, key{digest, seq})
		}
	}
	slices.SortFunc(entries, key.compare)
	return entries, found.Err()
}
