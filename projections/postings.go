package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// Posting is a posting with its present status: posted, pending or voided.
type Posting struct {
	posting.Posting
	RecordedAt time.Time `json:"recorded_at"`
	CreatedSeq int64     `json:"created_seq"`
	Seq        int64     `json:"seq"` // of the last event that changed this
}

// PostingFilter narrows a list of postings. Empty fields do not.
type PostingFilter struct {
	Account string // the caller's id
	Status  string
}

// postingRows is the part of the projection Accounts that keeps postings.
type postingRows struct {
	recorded rows
	keys     keys
	settled  []settlement
	totals   map[entity]int64 // by ledger and status
}

type settlement struct {
	ledger, id, status string
	seq                int64
}

var (
	postingTable    = newTable("postings (ledger, seq, posting_id, ref, status, changed, doc)", "")
	postingKeyTable = newTable("posting_keys (key, seq)", "")
	postingTotals   = newTable("posting_totals (ledger, status, n)",
		"ON CONFLICT (ledger, status) DO UPDATE SET n = posting_totals.n + excluded.n")
)

func (p *postingRows) forget() {
	p.recorded.forget()
	p.keys.forget()
	clear(p.settled)
	p.settled = p.settled[:0]
	clear(p.totals)
}

func (p *postingRows) count(ledger, status string, n int64) {
	if p.totals == nil {
		p.totals = map[entity]int64{}
	}
	p.totals[entity{ledger, status}] += n
}

func (p *postingRows) record(e *domain.Envelope, event *posting.Recorded) error {
	doc, err := docOf(Posting{event.Posting, e.Time, e.Seq, e.Seq})
	if err != nil {
		return err
	}
	status := event.Posting.Status
	p.recorded.add(e.Ledger, e.Seq, event.Posting.ID, event.Posting.Ref, status, e.Seq, doc)
	for i := range event.After {
		p.keys.add(keyOf(e.Ledger, "account", event.After[i].Account), e.Seq)
	}
	p.count(e.Ledger, status, 1)
	return nil
}

func (p *postingRows) settle(e *domain.Envelope, event *posting.Settled) {
	p.settled = append(p.settled, settlement{e.Ledger, event.ID, event.Status, e.Seq})
	p.count(e.Ledger, posting.Pending, -1)
	p.count(e.Ledger, event.Status, 1)
}

func (p *postingRows) write(w *writer) error {
	if err := w.insert(postingTable, &p.recorded); err != nil {
		return err
	}
	for _, s := range p.settled {
		if err := w.change("UPDATE postings SET status = ?, changed = ? WHERE ledger = ? AND posting_id = ?",
			s.status, s.seq, s.ledger, s.id); err != nil {
			return err
		}
	}
	if err := p.keys.write(w, postingKeyTable); err != nil {
		return err
	}
	return w.addTotals(postingTotals, p.totals)
}

// addTotals adds to counters by ledger and one more column.
func (w *writer) addTotals(t *table, totals map[entity]int64) error {
	var changed rows
	for k, n := range totals {
		changed.add(k.ledger, k.id, n)
	}
	return w.insert(t, &changed)
}

const postingColumns = "doc, status, changed"

func scanPosting(row scanner) (p Posting, err error) {
	var doc []byte
	var status string
	var changed int64
	if err := row.Scan(&doc, &status, &changed); err != nil {
		return p, err
	}
	if err := json.Unmarshal(doc, &p); err != nil {
		return p, err
	}
	p.Status, p.Seq = status, changed
	return p, nil
}

// Posting gives a posting by posting_id or our ref, or domain.Unknown. Where one posting's
// posting_id is another's ref, the posting_id counts.
func (db *DB) Posting(ctx context.Context, ledger, id string) (Posting, error) {
	text := "SELECT " + postingColumns + " FROM postings WHERE ledger = ? AND "
	p, err := one(ctx, db, "posting", scanPosting, text+"posting_id = ?", ledger, id)
	if domain.CodeOf(err) == domain.Unknown {
		return one(ctx, db, "posting", scanPosting, text+"ref = ?", ledger, id)
	}
	return p, err
}

// Postings lists postings, newest first, and says how many there are.
func (db *DB) Postings(ctx context.Context, ledger string, f PostingFilter, p Page) ([]Posting, int64, error) {
	total, err := db.countPostings(ctx, ledger, f)
	if err != nil || total == 0 {
		return []Posting{}, 0, err
	}
	text := "SELECT " + postingColumns + " FROM postings WHERE postings.ledger = ?"
	args := []any{ledger}
	if f.Account != "" {
		text = "SELECT " + postingColumns + " FROM posting_keys JOIN postings ON postings.ledger = ? AND postings.seq = posting_keys.seq WHERE key = ?"
		args = append(args, keyOf(ledger, "account", f.Account))
	}
	if f.Status != "" {
		text, args = text+" AND status = ?", append(args, f.Status)
		if f.Status != posting.Posted && f.Account == "" {
			text += " AND status <> 'posted'" // lets the partial index be used
		}
	}
	order := " ORDER BY postings.seq DESC LIMIT ? OFFSET ?"
	if f.Account != "" {
		order = " ORDER BY posting_keys.seq DESC LIMIT ? OFFSET ?"
	}
	found, err := many(ctx, db, scanPosting, text+order, append(args, p.Limit, p.Offset)...)
	return found, total, err
}

// countPostings reads totals that are kept with the rows instead of counting.
func (db *DB) countPostings(ctx context.Context, ledger string, f PostingFilter) (int64, error) {
	column := "posted + pending + voided"
	switch f.Status {
	case posting.Posted, posting.Pending, posting.Voided:
		column = f.Status
	case "":
	default:
		return 0, nil
	}
	if f.Account != "" {
		n, err := one(ctx, db, "account", scanColumn[int64], "SELECT "+column+" FROM balances WHERE ledger = ? AND account = ?", ledger, f.Account)
		if domain.CodeOf(err) == domain.Unknown {
			return 0, nil
		}
		return n, err
	}
	return db.sumTotals(ctx, "posting_totals", "status", ledger, f.Status)
}

// sumTotals adds up the counters of a ledger, or reads one.
func (db *DB) sumTotals(ctx context.Context, table, column, ledger, value string) (int64, error) {
	q := listing{where: "ledger = ?", args: []any{ledger}}
	q.narrow(column, value)
	return one(ctx, db, "total", scanColumn[int64], "SELECT COALESCE(SUM(n), 0) FROM "+table+" WHERE "+q.where, q.args...)
}
