package esdbtest

import (
	"context"
	"errors"
	"io"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// maxAppend is the server's default for the size of an append.
const maxAppend = 1 << 20

// Expected revisions that are no revision.
const (
	anyRevision  = -2
	noStream     = -1
	streamExists = -4
)

// proposal is an append that was received whole.
type proposal struct {
	stream   string
	expected int64
	events   []*event
	size     int
}

// Append implements the service: all of a client's events in one commit, or none.
func (s *Server) Append(call streams.Streams_AppendServer) error {
	ctx := call.Context()
	quirks, err := s.faults.enter(ctx)
	if err != nil {
		return err
	}
	if err := s.cluster.leads(ctx, s); err != nil {
		return err
	}
	p, err := receive(call)
	if err != nil {
		return err
	}
	limit := maxAppend
	if quirks.MaxAppend > 0 {
		limit = quirks.MaxAppend
	}
	if p.size > limit {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("maximum-append-size", strconv.Itoa(limit)))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("exception", "maximum-append-size-exceeded"))
		return status.Errorf(codes.InvalidArgument, "Maximum Append Size of %d Exceeded.", limit)
	}
	resp, err := s.commit(ctx, p, s.faults.next(p.stream), quirks)
	if err != nil {
		return err
	}
	return call.SendAndClose(resp)
}

// receive reads an append to its end.
func receive(call streams.Streams_AppendServer) (*proposal, error) {
	req, err := call.Recv()
	if err != nil {
		return nil, err
	}
	options := req.GetOptions()
	if options == nil {
		return nil, status.Error(codes.InvalidArgument, "an append begins with its options")
	}
	p := &proposal{stream: string(options.GetStreamIdentifier().GetStreamName())}
	switch v := options.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		p.expected = int64(v.Revision)
	case *streams.AppendReq_Options_NoStream:
		p.expected = noStream
	case *streams.AppendReq_Options_StreamExists:
		p.expected = streamExists
	default:
		p.expected = anyRevision
	}
	for {
		req, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		m := req.GetProposedMessage()
		id := m.GetId().GetStructured()
		p.events = append(p.events, &event{
			id:       uuid{id.GetMostSignificantBits(), id.GetLeastSignificantBits()},
			metadata: m.GetMetadata(), custom: m.GetCustomMetadata(), data: m.GetData(),
		})
		p.size += len(m.GetData()) + len(m.GetCustomMetadata()) + 2*len(m.GetMetadata()["type"])
	}
}

// commit decides an append and carries it out, as far as the fault lets it.
func (s *Server) commit(ctx context.Context, p *proposal, fault Fault, quirks Quirks) (*streams.AppendResp, error) {
	switch fault {
	case WrongVersion:
		s.db.mu.Lock()
		defer s.db.mu.Unlock()
		return wrongVersion(p, int64(len(s.db.streams[p.stream]))-1), nil
	case NoAnswer:
		return nil, s.faults.never(ctx)
	case Refused:
		return nil, status.Error(codes.Unavailable, "not ready")
	case Lost:
		s.DropConnections()
		return nil, s.faults.never(ctx)
	}
	resp, err := s.db.append(ctx, p, quirks)
	switch fault {
	case LostAnswer:
		return nil, s.faults.never(ctx)
	case Torn:
		return nil, status.Error(codes.Unavailable, "gone")
	case Broken:
		s.DropConnections()
		return nil, s.faults.never(ctx)
	}
	return resp, err
}

