package eventstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"whocomply/domain/chain"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Event types: of a record whose header cannot be read or names a type longer than a record's allowance in
// MaxBatchBytes, and of an entry in the stream of names.
const (
	recordType    = "record"
	nameType      = "ledger"
	maxRecordType = 40
)

// Append implements [Store]. However often it has to send the batch, bytes, ids and revision are the same, so that the
// server writes it once.
func (s *ESDB) Append(ctx context.Context, b Batch) error {
	if err := b.Check(); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.appends.Done()
	if err := s.known.damage(b.Ledger); err != nil {
		return err
	}
	events := encodeESDB(b)
	if err := s.lanes.enter(ctx, s.patience); err != nil {
		return err
	}
	defer s.lanes.leave()
	return s.settle(context.WithoutCancel(ctx), b.Ledger, func(ctx context.Context) error { return s.attempt(ctx, b, events) })
}

// encodeESDB makes a batch's events. Their ids are of this call: sent again by it they are known for the same, while
// another call with the same bytes is a conflict, as with any engine.
func encodeESDB(b Batch) []esdb.EventData {
	call := make([]byte, 16)
	_, _ = rand.Read(call) // never fails
	events := make([]esdb.EventData, len(b.Records))
	for i, r := range b.Records {
		frame := appendFrame(make([]byte, 0, frameSize(r)), b.First+int64(i), r)
		events[i] = esdb.EventData{EventID: eventID(call, frame), EventType: eventType(r), ContentType: esdb.ContentTypeBinary, Data: frame}
	}
	return events
}

// eventID is a UUIDv8 of all that is stored: the server compares ids where it should compare contents, so an id that
// left out the signature or the payload would let it take one record for another.
func eventID(call, data []byte) (id [16]byte) {
	sum := sha256.Sum256(slices.Concat(call, data))
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// storedID is the id of an event that was read.
func storedID(e *recorded) (id [16]byte) {
	halves := e.GetId().GetStructured()
	binary.BigEndian.PutUint64(id[:8], uint64(halves.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(id[8:], uint64(halves.GetLeastSignificantBits()))
	return id
}

func eventType(r chain.Record) string {
	h, err := r.Header()
	if err != nil || len(h.Type) > maxRecordType {
		return recordType
	}
	return h.Type
}

// attempt tries once to append: ErrUnavailable if it is not known what became of it.
func (s *ESDB) attempt(ctx context.Context, b Batch, events []esdb.EventData) error {
	if err := s.front(ctx, b); err != nil {
		return err
	}
	options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
	if b.First > 0 {
		options.ExpectedRevision = esdb.Revision(uint64(b.First - 1))
	}
	end := b.First + int64(len(b.Records))
	result, err := s.lanes.do(ctx, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.AppendToStream(ctx, streamOf(b.Ledger), options, events...)
	})
	switch {
	case err == nil && result.NextExpectedVersion == uint64(end-1):
		s.known.saw(b.Ledger, end)
		return nil
	case err == nil, errors.Is(err, errRevision):
		return s.lookBack(ctx, b, events)
	}
	return damagedBy(err, b.Ledger, 0)
}

// front looks at the beginning of a ledger before anything is added at its end: a soft delete or a truncation leaves
// the end where it was, and the server would take the append and hide the past. A ledger that is not there is made
// ready for its first record.
func (s *ESDB) front(ctx context.Context, b Batch) error {
	found := false
	err := s.node.events(ctx, streamOf(b.Ledger), 0, 1, func(e *recorded) (bool, error) {
		found = true
		_, err := checked(b.Ledger, 0, e)
		return false, err
	})
	known := s.known.size(b.Ledger) > 0
	switch {
	case errors.Is(err, errNoStream) && known:
		return &DamageError{b.Ledger, 0, "the stream was deleted"}
	case errors.Is(err, errNoStream):
		return s.prepare(ctx, b)
	case err != nil:
		return damagedBy(err, b.Ledger, 0)
	case !found:
		return &DamageError{b.Ledger, 0, "the stream shows none of its records: truncated or expired"}
	}
	return s.checkOnce(ctx, b.Ledger)
}

// prepare makes ready for the first record, and says Conflict to any other.
func (s *ESDB) prepare(ctx context.Context, b Batch) error {
	restricted, err := s.checkMetadata(ctx, b.Ledger)
	if err != nil {
		return err
	}
	if b.First > 0 {
		return &ConflictError{Ledger: b.Ledger, Expected: b.First}
	}
	return s.create(ctx, b.Ledger, restricted)
}

// checkOnce looks at a ledger's metadata when this process first adds to it; Watch tells of later changes.
func (s *ESDB) checkOnce(ctx context.Context, ledger string) error {
	if s.known.is(s.known.checked, ledger) {
		return nil
	}
	_, err := s.checkMetadata(ctx, ledger)
	if err == nil {
		s.known.mark(s.known.checked, ledger)
	}
	return err
}

// lookBack finds out what a refusal means, or an acceptance at another place: the batch may be there already, from an
// attempt whose answer was lost.
func (s *ESDB) lookBack(ctx context.Context, b Batch, events []esdb.EventData) error {
	same := 0
	err := s.node.events(ctx, streamOf(b.Ledger), b.First, int64(len(events)), func(e *recorded) (bool, error) {
		if int64(e.GetStreamRevision()) != b.First+int64(same) || storedID(e) != events[same].EventID {
			return false, nil
		}
		same++
		return true, nil
	})
	if err != nil && !errors.Is(err, errNoStream) {
		return damagedBy(err, b.Ledger, b.First)
	}
	size, err := s.size(ctx, b.Ledger)
	switch {
	case err != nil:
		return err
	case same == len(events):
		s.known.saw(b.Ledger, b.First+int64(same))
		return nil
	case size == b.First:
		return fmt.Errorf("%w: the server takes %d for the wrong revision of ledger %s and shows the same", ErrUnavailable, size, b.Ledger)
	}
	return &ConflictError{Ledger: b.Ledger, Expected: b.First, Size: size}
}
