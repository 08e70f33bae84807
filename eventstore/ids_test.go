package eventstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain/chain"
	"whocomply/eventstore"
)

func entry(seq int64) eventstore.IDEntry {
	e := eventstore.IDEntry{Seq: seq}
	copy(e.Digest[:], fmt.Sprintf("digest-%d", seq))
	return e
}

func hash(seq int64) (h chain.Hash) {
	copy(h[:], fmt.Sprintf("head-%d", seq))
	return h
}

// idTB is a test or a rapid check.
type idTB interface {
	Helper()
	Errorf(format string, args ...any)
}

func mustAdd(tb testing.TB, x *eventstore.IDs, ledger, id string, e eventstore.IDEntry) {
	tb.Helper()
	if err := x.Add(ledger, id, e); err != nil {
		tb.Fatal(err)
	}
}

func wantID(tb idTB, x *eventstore.IDs, ledger, id string, want eventstore.IDEntry, known bool) {
	tb.Helper()
	if got, found, err := x.Lookup(ledger, id); err != nil || found != known || got != want {
		tb.Errorf("id %q of ledger %q is %+v, %t, %v; want %+v, %t", id, ledger, got, found, err, want, known)
	}
}

func TestIDs(t *testing.T) {
	dir := t.TempDir()
	x := openIDs(t, dir)
	none := eventstore.IDEntry{}
	mustAdd(t, x, "acme", "a", entry(0))
	mustAdd(t, x, "acme", "b", entry(1))
	wantID(t, x, "acme", "a", entry(0), true) // before it is durable, for the next command of the batch
	wantID(t, x, "other", "a", none, false)
	wantID(t, x, "acme", "c", none, false)
	x.Commit("acme", 2, hash(1))
	mustAdd(t, x, "acme", "c", entry(2))
	mustAdd(t, x, "acme", "a", entry(3)) // bound again
	wantID(t, x, "acme", "a", entry(3), true)
	if err := x.Flush(); err != nil {
		t.Fatal(err)
	}
	wantID(t, x, "acme", "a", entry(3), true)
	x.Drop("acme")
	wantID(t, x, "acme", "a", entry(0), true) // from the file
	wantID(t, x, "acme", "c", none, false)
	mustAdd(t, x, "acme", "b", entry(2))
	x.Commit("acme", 3, hash(2))
	mustAdd(t, x, "acme", "b", entry(3))
	x.Drop("acme")
	wantID(t, x, "acme", "b", entry(2), true) // from memory
	mustAdd(t, x, "acme", "b", entry(0))
	wantID(t, x, "acme", "b", entry(2), true) // an event below the position is known
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.Lookup("acme", "new"); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("lookup after Close: %v", err)
	}

	x = openIDs(t, dir)
	wantID(t, x, "acme", "a", entry(0), true)
	wantID(t, x, "acme", "b", entry(2), true)
	if seq, head := x.Position("acme"); seq != 3 || head != hash(2) {
		t.Errorf("position %d %q, want 3", seq, head)
	}
}

// TestIDsGlobal holds that an entry of the global namespace waits for the ledger it names.
func TestIDsGlobal(t *testing.T) {
	dir := t.TempDir()
	x := openIDs(t, dir)
	durable, lost := eventstore.IDEntry{Seq: 4, Value: "acme"}, eventstore.IDEntry{Seq: 5, Value: "acme"}
	mustAdd(t, x, "", "key-1", durable)
	mustAdd(t, x, "", "key-2", lost)
	wantID(t, x, "", "key-2", lost, true)
	wantID(t, x, "acme", "key-1", eventstore.IDEntry{}, false)
	x.Commit("acme", 5, hash(4))
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = openIDs(t, dir)
	wantID(t, x, "", "key-1", durable, true)
	wantID(t, x, "", "key-2", eventstore.IDEntry{}, false)
}

