package eventstore

import (
	"bytes"
	"cmp"
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

// The file of the index has a bucket per namespace and one of positions.
//
//	"ids/" + namespace   idKey (16) → seq (8, big-endian) | digest (16) | value (the rest)
//	"positions"          ledger → seq (8, big-endian) | head (32)
//
// Keys are hashes, so that each entry of a flush lands on a page of its own: small pages cost least.
var idsFile = boltFile{
	name:   "ids.db",
	format: "whocomply/ids@v1",
	options: bbolt.Options{
		PageSize:        2 << 10,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: 1 << 30, // address space, not memory
		NoStatistics:    true,
	},
}

// idTxEntries bounds one transaction of a flush, so that the ledger's syncs do not wait behind a large one.
const idTxEntries = 2048

const idPrefix = "ids/"

var positionsBucket = []byte("positions")

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
	entries, positions := x.take()
	err := x.check(x.write(entries, positions))
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil {
		x.flushing = nil
		for ledger, p := range positions {
			x.ledgers[ledger].saved = p
		}
	}
	x.room.Broadcast()
	return err
}

// take moves what is committed from fresh to flushing.
func (x *IDs) take() (entries []*idAdded, positions map[string]idPosition) {
	x.mu.Lock()
	defer x.mu.Unlock()
	positions = make(map[string]idPosition)
	x.flushing = make(map[idKey]*idAdded, x.flushable)
	for ledger, tail := range x.ledgers {
		if tail.committed == tail.saved {
			continue
		}
		positions[ledger] = tail.committed
		for _, a := range tail.added[:tail.ready] {
			x.flushing[a.key] = a // the latest of equal keys
			if x.fresh[a.key] == a {
				delete(x.fresh, a.key)
			}
		}
		tail.added, tail.ready = slices.Clone(tail.added[tail.ready:]), 0
	}
	for _, a := range x.flushing {
		entries = append(entries, a)
	}
	x.flushable = 0
	x.room.Broadcast()
	return entries, positions
}

// write puts the entries into the file in the order of its pages, and the positions with the last of them.
func (x *IDs) write(entries []*idAdded, positions map[string]idPosition) error {
	slices.SortFunc(entries, func(a, b *idAdded) int {
		return cmp.Or(cmp.Compare(a.space, b.space), bytes.Compare(a.key[:], b.key[:]))
	})
	for len(entries) > idTxEntries {
		if err := x.update(func(tx *bbolt.Tx) error { return putIDs(tx, entries[:idTxEntries]) }); err != nil {
			return err
		}
		entries = entries[idTxEntries:]
	}
	if len(positions) == 0 {
		return nil
	}
	return x.update(func(tx *bbolt.Tx) error {
		return errors.Join(putIDs(tx, entries), putPositions(tx, positions))
	})
}

func (x *IDs) update(f func(*bbolt.Tx) error) error {
	return guard(func() error { return x.db.Update(f) })
}

func putIDs(tx *bbolt.Tx, entries []*idAdded) error {
	for _, a := range entries {
		bucket, err := tx.CreateBucketIfNotExists([]byte(idPrefix + a.space))
		if err != nil {
			return err
		}
		value := make([]byte, 0, 8+len(a.entry.Digest)+len(a.entry.Value))
		value = binary.BigEndian.AppendUint64(value, uint64(a.entry.Seq))
		value = append(append(value, a.entry.Digest[:]...), a.entry.Value...)
		if err := bucket.Put(a.key[:], value); err != nil {
			return err
		}
	}
	return nil
}

func putPositions(tx *bbolt.Tx, positions map[string]idPosition) error {
	bucket, err := tx.CreateBucketIfNotExists(positionsBucket)
	if err != nil {
		return err
	}
	for ledger, p := range positions {
		value := append(binary.BigEndian.AppendUint64(nil, uint64(p.seq)), p.head[:]...)
		if err := bucket.Put([]byte(ledger), value); err != nil {
			return err
		}
	}
	return nil
}

// inFile finds an entry that was flushed.
func (x *IDs) inFile(space string, key idKey) (entry IDEntry, found bool, err error) {
	err = view(x.db, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(idPrefix + space))
		if bucket == nil {
			return nil
		}
		value := bucket.Get(key[:])
		if value == nil {
			return nil
		}
		const fixed = 8 + len(entry.Digest)
		if len(value) < fixed {
			return fmt.Errorf("%w: entry of %d bytes", ErrDamaged, len(value))
		}
		entry.Seq = int64(binary.BigEndian.Uint64(value))
		entry.Digest = [16]byte(value[8:])
		entry.Value = string(value[fixed:])
		found = true
		return nil
	})
	return entry, found, err
}

// loadPositions reads how far the file knows each ledger.
func (x *IDs) loadPositions() error {
	return view(x.db, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(positionsBucket)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(ledger, value []byte) error {
			if len(value) != 8+chain.HashSize {
				return fmt.Errorf("%w: position of %d bytes", ErrDamaged, len(value))
			}
			p := idPosition{int64(binary.BigEndian.Uint64(value)), chain.Hash(value[8:])}
			x.ledgers[string(ledger)] = &idTail{committed: p, saved: p}
			return nil
		})
	})
}

// Reset forgets all that is known of a ledger: its position is 0. Entries in the global namespace stay until they are
// bound again.
func (x *IDs) Reset(ledger string) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	err := x.check(x.update(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(idPrefix+ledger)) != nil {
			if err := tx.DeleteBucket([]byte(idPrefix + ledger)); err != nil {
				return err
			}
		}
		return putPositions(tx, map[string]idPosition{ledger: {}})
	}))
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	tail := x.tail(ledger)
	for _, a := range tail.added {
		delete(x.fresh, a.key)
	}
	x.flushable -= tail.ready
	*tail = idTail{}
	return nil
}

// check latches an error of the file. A damaged file is out of the way before the next start.
func (x *IDs) check(err error) error {
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	if errors.Is(err, ErrDamaged) {
		err = errors.Join(err, setIDsAside(x.dir))
	}
	return x.set(fmt.Errorf("ids: %w", err))
}

// setIDsAside takes a damaged file out of the way.
func setIDsAside(dir string) error {
	path := filepath.Join(dir, idsFile.name)
	return os.Rename(path, path+".damaged")
}

func (x *IDs) shutdown() error {
	close(x.quit)
	<-x.flushed
	x.mu.Lock()
	x.room.Broadcast()
	x.mu.Unlock()
	if errors.Is(x.Err(), ErrDamaged) {
		return nil // As in a Bolt: closing could wait for ever.
	}
	return x.db.Close()
}
