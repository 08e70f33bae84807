package lists

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json"

	"whocomply/domain/screening"
)

// NDJSON reads one screening.Entry in JSON per line, strictly: no unknown or double members.
// Every entry needs an id of the list's own that no other has, for a new version is compared with
// the one before by ids. Empty lines are skipped.
func NDJSON(r io.Reader) ([]screening.Entry, error) {
	const file = "list"
	text, err := readText(file, r)
	if err != nil {
		return nil, err
	}
	var entries []screening.Entry
	seen, number := map[string]bool{}, 0
	for line := range bytes.Lines(text) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var e screening.Entry
		if err := json.Unmarshal(line, &e, json.RejectUnknownMembers(true)); err != nil {
			return nil, faulty(file, number, "is not an entry: %v", err)
		}
		if e.ID == "" || seen[e.ID] {
			return nil, faulty(file, number, "needs an id that no other entry has")
		}
		seen[e.ID] = true
		entries = append(entries, e)
	}
	return entries, nil
}
