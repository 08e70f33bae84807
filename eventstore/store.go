// Package eventstore keeps the ledgers durable.
//
//	store.go    the contract: what is durable when, what may run at once, what each error means
//	bolt.go     the embedded engine, one bbolt file
//	memory.go   an engine for tests that can be told to fail
//	copy.go     backup, restore and the move to another engine, in one function
//	signing.go  which key signs a ledger, and the change to another
//	tiles.go    the Merkle tree of a ledger in tiles, and proofs from it
//	ids.go      the permanent index of callers' ids, beside the ledger and rebuilt from it
//
// Every engine passes the suite in eventstoretest. An engine knows records as bytes: it neither parses nor checks them,
// and nothing in it needs to be trusted, for each record carries its signature and the hash of the one before.
package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"whocomply/domain/chain"
)

// Limits every engine keeps, so that a ledger can move from one engine to another. MaxBatchBytes is what one append
// of an EventStoreDB server takes by default (1 MiB) less some room; a record counts as Note + Payload + recordOverhead.
const (
	MaxBatchBytes  = 1<<20 - 16<<10
	MaxLedgerName  = 200
	recordOverhead = 128
)

// Errors of every engine; they come wrapped, so test with errors.Is. A lost race is a *[ConflictError].
var (
	// ErrInvalid refuses a batch or an argument that no engine takes: nothing was written, trying again is useless.
	ErrInvalid = errors.New("eventstore: invalid")
	// ErrUnavailable says that a remote engine did not answer. Whether the batch was written is not known:
	// read the ledger's end before deciding again.
	ErrUnavailable = errors.New("eventstore: unavailable")
	// ErrFailed is final for the process, see [Store.Failed]. The batch that met it first may or may not be found
	// after a restart; none after it was written.
	ErrFailed = errors.New("eventstore: failed")
	// ErrClosed answers every call after Close; an append that got it was not written.
	ErrClosed = errors.New("eventstore: closed")
	// ErrInUse says that another process (or another store of this one) holds the data directory.
	ErrInUse = errors.New("eventstore: in use")
	// ErrDamaged says that stored bytes are not what was written: a bad checksum, a gap, a broken page.
	ErrDamaged = errors.New("eventstore: damaged")
)

// ConflictError says that the ledger's size was not the batch's First: another writer was quicker, or the caller
// left a gap. Nothing was written; catch up from the records it has not seen and decide again.
type ConflictError struct {
	Ledger         string
	Expected, Size int64
}

// Error names the ledger and both sizes.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("eventstore: ledger %s has %d records, append expected %d", e.Ledger, e.Size, e.Expected)
}

// DamageError is how a ledger was found damaged: an [ErrDamaged] with the place and what has happened there.
type DamageError struct {
	Ledger string
	Seq    int64
	Hazard string
}

// Error says which ledger, which record and what has happened to it.
func (d *DamageError) Error() string {
	return fmt.Sprintf("%v: ledger %s, record %d: %s", ErrDamaged, d.Ledger, d.Seq, d.Hazard)
}

// Unwrap makes it an ErrDamaged.
func (d *DamageError) Unwrap() error { return ErrDamaged }

// Batch is what one writer wants added to one ledger: records First, First+1, … in this order.
type Batch struct {
	Ledger  string
	First   int64
	Records []chain.Record
}

// Stored is a record with its place in the ledger, counted from 0 without gaps.
type Stored struct {
	Seq int64
	chain.Record
}

// Store keeps ledgers: append-only sequences of records, none of which is ever changed or removed. Every method may be
// called from any number of goroutines.
type Store interface {
	// Append makes the whole batch durable or nothing of it, and returns nil only when it is durable: power may fail
	// right after. Batches of different ledgers run concurrently and share the cost of one sync. Of several batches
	// with the same ledger and First exactly one is written; the others get a *ConflictError. The store does not keep
	// or change the batch's bytes after the return.
	//
	// A context that ends before the engine took the batch is its error and nothing is written. An engine that has
	// taken a batch sees it through whatever the context says, so an embedded engine never leaves the outcome open;
	// a remote one may, and says ErrUnavailable.
	Append(ctx context.Context, b Batch) error

	// Read yields the ledger's records in order of seq, from the given one up to the durable end at the time of the
	// call: none when from lies at or beyond it. An error ends the sequence. A record's slices are its reader's, to
	// change them too, until it goes on: then the engine may use their memory again. Who keeps a record keeps a clone
	// of it. Memory does not grow with the length read, and a slow reader holds nothing that a writer needs.
	Read(ctx context.Context, ledger string, from int64) iter.Seq2[Stored, error]

	// Size is the number of durable records, which is the next seq; 0 for a ledger that was never written.
	Size(ctx context.Context, ledger string) (int64, error)

	// Ledgers lists the ledgers that have records, sorted.
	Ledgers(ctx context.Context) ([]string, error)

	// Failed is closed when the store can no longer be trusted with writes: a write or a sync failed, and what the
	// kernel then holds of it is unknown. It is never tried again. Appends return ErrFailed from then on, reads go on
	// with what was durable, and the process must stop acknowledging and end. Err says why, nil before.
	Failed() <-chan struct{}
	Err() error

	// Close lets the appends that were taken finish, refuses all others with ErrClosed and frees the store. A second
	// Close does nothing.
	Close() error
}

// ValidLedger reports whether a name can be a ledger's: 1 to MaxLedgerName ASCII letters, digits and "._-/:",
// beginning with a letter or digit. So it is also a C2SP origin, and an EventStoreDB stream name with a prefix.
func ValidLedger(name string) bool {
	if len(name) == 0 || len(name) > MaxLedgerName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		punct := c == '.' || c == '_' || c == '-' || c == '/' || c == ':'
		if !alnum && (!punct || i == 0) {
			return false
		}
	}
	return true
}

// Size is the number of bytes the batch counts against MaxBatchBytes.
func (b Batch) Size() int {
	n := 0
	for _, r := range b.Records {
		n += RecordSize(r)
	}
	return n
}

// RecordSize is what one record adds to the size of its batch.
func RecordSize(r chain.Record) int { return len(r.Note) + len(r.Payload) + recordOverhead }

// Check returns ErrInvalid, with the reason, for a batch that every engine must refuse.
func (b Batch) Check() error {
	switch {
	case !ValidLedger(b.Ledger):
		return fmt.Errorf("%w: ledger name %q", ErrInvalid, b.Ledger)
	case b.First < 0:
		return fmt.Errorf("%w: first record %d of ledger %s", ErrInvalid, b.First, b.Ledger)
	case len(b.Records) == 0:
		return fmt.Errorf("%w: empty batch for ledger %s", ErrInvalid, b.Ledger)
	case b.Size() > MaxBatchBytes:
		return fmt.Errorf("%w: batch of %d bytes for ledger %s, at most %d", ErrInvalid, b.Size(), b.Ledger, MaxBatchBytes)
	}
	return nil
}

// checkRange refuses a read that no ledger can answer.
func checkRange(ledger string, from int64) error {
	if !ValidLedger(ledger) || from < 0 {
		return fmt.Errorf("%w: read of ledger %q from %d", ErrInvalid, ledger, from)
	}
	return nil
}
