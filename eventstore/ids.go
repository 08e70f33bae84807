package eventstore

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"whocomply/domain/chain"
)

// Bounds of what the index keeps in memory: about 150 bytes for each of idFlushLimit entries that wait for the file,
// as many again that are being written, and those of events that are not durable yet; 1.5 bytes for each in the file.
const (
	idFlushEntries = 16 << 10 // committed entries that make a flush worth while
	idFlushLimit   = 64 << 10 // committed entries at which Commit waits for the flush under way
	idFlushEvery   = 3 * time.Second
)

// IDEntry is what is kept of a caller's id.
type IDEntry struct {
	Seq    int64    // the event that bound the id
	Digest [16]byte // of the content that came with it
	Value  string   // in the global namespace: the ledger whose event Seq is; not kept in a ledger's own
}

// IDs is the permanent index of callers' ids: which event of a ledger bound an id, whenever that was. It lies in a
// directory "ids" beside the ledger and has no authority: everything in it can be read from the ledger again, and an
// index that is missing, damaged or of another ledger is rebuilt like that.
//
// The one writer of a ledger looks each id up, adds the ids of what it decided, and once that is durable commits:
//
//	Lookup, Add, Lookup, Add …   → memory
//	Commit(ledger, upto, head)   → events below upto are durable, so their ids may go to the file
//	flush, in the background     → a sorted run, with the position: every event below it is in the file
//	merge, in the background     → few runs
//
// An id never reaches the file before its event is durable, so a crash leaves none of an event that never happened;
// what it leaves out lies at or above the position, from where the next start adds it again. Ids are spread by a hash:
// in a tree each would cost a page of its own (16 µs with 4 M ids in a bbolt file); runs are written in one go.
//
// The namespace "" is common to all ledgers and is to stay small. Methods may be called at once, those that name a
// ledger by its one writer alone, Lookup by anyone.
type IDs struct {
	*failure // a failed flush is final, as in a Store: the ids in memory could not be bounded any more
	dir      string
	db       *bbolt.DB
	wake     chan struct{} // there is enough to flush
	grown    chan struct{} // there is a new run
	quit     chan struct{}
	flushed  chan struct{} // closed when the flusher has ended
	merged   chan struct{} // closed when the merger has ended
	close    func() error

	writing sync.Mutex // held while a flush or a reset is under way; taken before mu
	flushes uint64     // guarded by writing

	mu        sync.RWMutex
	room      *sync.Cond // of mu: fewer entries wait for the file, or nothing will ever make room
	fresh     map[idKey]*idAdded
	flushing  map[idKey]*idAdded
	ledgers   map[string]*idTail
	flushable int // entries that are committed and not yet flushing

	runsMu sync.RWMutex // taken after mu; held by lookups while they read runs
	runs   []*idRun     // oldest first
}

// idKey is the first half of SHA-256(namespace ‖ 0 ‖ id): of one size, spread evenly, and nothing to read for
// who finds the file.
type idKey [16]byte

