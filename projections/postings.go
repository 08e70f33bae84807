package projections

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// Posting is a posting with its present status: posted, pending or voided.
type Posting struct {
	posting.Posting
	PostedEntries []posting.Entry `json:"posted_entries,omitempty"` // what was posted, if that is not all of Entries
	RecordedAt    time.Time       `json:"recorded_at"`
	CreatedSeq    int64           `json:"created_seq"`
	Seq           int64           `json:"seq"` // of the last event that changed this
}

// PostingFilter narrows a list of postings. Empty fields do not.
type PostingFilter struct {
	Account    string // the caller's id
	CustomerID string // ours or the external_id
	Status     string

	RecordedSince, RecordedUntil   time.Time // since is in, until is not
	EffectiveSince, EffectiveUntil time.Time
}

// plain reports whether counters and keys are all that it takes to list what the filter lets through.
func (f *PostingFilter) plain() bool {
	return f.CustomerID == "" && f.RecordedSince.IsZero() && f.RecordedUntil.IsZero() && f.EffectiveSince.IsZero() && f.EffectiveUntil.IsZero()
}

// The kinds of keys that lead to postings, and to settlements of postings.
const (
	byAccount = "account"
	bySettled = "settled"
)

// postingRows is the part of the projection Accounts that keeps postings.
type postingRows struct {
	recorded rows
	keys     keys
	settled  rows
	doc      []byte           // the last, whose space the next takes
	totals   map[entity]int64 // by ledger and status
}

var (
	postingTable    = inserting("postings (ledger, seq, posting_id, status, changed, recorded_at, effective, part, doc)", "")
	postingsSettled = updating("postings SET status = v.status , changed = v.changed , part = v.part WHERE postings.ledger = v.ledger "+
		"AND postings.posting_id = v.posting_id AND postings.status = 'pending'", "ledger", "posting_id", "status", "changed", "part")
	postingTotals = inserting("posting_totals (ledger, status, n)",
		"ON CONFLICT (ledger, status) DO UPDATE SET n = posting_totals.n + excluded.n")
)

func (p *postingRows) forget() {
	p.recorded.forget()
	p.keys.forget()
	p.settled.forget()
	clear(p.totals)
}

func (p *postingRows) record(e *domain.Envelope, event *posting.Recorded) error {
	status := event.Posting.Status
	doc, err := domain.AppendJSON(p.doc[:0], &storedPosting{&event.Posting})
	if err != nil {
		return err
	}
	p.doc = doc
	p.recorded.add(e.Ledger, e.Seq, event.Posting.ID, status, e.Seq, micros(e.Time), micros(event.Posting.EffectiveAt), "", string(doc))
	for i := range event.After {
		p.keys.add(keyOf(e.Ledger, byAccount, event.After[i].Account), e.Seq)
	}
	p.totals[entity{e.Ledger, status}]++
	return nil
}

// storedPosting is a posting as its row keeps it.
type storedPosting struct{ *posting.Posting }

// WriteJSON writes the posting.
func (p *storedPosting) WriteJSON(w *domain.Writer) {
	w.Open("")
	p.WriteMembers(w)
	w.Close()
}

func (p *postingRows) settle(e *domain.Envelope, event *posting.Settled) error {
	part := ""
	if event.Entries != nil {
		var err error
		if part, err = docOf(event.Entries); err != nil {
			return err
		}
	}
	p.settled.add(e.Ledger, event.ID, event.Status, e.Seq, part)
	for i := range event.After {
		p.keys.add(keyOf(e.Ledger, bySettled, event.After[i].Account), e.Seq)
	}
	p.totals[entity{e.Ledger, posting.Pending}]--
	p.totals[entity{e.Ledger, event.Status}]++
	return nil
}

func (p *postingRows) write(w *writer) error {
	if err := w.run(postingTable, &p.recorded); err != nil {
		return err
	}
	if err := w.run(postingsSettled, &p.settled); err != nil {
		return err
	}
	if err := p.keys.write(w); err != nil {
		return err
	}
	return w.addTotals(postingTotals, p.totals)
}

// addTotals adds to counters by ledger and one more column.
func (w *writer) addTotals(b *bulk, totals map[entity]int64) error {
	var changed rows
	for k, n := range totals {
		changed.add(k.ledger, k.id, n)
	}
	return w.run(b, &changed)
}

