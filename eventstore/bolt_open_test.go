package eventstore_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"whocomply/domain/chain"
	"whocomply/eventstore"
	"whocomply/eventstore/eventstoretest"
)

func TestOpenInUse(t *testing.T) {
	dir := t.TempDir()
	openBolt(t, dir)
	_, err := eventstore.OpenBolt(dir)
	if !errors.Is(err, eventstore.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second open: %v, want ErrInUse with the directory", err)
	}
}

// TestOpenRefuses holds that a file that is not ours, or not whole, is refused and left as it is.
func TestOpenRefuses(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"empty file", func(t *testing.T, path string) { write(t, path, nil) }, eventstore.ErrDamaged},
		{"another program's", func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("text\n"), 9999)) }, eventstore.ErrDamaged},
		{"another bbolt file", func(t *testing.T, path string) { writeBolt(t, path, "other", "") }, eventstore.ErrDamaged},
		{"a later format", func(t *testing.T, path string) { writeBolt(t, path, "format", "whocomply/ledger@v2") }, eventstore.ErrDamaged},
		{"cut short", func(t *testing.T, path string) { truncate(t, path, 64<<10) }, eventstore.ErrDamaged},
		{"zeros for pages", func(t *testing.T, path string) { overwrite(t, path, 0, make([]byte, 32<<10)) }, eventstore.ErrDamaged},
		{"garbage behind sound meta pages", func(t *testing.T, path string) { overwrite(t, path, 16<<10, bytes.Repeat([]byte{0xa5}, 4<<20)) }, eventstore.ErrDamaged},
		{"directory", func(t *testing.T, path string) { remove(t, path); mkdir(t, path) }, syscall.EISDIR},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "ledger.db")
			s := openBolt(t, dir)
			fill(t, s, "acme", 1000)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			tc.spoil(t, path)
			before, _ := os.ReadFile(path)
			if _, err := eventstore.OpenBolt(dir); !errors.Is(err, tc.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("open: %v, want %v with the path", err, tc.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestOpenNotWritable opens as another user, for root may write anywhere.
func TestOpenNotWritable(t *testing.T) {
	for _, tc := range []struct {
		name  string
		there bool
	}{{"directory", false}, {"file", true}} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			if tc.there {
				if err := openBolt(t, dir).Close(); err != nil {
					t.Fatal(err)
				}
				chmod(t, filepath.Join(dir, "ledger.db"), 0o444)
			}
			chmod(t, dir, 0o555)
			defer chmod(t, dir, 0o755)
			err := asNobody(func() error { _, err := eventstore.OpenBolt(dir); return err })
			if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), dir) {
				t.Errorf("open: %v, want a permission error with the path", err)
			}
		})
	}
}

// asNobody runs f on a thread that has no rights of root and is then thrown away.
func asNobody(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		if os.Getuid() == 0 {
			_ = syscall.Setfsuid(65534) // reports the former id, never an error
		}
		done <- f()
	}()
	return <-done
}

// TestFlippedBit damages one record on the disk: it is an error to read, those before it are sound, and so is another
// ledger.
func TestFlippedBit(t *testing.T) {
	dir := t.TempDir()
	s := openBolt(t, dir)
	for _, ledger := range []string{"acme", "other"} {
		if err := s.Append(t.Context(), eventstoretest.BatchOf(ledger, 0, 900)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ledger.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, eventstoretest.Record("acme", 700).Note)
	overwrite(t, path, int64(at), []byte("A"))

	s = openBolt(t, dir)
	var next int64
	var last error
	for r, err := range s.Read(t.Context(), "acme", 0) {
		if last = err; err == nil && r.Seq == next {
			next++
		}
	}
	if next != 700 || !errors.Is(last, eventstore.ErrDamaged) {
		t.Errorf("read %d records, then %v; want 700 and ErrDamaged", next, last)
	}
	eventstoretest.CheckPrefix(t, s, "other", 900)
	if s.Err() != nil {
		t.Errorf("a bad record stopped the store: %v", s.Err())
	}
}

// TestCutWhileOpen takes the file from under a store that has it mapped, as a failing disk does: an error, no crash.
func TestCutWhileOpen(t *testing.T) {
	dir := t.TempDir()
	s := openBolt(t, dir)
	fill(t, s, "acme", 3000)
	truncate(t, filepath.Join(dir, "ledger.db"), 64<<10)
	var last error
	for _, err := range s.Read(t.Context(), "acme", 0) {
		last = err
	}
	if !errors.Is(last, eventstore.ErrDamaged) {
		t.Errorf("read: %v, want ErrDamaged", last)
	}
	err := s.Append(t.Context(), eventstore.Batch{Ledger: "acme", First: 3000, Records: []chain.Record{{}}})
	if !errors.Is(err, eventstore.ErrFailed) || !errors.Is(err, eventstore.ErrDamaged) {
		t.Errorf("append: %v, want ErrFailed for ErrDamaged", err)
	}
}

// writeBolt puts a bbolt file with one bucket at path.
func writeBolt(t *testing.T, path, bucket, value string) {
	t.Helper()
	remove(t, path)
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte(bucket))
		return errors.Join(err, b.Put([]byte("format"), []byte(value)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, path string, at int64, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(data, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
