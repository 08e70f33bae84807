package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// watchWindow is how many events of others the server passes before it tells how far it is.
const watchWindow = 1000

// logPosition is a place in the log of all streams: commit and prepare, for the server wants both back.
type logPosition = streams.ReadReq_Options_Position

// Watch calls wake with the name of a ledger whenever records were added to it, by whatever process, until the context
// or the store ends; that error it returns. At the beginning it calls wake once for each ledger. A call may come more
// often than needed, never too seldom: who is woken reads what is new. wake must not block.
//
// It connects again by itself and goes on where it was. On the way it looks at the metadata of ledgers' streams when
// somebody changes them, so that a ledger that is being truncated gets no further record from this process. ErrUnavailable
// at once when the user may not read $all.
func (s *ESDB) Watch(ctx context.Context, wake func(ledger string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	var at *logPosition
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		began := time.Now()
		err := s.watch(ctx, &at, wake)
		if ctx.Err() != nil {
			return s.ended(ctx, ctx.Err())
		}
		if errors.Is(err, errDenied) {
			return err
		}
		s.log.WarnContext(ctx, "watch of the event store broke off", "error", err)
		if time.Since(began) > s.deadline {
			pause = firstPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s.ended(ctx, ctx.Err())
		}
	}
}

// watch subscribes once, behind the position at, which it moves on.
func (s *ESDB) watch(ctx context.Context, at **logPosition, wake func(ledger string)) error {
	if err := s.locate(ctx, at, wake); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unconfirmed := time.AfterFunc(s.deadline, func() { cancel(fmt.Errorf("%w: the subscription is not confirmed", ErrUnavailable)) })
	defer unconfirmed.Stop()
	err := s.node.read(ctx, subscription(*at), func(resp *streams.ReadResp) (bool, error) {
		unconfirmed.Stop()
		if c := resp.GetCheckpoint(); c != nil {
			*at = &logPosition{CommitPosition: c.GetCommitPosition(), PreparePosition: c.GetPreparePosition()}
		}
		e := resp.GetEvent().GetEvent()
		if e == nil {
			return true, nil
		}
		*at = &logPosition{CommitPosition: e.GetCommitPosition(), PreparePosition: e.GetPreparePosition()}
		return true, s.notice(ctx, string(e.GetStreamIdentifier().GetStreamName()), wake)
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err == nil {
		err = fmt.Errorf("%w: the server ended the subscription", ErrUnavailable)
	}
	return err
}

// subscription is to all that is written to ledgers' streams and their metadata behind a position.
func subscription(after *logPosition) *streams.ReadReq_Options {
	all := &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}}
	if after != nil {
		all.AllOption = &streams.ReadReq_Options_AllOptions_Position{Position: after}
	}
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: all},
		CountOption:  &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
			Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{
				StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{ledgerStream, "$$" + ledgerStream}},
			},
			Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: watchWindow},
			CheckpointIntervalMultiplier: 1,
		}},
	}
}

// locate finds where to begin, the first time and when the log has become shorter than it was: then whatever was
// missed is in some ledger, and all are woken.
func (s *ESDB) locate(ctx context.Context, at **logPosition, wake func(ledger string)) error {
	var end *logPosition
	err := s.node.read(ctx, &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}},
		}},
		ReadDirection: streams.ReadReq_Options_Backwards,
		CountOption:   &streams.ReadReq_Options_Count{Count: 1},
		FilterOption:  &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}, onEvents(func(e *recorded) (bool, error) {
		end = &logPosition{CommitPosition: e.GetCommitPosition(), PreparePosition: e.GetPreparePosition()}
		return false, nil
	}))
	if err != nil || *at != nil && end.GetCommitPosition() >= (*at).GetCommitPosition() {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	for _, ledger := range names {
		wake(ledger)
	}
	*at = end
	return nil
}

// notice wakes the followers of a ledger for what was written to its stream, or to the stream's metadata.
func (s *ESDB) notice(ctx context.Context, stream string, wake func(ledger string)) error {
	name, meta := strings.CutPrefix(stream, "$$")
	ledger, ok := ledgerOf(name)
	if !ok {
		return nil
	}
	wake(ledger)
	if !meta {
		return nil
	}
	err := s.settle(ctx, ledger, func(ctx context.Context) error {
		_, err := s.checkMetadata(ctx, ledger)
		return err
	})
	if errors.Is(err, ErrDamaged) {
		s.log.ErrorContext(ctx, "ledger damaged in the event store", "ledger", ledger, "error", err)
		return nil
	}
	return err
}
