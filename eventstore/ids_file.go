package eventstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"whocomply/domain/chain"
)

// idsDir is the index's directory in the data directory: its runs, and a small bbolt file that says which runs count,
// so that a flush and a merge each take effect in one commit.
//
//	"runs"        last flush (8, big-endian) → first flush (8): a file named after both
//	"positions"   ledger → seq (8) | head (32)
//	"global"      idKey (16) → seq (8) | digest (16) | value: the global namespace, which is small
const idsDir = "ids"

var idsFile = boltFile{
	name:    "index.db",
	format:  "whocomply/ids@v1",
	options: bbolt.Options{FreelistType: bbolt.FreelistMapType, NoStatistics: true},
}

var (
	runsBucket      = []byte("runs")
	positionsBucket = []byte("positions")
	globalBucket    = []byte("global")
)

func (x *IDs) runPath(first, last uint64) string {
	return filepath.Join(x.dir, fmt.Sprintf("%d-%d.run", first, last))
}

// load opens the runs that count, reads the positions, and removes what a crash has left of others.
func (x *IDs) load() error {
	err := view(x.db, func(tx *bbolt.Tx) error {
		return errors.Join(each(tx, positionsBucket, x.loadPosition), each(tx, runsBucket, x.loadRun))
	})
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(x.dir, "*.run"))
	for _, path := range files {
		if !slices.ContainsFunc(x.runs, func(r *idRun) bool { return r.file.Name() == path }) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

func (x *IDs) loadPosition(ledger, value []byte) error {
	if len(value) != 8+chain.HashSize {
		return fmt.Errorf("%w: position of %d bytes", ErrDamaged, len(value))
	}
	p := idPosition{seq: int64(binary.BigEndian.Uint64(value)), head: chain.Hash(value[8:])}
	x.ledgers[string(ledger)] = &idTail{committed: p, saved: p}
	return nil
}

func (x *IDs) loadRun(last, first []byte) error {
	if len(last) != 8 || len(first) != 8 {
		return fmt.Errorf("%w: run %x to %x", ErrDamaged, first, last)
	}
	from, to := binary.BigEndian.Uint64(first), binary.BigEndian.Uint64(last)
	run, err := openRun(x.runPath(from, to), from, to)
	if err != nil {
		return err
	}
	x.runs, x.flushes = append(x.runs, run), to
	return nil
}

// each calls f with the entries of a bucket, which may be missing.
func each(tx *bbolt.Tx, bucket []byte, f func(key, value []byte) error) error {
	if b := tx.Bucket(bucket); b != nil {
		return b.ForEach(f)
	}
	return nil
}

// flushLoop writes when enough has gathered, when it has waited long enough, and once more at the end.
func (x *IDs) flushLoop() {
	defer close(x.flushed)
	tick := time.NewTicker(idFlushEvery)
	defer tick.Stop()
	for x.Flush() == nil {
		select {
		case <-x.wake:
		case <-tick.C:
		case <-x.quit:
			_ = x.Flush() // Err keeps it for Close.
			return
		}
	}
}

// Flush writes to the file everything that is committed.
func (x *IDs) Flush() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := x.Err(); err != nil {
		return err
	}
	f := x.take()
	run, err := x.write(f)
	if x.check(err) != nil {
		return x.Err()
	}
	x.mu.Lock()
	x.flushing = nil
	for ledger, p := range f.positions {
		x.ledgers[ledger].saved = p
	}
	if run != nil {
		x.runsMu.Lock()
		x.runs = append(x.runs, run)
		x.runsMu.Unlock()
	}
	x.room.Broadcast()
	x.mu.Unlock()
	select {
	case x.grown <- struct{}{}:
	default:
	}
	return nil
}

// idFlush is what one flush writes.
type idFlush struct {
	entries   []*idAdded // of the ledgers' own namespaces
	global    []*idAdded
	positions map[string]idPosition
}

// take moves what is committed from fresh to flushing.
func (x *IDs) take() idFlush {
	x.mu.Lock()
	defer x.mu.Unlock()
	f := idFlush{positions: make(map[string]idPosition)}
	x.flushing = make(map[idKey]*idAdded, x.flushable)
	for ledger, tail := range x.ledgers {
		if tail.committed == tail.saved {
			continue
		}
		f.positions[ledger] = tail.committed
		for _, a := range tail.added[:tail.ready] {
			x.flushing[a.key] = a // the latest of equal keys
			if x.fresh[a.key] == a {
				delete(x.fresh, a.key)
			}
		}
		tail.added, tail.ready = slices.Clone(tail.added[tail.ready:]), 0
	}
	for _, a := range x.flushing {
		if a.global {
			f.global = append(f.global, a)
		} else {
			f.entries = append(f.entries, a)
		}
	}
	x.flushable = 0
	x.room.Broadcast()
	return f
}

