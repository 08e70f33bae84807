package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// errEnd is how a call says that all has come.
var errEnd = io.EOF

// recorded is an event as the server sends it.
type recorded = streams.ReadResp_ReadEvent_RecordedEvent

// events visits a stream's events from a revision on, at most count and until visit returns false or an error.
func (n *esdbNode) events(ctx context.Context, stream string, from, count int64, visit func(*recorded) (bool, error)) error {
	return n.read(ctx, &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
			RevisionOption:   &streams.ReadReq_Options_StreamOptions_Revision{Revision: uint64(from)},
		}},
		CountOption:  &streams.ReadReq_Options_Count{Count: uint64(count)},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}, onEvents(visit))
}

// last gives a stream's last event, or nil if the stream shows none.
func (n *esdbNode) last(ctx context.Context, stream string) (last *recorded, err error) {
	err = n.read(ctx, &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
			RevisionOption:   &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}},
		}},
		ReadDirection: streams.ReadReq_Options_Backwards,
		CountOption:   &streams.ReadReq_Options_Count{Count: 1},
		FilterOption:  &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}, onEvents(func(e *recorded) (bool, error) {
		last = e
		return false, nil
	}))
	return last, err
}

// onEvents passes events on and leaves out what else a server may say, such as a stream's first and last position.
func onEvents(visit func(*recorded) (bool, error)) func(*streams.ReadResp) (bool, error) {
	return func(resp *streams.ReadResp) (bool, error) {
		if e := resp.GetEvent().GetEvent(); e != nil {
			return visit(e)
		}
		return true, nil
	}
}

// page reads one record at least of those in [from, end), as many as a reader takes at once, and checks each.
func (s *ESDB) page(ctx context.Context, ledger string, from, end int64) (page []Stored, err error) {
	size := 0
	err = s.node.events(ctx, streamOf(ledger), from, min(end-from, readRecords), func(e *recorded) (bool, error) {
		record, err := checked(ledger, from+int64(len(page)), e)
		if err != nil {
			return false, err
		}
		page = append(page, record)
		size += len(e.GetData())
		return size < readBytes, nil
	})
	switch {
	case errors.Is(err, errNoStream):
		return nil, &DamageError{ledger, from, "the stream was deleted"}
	case err != nil:
		return nil, damagedBy(err, ledger, from)
	case len(page) == 0:
		return nil, &DamageError{ledger, from, fmt.Sprintf("the stream ends here, it had %d records before", end)}
	}
	return page, nil
}

// checked gives the record that an event holds, if it is record seq as it was written.
func checked(ledger string, seq int64, e *recorded) (Stored, error) {
	if got := int64(e.GetStreamRevision()); got != seq {
		return Stored{}, &DamageError{ledger, seq, fmt.Sprintf("it is not shown, the stream goes on at %d: truncated, expired or scavenged", got)}
	}
	data := e.GetData()
	record, err := parseFrame(seq, data)
	switch {
	case err != nil && len(data) > 0 && len(bytes.Trim(data, "\xff")) == 0:
		return Stored{}, &DamageError{ledger, seq, "its data were redacted"}
	case err != nil:
		return Stored{}, &DamageError{ledger, seq, "its data are not what was written"}
	}
	return Stored{Seq: seq, Record: record}, nil
}
