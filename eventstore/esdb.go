package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// ledgerStream begins the name of each ledger's stream. Ledger names hold nothing that a stream name may not, so that
// the rest of the name is the ledger's as it stands.
const ledgerStream = "ledger-"

// ESDB is the [Store] on an EventStoreDB (KurrentDB) server or cluster.
//
//	ledger                 stream "ledger-<ledger>", revision = seq
//	batch                  one append, atomic, fenced by the expected revision
//	event's data           the frame of bolt_frame.go
//	event's id             UUIDv8 of the frame and the call, so that a batch sent again is known for the same
//	event's type           the type in the record's header
//	$$ledger-<ledger>      the stream's access list, written before its first record
//	ledgers                a stream with the name of each ledger, written before the ledger's first record
//
// The server is not trusted: whoever may delete or truncate a stream can do so whatever we write. So the front of a
// ledger is looked at before each append, every record when it is read, and the end against what was there before. A
// ledger found damaged is ErrDamaged from then on and gets no further record: what follows a hole would vouch for it.
// The holes that a restart hides (an end that fell back before this process saw it) are found by whoever keeps
// checkpoints elsewhere.
//
// Appends go through the client library, whose traps are fenced off in esdb_lane.go. Reads and subscriptions use the
// library's protocol on a connection of our own, because the library ends the process over an event without a time of
// creation, panics at messages it does not expect, and waits without end once its discovery has failed.
//
// Nothing about it is final for the process: Failed is never closed. A server that does not answer is ErrUnavailable,
// after the patience of three times the connection string's defaultDeadline (10 s unless it says otherwise).
type ESDB struct {
	*failure
	log      *slog.Logger
	user     string
	deadline time.Duration // of one call
	patience time.Duration // of a call and its repetitions
	node     *esdbNode
	lanes    *esdbLanes
	known    esdbKnown
	life     context.Context // ended by Close
	close    func() error

	mu      sync.Mutex // guards closed against appends that begin
	closed  bool
	appends sync.WaitGroup
}

// OpenESDB connects to the server or cluster that a connection string names, such as
//
//	esdb://user:password@host1:2113,host2:2113?tls=true&tlsCaFile=ca.pem&defaultDeadline=10000
//
// It fails if no leader answers. The user needs to read and write its streams and, for Watch, to read $all; it should
// not be in the server's group $admins. Errors and logs never hold what is in the string but host names.
func OpenESDB(ctx context.Context, url string, log *slog.Logger) (*ESDB, error) {
	config, err := parseESDB(url, log)
	if err != nil {
		return nil, err
	}
	dial, err := dialOptions(config)
	if err != nil {
		return nil, err
	}
	deadline := *config.DefaultDeadline
	s := &ESDB{
		failure: newFailure(), log: log, user: config.Username, deadline: deadline, patience: 3 * deadline, known: newESDBKnown(),
		node: &esdbNode{config: config, deadline: deadline, dial: func(addr string) (*grpc.ClientConn, error) { return grpc.NewClient(addr, dial...) }},
	}
	s.lanes = newESDBLanes(config, s.node)
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.life = life
	s.close = sync.OnceValue(func() error { return s.shutdown(end) })
	if _, err := s.names(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("eventstore: open EventStoreDB: %w", err), s.Close())
	}
	return s, nil
}

// streamOf names the stream of a ledger.
func streamOf(ledger string) string { return ledgerStream + ledger }

// ledgerOf is the inverse of streamOf.
func ledgerOf(stream string) (ledger string, ok bool) {
	ledger, ok = strings.CutPrefix(stream, ledgerStream)
	return ledger, ok && ValidLedger(ledger)
}

// Size implements [Store].
func (s *ESDB) Size(ctx context.Context, ledger string) (size int64, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	if err := checkRange(ledger, 0); err != nil {
		return 0, err
	}
	err = s.settle(ctx, ledger, func(ctx context.Context) (err error) {
		size, err = s.size(ctx, ledger)
		return err
	})
	return size, err
}

// size asks once for a ledger's size and holds it against what is known.
func (s *ESDB) size(ctx context.Context, ledger string) (int64, error) {
	floor := s.known.size(ledger) // before the server is asked: another append may be quicker than the answer
	last, err := s.node.last(ctx, streamOf(ledger))
	switch {
	case errors.Is(err, errNoStream) && floor == 0:
		_, err := s.checkMetadata(ctx, ledger)
		return 0, err
	case errors.Is(err, errNoStream):
		return 0, &DamageError{ledger, 0, "the stream was deleted"}
	case err != nil:
		return 0, damagedBy(err, ledger, 0)
	case last == nil:
		return 0, &DamageError{ledger, 0, "the stream shows none of its records: truncated or expired"}
	}
	size := int64(last.GetStreamRevision()) + 1
	if size < floor {
		return 0, &DamageError{ledger, size, fmt.Sprintf("the stream ends here, it had %d records before", floor)}
	}
	s.known.saw(ledger, size)
	return size, nil
}

// Ledgers implements [Store].
func (s *ESDB) Ledgers(ctx context.Context) ([]string, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	var ledgers []string
	for _, name := range names { // A name is written before the first record, and a crash may come between.
		size := s.known.size(name)
		if size == 0 {
			if size, err = s.Size(ctx, name); err != nil && !errors.Is(err, ErrDamaged) {
				return nil, err
			}
		}
		if size > 0 || errors.Is(err, ErrDamaged) {
			ledgers = append(ledgers, name)
		}
	}
	slices.Sort(ledgers)
	return ledgers, nil
}

// Read implements [Store].
func (s *ESDB) Read(ctx context.Context, ledger string, from int64) iter.Seq2[Stored, error] {
	err := checkRange(ledger, from)
	var end int64
	if err == nil {
		end, err = s.Size(ctx, ledger)
	}
	return func(yield func(Stored, error) bool) {
		err := err
		for next := from; err == nil && next < end; {
			var page []Stored
			if err = s.ready(ctx); err != nil {
				break
			}
			err = s.settle(ctx, ledger, func(ctx context.Context) (err error) {
				page, err = s.page(ctx, ledger, next, end)
				return err
			})
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			next += int64(len(page))
		}
		if err != nil {
			yield(Stored{}, err)
		}
	}
}

// ready refuses a call whose context has ended, and every call after Close.
func (s *ESDB) ready(ctx context.Context) error {
	if s.life.Err() != nil {
		return ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return ctx.Err()
}

// begin enters an append that Close waits for.
func (s *ESDB) begin(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.appends.Add(1)
	return nil
}

// Close implements [Store].
func (s *ESDB) Close() error { return s.close() }

func (s *ESDB) shutdown(end context.CancelFunc) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.appends.Wait()
	end()
	s.lanes.close()
	return s.node.close()
}