// write makes a flush durable: the run first, then the commit that counts it. It returns nil for no entries.
func (x *IDs) write(f idFlush) (run *idRun, err error) {
	if len(f.positions) == 0 {
		return nil, nil
	}
	if len(f.entries) > 0 {
		if run, err = x.writeRun(f.entries); err != nil {
			return nil, err
		}
	}
	return run, x.update(func(tx *bbolt.Tx) error {
		err := errors.Join(putPositions(tx, f.positions), putGlobal(tx, f.global))
		if run != nil {
			err = errors.Join(err, putRun(tx, run))
		}
		return err
	})
}

func (x *IDs) writeRun(entries []*idAdded) (*idRun, error) {
	slices.SortFunc(entries, func(a, b *idAdded) int { return compareKeys(a.key, b.key) })
	x.flushes++
	w, err := newRunWriter(x.runPath(x.flushes, x.flushes), x.flushes, x.flushes, int64(len(entries)))
	if err != nil {
		return nil, err
	}
	for _, a := range entries {
		if err := w.add(a.key, a.entry); err != nil {
			return nil, errors.Join(err, w.abandon())
		}
	}
	run, err := w.finish()
	if err != nil {
		return nil, errors.Join(err, w.abandon())
	}
	return run, syncDir(x.dir)
}

// replaceRuns makes the merged run count instead of those it was merged from.
func (x *IDs) replaceRuns(old []*idRun, merged *idRun) error {
	if err := syncDir(x.dir); err != nil {
		return err
	}
	return x.update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(runsBucket)
		for _, r := range old {
			if err := bucket.Delete(binary.BigEndian.AppendUint64(nil, r.last)); err != nil {
				return err
			}
		}
		return putRun(tx, merged)
	})
}

func (x *IDs) update(f func(*bbolt.Tx) error) error {
	return guard(func() error { return x.db.Update(f) })
}

func putRun(tx *bbolt.Tx, r *idRun) error {
	return put(tx, runsBucket, binary.BigEndian.AppendUint64(nil, r.last), binary.BigEndian.AppendUint64(nil, r.first))
}

func putPositions(tx *bbolt.Tx, positions map[string]idPosition) error {
	for ledger, p := range positions {
		value := append(binary.BigEndian.AppendUint64(nil, uint64(p.seq)), p.head[:]...)
		if err := put(tx, positionsBucket, []byte(ledger), value); err != nil {
			return err
		}
	}
	return nil
}

func putGlobal(tx *bbolt.Tx, entries []*idAdded) error {
	for _, a := range entries {
		value := binary.BigEndian.AppendUint64(nil, uint64(a.entry.Seq))
		value = append(append(value, a.entry.Digest[:]...), a.entry.Value...)
		if err := put(tx, globalBucket, a.key[:], value); err != nil {
			return err
		}
	}
	return nil
}

func put(tx *bbolt.Tx, bucket, key, value []byte) error {
	b, err := tx.CreateBucketIfNotExists(bucket)
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

// inGlobal finds a flushed entry of the global namespace.
func (x *IDs) inGlobal(key idKey) (e IDEntry, found bool, err error) {
	err = view(x.db, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(globalBucket)
		if bucket == nil {
			return nil
		}
		value := bucket.Get(key[:])
		if value == nil {
			return nil
		}
		const fixed = 8 + len(e.Digest)
		if len(value) < fixed {
			return fmt.Errorf("%w: entry of %d bytes", ErrDamaged, len(value))
		}
		e = IDEntry{Seq: int64(binary.BigEndian.Uint64(value)), Digest: [16]byte(value[8:]), Value: string(value[fixed:])}
		found = true
		return nil
	})
	return e, found, err
}

// inRuns finds a flushed entry of a ledger, in the newest run that has it. runsMu is held.
func (x *IDs) inRuns(key idKey) (e IDEntry, found bool, err error) {
	for _, r := range slices.Backward(x.runs) {
		if e, found, err = r.find(key); found || err != nil {
			break
		}
	}
	return e, found, err
}
