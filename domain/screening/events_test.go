package screening_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// Every version of every event there has ever been is read, and one of the current version is
// written again byte for byte.
func TestGoldens(t *testing.T) {
	catalog, err := domain.NewCatalog(screening.Events()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range catalog.Kinds() {
		for version := 1; version <= kind.Version; version++ {
			name := fmt.Sprintf("%s.v%d.json", kind.Name, version)
			t.Run(name, func(t *testing.T) {
				raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "events", name))
				if err != nil {
					t.Fatal(err)
				}
				event, err := catalog.Decode(domain.Kind{Name: kind.Name, Version: version}, raw)
				if err != nil {
					t.Fatal(err)
				}
				again, err := catalog.Encode(nil, event)
				if err != nil {
					t.Fatal(err)
				}
				if version == kind.Version && string(again) != string(raw) {
					t.Errorf("written again as\n%s\nwant\n%s", again, raw)
				}
			})
		}
	}
}
