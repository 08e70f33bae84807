package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A reader takes this much in one short transaction and none between two, so that however slow it is, the pages that
// commits free are free to use again. It begins with less, since many want one record alone.
const (
	readFirst   = 8
	readRecords = 256
	readBytes   = 1 << 20
)

// ledgerPrefix begins the name of each ledger's bucket.
const ledgerPrefix = "ledger/"

// ledgerFile is the embedded store's file.
//
// The list of free pages is stored with each commit: it stays short because no reader holds pages for long, and
// without it every open would read the whole file. A page of 8 KiB holds half a dozen records and wastes a tenth where
// 4 KiB would waste a quarter; a larger one costs more than it saves, since each commit writes the last page anew.
var ledgerFile = boltFile{
	name:   "ledger.db",
	format: "whocomply/ledger@v1",
	options: bbolt.Options{
		PageSize:        8 << 10,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: 1 << 30, // address space, not memory: saves the remaps while the ledger is small
		NoStatistics:    true,
	},
}

// Bolt is the embedded [Store]: one file "ledger.db" with a bucket per ledger, in a directory that one process owns.
//
// One goroutine commits. While it syncs a group of batches the next group gathers, from all ledgers, so that the rate
// of syncs bounds latency and never throughput. A crash at any moment leaves, for each ledger, a prefix that holds
// everything acknowledged; opening is the same after a crash as after a Close, and takes the same time for any length.
type Bolt struct {
	*failure
	db        *bbolt.DB
	queue     chan *boltBatch // unbuffered: a batch is either the caller's or the committer's
	quit      chan struct{}   // closed by Close
	committed chan struct{}   // closed when the committer has ended
	close     func() error

	mu    sync.RWMutex
	sizes map[string]int64 // durable records of each ledger; only the committer writes it
}

// OpenBolt opens the store in the directory, which it makes if need be. ErrInUse when another process has it,
// ErrDamaged when the file there is not a whole file of this program.
func OpenBolt(dir string) (*Bolt, error) {
	db, err := ledgerFile.open(dir)
	if err != nil {
		return nil, fmt.Errorf("eventstore: %w", err)
	}
	s := &Bolt{
		failure:   newFailure(),
		db:        db,
		queue:     make(chan *boltBatch),
		quit:      make(chan struct{}),
		committed: make(chan struct{}),
	}
	if s.sizes, err = readSizes(db); err != nil {
		return nil, errors.Join(fmt.Errorf("eventstore: open %s: %w", dir, err), db.Close())
	}
	s.close = sync.OnceValue(s.shutdown)
	go s.commitLoop()
	return s, nil
}

// readSizes finds the end of each ledger.
func readSizes(db *bbolt.DB) (map[string]int64, error) {
	sizes := make(map[string]int64)
	err := view(db, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			ledger, ok := strings.CutPrefix(string(name), ledgerPrefix)
			if !ok {
				return nil
			}
			last, err := parseSeqKey(lastKey(bucket))
			if err != nil {
				return fmt.Errorf("ledger %s: %w", ledger, err)
			}
			sizes[ledger] = last + 1
			return nil
		})
	})
	return sizes, err
}

func lastKey(bucket *bbolt.Bucket) []byte {
	key, _ := bucket.Cursor().Last()
	return key
}

// view runs f in a read transaction. f must be short and must not keep what it was given.
func view(db *bbolt.DB, f func(*bbolt.Tx) error) error {
	err := guard(func() error { return db.View(f) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Size implements [Store].
func (s *Bolt) Size(ctx context.Context, ledger string) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	if err := checkRange(ledger, 0); err != nil {
		return 0, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sizes[ledger], nil
}

// Ledgers implements [Store].
func (s *Bolt) Ledgers(ctx context.Context) ([]string, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.sizes)), nil
}

// Read implements [Store]. After a failure it still ends at what was durable, whatever the file has come to show.
func (s *Bolt) Read(ctx context.Context, ledger string, from int64) iter.Seq2[Stored, error] {
	end, err := s.Size(ctx, ledger)
	if err == nil {
		err = checkRange(ledger, from)
	}
	return func(yield func(Stored, error) bool) {
		var c chunk
		most := readFirst
		for next := from; err == nil && next < end; next += int64(len(c.records)) {
			if err = s.ready(ctx); err != nil {
				break
			}
			err = s.readChunk(&c, ledger, next, min(end, next+int64(most)))
			most = min(4*most, readRecords)
			for _, r := range c.records {
				if !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Stored{}, err)
		}
	}
}

// chunk is what one short transaction has read. The next takes its place, in the same memory.
type chunk struct {
	records []Stored
	frames  []byte
}

// readChunk reads into c what one short transaction does of the records [from, end): one record at least, or it
// returns an error.
func (s *Bolt) readChunk(c *chunk, ledger string, from, end int64) error {
	c.records, c.frames = c.records[:0], c.frames[:0]
	return view(s.db, func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(ledgerPrefix + ledger))
		if bucket == nil {
			return fmt.Errorf("%w: ledger %s is gone", ErrDamaged, ledger)
		}
		cursor := bucket.Cursor()
		start := seqKey(from)
		key, frame := cursor.Seek(start[:])
		for next := from; next < end && len(c.frames) < readBytes; next++ {
			if seq, err := parseSeqKey(key); err != nil || seq != next {
				return fmt.Errorf("%w: ledger %s has no record %d", ErrDamaged, ledger, next)
			}
			at := len(c.frames)
			c.frames = append(c.frames, frame...)
			record, err := parseFrame(next, slices.Clip(c.frames[at:]))
			if err != nil {
				return fmt.Errorf("ledger %s: %w", ledger, err)
			}
			c.records = append(c.records, Stored{next, record})
			key, frame = cursor.Next()
		}
		return nil
	})
}

// ready refuses a call whose context has ended, and every call after Close.
func (s *Bolt) ready(ctx context.Context) error {
	select {
	case <-s.quit:
		return ErrClosed
	default:
		return ctx.Err()
	}
}

// Close implements [Store].
func (s *Bolt) Close() error { return s.close() }

func (s *Bolt) shutdown() error {
	close(s.quit)
	<-s.committed
	if errors.Is(s.Err(), ErrDamaged) {
		return nil // The commit that broke off may hold bbolt's locks: closing could wait for ever. The process ends.
	}
	return s.db.Close()
}
