package screening

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// BatchStanding is a batch that has not ended. It is never changed, only replaced.
type BatchStanding struct {
	ID          string
	Description string
	Rows        int
	Refused     int
	Parts       []BatchPart
	Done        int // rows
	BatchTally
	StartedAt time.Time
	Seq       int64 // of its start
}

// BatchPart says where some rows of a batch are in the ledger.
type BatchPart struct {
	First, Rows int
	Seq         int64
}

// Part gives the part that holds the first row which is not done.
func (b *BatchStanding) Part() BatchPart {
	at, found := slices.BinarySearchFunc(b.Parts, b.Done, func(p BatchPart, row int) int { return p.First - row })
	if !found {
		at--
	}
	return b.Parts[at]
}

// StartBatch wants names to be looked for. A row that has a Refused stays refused.
type StartBatch struct {
	Description string
	Rows        []BatchRow
	Idem        *domain.Idempotency // the request's Idempotency-Key, if any
}

// CancelBatch stops one.
type CancelBatch struct {
	ID, Reason string
	Idem       *domain.Idempotency
}

// Batches gives the batches that have not ended, in the order in which they were started.
func (s *State) Batches() []*BatchStanding { return slices.Clip(s.batches) }

// Batch gives a batch that has not ended, or nil.
func (s *State) Batch(id string) *BatchStanding {
	if at := s.batchAt(id); at >= 0 {
		return s.batches[at]
	}
	return nil
}

func (s *State) batchAt(id string) int {
	return slices.IndexFunc(s.batches, func(b *BatchStanding) bool { return b.ID == id })
}

// Batch is a batch that was checked: what is wrong with a row is said of that row.
type Batch struct {
	started BatchStarted
	parts   []BatchRows // without the batch's id
}

// NewBatch checks the rows. A batch without any row to look for is refused.
func NewBatch(c StartBatch) (*Batch, error) {
	if err := domain.CheckText("description", c.Description, maxText, false); err != nil {
		return nil, err
	}
	if len(c.Rows) == 0 || len(c.Rows) > MaxBatchRows {
		return nil, domain.InvalidField("rows", "must hold 1 to %d rows", MaxBatchRows)
	}
	b := &Batch{started: BatchStarted{Description: c.Description, Rows: len(c.Rows), Idem: c.Idem}}
	rows := make([]BatchRow, len(c.Rows))
	for i := range c.Rows {
		if rows[i] = c.Rows[i].checked(); rows[i].Refused != nil {
			b.started.Refused++
		}
	}
	if b.started.Refused == len(rows) {
		return nil, domain.InvalidField("rows", "hold none that can be looked for; of the first: %s", rows[0].Refused.Reason)
	}
	size := 0
	for first := 0; first < len(rows); first += maxPart {
		part := rows[first:min(first+maxPart, len(rows))]
		text, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		size += len(text)
		b.parts = append(b.parts, BatchRows{First: first, Rows: part})
	}
	if size > maxBatchBytes {
		return nil, domain.InvalidField("rows", "take %d bytes, at most %d go into one batch: send them as several", size, maxBatchBytes)
	}
	return b, nil
}

// RefusedRow says which row is refused, and why.
type RefusedRow struct {
	Index int    `json:"index"`
	Ref   string `json:"ref,omitempty"`
	RowRefusal
}

// Refused lists the rows that are refused.
func (b *Batch) Refused() (refused []RefusedRow) {
	for _, part := range b.parts {
		for i, row := range part.Rows {
			if row.Refused != nil {
				refused = append(refused, RefusedRow{part.First + i, row.Ref, *row.Refused})
			}
		}
	}
	return refused
}

// Idempotency is the request's Idempotency-Key, if it had one.
func (b *Batch) Idempotency() domain.Idempotency { return b.started.Idempotency() }

// DecideStartBatch gives BatchStarted and the rows.
func (s *State) DecideStartBatch(m domain.Meta, b *Batch) ([]domain.Event, error) {
	if len(s.batches) >= MaxOpenBatches {
		return nil, domain.Errorf(domain.Conflict, "%d batches are under way: wait for one, or cancel it", len(s.batches))
	}
	started := b.started
	started.BatchID = m.IDs.New("bat")
	events := []domain.Event{started}
	for _, part := range b.parts {
		part.BatchID = started.BatchID
		events = append(events, part)
	}
	return events, nil
}

// DecideAdvanceBatch gives no event for a batch that has ended or is further, and BatchEnded too once
// its last row is done. The command counts its own rows.
func (s *State) DecideAdvanceBatch(c BatchAdvanced) ([]domain.Event, error) {
	b := s.Batch(c.BatchID)
	switch {
	case b == nil || c.First < b.Done:
		return nil, nil
	case c.First != b.Done || c.Rows <= 0 || c.First+c.Rows > b.Rows:
		return nil, domain.Errorf(domain.Conflict, "the batch is done up to row %d of %d; what is found must follow", b.Done, b.Rows)
	}
	c.Of, c.BatchTally = b.Rows, BatchTally{b.Screened + c.Screened, b.WithHits + c.WithHits, b.NoHit + c.NoHit}
	events := []domain.Event{c}
	if c.First+c.Rows == b.Rows {
		events = append(events, b.ended(BatchEnded{Outcome: BatchDone, Done: b.Rows, BatchTally: c.BatchTally}))
	}
	return events, nil
}

// DecideCancelBatch gives no event for a batch that has ended; what it came to stands.
func (s *State) DecideCancelBatch(c CancelBatch) ([]domain.Event, error) {
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	b := s.Batch(c.ID)
	if b != nil {
		return []domain.Event{b.ended(BatchEnded{Outcome: BatchCancelled, Reason: c.Reason, Done: b.Done, BatchTally: b.BatchTally, Idem: c.Idem})}, nil
	}
	if s.BatchOutcome(c.ID) != "" {
		return nil, nil
	}
	return nil, domain.Errorf(domain.Unknown, "no such batch")
}

// BatchOutcome says what a batch came to; empty while it has not ended.
func (s *State) BatchOutcome(id string) string { return s.batchesEnded[id] }

func (b *BatchStanding) ended(e BatchEnded) BatchEnded {
	e.BatchID, e.Rows, e.Refused = b.ID, b.Rows, b.Refused
	return e
}

// batch applies the events of batches.
func (s *State) batch(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case BatchStarted:
		s.batches = append(slices.Clip(s.batches), &BatchStanding{
			ID: event.BatchID, Description: event.Description, Rows: event.Rows, Refused: event.Refused, StartedAt: e.Time, Seq: e.Seq,
		})
	case BatchRows:
		s.amendBatch(event.BatchID, func(b *BatchStanding) {
			b.Parts = append(slices.Clip(b.Parts), BatchPart{event.First, len(event.Rows), e.Seq})
		})
	case BatchAdvanced:
		s.amendBatch(event.BatchID, func(b *BatchStanding) { b.Done, b.BatchTally = event.First+event.Rows, event.BatchTally })
	case BatchEnded:
		s.batchesEnded[event.BatchID] = event.Outcome
		s.batches = slices.DeleteFunc(slices.Clone(s.batches), func(b *BatchStanding) bool { return b.ID == event.BatchID })
	}
}

func (s *State) amendBatch(id string, change func(*BatchStanding)) {
	at := s.batchAt(id)
	if at < 0 {
		return
	}
	after := *s.batches[at]
	change(&after)
	s.batches = slices.Clone(s.batches)
	s.batches[at] = &after
}
