package eventstore

import (
	"bytes"
	"context"
	"fmt"
)

// Copy appends to dst the records of a ledger that src has and dst has not, up to src's end at the time of the call,
// and returns how many. It is backup (into a [Bolt] elsewhere; run again, it copies only what is new), restore, and the
// move from one engine to another. Writers go on meanwhile: what they add is left for the next time. A copy that was
// interrupted continues where it ended.
//
// ErrInvalid when dst is no prefix of src: its last record is checked, and the chain ties all others to that one. When
// ledgers refer to each other, copy the one referred to last, so that whatever a copied record names is there too.
//
// A copy of the file itself would hold one long read transaction, for the time of which bbolt can free no page.
func Copy(ctx context.Context, dst, src Store, ledger string) (copied int64, err error) {
	have, err := dst.Size(ctx, ledger)
	if err != nil {
		return 0, err
	}
	if err := checkPrefix(ctx, dst, src, ledger, have); err != nil {
		return 0, err
	}
	batch, size := Batch{Ledger: ledger, First: have}, 0
	flush := func() error {
		if len(batch.Records) == 0 {
			return nil
		}
		if err := dst.Append(ctx, batch); err != nil {
			return err
		}
		n := int64(len(batch.Records))
		copied += n
		batch.First += n
		batch.Records, size = batch.Records[:0], 0
		return nil
	}
	for r, err := range src.Read(ctx, ledger, have) {
		if err != nil {
			return copied, err
		}
		if size+RecordSize(r.Record) > MaxBatchBytes {
			if err := flush(); err != nil {
				return copied, err
			}
		}
		batch.Records = append(batch.Records, r.Clone())
		size += RecordSize(r.Record)
	}
	return copied, flush()
}

// checkPrefix reports whether the last of the n records in dst is the same in src.
func checkPrefix(ctx context.Context, dst, src Store, ledger string, n int64) error {
	if n == 0 {
		return nil
	}
	var notes [2][]byte
	for i, s := range []Store{dst, src} {
		for r, err := range s.Read(ctx, ledger, n-1) {
			if err != nil {
				return err
			}
			notes[i] = bytes.Clone(r.Note)
			break
		}
	}
	if notes[1] == nil || !bytes.Equal(notes[0], notes[1]) {
		return fmt.Errorf("%w: copy of ledger %s: its record %d is not the source's", ErrInvalid, ledger, n-1)
	}
	return nil
}