// TestIDsMany writes more than memory may hold, while the ids are looked up, and merges.
func TestIDsMany(t *testing.T) {
	const n = 200_000
	dir := t.TempDir()
	x := openIDs(t, dir)
	for seq := range int64(n) {
		mustAdd(t, x, "acme", fmt.Sprint(seq), entry(seq))
		if seq%100 == 99 {
			x.Commit("acme", seq+1, hash(seq))
			wantID(t, x, "acme", fmt.Sprint(seq/2), entry(seq/2), true)
			wantID(t, x, "acme", fmt.Sprint(seq+1), eventstore.IDEntry{}, false)
		}
	}
	for range 2 {
		for seq := range int64(n) {
			wantID(t, x, "acme", fmt.Sprint(seq), entry(seq), true)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if files, _ := filepath.Glob(filepath.Join(dir, "ids", "*.run")); len(files) > 12 {
			t.Errorf("%d runs: %v", len(files), files)
		}
		x = openIDs(t, dir)
	}
}

// TestIDsDamaged holds that whatever lies in the place of the files, the index opens, empty, and can be rebuilt.
func TestIDsDamaged(t *testing.T) {
	const commits, run = "index.db", "1-1.run"
	for _, tc := range []struct {
		name, file string
		spoil      func(t *testing.T, path string)
	}{
		{"empty", commits, func(t *testing.T, path string) { write(t, path, nil) }},
		{"another format", commits, func(t *testing.T, path string) { writeBolt(t, path, "format", "whocomply/ids@v0") }},
		{"cut short", commits, func(t *testing.T, path string) { truncate(t, path, 20<<10) }},
		{"no bbolt file", commits, func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("text\n"), 9999)) }},
		{"garbage pages", commits, func(t *testing.T, path string) { overwrite(t, path, 8<<10, bytes.Repeat([]byte{0xa5}, 1<<20)) }},
		{"run missing", run, remove},
		{"run empty", run, func(t *testing.T, path string) { write(t, path, nil) }},
		{"run cut short", run, func(t *testing.T, path string) { truncate(t, path, 50<<10) }},
		{"run with another end", run, func(t *testing.T, path string) { overwrite(t, path, 50*4096+7, []byte{0xff}) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			x := filledIDs(t, dir)
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			tc.spoil(t, filepath.Join(dir, "ids", tc.file))
			x = openIDs(t, dir)
			if seq, _ := x.Position("acme"); seq != 0 {
				t.Errorf("position %d, want 0", seq)
			}
			wantID(t, x, "acme", "7", eventstore.IDEntry{}, false)
			mustAdd(t, x, "acme", "7", entry(7))
			wantID(t, x, "acme", "7", entry(7), true)
			if _, err := os.Stat(filepath.Join(dir, "ids.damaged")); err != nil {
				t.Errorf("the damaged index is gone: %v", err)
			}
		})
	}
}

// TestIDsFailed damages a run of the open index: no answer is made up, and the next start rebuilds.
func TestIDsFailed(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"cut short": func(t *testing.T, path string) { truncate(t, path, 100) },
		"bits":      func(t *testing.T, path string) { overwrite(t, path, 0, bytes.Repeat([]byte{0xff}, 200<<10)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			x := filledIDs(t, dir)
			spoil(t, filepath.Join(dir, "ids", "1-1.run"))
			if _, _, err := x.Lookup("acme", "7"); !errors.Is(err, eventstore.ErrFailed) || !errors.Is(err, eventstore.ErrDamaged) {
				t.Errorf("lookup: %v, want ErrFailed for ErrDamaged", err)
			}
			<-x.Failed()
			if err := x.Add("acme", "new", entry(5000)); !errors.Is(err, eventstore.ErrFailed) {
				t.Errorf("add: %v, want ErrFailed", err)
			}
			x.Commit("acme", 6000, hash(5999)) // returns
			if seq, _ := openIDs(t, dir).Position("acme"); seq != 0 {
				t.Errorf("position %d of the index begun anew", seq)
			}
		})
	}
}

