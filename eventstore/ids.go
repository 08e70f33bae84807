package eventstore

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"whocomply/domain/chain"
)

// Bounds of what the index keeps in memory: about 150 bytes for each of idFlushLimit entries that wait for the file,
// as many again that are being written, and those of events that are not durable yet.
const (
	idFlushEntries = 16 << 10 // committed entries that make a flush worth while
	idFlushLimit   = 64 << 10 // committed entries at which Commit waits for the flush under way
	idFlushEvery   = 3 * time.Second
)

// IDEntry is what is kept of a caller's id.
type IDEntry struct {
	Seq    int64    // the event that bound the id
	Digest [16]byte // of the content that came with it
	Value  string   // in the global namespace: the ledger whose event Seq is; empty in a ledger's own
}

// IDs is the permanent index of callers' ids: which event of a ledger bound an id, whenever that was. It is a file of
// its own, "ids.db", beside the ledger and without authority: everything in it can be read from the ledger again, and
// an index that is missing, damaged or of another ledger is rebuilt like that.
//
// The one writer of a ledger looks each id up, adds the ids of what it decided, and once that is durable commits:
//
//	Lookup, Add, Lookup, Add …   → memory
//	Commit(ledger, upto, head)   → events below upto are durable, so their ids may go to the file
//	flush, in the background     → sorted, in bulk, with the position: every event below it is in the file
//
// An id never reaches the file before its event is durable, so a crash leaves none of an event that never happened;
// what it leaves out lies at or above the position, from where the next start adds it again. The namespace "" is
// common to all ledgers. Methods may be called at once, those that name a ledger by its one writer alone.
type IDs struct {
	*failure // a failed flush is final, as in a Store: the ids in memory could not be bounded any more
	dir      string
	db       *bbolt.DB
	wake     chan struct{} // there is enough to flush
	quit     chan struct{}
	flushed  chan struct{} // closed when the flusher has ended
	close    func() error

	writing sync.Mutex // held while the file is changed; taken before mu

	mu        sync.RWMutex
	room      *sync.Cond // of mu: fewer entries wait for the file, or nothing will ever make room
	fresh     map[idKey]*idAdded
	flushing  map[idKey]*idAdded
	ledgers   map[string]*idTail
	flushable int // entries that are committed and not yet flushing
}

// idKey is the first half of SHA-256(namespace ‖ 0 ‖ id): of one size, and nothing to read for who finds the file.
type idKey [16]byte

// idAdded is an entry on its way to the file.
type idAdded struct {
	key   idKey
	space string // namespace
	entry IDEntry
}

// idTail is the end of one ledger as the index knows it.
type idTail struct {
	added     []*idAdded // in order of Seq
	ready     int        // how many of added are committed
	committed idPosition
	saved     idPosition // what the file says
}

// idPosition says that all events below seq are indexed, the last of them having the leaf hash head.
type idPosition struct {
	seq  int64
	head chain.Hash
}

