package esdbtest

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Fault is what happens to one append to a stream whose name begins with FaultyStreams.
type Fault int

// Faults of one append.
const (
	None         Fault = iota // nothing: it goes well
	WrongVersion              // answers that the expected revision is wrong, and writes nothing
	NoAnswer                  // writes nothing and never answers
	LostAnswer                // commits and never answers
	Refused                   // answers "unavailable" and writes nothing
	Torn                      // commits and answers "unavailable"
	Broken                    // commits and breaks every connection to the node
	Lost                      // breaks every connection to the node and writes nothing
)

// Faults is the number of different faults, None among them.
const Faults = int(Lost) + 1

// FaultyStreams begins the names of the streams that faults befall.
const FaultyStreams = "ledger-"

// Quirks are lasting ways of a server.
type Quirks struct {
	Delay         time.Duration // each answer comes this much later
	NoCreated     bool          // events do not say when they were created
	Positions     bool          // reads also tell the first and the last position
	NamelessStone bool          // the trailer of a deleted stream does not name it
	Denied        bool          // no access to anything
	Login         string        // "user:password" that streams are open to; "" for anyone
	MaxAppend     int           // bytes an append may have; 0 is the server's default, 1 MiB
}

// faults is the part of a server that goes wrong on demand.
type faults struct {
	mu     sync.Mutex
	queue  []Fault
	quirks Quirks
	drop   chan struct{} // closed to end every subscription, and every answer that never comes
}

// Inject makes the next appends meet the faults, one each, in this order.
func (s *Server) Inject(list ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue = append(s.faults.queue, list...)
}

// SetQuirks replaces the server's ways.
func (s *Server) SetQuirks(q Quirks) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.quirks = q
}

// DropSubscriptions ends every subscription with an error.
func (s *Server) DropSubscriptions() { s.faults.release() }

func (f *faults) next(stream string) (fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.HasPrefix(stream, FaultyStreams) && len(f.queue) > 0 {
		fault, f.queue = f.queue[0], f.queue[1:]
	}
	return fault
}

// dropped is closed when what is under way now is to end.
func (f *faults) dropped() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.drop == nil {
		f.drop = make(chan struct{})
	}
	return f.drop
}

func (f *faults) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.drop != nil {
		close(f.drop)
		f.drop = nil
	}
}

// enter waits as long as the quirks want, and refuses who has no access to streams.
func (f *faults) enter(ctx context.Context) (Quirks, error) {
	q, err := f.linger(ctx)
	if err != nil {
		return q, err
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(q.Login))
	if q.Login != "" && !slices.Contains(metadata.ValueFromIncomingContext(ctx, "authorization"), want) {
		return q, status.Error(codes.Unauthenticated, "who are you?")
	}
	if q.Denied {
		return q, fail(ctx, codes.PermissionDenied, "access-denied", "")
	}
	return q, nil
}

// linger waits as long as the quirks want.
func (f *faults) linger(ctx context.Context) (Quirks, error) {
	f.mu.Lock()
	q := f.quirks
	f.mu.Unlock()
	if q.Delay == 0 {
		return q, nil
	}
	select {
	case <-time.After(q.Delay):
		return q, nil
	case <-f.dropped():
		return q, status.Error(codes.Unavailable, "the server is stopping")
	case <-ctx.Done():
		return q, status.FromContextError(ctx.Err()).Err()
	}
}

// never waits until the caller has gone or the server stops.
func (f *faults) never(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	case <-f.dropped():
		return status.Error(codes.Unavailable, "the server is stopping")
	}
}

// String names the fault as its constant is named.
func (f Fault) String() string {
	return [...]string{"None", "WrongVersion", "NoAnswer", "LostAnswer", "Refused", "Torn", "Broken", "Lost"}[f]
}
