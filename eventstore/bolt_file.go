package eventstore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long an open waits for another process to let go of the file, such as one that is just ending.
const lockTimeout = time.Second

// boltFile names a kind of bbolt file: what it is, so that a stranger's file is refused, and how it is tuned.
type boltFile struct {
	name    string // in the data directory
	format  string // marker stored inside: kind and version
	options bbolt.Options
}

// The marker is the only key of its bucket.
var (
	markerBucket = []byte("format")
	markerKey    = []byte("format")
)

// open opens the file in dir, making the directory and the file when they are missing. What it then shows is on disk:
// a process killed between writing a commit and syncing it leaves a state that only the kernel's cache holds, so open
// commits once itself and syncs the directory before anything is read.
func (f boltFile) open(dir string) (db *bbolt.DB, err error) {
	path := filepath.Join(dir, f.name)
	if err := f.create(dir, path); err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	if db, err = f.openExisting(path); err != nil {
		return nil, err
	}
	err = guard(func() error {
		if err := f.check(db, path); err != nil {
			return err
		}
		return db.Update(f.mark)
	})
	if err == nil {
		err = errors.Join(f.sweep(dir), syncDir(dir))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// sweep removes what an interrupted create has left.
func (f boltFile) sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, f.name+".new-*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// create puts a complete empty file at path, or leaves what is there. A crash at any moment leaves no file or a whole
// one; of two processes that race, the second finds the file of the first.
func (f boltFile) create(dir, path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return fmt.Errorf("%w: the file is empty", ErrDamaged) // bbolt would begin a new one in it
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		if err := errors.Join(os.MkdirAll(dir, 0o700), syncDir(filepath.Dir(dir))); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp(dir, f.name+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // what is left is in nobody's way
	fresh := filepath.Join(scratch, f.name)
	db, err := f.openExisting(fresh)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(f.mark), db.Close()); err != nil {
		return err
	}
	if err := os.Link(fresh, path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// openExisting takes the file's lock and maps it, and says in our words why it cannot.
func (f boltFile) openExisting(path string) (db *bbolt.DB, err error) {
	options := f.options
	options.Timeout = lockTimeout
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, &options)
		return err
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%w: another process works on the data directory %s", ErrInUse, filepath.Dir(path))
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	default:
		return nil, fmt.Errorf("open %s for reading and writing: %w", path, err)
	}
}

// check refuses a file that was cut short, and one that is not of this kind and version.
func (f boltFile) check(db *bbolt.DB, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: %d bytes long, %d are needed", ErrDamaged, info.Size(), tx.Size())
		}
		bucket := tx.Bucket(markerBucket)
		if bucket == nil {
			return fmt.Errorf("%w: not a file of this program", ErrDamaged)
		}
		if got := bucket.Get(markerKey); !bytes.Equal(got, []byte(f.format)) {
			return fmt.Errorf("%w: format %q, this program reads %q", ErrDamaged, got, f.format)
		}
		return nil
	})
}

// mark writes the marker.
func (f boltFile) mark(tx *bbolt.Tx) error {
	bucket, err := tx.CreateBucketIfNotExists(markerBucket)
	if err != nil {
		return err
	}
	return bucket.Put(markerKey, []byte(f.format))
}

// guard runs f, which works on a mapped file, and returns as ErrDamaged what would otherwise end the process: bbolt
// panics on a page that makes no sense, the kernel faults on one that it cannot read.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return f()
}

// syncDir makes the directory's entries durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
