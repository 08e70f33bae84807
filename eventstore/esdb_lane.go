package eventstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// esdbWriters is how many appends are under way at once, each of another ledger and with a connection of its own.
const esdbWriters = 32

// esdbLanes are the clients that appends go through.
//
// A client is used by one call at a time and closed after the first outcome that leaves a doubt about it. That fences
// off what the library does when a connection breaks: it takes its next connection without closing the last, a call
// whose error it has just noticed waits for a goroutine that has ended, closing it makes such a call panic, and so does
// a trailer it expects and does not get. Here a call meets nobody else's connection, it panics in a goroutine that
// expects it, and one that outlasts its context is left to end and to close its client by itself.
type esdbLanes struct {
	config *esdb.Configuration
	node   *esdbNode
	slots  chan struct{} // holds one for each append under way

	mu     sync.Mutex
	idle   []esdbLane
	closed bool
}

// esdbLane is a client and the node it was made for.
type esdbLane struct {
	client *esdb.Client
	addr   string
}

func newESDBLanes(config *esdb.Configuration, node *esdbNode) *esdbLanes {
	return &esdbLanes{config: config, node: node, slots: make(chan struct{}, esdbWriters)}
}

// enter waits for a place among the appends, which leave must give back.
func (l *esdbLanes) enter(ctx context.Context, patience time.Duration) error {
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return fmt.Errorf("%w: too many appends wait for the event store; nothing was written", ErrUnavailable)
	}
}

func (l *esdbLanes) leave() { <-l.slots }

// errRevision says that an append expected another revision than the stream has.
var errRevision = errors.New("wrong expected revision")

// do runs a call on a client of its own. The server's final words are errRevision, errTombstone, errDenied and
// ErrInvalid; everything else is ErrUnavailable.
func (l *esdbLanes) do(ctx context.Context, call func(context.Context, *esdb.Client) (*esdb.WriteResult, error)) (*esdb.WriteResult, error) {
	ctx, cancel := context.WithTimeout(ctx, l.node.deadline)
	defer cancel()
	lane, err := l.take(ctx)
	if err != nil {
		return nil, err
	}
	result, err := lane.run(toLeader(ctx), call)
	err, sound := verdict(err)
	switch {
	case sound:
		l.put(lane)
	case ctx.Err() == nil:
		l.drop(lane.addr)
	}
	return result, err
}

// run waits for a call no longer than the context lasts: the library has waits that know no context. After an error
// that leaves a doubt the client is closed, or will be when the call ends.
func (l esdbLane) run(ctx context.Context, call func(context.Context, *esdb.Client) (*esdb.WriteResult, error)) (*esdb.WriteResult, error) {
	type outcome struct {
		result *esdb.WriteResult
		err    error
	}
	done := make(chan outcome)
	go func() {
		o := outcome{err: errors.New("the client has panicked")}
		defer func() {
			_ = recover()
			if _, sound := verdict(o.err); !sound {
				l.close()
			}
			select {
			case done <- o:
			case <-ctx.Done():
				l.close()
			}
		}()
		result, err := call(ctx, l.client)
		o = outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// verdict sorts a call's error; sound says that its client can be used again.
func verdict(err error) (_ error, sound bool) {
	refused, ok := errors.AsType[*esdb.Error](err)
	switch {
	case err == nil:
		return nil, true
	case !ok:
		return fmt.Errorf("%w: %w", ErrUnavailable, err), false
	}
	switch refused.Code() {
	case esdb.ErrorCodeWrongExpectedVersion:
		return errRevision, true
	case esdb.ErrorCodeStreamDeleted:
		return errTombstone, true
	case esdb.ErrorCodeAccessDenied, esdb.ErrorCodeUnauthenticated:
		return errDenied, true
	case esdb.ErrorCodeUnknown:
		if status.Code(refused.Err()) == codes.InvalidArgument {
			return fmt.Errorf("%w: the event store takes no append of this size; its MaxAppendSize must be 1 MiB at least", ErrInvalid), true
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err), false
}

// take gives an idle client of the node that leads, or a new one.
func (l *esdbLanes) take(ctx context.Context) (esdbLane, error) {
	_, addr, err := l.node.connect(ctx)
	if err != nil {
		return esdbLane{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return esdbLane{}, ErrClosed
	}
	for len(l.idle) > 0 {
		lane := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		if lane.addr == addr {
			return lane, nil
		}
		lane.close()
	}
	config := *l.config
	config.Address, config.GossipSeeds, config.DnsDiscover = addr, nil, false
	client, err := esdb.NewClient(&config)
	if err != nil {
		return esdbLane{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return esdbLane{client, addr}, nil
}

func (l *esdbLanes) put(lane esdbLane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		lane.close()
		return
	}
	l.idle = append(l.idle, lane)
}

// drop closes the idle clients of a node: what broke one may have broken them.
func (l *esdbLanes) drop(addr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = slices.DeleteFunc(l.idle, func(lane esdbLane) bool {
		if lane.addr == addr {
			lane.close()
		}
		return lane.addr == addr
	})
}

func (l *esdbLanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, lane := range l.idle {
		lane.close()
	}
	l.idle = nil
}

// close must not meet a call of the client. It always succeeds.
func (l esdbLane) close() { _ = l.client.Close() }
