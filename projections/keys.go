package projections

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// keys are index entries that lead from a value to the positions of the rows that have it, for
// tables that only grow. An entry is two integers, so that four times as many
// fit on a page as would with ledger and value written out; pages touched are what an index costs.
//
// Digests are spread evenly, so that in a large table each entry would change a page of its own. New
// entries therefore go to a small table beside it, named …_recent, whose pages many of them share, and
// move on in their order, those of one part of all digests at a time: neighbours share a visit to their
// page, and no transaction is long.
type keys struct {
	table   string
	insert  *bulk
	since   int   // entries since the last move; -1 before the first
	part    int64 // that moves next
	entries []key
	args    rows

	lined       []key // entries that go to the large table at once
	insertLined *bulk
}

type key struct{ digest, seq int64 }

const (
	keysParts = 16
	keysMove  = 512 // new entries after which a part moves: a small table of some 20 to 40 pages
)

// newKeys makes the keys of a table. What an earlier process left in the small table moves at once.
func newKeys(table string) keys {
	return keys{table: table, insert: inserting(table+"_recent (key, seq)", ""), insertLined: inserting(table+" (key, seq)", ""), since: -1}
}

// countKeys counts the rows that any of the digests leads to.
func (db *DB) countKeys(ctx context.Context, table string, digests ...any) (int64, error) {
	where := " WHERE key IN (?" + strings.Repeat(", ?", len(digests)-1) + ")"
	return one(ctx, db, "total", scanColumn[int64], "SELECT (SELECT COUNT(*) FROM "+table+where+") + (SELECT COUNT(*) FROM "+table+"_recent"+where+")",
		slices.Concat(digests, digests)...)
}

// seqsUpTo lists the positions up to one that a digest leads to, in their order.
func (db *DB) seqsUpTo(ctx context.Context, table string, digest, upTo int64) ([]int64, error) {
	where := " WHERE key = ? AND seq <= ?"
	return many(ctx, db, scanColumn[int64], "SELECT seq FROM "+table+where+" UNION ALL SELECT seq FROM "+table+"_recent"+where+" ORDER BY 1",
		digest, upTo, digest, upTo)
}

// lastUpTo gives the last position up to one that any of the digests leads to, or -1.
func (db *DB) lastUpTo(ctx context.Context, table string, upTo int64, digests ...int64) (int64, error) {
	last := int64(-1)
	for _, digest := range digests {
		for _, of := range []string{table + "_recent", table} { // what moves between the readings is read twice, not missed
			seq, err := one(ctx, db, "position", scanColumn[int64], "SELECT COALESCE(MAX(seq), -1) FROM "+of+" WHERE key = ? AND seq <= ?", digest, upTo)
			if err != nil {
				return -1, err
			}
			last = max(last, seq)
		}
	}
	return last, nil
}

// keyed is a query for rows that keys lead to: @keys k stands for the table of keys, and the first
// column is seq.
type keyed struct {
	text string
	args []any
}

// narrow adds a condition on a column if the value is not empty.
func (q *keyed) narrow(column, value string) {
	if value != "" {
		q.text += " AND " + column + " = ?"
		q.args = append(q.args, value)
	}
}

// newest reads a page of what several queries on a table of keys give together, newest first. Each
// branch ends at the end of the page, so that no database sorts more than that.
func newest[T any](ctx context.Context, db *DB, table string, p Page, scan func(scanner) (T, error), of ...keyed) ([]T, error) {
	var branches []string
	var args []any
	for i, q := range of {
		for j, keys := range []string{table, table + "_recent"} {
			text := strings.Replace(q.text, "@keys", keys, 1) + " ORDER BY k.seq DESC LIMIT ?"
			branches = append(branches, fmt.Sprintf("SELECT * FROM (%s) q%d%d", text, i, j))
			args = append(append(args, q.args...), p.Offset+p.Limit)
		}
	}
	return many(ctx, db, scan, strings.Join(branches, " UNION ALL ")+" ORDER BY 1 DESC LIMIT ? OFFSET ?", append(args, p.Limit, p.Offset)...)
}

// keyOf is the first 8 bytes of SHA-256 over ledger, kind and value. Readers compare the rows they
// are led to with what they look for all the same.
func keyOf(ledger, kind, value string) int64 {
	var buffer [192]byte
	text := append(buffer[:0], ledger...)
	text = append(append(text, 0), kind...)
	text = append(append(text, 0), value...)
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func (k *keys) add(digest, seq int64) { k.entries = append(k.entries, key{digest, seq}) }

// line adds an entry of a kind that has few values, such as the types of events: each new entry stands
// behind the one before, and all of them on few pages, so nothing is gained by the small table.
func (k *keys) line(digest, seq int64) { k.lined = append(k.lined, key{digest, seq}) }

func (k *keys) forget() {
	k.entries, k.lined = k.entries[:0], k.lined[:0]
	k.args.forget()
}

// write inserts the entries, and moves those whose turn it is.
func (k *keys) write(w *writer) error {
	if err := k.put(w, k.insertLined, k.lined); err != nil {
		return err
	}
	if err := k.put(w, k.insert, k.entries); err != nil || len(k.entries) == 0 {
		return err
	}
	if k.since < 0 {
		k.since = 0
		return k.move(w, math.MinInt64, math.MaxInt64)
	}
	for k.since += len(k.entries); k.since >= keysMove; k.since -= keysMove {
		const width = 1 << 64 / keysParts
		first := math.MinInt64 + k.part*width
		if err := k.move(w, first, first+width-1); err != nil {
			return err
		}
		k.part = (k.part + 1) % keysParts
	}
	return nil
}

// put inserts entries in their order, so that neighbours share a visit to their page.
func (k *keys) put(w *writer, insert *bulk, entries []key) error {
	slices.SortFunc(entries, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.digest, b.digest), cmp.Compare(a.seq, b.seq))
	})
	k.args.forget()
	for _, e := range entries {
		k.args.add(e.digest, e.seq)
	}
	return w.run(insert, &k.args)
}

// move brings the entries with a digest from first to last into the large table.
func (k *keys) move(w *writer, first, last int64) error {
	const those = "_recent WHERE key BETWEEN ? AND ?"
	if _, err := w.exec("INSERT INTO "+k.table+" (key, seq) SELECT key, seq FROM "+k.table+those+" ORDER BY key, seq", first, last); err != nil {
		return err
	}
	_, err := w.exec("DELETE FROM "+k.table+those, first, last)
	return err
}
