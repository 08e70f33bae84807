package projections

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// ScreeningBatch is a batch of names that are looked for, and how far it has come.
type ScreeningBatch struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Status      string `json:"status"` // running, completed or cancelled
	Reason      string `json:"reason,omitempty"`
	Rows        int    `json:"rows"`
	Done        int    `json:"done"`
	Refused     int    `json:"refused"`
	screening.BatchTally
	ScreenedOn []BatchBasis `json:"screened_on"`
	StartedBy  string       `json:"started_by"`
	StartedAt  time.Time    `json:"started_at"`
	UpdatedAt  time.Time    `json:"updated_at"`
	EndedAt    time.Time    `json:"ended_at,omitzero"`
	Seq        int64        `json:"seq"` // of the last event that changed this
}

// BatchBasis says what the rows from an index on were looked for on.
type BatchBasis struct {
	First   int                  `json:"first"`
	Lists   []domain.ListVersion `json:"lists"`
	Matcher string               `json:"matcher"`
	Stale   bool                 `json:"stale,omitzero"`
}

func (b *BatchBasis) is(o *BatchBasis) bool {
	return b.Matcher == o.Matcher && b.Stale == o.Stale && slices.Equal(b.Lists, o.Lists)
}

// BatchResult is a row of a batch and what it has met.
type BatchResult struct {
	Index   int                   `json:"index"`
	Status  string                `json:"status"` // waiting, hit, no_hit or refused
	Row     screening.BatchRow    `json:"row"`
	Error   *screening.RowRefusal `json:"error,omitempty"`
	Hits    []domain.Hit          `json:"hits"`
	Omitted int                   `json:"hits_omitted,omitzero"` // further hits, weaker than these
	Cleared []domain.Hit          `json:"cleared,omitempty"`
}

// The statuses of a batch, and of its rows.
const (
	batchRunning = "running"
	rowWaiting   = "waiting"
	rowHit       = "hit"
	rowNoHit     = "no_hit"
	rowRefused   = "refused"
)

// batches is the projection Batches. Its rows come and change by the hundred, and are written so.
type batches struct{}

func (batches) model() Model        { return Batches }
func (batches) version() int        { return 1 }
func (batches) forget()             {}
func (batches) write(*writer) error { return nil }

var (
	batchRowTable   = inserting("screening_batch_rows (ledger, batch, place, status, strength, doc, found)", "")
	batchRowChanges = updating("screening_batch_rows SET status = v.status , strength = v.strength , found = v.found "+
		"WHERE screening_batch_rows.ledger = v.ledger AND screening_batch_rows.batch = v.batch AND screening_batch_rows.place = v.place ",
		"ledger", "batch", "place", "status", "strength", "found")
)

func (batches) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case screening.BatchStarted:
		doc, err := docOf(ScreeningBatch{
			ID: event.BatchID, Description: event.Description, Status: batchRunning, Rows: event.Rows, Refused: event.Refused,
			ScreenedOn: []BatchBasis{}, StartedBy: e.Actor, StartedAt: e.Time, UpdatedAt: e.Time, Seq: e.Seq,
		})
		if err != nil {
			return err
		}
		return w.change("INSERT INTO screening_batches (ledger, created_seq, id, status, doc) VALUES (?, ?, ?, ?, ?)", e.Ledger, e.Seq, event.BatchID, batchRunning, doc)
	case screening.BatchRows:
		return addBatchRows(w, e.Ledger, &event)
	case screening.BatchAdvanced:
		if err := foundBatchRows(w, e.Ledger, &event); err != nil {
			return err
		}
		return amend(w, "screening_batches", e.Ledger, event.BatchID, func(b *ScreeningBatch) string {
			b.Done, b.BatchTally, b.UpdatedAt, b.Seq = event.First+event.Rows, event.BatchTally, e.Time, e.Seq
			basis := BatchBasis{event.First, event.Lists, event.Matcher, event.Stale}
			if n := len(b.ScreenedOn); n == 0 || !b.ScreenedOn[n-1].is(&basis) {
				b.ScreenedOn = append(b.ScreenedOn, basis)
			}
			return b.Status
		})
	case screening.BatchEnded:
		return amend(w, "screening_batches", e.Ledger, event.BatchID, func(b *ScreeningBatch) string {
			b.Status, b.Reason, b.UpdatedAt, b.EndedAt, b.Seq = event.Outcome, event.Reason, e.Time, e.Time, e.Seq
			return b.Status
		})
	}
	return nil
}

