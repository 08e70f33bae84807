package eventstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

// groupBytes bounds the frames of one commit: what does not fit waits for the next.
const groupBytes = 8 << 20

// boltBatch is a batch on its way through the committer.
type boltBatch struct {
	ledger   string
	first    int64
	frames   [][]byte
	bytes    int
	arena    *[]byte    // what the frames stand in
	conflict error      // why it is left out of its group's commit
	done     chan error // takes one answer without blocking the committer
}

// arenas hold the records of a batch, and their frames. They are used again once it is durable, unless they are large.
var arenas = sync.Pool{New: func() any { return new([]byte) }}

const maxArena = 1 << 20

// release lets an arena be used again.
func release(arena *[]byte) {
	if *arena = (*arena)[:0]; cap(*arena) <= maxArena {
		arenas.Put(arena)
	}
}

// newBoltBatch encodes the batch, in the caller's goroutine and into one piece of memory.
func newBoltBatch(b Batch) *boltBatch {
	r := &boltBatch{ledger: b.Ledger, first: b.First, frames: make([][]byte, len(b.Records)), done: make(chan error, 1)}
	for _, record := range b.Records {
		r.bytes += frameSize(record)
	}
	r.arena = arenas.Get().(*[]byte)
	arena := slices.Grow(*r.arena, r.bytes)
	for i, record := range b.Records {
		start := len(arena)
		arena = appendFrame(arena, b.First+int64(i), record)
		r.frames[i] = arena[start:len(arena):len(arena)]
	}
	*r.arena = arena
	return r
}

// Append implements [Store]. Once the committer has the batch the outcome is certain, and Append waits for it.
func (s *Bolt) Append(ctx context.Context, b Batch) error {
	if err := b.Check(); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	r := newBoltBatch(b)
	select {
	case s.queue <- r:
		defer release(r.arena)
		return <-r.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.Failed():
		return s.Err()
	case <-s.quit:
		return ErrClosed
	}
}

// commitLoop is the only writer of the file. It ends with Close, or with the first commit that fails.
func (s *Bolt) commitLoop() {
	defer close(s.committed)
	for s.Err() == nil {
		select {
		case r := <-s.queue:
			s.commit(s.gather(r))
		case <-s.quit:
			return
		}
	}
}

// gather adds to the first batch what waits beside it.
func (s *Bolt) gather(first *boltBatch) []*boltBatch {
	group := []*boltBatch{first}
	for size := first.bytes; size < groupBytes; {
		select {
		case r := <-s.queue:
			group = append(group, r)
			size += r.bytes
		default:
			return group
		}
	}
	return group
}

// commit makes durable, in one transaction, the batches that continue their ledger, and then answers all of them. Any
// error is final: after a failed write or sync nobody knows what the kernel still holds, and asking again would get a
// false yes.
func (s *Bolt) commit(group []*boltBatch) {
	sizes := s.admit(group)
	var err error
	if len(sizes) > 0 {
		err = guard(func() error { return s.db.Update(func(tx *bbolt.Tx) error { return putAll(tx, group) }) })
	}
	if err != nil {
		err = s.set(err)
	} else {
		s.mu.Lock()
		maps.Copy(s.sizes, sizes)
		s.mu.Unlock()
	}
	for _, r := range group {
		r.done <- cmp.Or(err, r.conflict)
	}
}

// admit marks the batches that do not continue their ledger, and returns the sizes that the others lead to.
func (s *Bolt) admit(group []*boltBatch) map[string]int64 {
	sizes := make(map[string]int64)
	for _, r := range group {
		size, ok := sizes[r.ledger]
		if !ok {
			size = s.sizes[r.ledger]
		}
		if r.first == size {
			sizes[r.ledger] = size + int64(len(r.frames))
		} else {
			r.conflict = &ConflictError{Ledger: r.ledger, Expected: r.first, Size: size}
		}
	}
	return sizes
}

// putAll adds the frames of the batches without a conflict to their ledgers' buckets. Records arrive in order, so
// pages can be filled: none is split later.
func putAll(tx *bbolt.Tx, group []*boltBatch) error {
	for _, r := range group {
		if r.conflict != nil {
			continue
		}
		bucket, err := tx.CreateBucketIfNotExists([]byte(ledgerPrefix + r.ledger))
		if err != nil {
			return err
		}
		bucket.FillPercent = 1
		for i, frame := range r.frames {
			key := seqKey(r.first + int64(i))
			if err := bucket.Put(key[:], frame); err != nil {
				return err
			}
		}
	}
	return nil
}
