package esdbtest

import (
	"math"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// subscription is one subscriber's way through the log.
type subscription struct {
	stream   string // "" for all
	after    uint64 // exclusive: of a stream the revision + 1, of all the commit position
	passed   uint64 // events the filter kept back since the last checkpoint
	interval uint64 // of events between two checkpoints, 0 for none
	caughtUp bool
}

// subscribe confirms, sends what is there, says once that it has caught up, and goes on with what comes.
func (s *Server) subscribe(o *streams.ReadReq_Options, call streams.Streams_ReadServer, match func(*event) bool, send func(*event) error) error {
	dropped := s.faults.dropped()
	sub, err := s.subscription(o)
	if err != nil {
		return err
	}
	if err := call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: "subscription"},
	}}); err != nil {
		return err
	}
	for {
		s.db.mu.Lock()
		changed := s.db.changed
		events := sub.next(s.db)
		s.db.mu.Unlock()
		if err := sub.deliver(events, call, match, send); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-dropped:
			return status.Error(codes.Aborted, "the subscription was dropped")
		case <-call.Context().Done():
			return status.FromContextError(call.Context().Err()).Err()
		}
	}
}

// subscription reads where a subscriber wants to begin.
func (s *Server) subscription(o *streams.ReadReq_Options) (*subscription, error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	sub := &subscription{}
	if f := o.GetFilter(); f != nil {
		sub.interval = max(1, uint64(f.GetMax())*uint64(f.GetCheckpointIntervalMultiplier()))
	}
	if o.GetStream() != nil {
		sub.stream = string(o.GetStream().GetStreamIdentifier().GetStreamName())
		switch v := o.GetStream().GetRevisionOption().(type) {
		case *streams.ReadReq_Options_StreamOptions_Revision:
			sub.after = v.Revision + 1
		case *streams.ReadReq_Options_StreamOptions_End:
			sub.after = uint64(len(s.db.streams[sub.stream]))
		}
		return sub, nil
	}
	switch v := o.GetAll().GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		if err := check(v.Position); err != nil {
			return nil, err
		}
		sub.after = v.Position.GetCommitPosition()
	case *streams.ReadReq_Options_AllOptions_End:
		sub.after = s.db.end()
	}
	s.db.subscribed = sub.after
	return sub, nil
}

// next gives the events that have come since the last time. The caller holds the database.
func (sub *subscription) next(d *database) []*event {
	if sub.stream != "" {
		events, _ := d.visible(sub.stream)
		events = cut(slices.Clone(events), sub.after, false, func(e *event) uint64 { return e.revision })
		if len(events) > 0 {
			sub.after = events[len(events)-1].revision + 1
		}
		return events
	}
	if sub.after == math.MaxUint64 {
		return nil
	}
	events := cut(slices.Clone(d.log), sub.after+1, false, func(e *event) uint64 { return e.position })
	if len(events) > 0 {
		sub.after = events[len(events)-1].position
	}
	return events
}

// deliver sends the events the filter lets through, and checkpoints for the others.
func (sub *subscription) deliver(events []*event, call streams.Streams_ReadServer, match func(*event) bool, send func(*event) error) error {
	for _, e := range events {
		if match(e) {
			if err := send(e); err != nil {
				return err
			}
			continue
		}
		if sub.passed++; sub.interval == 0 || sub.passed < sub.interval {
			continue
		}
		sub.passed = 0
		if err := call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{
			CommitPosition: e.position, PreparePosition: e.position - preparedBefore,
		}}}); err != nil {
			return err
		}
	}
	if sub.caughtUp {
		return nil
	}
	sub.caughtUp = true
	return call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}