func filledIDs(t *testing.T, dir string) *eventstore.IDs {
	t.Helper()
	x := openIDs(t, dir)
	for seq := range int64(5000) {
		mustAdd(t, x, "acme", fmt.Sprint(seq), entry(seq))
	}
	x.Commit("acme", 5000, hash(4999))
	if err := x.Flush(); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestIDsInUse(t *testing.T) {
	dir := t.TempDir()
	openIDs(t, dir)
	if _, err := eventstore.OpenIDs(dir); !errors.Is(err, eventstore.ErrInUse) {
		t.Errorf("second open: %v, want ErrInUse", err)
	}
}

// indexModel is a ledger beside its index: which id each event bound, and how many events are durable.
type indexModel struct {
	x       *eventstore.IDs
	bound   []string
	durable int
}

// want gives the entry of an id after the first n events.
func (m *indexModel) want(id string, n int) (want eventstore.IDEntry, known bool) {
	for seq, bound := range m.bound[:n] {
		if bound == id {
			want, known = entry(int64(seq)), true
		}
	}
	return want, known
}

// TestIDsModel runs random histories, each up to a crash: what that leaves is the index of the events below its position,
// maybe with ids of durable events above, and never one of an event that was lost.
func TestIDsModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		m := &indexModel{x: openIDs(t, dir)}
		defer func() { _ = m.x.Close() }()
		ids := rapid.StringMatching(`[a-f]`)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				m.bound = append(m.bound, ids.Draw(rt, "id"))
				seq := len(m.bound) - 1
				mustAdd(t, m.x, "acme", m.bound[seq], entry(int64(seq)))
			},
			"commit": func(rt *rapid.T) {
				m.durable = rapid.IntRange(m.durable, len(m.bound)).Draw(rt, "upto")
				m.x.Commit("acme", int64(m.durable), hash(int64(m.durable-1)))
			},
			"flush": func(*rapid.T) {
				if err := m.x.Flush(); err != nil {
					rt.Fatal(err)
				}
			},
			"drop": func(*rapid.T) {
				m.bound = m.bound[:m.durable]
				m.x.Drop("acme")
			},
			"": func(rt *rapid.T) {
				id := ids.Draw(rt, "looked up")
				want, known := m.want(id, len(m.bound))
				wantID(rt, m.x, "acme", id, want, known)
			},
		})
		m.crash(t, rt, dir)
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			want, known := m.want(id, m.durable)
			wantID(rt, m.x, "acme", id, want, known)
		}
	})
}

// copyStill copies the index's files to a new data directory at a moment when none of them changes.
func copyStill(t *testing.T, dir string) (left string) {
	t.Helper()
	read := func() map[string]string {
		files := make(map[string]string)
		paths, _ := filepath.Glob(filepath.Join(dir, "*.*"))
		for _, path := range paths {
			if data, err := os.ReadFile(path); err == nil {
				files[filepath.Base(path)] = string(data)
			}
		}
		return files
	}
	files := read()
	for again := read(); !maps.Equal(files, again); again = read() {
		files = again
	}
	left = t.TempDir()
	mkdir(t, filepath.Join(left, "ids"))
	for name, data := range files {
		write(t, filepath.Join(left, "ids", name), []byte(data))
	}
	return left
}

// crash goes on with a copy of the file, after the catch-up of a start.
func (m *indexModel) crash(t *testing.T, rt *rapid.T, dir string) {
	left := copyStill(t, filepath.Join(dir, "ids"))
	if err := m.x.Close(); err != nil {
		rt.Fatal(err)
	}
	m.bound = m.bound[:m.durable]
	m.x = openIDs(t, left)
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		if got, found, err := m.x.Lookup("acme", id); err != nil || found && m.bound[got.Seq] != id {
			rt.Fatalf("the crash left id %q of event %d, %v", id, got.Seq, err)
		}
	}
	position, head := m.x.Position("acme")
	if position > int64(m.durable) || position > 0 && head != hash(position-1) {
		rt.Fatalf("position %d %q with %d durable events", position, head, m.durable)
	}
	for seq := position; seq < int64(m.durable); seq++ {
		mustAdd(t, m.x, "acme", m.bound[seq], entry(seq))
	}
	m.x.Commit("acme", int64(m.durable), hash(int64(m.durable-1)))
}
