package screening

import "whocomply/domain"

// Bounds of a batch. Its rows are one append, so that a batch is known with all of them or not at all.
const (
	MaxBatchRows     = 10_000
	MaxOpenBatches   = 5         // of a ledger, that have not ended
	maxBatchBytes    = 960 << 10 // of all rows as JSON
	maxRowHits       = 50        // that are recorded of a row: the strongest
	maxAdvancedBytes = 256 << 10 // of what was found, recorded at once
)

// What a batch came to.
const (
	BatchDone      = "completed"
	BatchCancelled = "cancelled" // somebody stopped it; what was found until then stands
)

// BatchRow is who to look for: one row of a batch. A row that was refused keeps its ref alone.
type BatchRow struct {
	Ref         string       `json:"ref,omitempty"` // the caller's own
	Name        string       `json:"name,omitempty"`
	Aliases     []string     `json:"aliases,omitempty"`
	EntityType  string       `json:"entity_type,omitempty"`
	DateOfBirth string       `json:"date_of_birth,omitempty"` // as in an entry
	Gender      string       `json:"gender,omitempty"`
	Countries   []string     `json:"countries,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Refused     *RowRefusal  `json:"refused,omitempty"`
}

// RowRefusal says why a row is not looked for.
type RowRefusal struct {
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// BatchStarted begins a batch: names to be looked for, whoever they belong to. Its rows follow in
// BatchRows, in the same append.
type BatchStarted struct {
	BatchID     string              `json:"batch_id"` // bat_…
	Description string              `json:"description,omitempty"`
	Rows        int                 `json:"rows"`
	Refused     int                 `json:"refused"` // of these, not looked for
	Idem        *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is screening.batch_started.
func (BatchStarted) Kind() domain.Kind {
	return domain.Kind{Name: "screening.batch_started", Version: 1}
}

// Subject is the batch.
func (e BatchStarted) Subject() string { return e.BatchID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e BatchStarted) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// BatchRows carries some rows of a batch.
type BatchRows struct {
	BatchID string     `json:"batch_id"`
	First   int        `json:"first"` // index of the first of them, from 0
	Rows    []BatchRow `json:"rows"`
}

// Kind is screening.batch_rows.
func (BatchRows) Kind() domain.Kind { return domain.Kind{Name: "screening.batch_rows", Version: 1} }

// Subject is the batch.
func (e BatchRows) Subject() string { return e.BatchID }

// BatchAdvanced says what was found of the rows that follow those done before, and on which lists.
// A row that was not refused and is not in Found was looked for and met nothing.
type BatchAdvanced struct {
	BatchID string               `json:"batch_id"`
	First   int                  `json:"first"`
	Rows    int                  `json:"rows"` // done, from First on
	Of      int                  `json:"of"`   // rows of the batch
	Lists   []domain.ListVersion `json:"lists"`
	Matcher string               `json:"matcher"`
	Stale   bool                 `json:"stale,omitzero"`
	BatchTally
	Found []RowFound `json:"found"` // of these rows
}

// BatchTally counts the rows of a batch up to now.
type BatchTally struct {
	Screened int `json:"screened"` // looked for
	WithHits int `json:"with_hits"`
	NoHit    int `json:"no_hit"`
}

// RowFound is what a row has met, by falling evidence and then similarity.
type RowFound struct {
	Index   int          `json:"index"`
	Hits    []domain.Hit `json:"hits"`
	Omitted int          `json:"hits_omitted,omitzero"` // further hits, weaker than these
	Cleared []domain.Hit `json:"cleared,omitempty"`
}

// Kind is screening.batch_advanced.
func (BatchAdvanced) Kind() domain.Kind {
	return domain.Kind{Name: "screening.batch_advanced", Version: 1}
}

// Subject is the batch.
func (e BatchAdvanced) Subject() string { return e.BatchID }

// BatchEnded says what a batch came to.
type BatchEnded struct {
	BatchID string `json:"batch_id"`
	Outcome string `json:"outcome"` // completed or cancelled
	Reason  string `json:"reason,omitempty"`
	Rows    int    `json:"rows"`
	Done    int    `json:"done"`
	Refused int    `json:"refused"`
	BatchTally
	Idem *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is screening.batch_ended.
func (BatchEnded) Kind() domain.Kind { return domain.Kind{Name: "screening.batch_ended", Version: 1} }

// Subject is the batch.
func (e BatchEnded) Subject() string { return e.BatchID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e BatchEnded) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }
