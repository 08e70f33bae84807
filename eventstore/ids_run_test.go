package eventstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func runKey(i int) idKey { return keyOf("acme", fmt.Sprint(i)) }

// writeTestRun writes a run of the entries 0, 1, … n-1.
func writeTestRun(tb testing.TB, path string, n int) *idRun {
	tb.Helper()
	entries := make(map[idKey]int64, n)
	for i := range n {
		entries[runKey(i)] = int64(i)
	}
	w, err := newRunWriter(path, 1, 1, int64(n))
	if err != nil {
		tb.Fatal(err)
	}
	keys := make([]idKey, 0, n)
	for key := range entries {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareKeys)
	for _, key := range keys {
		if err := w.add(key, IDEntry{Seq: entries[key], Digest: key}); err != nil {
			tb.Fatal(err)
		}
	}
	run, err := w.finish()
	if err != nil {
		tb.Fatal(err)
	}
	return run
}

func TestRun(t *testing.T) {
	for _, n := range []int{1, 2, 101, 102, 103, 204, 205, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "1-1.run")
			written := writeTestRun(t, path, n)
			defer written.file.Close()
			opened, err := openRun(path, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.file.Close()
			for _, r := range []*idRun{written, opened} {
				held := 0
				for i := range 2 * n {
					e, found, err := r.find(runKey(i))
					if err != nil || found != (i < n) || found && (e.Seq != int64(i) || e.Digest != runKey(i)) {
						t.Fatalf("entry %d of %d: %+v, %t, %v", i, n, e, found, err)
					}
					if i >= n && r.filter.mayHold(runKey(i)) {
						held++
					}
				}
				if held > n/40+2 {
					t.Errorf("the filter lets %d of %d others through", held, n)
				}
			}
		})
	}
}

// FuzzOpenRun holds that no file makes a run that reads outside itself.
func FuzzOpenRun(f *testing.F) {
	path := filepath.Join(f.TempDir(), "1-1.run")
	if err := writeTestRun(f, path, 103).file.Close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "1-1.run")
		fixRunSums(data)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := openRun(path, 1, 1)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
			return
		}
		defer r.file.Close()
		for i := range 8 {
			if _, _, err := r.find(runKey(i)); err != nil && !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
		}
		c := &runCursor{run: r, buf: make([]byte, runBlockSize)}
		for n := int64(0); err == nil; n++ {
			if err = c.next(); !c.more {
				break
			} else if n >= r.entries {
				t.Fatal("more entries than the footer says")
			}
		}
	})
}

// fixRunSums makes the checksums right, so that what they guard is parsed.
func fixRunSums(data []byte) {
	if len(data) < runFooterSize {
		return
	}
	footer := data[len(data)-runFooterSize:]
	blocks, lines := binary.BigEndian.Uint64(footer[8:]), binary.BigEndian.Uint64(footer[16:])
	if blocks > uint64(len(data))/runBlockSize || lines > uint64(len(data))/64 || blocks*(runBlockSize+16)+lines*64+runFooterSize != uint64(len(data)) {
		return
	}
	for b := range blocks {
		block := data[b*runBlockSize:][:runBlockSize]
		binary.BigEndian.PutUint32(block, crc32.Checksum(block[checksumSize:], castagnoli))
	}
	sum := footer[runFooterSize-checksumSize:]
	binary.BigEndian.PutUint32(sum, crc32.Checksum(data[blocks*runBlockSize:len(data)-checksumSize], castagnoli))
}