const postingColumns = "postings.seq, status, changed, recorded_at, part, doc"

func scanPosting(row scanner) (p Posting, err error) {
	var doc, part []byte
	var status string
	var at int64
	if err := row.Scan(&p.CreatedSeq, &status, &p.Seq, &at, &part, &doc); err != nil {
		return p, err
	}
	if len(part) > 0 {
		if err := json.Unmarshal(part, &p.PostedEntries); err != nil {
			return p, err
		}
	}
	err = json.Unmarshal(doc, &p.Posting)
	p.Status, p.RecordedAt = status, timeOf(at)
	return p, err
}

// LastMove gives the position of the last posting or settlement up to a position that changed the
// balance of an account (the caller's id), or -1. The event there says the balance after it.
func (db *DB) LastMove(ctx context.Context, ledger, account string, upTo int64) (int64, error) {
	return db.lastUpTo(ctx, "posting_keys", upTo, keyOf(ledger, byAccount, account), keyOf(ledger, bySettled, account))
}

// BalancesByValue adds up what postings recorded up to a position move on an account, as far as it
// takes effect up to a time. A posting counts as what it was at that position: posted, pending, or
// nothing once it is voided.
func (db *DB) BalancesByValue(ctx context.Context, ledger string, account posting.Account, upTo int64, effective time.Time) (Balances, error) {
	var sum sides
	q := listing{
		columns: postingColumns, from: "postings", where: "ledger = ? AND effective <= ?", order: "seq DESC", args: []any{ledger, micros(effective)},
	}
	way := path{of: db.trails("posting_keys", upTo, keyOf(ledger, byAccount, account.ID))}
	err := db.along(ctx, way, q, func(q listing) (bool, error) {
		found, err := rowsOf(ctx, db, q, Page{Limit: rowsRead}, scanPosting)
		for i := range found {
			found[i].asOf(upTo)
			err = errors.Join(err, sum.move(&found[i], account.ID))
		}
		return false, err
	})
	if err != nil {
		return Balances{}, err
	}
	return sum.balances(account.Currency)
}

// asOf turns a posting into what it was at a position, not before its own.
func (p *Posting) asOf(seq int64) {
	if p.Seq > seq { // it was settled later
		p.Status, p.Seq, p.PostedEntries = posting.Pending, p.CreatedSeq, nil
	}
}

// Moves gives the entries that count: of a posting that was posted in part, the part.
func (p *Posting) Moves() []posting.Entry {
	if p.PostedEntries != nil {
		return p.PostedEntries
	}
	return p.Entries
}

// sides are what an account was debited and credited.
type sides struct{ posted, pending posting.Sides }

