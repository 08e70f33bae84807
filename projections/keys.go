package projections

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// keys are index entries that lead from a value to the positions of the rows that have it, for
// tables that only grow. An entry is a digest and a position. The positions of a digest stand in runs: a row
// holds up to runLength of them, the later ones as what they are more than the one before, so that what
// comes together costs one row. How they are read is in trails.go.
//
// Digests are spread evenly, so that in a large table each entry would change a page of its own. New
// entries therefore go to a small table beside it, named …_recent, where a row holds what one transaction
// brought of one part of all digests. They move on by parts: what has come of a digest meanwhile becomes
// a run, neighbours share a visit to their page, and no transaction is long. All that is recent of a digest is
// later than its runs.
type keys struct {
	table   string
	runs    *bulk
	recent  *bulk
	since   int   // entries since the last move; -1 before the first
	part    int64 // where the one begins that moves next
	entries []key
	lined   []key // entries that become runs at once
	args    rows
	packed  []byte
}

type key struct{ digest, seq int64 }

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.digest, o.digest), cmp.Compare(k.seq, o.seq))
}

const (
	runLength = 256
	keysParts = 16
	keysMove  = 512 // new entries after which a part moves: some 500 entries move at a time
	keysFloor = 8   // entries that a row counts as at least, so that the rows of a part stay few
)

// newKeys makes the keys of a table. What an earlier process left in the small table moves at once.
func newKeys(table string) keys {
	return keys{
		table: table, since: -1, packed: []byte{},
		runs: inserting(table+" (key, first, n, more)", ""), recent: inserting(table+"_recent (key, first, entries)", ""),
	}
}

// partOf gives the bounds of the part of all digests to which one belongs.
func partOf(digest int64) (first, last int64) {
	const width = 1 << 64 / keysParts
	first = digest &^ (width - 1)
	return first, first + width - 1
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

// line adds an entry of a kind that has few values, such as the types of events: what a transaction
// brings of each is long enough to be a run.
func (k *keys) line(digest, seq int64) { k.lined = append(k.lined, key{digest, seq}) }

func (k *keys) forget() {
	k.entries, k.lined = k.entries[:0], k.lined[:0]
	k.args.forget()
}

// write keeps the entries, and moves those whose turn it is.
func (k *keys) write(w *writer) error {
	if err := k.run(w, k.lined); err != nil || len(k.entries) == 0 {
		return err
	}
	if err := k.put(w); err != nil {
		return err
	}
	if k.since < 0 {
		k.since = 0
		return k.move(w, math.MinInt64, math.MaxInt64)
	}
	for k.since += max(len(k.entries), keysFloor*k.args.n); k.since >= keysMove; k.since -= keysMove {
		first, last := partOf(k.part)
		if err := k.move(w, first, last); err != nil {
			return err
		}
		k.part = last + 1 // the least digest of all after the greatest
	}
	return nil
}

// put keeps new entries, by part.
func (k *keys) put(w *writer) error {
	slices.SortFunc(k.entries, key.compare)
	k.args.forget()
	packed := k.packed[:0]
	for i := 0; i < len(k.entries); {
		first, from := k.entries[i], len(packed)
		for _, last := partOf(first.digest); i < len(k.entries) && k.entries[i].digest <= last; i++ {
			packed = binary.BigEndian.AppendUint64(packed, uint64(k.entries[i].digest))
			packed = binary.BigEndian.AppendUint64(packed, uint64(k.entries[i].seq))
		}
		k.args.add(first.digest, first.seq, packed[from:len(packed):len(packed)])
	}
	k.packed = packed
	return w.run(k.recent, &k.args)
}

// run makes runs of entries.
func (k *keys) run(w *writer, entries []key) error {
	slices.SortFunc(entries, key.compare)
	k.args.forget()
	packed := k.packed[:0]
	for i := 0; i < len(entries); {
		first, from, n := entries[i], len(packed), 1
		for i++; i < len(entries) && entries[i].digest == first.digest && n < runLength; i, n = i+1, n+1 {
			packed = binary.AppendUvarint(packed, uint64(entries[i].seq-entries[i-1].seq))
		}
		k.args.add(first.digest, first.seq, n, packed[from:len(packed):len(packed)])
	}
	k.packed = packed
	return w.run(k.runs, &k.args)
}

// move makes runs of what is recent of the digests from first to last.
func (k *keys) move(w *writer, first, last int64) error {
	const those = "_recent WHERE key BETWEEN ? AND ?"
	s, err := w.prepared("SELECT entries FROM " + k.table + those)
	if err != nil {
		return err
	}
	found, err := s.QueryContext(context.Background(), first, last)
	if err != nil {
		return err
	}
	defer found.Close()
	var entries []key
	var packed sql.RawBytes
	for found.Next() {
		if err := found.Scan(&packed); err != nil {
			return err
		}
		if entries, err = unpack(entries, packed); err != nil {
			return err
		}
	}
	if err := errors.Join(found.Err(), found.Close()); err != nil {
		return err
	}
	if err := k.run(w, entries); err != nil {
		return err
	}
	_, err = w.exec("DELETE FROM "+k.table+those, first, last)
	return err
}

// unpack appends what put has packed.
func unpack(to []key, packed []byte) ([]key, error) {
	for ; len(packed) >= 16; packed = packed[16:] {
		to = append(to, key{int64(binary.BigEndian.Uint64(packed)), int64(binary.BigEndian.Uint64(packed[8:]))})
	}
	if len(packed) > 0 {
		return nil, errKeys
	}
	return to, nil
}

// unpackRun appends the positions of a run, in their order.
func unpackRun(to []int64, first, n int64, more []byte) ([]int64, error) {
	to = append(to, first)
	for ; n > 1; n-- {
		d, size := binary.Uvarint(more)
		if size <= 0 {
			return nil, errKeys
		}
		first += int64(d)
		to, more = append(to, first), more[size:]
	}
	if len(more) > 0 {
		return nil, errKeys
	}
	return to, nil
}

var errKeys = errors.New("a row of keys is damaged")
