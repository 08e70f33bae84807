package ledger_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/ledger"
)

// TestGoldens wants an example of every kind of event in testdata/events, of its current version
// and of every one before, and every example there to be read. One of the current version is
// written again byte for byte.
func TestGoldens(t *testing.T) {
	dir := os.DirFS(filepath.Join("..", "..", "testdata", "events"))
	files, err := fs.Glob(dir, "*")
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := ledger.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	goldens := map[domain.Kind]bool{}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			kind, ok := kindOf(file)
			if !ok {
				t.Fatal("is not named <type>.v<version>.json")
			}
			goldens[kind] = true
			raw, err := fs.ReadFile(dir, file)
			if err != nil {
				t.Fatal(err)
			}
			event, err := catalog.Decode(kind, raw)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := catalog.Encode(nil, event); err != nil || kind == event.Kind() && string(again) != string(raw) {
				t.Errorf("written as %s\nwant       %s\nerror %v", again, raw, err)
			}
		})
	}
	for _, kind := range catalog.Kinds() {
		for v := 1; v <= kind.Version; v++ {
			if !goldens[domain.Kind{Name: kind.Name, Version: v}] {
				t.Errorf("testdata/events has no %s.v%d.json", kind.Name, v)
			}
		}
	}
}

// kindOf reads the name of a golden file.
func kindOf(file string) (kind domain.Kind, ok bool) {
	at := strings.LastIndex(file, ".v")
	if at < 0 {
		return kind, false
	}
	version, err := strconv.Atoi(strings.TrimSuffix(file[at+2:], ".json"))
	kind = domain.Kind{Name: file[:at], Version: version}
	return kind, err == nil && file == kind.Name+".v"+strconv.Itoa(version)+".json"
}