// OpenIDs opens the index in the directory of the ledger. A file that is damaged is set aside as "ids.db.damaged" and
// an empty one begun. ErrInUse when another process has it.
func OpenIDs(dir string) (*IDs, error) {
	db, err := idsFile.open(dir)
	if errors.Is(err, ErrDamaged) {
		if err := setIDsAside(dir); err != nil {
			return nil, fmt.Errorf("eventstore: %w", err)
		}
		db, err = idsFile.open(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("eventstore: %w", err)
	}
	x := &IDs{
		failure: newFailure(),
		dir:     dir,
		db:      db,
		wake:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
		flushed: make(chan struct{}),
		fresh:   make(map[idKey]*idAdded),
		ledgers: make(map[string]*idTail),
	}
	x.room = sync.NewCond(&x.mu)
	if err := x.loadPositions(); err != nil {
		return nil, errors.Join(fmt.Errorf("eventstore: open %s: %w", dir, err), db.Close())
	}
	x.close = sync.OnceValue(x.shutdown)
	go x.flushLoop()
	return x, nil
}

// Lookup finds the entry of an id, the latest if it was bound again. An error means that nothing is known about the id:
// decide nothing on it.
func (x *IDs) Lookup(ledger, id string) (entry IDEntry, found bool, err error) {
	if err := x.Err(); err != nil {
		return IDEntry{}, false, err
	}
	key := keyOfID(ledger, id)
	if entry, found = x.inMemory(key); found {
		return entry, true, nil
	}
	entry, found, err = x.inFile(ledger, key)
	return entry, found, x.check(err)
}

func (x *IDs) inMemory(key idKey) (IDEntry, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	a, ok := x.fresh[key]
	if !ok {
		a, ok = x.flushing[key]
	}
	if !ok {
		return IDEntry{}, false
	}
	return a.entry, true
}

// Add binds an id to an event that need not be durable yet. Entries of a ledger come in order of Seq; one below the
// position is known and ignored. In the global namespace "" the entry's Value names the ledger it counts for.
func (x *IDs) Add(ledger, id string, entry IDEntry) error {
	if err := x.Err(); err != nil {
		return err
	}
	a := &idAdded{key: keyOfID(ledger, id), space: ledger, entry: entry}
	owner := ledger
	if ledger == "" {
		owner = entry.Value
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	tail := x.tail(owner)
	if entry.Seq >= tail.committed.seq {
		tail.added = append(tail.added, a)
		x.fresh[a.key] = a
	}
	return nil
}

// Commit says that all events of the ledger below upto are durable, that their ids were added, and that head is the
// leaf hash of the last. It waits when the file is far behind, and only then.
func (x *IDs) Commit(ledger string, upto int64, head chain.Hash) {
	x.mu.Lock()
	defer x.mu.Unlock()
	tail := x.tail(ledger)
	if upto <= tail.committed.seq {
		return
	}
	tail.committed = idPosition{upto, head}
	for tail.ready < len(tail.added) && tail.added[tail.ready].entry.Seq < upto {
		tail.ready++
		x.flushable++
	}
	if x.flushable >= idFlushEntries {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
	for x.flushable >= idFlushLimit && !x.over() {
		x.room.Wait()
	}
}

// over reports whether nothing will be flushed any more.
func (x *IDs) over() bool {
	select {
	case <-x.quit:
		return true
	default:
		return x.Err() != nil
	}
}

// Position says from where on the events of a ledger must be added: all below are in the index, and head is the leaf
// hash of the last of those. If the ledger has another there, or ends before, then the index is of another ledger (one
// of the two was restored from a backup) and must be Reset.
func (x *IDs) Position(ledger string) (seq int64, head chain.Hash) {
	x.mu.Lock()
	defer x.mu.Unlock()
	committed := x.tail(ledger).committed
	return committed.seq, committed.head
}

// Drop forgets the ledger's entries that are not committed: their events were lost to another writer.
func (x *IDs) Drop(ledger string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	tail := x.tail(ledger)
	for _, a := range tail.added[tail.ready:] {
		delete(x.fresh, a.key)
	}
	tail.added = tail.added[:tail.ready:tail.ready]
	for _, a := range tail.added { // one that a dropped entry had covered
		x.fresh[a.key] = a
	}
}

// Close writes what is committed and frees the index. A second Close does nothing.
func (x *IDs) Close() error { return x.close() }

// tail returns the ledger's, made if need be. mu is held for writing.
func (x *IDs) tail(ledger string) *idTail {
	tail := x.ledgers[ledger]
	if tail == nil {
		tail = new(idTail)
		x.ledgers[ledger] = tail
	}
	return tail
}

func keyOfID(space, id string) idKey {
	buf := make([]byte, 0, 256) // holds nearly every id without leaving the stack
	buf = append(append(append(buf, space...), 0), id...)
	sum := sha256.Sum256(buf)
	return idKey(sum[:16])
}
