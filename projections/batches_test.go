package projections_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
	"whocomply/projections"
)

// batchOf gives the events of a batch with its rows, every third of which is refused.
func batchOf(id string, rows int) []domain.Event {
	part := screening.BatchRows{BatchID: "bat_" + id}
	refused := 0
	for i := range rows {
		row := screening.BatchRow{Ref: fmt.Sprint("r-", i), Name: "Ann Larsen"}
		if i%3 == 2 {
			row = screening.BatchRow{Ref: row.Ref, Refused: &screening.RowRefusal{Field: "name", Reason: "name is required"}}
			refused++
		}
		part.Rows = append(part.Rows, row)
	}
	return []domain.Event{screening.BatchStarted{BatchID: "bat_" + id, Description: "guests", Rows: rows, Refused: refused}, part}
}

// met is a hit of a row, on a version of a list.
func met(version, similarity, evidence int) domain.Hit {
	return domain.Hit{EntryID: "1", List: domain.ListVersion{List: "un", Version: version, Digest: "00"}, Name: "Ann LARSEN", Similarity: similarity, Evidence: evidence}
}

// advancedBatch says that rows are done, of which some have hits.
func advancedBatch(id string, first, rows, of, version int, found ...screening.RowFound) screening.BatchAdvanced {
	return screening.BatchAdvanced{
		BatchID: "bat_" + id, First: first, Rows: rows, Of: of, Matcher: "names@1", Found: slices.Concat([]screening.RowFound{}, found),
		Lists:      []domain.ListVersion{{List: "un", Version: version, Digest: "00"}},
		BatchTally: screening.BatchTally{Screened: first + rows, WithHits: len(found), NoHit: first + rows - len(found)},
	}
}

// TestBatches follows a batch, row by row: what waits, what was refused, what was met, the strongest first.
func TestBatches(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", batchOf("a", 7)...))
	shown := func(status string) string {
		t.Helper()
		rows, total, err := m.BatchResults(t.Context(), "acme", "bat_a", status, projections.Page{Limit: 9})
		if err != nil || int(total) != len(rows) {
			t.Fatalf("%d of %d rows, %v", len(rows), total, err)
		}
		var list []string
		for _, r := range rows {
			list = append(list, fmt.Sprint(r.Index, " ", r.Row.Ref, " ", r.Status, " ", len(r.Hits), "/", len(r.Cleared), " ", r.Error != nil))
		}
		return strings.Join(list, ", ")
	}
	if got := shown("refused"); got != "2 r-2 refused 0/0 true, 5 r-5 refused 0/0 true" {
		t.Errorf("refused: %s", got)
	}
	m.reach(t, "acme", source.put("acme",
		advancedBatch("a", 0, 4, 7, 1, screening.RowFound{Index: 0, Hits: []domain.Hit{met(1, 100, 50)}}, screening.RowFound{Index: 1, Hits: []domain.Hit{}, Cleared: []domain.Hit{met(1, 90, 5)}}),
		advancedBatch("a", 4, 2, 7, 2, screening.RowFound{Index: 4, Hits: []domain.Hit{met(2, 80, 90), met(2, 100, 50)}})))
	const want = "4 r-4 hit 2/0 false, 0 r-0 hit 1/0 false, 1 r-1 no_hit 0/1 false, 2 r-2 refused 0/0 true, 3 r-3 no_hit 0/0 false, 5 r-5 refused 0/0 true, 6 r-6 waiting 0/0 false"
	if got := shown(""); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	b := must[projections.ScreeningBatch](t)(m.ScreeningBatch(t.Context(), "acme", "bat_a"))
	if b.Status != "running" || b.Done != 6 || b.Refused != 2 || len(b.ScreenedOn) != 2 || b.ScreenedOn[1].First != 4 || b.ScreenedOn[1].Lists[0].Version != 2 {
		t.Errorf("batch %+v", b)
	}
	m.reach(t, "acme", source.put("acme", screening.BatchEnded{BatchID: "bat_a", Outcome: screening.BatchCancelled, Reason: "the wrong file", Rows: 7, Done: 6}))
	if list, total, err := m.ScreeningBatches(t.Context(), "acme", "cancelled", projections.Page{Limit: 9}); err != nil || total != 1 || list[0].Reason != "the wrong file" || !list[0].EndedAt.After(list[0].StartedAt) {
		t.Errorf("%d cancelled %+v, %v", total, list, err)
	}
	_, err := m.ScreeningBatch(t.Context(), "rival", "bat_a")
	wantUnknown(t, "the batch of another", err)
	_, _, err = m.BatchResults(t.Context(), "rival", "bat_a", "", projections.Page{Limit: 9})
	wantUnknown(t, "its rows", err)
}

// batch writes events about the newest batch, or begins another.
func (h *history) batch(pick func(int) int) []domain.Event {
	const rows = 6
	id := fmt.Sprint("b-", h.batches)
	if h.batchDone == rows || h.batches == 0 {
		h.batches, h.batchDone = h.batches+1, 0
		return batchOf(fmt.Sprint("b-", h.batches), rows)
	}
	done := min(1+pick(4), rows-h.batchDone)
	first := h.batchDone
	h.batchDone += done
	var found []screening.RowFound
	if first%3 != 2 && pick(2) == 0 {
		found = append(found, screening.RowFound{Index: first, Hits: []domain.Hit{met(1, pick(100), pick(100))}})
	}
	list := []domain.Event{advancedBatch(id, first, done, rows, 1+pick(2), found...)}
	if h.batchDone == rows {
		list = append(list, screening.BatchEnded{BatchID: "bat_" + id, Outcome: screening.BatchDone, Rows: rows, Done: rows})
	}
	return list
}
