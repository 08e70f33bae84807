package projections

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain/posting"
	"whocomply/domain/posting/journal"
)

// booksChunk is how many postings are read at a time: no reader holds the database for long.
const booksChunk = 1000

// PostingsUpTo yields the postings recorded up to a position, in their order and as they stood there.
// A time leaves out what takes effect after it, unless it is zero.
func (db *DB) PostingsUpTo(ctx context.Context, ledger string, upTo int64, effective time.Time) iter.Seq2[*Posting, error] {
	text := "SELECT " + postingColumns + " FROM postings WHERE ledger = ? AND seq > ? AND seq <= ? AND effective <= ? ORDER BY seq LIMIT ?"
	until := int64(1<<63 - 1)
	if !effective.IsZero() {
		until = micros(effective)
	}
	return func(yield func(*Posting, error) bool) {
		for after := int64(-1); ; {
			chunk, err := many(ctx, db, scanPosting, text, ledger, after, upTo, until, booksChunk)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range chunk {
				after = chunk[i].CreatedSeq
				chunk[i].asOf(upTo)
				if !yield(&chunk[i], nil) {
					return
				}
			}
			if len(chunk) < booksChunk {
				return
			}
		}
	}
}

// WriteJournal writes the books of a ledger in a language of plain-text accounting. However many
// postings there are, a part of them is in memory.
func (db *DB) WriteJournal(ctx context.Context, w io.Writer, format string, head journal.Head) error {
	accounts, err := many(ctx, db, scanOpened, "SELECT doc FROM accounts WHERE ledger = ? AND created_seq <= ? ORDER BY created_seq", head.Ledger, head.Seq)
	if err != nil {
		return err
	}
	return journal.Write(w, format, head, accounts, func(yield func(journal.Posting, error) bool) {
		for p, err := range db.PostingsUpTo(ctx, head.Ledger, head.Seq, head.Effective) {
			if err != nil {
				yield(journal.Posting{}, err)
				return
			}
			told := journal.Posting{Posting: p.Posting, Seq: p.CreatedSeq, RecordedAt: p.RecordedAt}
			told.Entries = p.Moves()
			if !yield(told, nil) {
				return
			}
		}
	})
}

// scanOpened reads an account without its balances.
func scanOpened(row scanner) (posting.Account, error) {
	var doc []byte
	if err := row.Scan(&doc); err != nil {
		return posting.Account{}, err
	}
	var a Account
	err := json.Unmarshal(doc, &a)
	return a.Account, err
}