// append follows the server's decision: a batch that begins behind the end is the same again if the ids of its events
// are there, each in its place, and else comes too late.
func (d *database) append(ctx context.Context, p *proposal, quirks Quirks) (*streams.AppendResp, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tombstones[p.stream] {
		return nil, deleted(ctx, p.stream, quirks)
	}
	current := int64(len(d.streams[p.stream])) - 1
	buried := d.metadata(p.stream).TruncateBefore == softDeleted
	first := p.expected + 1
	switch {
	case p.expected == anyRevision:
		first = d.find(p, current+1)
	case p.expected == streamExists && buried:
		return nil, deleted(ctx, p.stream, quirks)
	case p.expected == streamExists && current >= 0:
		first = current + 1
	case p.expected == streamExists, p.expected > current:
		return wrongVersion(p, current), nil
	}
	if first <= current && d.holds(p, first) {
		return success(first+int64(len(p.events))-1, 0), nil // a replay does not know its position
	}
	if first <= current && (p.expected != noStream || !buried || d.holdsOne(p, first)) {
		return wrongVersion(p, current), nil
	}
	d.commit(p.stream, p.events...)
	if buried {
		if err := d.truncate(p.stream, current+1); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
	}
	return success(int64(len(d.streams[p.stream]))-1, d.end()), nil
}

// find gives the place where the first event of an append is, or the end.
func (d *database) find(p *proposal, end int64) int64 {
	for _, e := range d.streams[p.stream] {
		if len(p.events) > 0 && e.id == p.events[0].id {
			return int64(e.revision)
		}
	}
	return end
}

// holds reports whether all events of an append are in the stream from first on, by their ids.
func (d *database) holds(p *proposal, first int64) bool {
	there := d.streams[p.stream]
	for i, e := range p.events {
		if at := first + int64(i); at >= int64(len(there)) || there[at].id != e.id {
			return false
		}
	}
	return true
}

// holdsOne reports whether the first event of an append is in the stream at first.
func (d *database) holdsOne(p *proposal, first int64) bool {
	return d.holds(&proposal{stream: p.stream, events: p.events[:1]}, first)
}

func success(revision int64, position uint64) *streams.AppendResp {
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(revision)},
		PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: position, PreparePosition: max(position, preparedBefore) - preparedBefore,
		}},
	}}}
}

// wrongVersion is an answer, not an error of the call.
func wrongVersion(p *proposal, current int64) *streams.AppendResp {
	w := &streams.AppendResp_WrongExpectedVersion{}
	if current < 0 {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
	} else {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(current)}
	}
	switch p.expected {
	case anyRevision:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
	case streamExists:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
	case noStream:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	default:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(p.expected)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: w}}
}

// Delete implements the service: a soft delete, which hides the stream and lets numbering go on.
func (s *Server) Delete(ctx context.Context, req *streams.DeleteReq) (*streams.DeleteResp, error) {
	stream := string(req.GetOptions().GetStreamIdentifier().GetStreamName())
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	if s.db.tombstones[stream] {
		return nil, deleted(ctx, stream, Quirks{})
	}
	if err := s.db.truncate(stream, softDeleted); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	at := &streams.DeleteResp_Position{CommitPosition: s.db.end(), PreparePosition: s.db.end() - preparedBefore}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: at}}, nil
}

// Tombstone implements the service: a delete for good.
func (s *Server) Tombstone(_ context.Context, req *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	stream := string(req.GetOptions().GetStreamIdentifier().GetStreamName())
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.db.tombstones[stream] = true
	s.db.log = append(s.db.log, &event{
		stream: stream, revision: softDeleted, position: s.db.end() + 100,
		metadata: map[string]string{"type": "$streamDeleted", "content-type": "application/octet-stream", "created": "0"},
	})
	s.db.wake()
	at := &streams.TombstoneResp_Position{CommitPosition: s.db.end(), PreparePosition: s.db.end() - preparedBefore}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: at}}, nil
}

// deleted is what every call on a stream with a tombstone gets.
func deleted(ctx context.Context, stream string, quirks Quirks) error {
	if quirks.NamelessStone {
		stream = ""
	}
	return fail(ctx, codes.FailedPrecondition, "stream-deleted", stream)
}

// fail sends the trailers by which a client knows the server's exceptions.
func fail(ctx context.Context, code codes.Code, exception, stream string) error {
	_ = grpc.SetTrailer(ctx, metadata.Pairs("exception", exception))
	if stream != "" {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("stream-name", stream))
	}
	return status.Error(code, exception)
}