// idAdded is an entry on its way to the file.
type idAdded struct {
	key    idKey
	global bool
	entry  IDEntry
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

// OpenIDs opens the index in the data directory. One that is damaged is set aside as "ids.damaged" and an empty one
// begun. ErrInUse when another process has it.
func OpenIDs(dir string) (*IDs, error) {
	x, err := openIDs(dir)
	if errors.Is(err, ErrDamaged) {
		if err := setIDsAside(filepath.Join(dir, idsDir)); err != nil {
			return nil, fmt.Errorf("eventstore: %w", err)
		}
		x, err = openIDs(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("eventstore: %w", err)
	}
	x.close = sync.OnceValue(x.shutdown)
	go x.flushLoop()
	go x.mergeLoop()
	return x, nil
}

func openIDs(dir string) (*IDs, error) {
	dir = filepath.Join(dir, idsDir)
	db, err := idsFile.open(dir)
	if err != nil {
		return nil, err
	}
	x := &IDs{
		failure: newFailure(),
		dir:     dir,
		db:      db,
		wake:    make(chan struct{}, 1),
		grown:   make(chan struct{}, 1),
		quit:    make(chan struct{}),
		flushed: make(chan struct{}),
		merged:  make(chan struct{}),
		fresh:   make(map[idKey]*idAdded),
		ledgers: make(map[string]*idTail),
	}
	x.room = sync.NewCond(&x.mu)
	if err := x.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", dir, err), x.closeFiles())
	}
	return x, nil
}

// Lookup finds the entry of an id, the latest if it was bound again. An error means that nothing is known about the id:
// decide nothing on it.
func (x *IDs) Lookup(ledger, id string) (entry IDEntry, found bool, err error) {
	x.mu.RLock()
	key := keyOf(ledger, id)
	added := x.fresh[key]
	if added == nil {
		added = x.flushing[key]
	}
	x.runsMu.RLock() // before mu is let go, so that no flush can come between
	defer x.runsMu.RUnlock()
	x.mu.RUnlock()
	switch err = x.overErr(); { // Close waits for runsMu before it closes files.
	case err != nil:
		return entry, false, err
	case added != nil:
		return added.entry, true, nil
	case ledger == "":
		entry, found, err = x.inGlobal(key)
	default:
		entry, found, err = x.inRuns(key)
	}
	return entry, found, x.check(err)
}

// Add binds an id to an event that need not be durable yet. Entries of a ledger come in order of Seq; one below the
// position is known and ignored. In the global namespace "" the entry's Value names the ledger it counts for.
func (x *IDs) Add(ledger, id string, entry IDEntry) error {
	if err := x.overErr(); err != nil {
		return err
	}
	owner := ledger
	if ledger == "" {
		owner = entry.Value
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	tail := x.tail(owner)
	if entry.Seq >= tail.committed.seq {
		a := &idAdded{key: keyOf(ledger, id), global: ledger == "", entry: entry}
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
	tail.committed.seq, tail.committed.head = upto, head
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

// Position says from where on the events of a ledger must be added: all below are in the index, and head is the leaf
// hash of the last of those. A ledger that has another there, or ends before, is not the one that was indexed: it was
// cut or rewritten, or one of the two was restored from a backup.
func (x *IDs) Position(ledger string) (seq int64, head chain.Hash) {
	x.mu.Lock()
	defer x.mu.Unlock()
	committed := x.tail(ledger).committed
	return committed.seq, committed.head
}

// Ledgers lists the ledgers of which the index holds something, in no order.
func (x *IDs) Ledgers() (ledgers []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for ledger, tail := range x.ledgers {
		if tail.committed.seq > 0 {
			ledgers = append(ledgers, ledger)
		}
	}
	return ledgers
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

func (x *IDs) shutdown() error {
	close(x.quit)
	<-x.flushed
	<-x.merged
	x.mu.Lock()
	x.room.Broadcast()
	x.mu.Unlock()
	return x.closeFiles()
}

func (x *IDs) closeFiles() (err error) {
	x.runsMu.Lock() // after the lookups that are still reading
	defer x.runsMu.Unlock()
	for _, r := range x.runs {
		err = errors.Join(err, r.file.Close())
	}
	if errors.Is(x.Err(), ErrDamaged) {
		return err // As in a Bolt: closing the file could wait for ever.
	}
	return errors.Join(err, x.db.Close())
}

// over reports whether nothing will be flushed any more, and overErr why.
func (x *IDs) over() bool { return x.overErr() != nil }

func (x *IDs) overErr() error {
	select {
	case <-x.quit:
		return ErrClosed
	default:
		return x.Err()
	}
}

// check latches an error of the files. A damaged index is out of the way before the next start.
func (x *IDs) check(err error) error {
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	if errors.Is(err, ErrDamaged) && x.Err() == nil {
		err = errors.Join(err, setIDsAside(x.dir))
	}
	return x.set(fmt.Errorf("ids: %w", err))
}

// setIDsAside takes a damaged index out of the way, in the place of one before it.
func setIDsAside(dir string) error {
	return errors.Join(os.RemoveAll(dir+".damaged"), os.Rename(dir, dir+".damaged"))
}

// tail returns the ledger's, made if need be. mu is held for writing.
func (x *IDs) tail(ledger string) *idTail {
	tail := x.ledgers[ledger]
	if tail == nil {
		tail = new(idTail)
		x.ledgers[ledger] = tail
	}
	return tail
}

// keyOf gives the key of an id.
func keyOf(space, id string) idKey {
	buf := make([]byte, 0, 256) // holds nearly every id without leaving the stack
	buf = append(append(append(buf, space...), 0), id...)
	sum := sha256.Sum256(buf)
	return idKey(sum[:16])
}
