package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInventedFilesAreTakenIn writes files twice and takes them in: not a line is rejected.
func TestInventedFilesAreTakenIn(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.tenant()
	dirs := []string{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")}
	for _, dir := range dirs {
		if got := runLine(t, []string{p.argv()[0], "invent", "--out", dir, "--customers", "20", "--events", "700"}); got.code != 0 {
			t.Fatal(got.stderr)
		}
	}
	for _, file := range []struct {
		kind  string
		lines int64
	}{{"customers", 20}, {"events", 700}} {
		path := filepath.Join(dirs[0], file.kind+".ndjson")
		a, err1 := os.ReadFile(path)
		b, err2 := os.ReadFile(filepath.Join(dirs[1], file.kind+".ndjson"))
		if err1 != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("the files of %s differ, %v, %v", file.kind, err1, err2)
		}
		if got := must[imported](p, "import", "--tenant", "acme", "--kind", file.kind, "--file", path); got.Recorded != file.lines || got.Rejected != 0 {
			t.Errorf("%s: %+v, want %d", file.kind, got, file.lines)
		}
	}
}