// move adds what a posting moves on an account.
func (s *sides) move(p *Posting, account string) error {
	for i := range p.Moves() {
		if e := &p.Moves()[i]; e.Account == account {
			if err := s.add(p.Status, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds an entry of a posting with a status.
func (s *sides) add(status string, e *posting.Entry) error {
	to := &s.posted
	switch status {
	case posting.Voided:
		return nil
	case posting.Pending:
		to = &s.pending
	}
	side := &to.Debits
	if e.Direction == posting.Credit {
		side = &to.Credits
	}
	sum, err := side.Add(e.Amount)
	*side = sum
	return err
}

// balances gives the sums with the decimals of a currency.
func (s sides) balances(c domain.Currency) (b Balances, err error) {
	for _, d := range []*domain.Decimal{&s.posted.Debits, &s.posted.Credits, &s.pending.Debits, &s.pending.Credits} {
		if *d, err = d.Rescale(c.Decimals()); err != nil {
			return b, err
		}
	}
	return SumUp(s.posted, s.pending)
}

// Posting gives the posting that was recorded at a position of its ledger, or domain.Unknown.
func (db *DB) Posting(ctx context.Context, ledger string, seq int64) (Posting, error) {
	return one(ctx, db, "posting", scanPosting, "SELECT "+postingColumns+" FROM postings WHERE ledger = ? AND seq = ?", ledger, seq)
}

// Postings lists postings, newest first, and says how many there are.
func (db *DB) Postings(ctx context.Context, ledger string, f PostingFilter, p Page) ([]Posting, int64, error) {
	if !f.plain() {
		return db.searchPostings(ctx, ledger, f, p)
	}
	total, err := db.countPostings(ctx, ledger, f)
	if err != nil || total == 0 {
		return []Posting{}, 0, err
	}
	if f.Account != "" {
		way := path{of: db.trails("posting_keys", math.MaxInt64, keyOf(ledger, byAccount, f.Account))}
		if f.Status != "" {
			return listAlong(ctx, db, way, postingsOf(ledger, f.Status), p, total, scanPosting)
		}
		found, err := pageAlong(ctx, db, way, postingsOf(ledger, ""), p, scanPosting)
		return found, total, err
	}
	q := postingsOf(ledger, f.Status)
	found, err := rowsOf(ctx, db, q, p, scanPosting)
	return found, total, err
}

func postingsOf(ledger, status string) listing {
	q := listing{columns: postingColumns, from: "postings", where: "ledger = ?", order: "seq DESC", args: []any{ledger}}
	q.narrow("status", status)
	if status != "" && status != posting.Posted {
		q.where += " AND status <> 'posted'" // lets the partial index be used
	}
	return q
}

// searchPostings lists postings by customer and time, counting them.
func (db *DB) searchPostings(ctx context.Context, ledger string, f PostingFilter, p Page) ([]Posting, int64, error) {
	q := postingsOf(ledger, f.Status)
	if err := db.recordedBetween(ctx, ledger, &q, f.RecordedSince, f.RecordedUntil); err != nil {
		return nil, 0, err
	}
	q.between("effective", f.EffectiveSince, f.EffectiveUntil)
	var way path
	if f.CustomerID != "" {
		accounts, err := db.accountKeys(ctx, ledger, f.CustomerID)
		if err != nil || len(accounts) == 0 {
			return []Posting{}, 0, err
		}
		way.of = db.trails("posting_keys", math.MaxInt64, accounts...)
	}
	if f.Account != "" {
		way.of, way.others = db.trails("posting_keys", math.MaxInt64, keyOf(ledger, byAccount, f.Account)), way.of
	}
	if way.of == nil {
		return list(ctx, db, q, p, scanPosting)
	}
	return listAlong(ctx, db, way, q, p, -1, scanPosting)
}

// recordedBetween holds a listing to postings that were recorded since a time and before another, where
// these are not zero. The times of a ledger never go back, so their positions need no index.
func (db *DB) recordedBetween(ctx context.Context, ledger string, q *listing, since, until time.Time) error {
	for _, bound := range []struct {
		at        time.Time
		condition string
	}{{since, " AND seq >= ?"}, {until, " AND seq < ?"}} {
		if bound.at.IsZero() {
			continue
		}
		seq, err := db.recordedSince(ctx, ledger, bound.at)
		if err != nil {
			return err
		}
		q.where += bound.condition
		q.args = append(q.args, seq)
	}
	return nil
}

// recordedSince gives a position before which all postings were recorded before a time, and from which on none was.
func (db *DB) recordedSince(ctx context.Context, ledger string, at time.Time) (int64, error) {
	end, err := one(ctx, db, "position", scanColumn[int64], "SELECT COALESCE(MAX(seq), -1) + 1 FROM postings WHERE ledger = ?", ledger)
	if err != nil {
		return 0, err
	}
	for first := int64(0); first < end; {
		middle := first + (end-first)/2
		next, err := one(ctx, db, "posting", scanRecorded, "SELECT seq, recorded_at FROM postings WHERE ledger = ? AND seq >= ? ORDER BY seq LIMIT 1", ledger, middle)
		switch {
		case err != nil:
			return 0, err
		case next.at >= micros(at):
			end = middle
		default:
			first = next.seq + 1
		}
	}
	return end, nil
}

type recordedAt struct{ seq, at int64 }

func scanRecorded(row scanner) (r recordedAt, err error) {
	err = row.Scan(&r.seq, &r.at)
	return r, err
}

// accountKeys gives the digests that lead to the postings of a customer's accounts.
func (db *DB) accountKeys(ctx context.Context, ledger, customer string) ([]int64, error) {
	id, known, err := db.customerNamed(ctx, ledger, customer)
	if !known || err != nil {
		return nil, err
	}
	return many(ctx, db, scanColumn[int64], "SELECT posting_key FROM accounts WHERE ledger = ? AND customer_id = ? AND customer_id <> ''", ledger, id)
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
