package esdbtest

import (
	"cmp"
	"context"
	"math"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Read implements the service: of a stream or of all, as far as it goes or as a subscription.
func (s *Server) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	ctx, o := call.Context(), req.GetOptions()
	quirks, err := s.faults.enter(ctx)
	if err != nil {
		return err
	}
	if err := s.cluster.leads(ctx, s); err != nil {
		return err
	}
	match, err := filter(o)
	if err != nil {
		return err
	}
	send := func(e *event) error {
		return call.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: e.proto(quirks)}})
	}
	if o.GetSubscription() != nil {
		return s.subscribe(o, call, match, send)
	}
	var events []*event
	if o.GetStream() != nil {
		events, err = s.readStream(ctx, o, call, quirks)
	} else {
		events, err = s.readAll(o)
	}
	if err != nil {
		return err
	}
	return sendSome(events, o.GetCount(), match, send)
}

// sendSome sends the first of the events that match, at most so many. One that was scavenged matches nothing.
func sendSome(events []*event, count uint64, match func(*event) bool, send func(*event) error) error {
	for _, e := range events {
		if count == 0 {
			break
		}
		if e.stream == "" || !match(e) {
			continue
		}
		if err := send(e); err != nil {
			return err
		}
		count--
	}
	return nil
}

// readStream gives the events of a stream from where the request wants them, in its order.
func (s *Server) readStream(ctx context.Context, o *streams.ReadReq_Options, call streams.Streams_ReadServer, quirks Quirks) ([]*event, error) {
	identifier := o.GetStream().GetStreamIdentifier()
	stream := string(identifier.GetStreamName())
	s.db.mu.Lock()
	if s.db.tombstones[stream] {
		s.db.mu.Unlock()
		return nil, deleted(ctx, stream, quirks)
	}
	events, found := s.db.visible(stream)
	events = slices.Clone(events)
	s.db.mu.Unlock()
	if !found {
		return nil, call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
			StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: identifier},
		}})
	}
	if quirks.Positions && len(events) > 0 {
		for _, resp := range []*streams.ReadResp{
			{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: events[0].revision}},
			{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: events[len(events)-1].revision}},
		} {
			if err := call.Send(resp); err != nil {
				return nil, err
			}
		}
	}
	backwards := o.GetReadDirection() == streams.ReadReq_Options_Backwards
	from := uint64(0)
	switch v := o.GetStream().GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		from = v.Revision
	case *streams.ReadReq_Options_StreamOptions_End:
		from = math.MaxUint64
	}
	return cut(events, from, backwards, func(e *event) uint64 { return e.revision }), nil
}

// readAll gives the events of all streams from where the request wants them, in its order.
func (s *Server) readAll(o *streams.ReadReq_Options) ([]*event, error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	from := uint64(0)
	switch v := o.GetAll().GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		from = v.Position.GetCommitPosition()
		if err := check(v.Position); err != nil {
			return nil, err
		}
	case *streams.ReadReq_Options_AllOptions_End:
		from = math.MaxUint64
	}
	backwards := o.GetReadDirection() == streams.ReadReq_Options_Backwards
	return cut(slices.Clone(s.db.log), from, backwards, func(e *event) uint64 { return e.position }), nil
}

// check refuses a position of which the client has kept only one half.
func check(p *streams.ReadReq_Options_Position) error {
	if p.GetPreparePosition()+preparedBefore != p.GetCommitPosition() {
		return status.Error(codes.InvalidArgument, "there is no such position")
	}
	return nil
}

// cut leaves the events from one place on, that one included, in the order of the direction.
func cut(events []*event, from uint64, backwards bool, place func(*event) uint64) []*event {
	i, found := slices.BinarySearchFunc(events, from, func(e *event, from uint64) int { return cmp.Compare(place(e), from) })
	if !backwards {
		return events[i:]
	}
	if found {
		i++
	}
	events = events[:i]
	slices.Reverse(events)
	return events
}

// filter gives what a request's filter lets through.
func filter(o *streams.ReadReq_Options) (func(*event) bool, error) {
	f := o.GetFilter()
	if f == nil {
		return func(*event) bool { return true }, nil
	}
	expression, subject := f.GetStreamIdentifier(), func(e *event) string { return e.stream }
	if expression == nil {
		expression, subject = f.GetEventType(), func(e *event) string { return e.metadata["type"] }
	}
	if expression.GetRegex() == "" {
		return func(e *event) bool {
			return slices.ContainsFunc(expression.GetPrefix(), func(p string) bool { return strings.HasPrefix(subject(e), p) })
		}, nil
	}
	re, err := regexp.Compile(expression.GetRegex())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return func(e *event) bool { return re.MatchString(subject(e)) }, nil
}

// proto gives the event as it is sent.
func (e *event) proto(quirks Quirks) *streams.ReadResp_ReadEvent {
	metadata := e.metadata
	if quirks.NoCreated {
		metadata = map[string]string{"type": e.metadata["type"], "content-type": e.metadata["content-type"]}
	}
	return &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id: e.id.proto(), StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(e.stream)}, StreamRevision: e.revision,
			CommitPosition: e.position, PreparePosition: e.position - preparedBefore,
			Metadata: metadata, CustomMetadata: e.custom, Data: e.data,
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: e.position},
	}
}