func addBatchRows(w *writer, ledger string, event *screening.BatchRows) error {
	batch, err := batchSeq(w, ledger, event.BatchID)
	if err != nil {
		return err
	}
	var added rows
	for i := range event.Rows {
		doc, err := docOf(&event.Rows[i])
		if err != nil {
			return err
		}
		status := rowWaiting
		if event.Rows[i].Refused != nil {
			status = rowRefused
		}
		added.add(ledger, batch, event.First+i, status, 0, doc, "")
	}
	return w.run(batchRowTable, &added)
}

func foundBatchRows(w *writer, ledger string, event *screening.BatchAdvanced) error {
	batch, err := batchSeq(w, ledger, event.BatchID)
	if err != nil {
		return err
	}
	if _, err := w.exec("UPDATE screening_batch_rows SET status = ? WHERE ledger = ? AND batch = ? AND place >= ? AND place < ? AND status = ?",
		rowNoHit, ledger, batch, event.First, event.First+event.Rows, rowWaiting); err != nil {
		return err
	}
	var changed rows
	for i := range event.Found {
		found := &event.Found[i]
		doc, err := docOf(found)
		if err != nil {
			return err
		}
		status, strength := rowNoHit, 0
		if len(found.Hits) > 0 {
			status, strength = rowHit, strengthOf(&found.Hits[0])
		}
		changed.add(ledger, batch, found.Index, status, strength, doc)
	}
	return w.run(batchRowChanges, &changed)
}

// strengthOf ranks a hit by its evidence, and by its similarity among those of the same.
func strengthOf(h *domain.Hit) int { return 1 + h.Evidence*1000 + h.Similarity }

// batchSeq gives the position of the record that started a batch.
func batchSeq(w *writer, ledger, id string) (seq int64, err error) {
	return seq, w.get("SELECT created_seq FROM screening_batches WHERE ledger = ? AND id = ?", []any{ledger, id}, &seq)
}

// ScreeningBatches lists batches, newest first, and says how many there are. An empty status does not narrow.
func (db *DB) ScreeningBatches(ctx context.Context, ledger, status string, p Page) ([]ScreeningBatch, int64, error) {
	q := listing{columns: "doc", from: "screening_batches", where: "ledger = ?", order: "created_seq DESC", args: []any{ledger}}
	q.narrow("status", status)
	return list(ctx, db, q, p, scanDoc[ScreeningBatch])
}

// ScreeningBatch gives a batch by id, or domain.Unknown.
func (db *DB) ScreeningBatch(ctx context.Context, ledger, id string) (ScreeningBatch, error) {
	return one(ctx, db, "screening batch", scanDoc[ScreeningBatch], "SELECT doc FROM screening_batches WHERE ledger = ? AND id = ?", ledger, id)
}

// BatchResults lists the rows of a batch, those with the strongest hits first, and says how many there
// are; domain.Unknown if there is no such batch. An empty status does not narrow.
func (db *DB) BatchResults(ctx context.Context, ledger, id, status string, p Page) ([]BatchResult, int64, error) {
	batch, err := one(ctx, db, "screening batch", scanColumn[int64], "SELECT created_seq FROM screening_batches WHERE ledger = ? AND id = ?", ledger, id)
	if err != nil {
		return nil, 0, err
	}
	q := listing{columns: "place, status, doc, found", from: "screening_batch_rows", where: "ledger = ? AND batch = ?", order: "strength DESC, place", args: []any{ledger, batch}}
	q.narrow("status", status)
	return list(ctx, db, q, p, scanBatchResult)
}

func scanBatchResult(row scanner) (r BatchResult, err error) {
	var doc, found []byte
	if err := row.Scan(&r.Index, &r.Status, &doc, &found); err != nil {
		return r, err
	}
	if err := json.Unmarshal(doc, &r.Row); err != nil {
		return r, err
	}
	r.Error, r.Row.Refused, r.Hits = r.Row.Refused, nil, []domain.Hit{}
	if len(found) == 0 {
		return r, nil
	}
	var met screening.RowFound
	err = json.Unmarshal(found, &met)
	r.Hits, r.Omitted, r.Cleared = met.Hits, met.Omitted, met.Cleared
	return r, err
}
