package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// screenBatch has the next rows of a batch looked for, as far as one record takes them.
func (d *desk) screenBatch(t testing.TB, id string) screening.BatchAdvanced {
	t.Helper()
	b := d.state.Screening.Batch(id)
	part := b.Part()
	rows := d.stored[part.Seq].Event.(screening.BatchRows).Rows
	found := d.state.Lists().ScreenRows(id, b.Done, rows[b.Done-part.First:], d.state.Screening.Approved())
	d.must(t, ledger.AdvanceBatch(found))
	return found
}

func startBatch(t rapid.TB, cmd screening.StartBatch) ledger.Command {
	t.Helper()
	batch, err := screening.NewBatch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.StartBatch(batch)
}

// TestBatch looks for rows, one of which cannot be looked for, and follows them to the end.
func TestBatch(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	rows := []screening.BatchRow{{Ref: "a", Name: "Viktor Petrov"}, {Ref: "b", Name: "!!"}, {Ref: "c", Name: "Ann Larsen"}, {Ref: "d", Refused: &screening.RowRefusal{Reason: "is no object"}}}
	events, reply := d.must(t, startBatch(t, screening.StartBatch{Description: "guests", Rows: rows}))
	b := reply.(*screening.BatchStanding)
	if got := kinds(events); got != "screening.batch_started screening.batch_rows" || b.Rows != 4 || b.Refused != 2 || b.Part() != (screening.BatchPart{First: 0, Rows: 4, Seq: events[1].Seq}) {
		t.Errorf("started with %s as %+v", got, b)
	}
	if refused := events[1].Event.(screening.BatchRows).Rows[1]; refused.Ref != "b" || refused.Name != "" || refused.Refused.Field != "name" {
		t.Errorf("refused %+v", refused)
	}
	found := d.screenBatch(t, b.ID)
	if found.Rows != 4 || found.BatchTally != (screening.BatchTally{Screened: 2, WithHits: 1, NoHit: 1}) || len(found.Found) != 1 || found.Found[0].Index != 0 {
		t.Errorf("found %+v", found)
	}
	end := d.stored[len(d.stored)-1].Event.(screening.BatchEnded)
	if end.Outcome != screening.BatchDone || end.BatchTally != found.BatchTally || end.Refused != 2 || d.state.Screening.Batch(b.ID) != nil {
		t.Errorf("ended %+v", end)
	}
	if again, _ := d.must(t, ledger.AdvanceBatch(found)); len(again) != 0 {
		t.Errorf("an end is followed by %s", kinds(again))
	}
	if again, _ := d.must(t, ledger.CancelBatch(screening.CancelBatch{ID: b.ID, Reason: "too late"})); len(again) != 0 {
		t.Errorf("an end is cancelled: %s", kinds(again))
	}
}

// TestBatchIsRefused shows what no batch is made of, and that nothing is written for it.
func TestBatchIsRefused(t *testing.T) {
	d := newDesk(t, "acme")
	many := make([]screening.BatchRow, screening.MaxBatchRows+1)
	for i := range many {
		many[i] = screening.BatchRow{Name: "Ann Larsen", Aliases: []string{strings.Repeat("é", 50)}}
	}
	for want, rows := range map[string][]screening.BatchRow{
		"rows must hold 1 to 10000 rows": nil, "rows must hold 1 to 10000 rows ": many, "rows take ": many[1:],
		"rows hold none that can be looked for; of the first: name is required": {{Ref: "a"}, {Ref: "b", Name: "Ann", Gender: "x"}},
	} {
		_, err := screening.NewBatch(screening.StartBatch{Rows: rows})
		if domain.CodeOf(err) != domain.Invalid || !strings.HasPrefix(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%d rows: %v", len(rows), err)
		}
	}
	for range screening.MaxOpenBatches {
		d.must(t, startBatch(t, screening.StartBatch{Rows: many[:1]}))
	}
	if _, _, err := d.carry(t, d.meta(), startBatch(t, screening.StartBatch{Rows: many[:1]})); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("one more than may be open: %v", err)
	}
	if _, _, err := d.carry(t, d.meta(), ledger.CancelBatch(screening.CancelBatch{ID: "bat_none", Reason: "x"})); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("none is cancelled: %v", err)
	}
	gap := screening.BatchAdvanced{BatchID: d.state.Screening.Batches()[0].ID, First: 0, Rows: 2}
	if _, _, err := d.carry(t, d.meta(), ledger.AdvanceBatch(gap)); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("more rows than there are: %v", err)
	}
}

// TestBatchOfParts has more rows than one record takes: each is looked for once, those with much to
// tell in records of their own.
func TestBatchOfParts(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	var entries []screening.Entry
	for i := range 90 {
		entries = append(entries, screening.Entry{ID: fmt.Sprint(i), EntityType: "individual", Name: "Viktor Petrov", Programs: []string{strings.Repeat("P", 900)}})
	}
	d.publishEntries(t, entries...)
	rows := make([]screening.BatchRow, 1200)
	for i := range rows {
		rows[i].Name = "Ann Larsen"
		if i%100 == 50 {
			rows[i].Name = "Viktor Petrov"
		}
	}
	_, reply := d.must(t, startBatch(t, screening.StartBatch{Rows: rows}))
	id, records, hit := reply.(*screening.BatchStanding).ID, 0, map[int]bool{}
	for d.state.Screening.Batch(id) != nil {
		found := d.screenBatch(t, id)
		records++
		for _, f := range found.Found {
			if hit[f.Index] || len(f.Hits) != 50 || f.Omitted != 40 {
				t.Errorf("row %d, seen before %v: %d hits and %d omitted", f.Index, hit[f.Index], len(f.Hits), f.Omitted)
			}
			hit[f.Index] = true
		}
	}
	end := d.stored[len(d.stored)-1].Event.(screening.BatchEnded)
	if end.Screened != 1200 || end.WithHits != 12 || len(hit) != 12 || records < 4 {
		t.Errorf("%d records, %d rows hit: %+v", records, len(hit), end)
	}
}

// batch starts, goes on with or cancels a batch.
func (r drawer) batch() wish {
	open := r.d.state.Screening.Batches()
	if len(open) == 0 || rapid.IntRange(0, 3).Draw(r.T, "another batch") == 0 {
		idem := domain.NewIdempotency(domain.RequestKey("screening.batches", fmt.Sprint("k-", len(r.d.stored))), "rows")
		rows := []screening.BatchRow{{Name: r.name()}, {Name: r.name(), DateOfBirth: pick(r, "born", "", "1960", "nonsense")}, {Name: r.name()}}
		return func() ledger.Command { return startBatch(r.T, screening.StartBatch{Rows: rows, Idem: &idem}) }
	}
	b := open[len(open)-1]
	if rapid.IntRange(0, 5).Draw(r.T, "cancel") == 0 {
		return func() ledger.Command {
			return ledger.CancelBatch(screening.CancelBatch{ID: b.ID, Reason: "wrong file"})
		}
	}
	found := screening.BatchAdvanced{
		BatchID: b.ID, First: b.Done + pick(r, "first", 0, 0, 1), Rows: pick(r, "rows", 1, 2, 3), Lists: []domain.ListVersion{}, Found: []screening.RowFound{},
		BatchTally: screening.BatchTally{Screened: 1, NoHit: 1},
	}
	return func() ledger.Command { return ledger.AdvanceBatch(found) }
}
