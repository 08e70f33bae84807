package eventstore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"whocomply/domain/chain"
)

// Memory is a [Store] for tests. It keeps nothing beyond the process, overwrites what a reader may not look at any more,
// and can be told to fail.
type Memory struct {
	*failure
	mu      sync.Mutex
	ledgers map[string][]chain.Record
	faults  []Fault
	closed  bool
}

// Fault is what happens to one append of a [Memory]. With an Err that wraps ErrFailed the store has failed for good.
type Fault struct {
	Delay   time.Duration // waited before anything else
	Err     error         // returned by the append
	Written bool          // the batch is there in spite of Err: the acknowledgement was lost
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{failure: newFailure(), ledgers: make(map[string][]chain.Record)}
}

// Inject makes the next appends meet the faults, one each, in this order.
func (s *Memory) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Append implements [Store].
func (s *Memory) Append(ctx context.Context, b Batch) error {
	if err := b.Check(); err != nil {
		return err
	}
	fault := s.nextFault()
	time.Sleep(fault.Delay)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	if s.Err() != nil {
		return s.Err()
	}
	if size := int64(len(s.ledgers[b.Ledger])); b.First != size {
		return &ConflictError{Ledger: b.Ledger, Expected: b.First, Size: size}
	}
	if fault.Err == nil || fault.Written {
		for _, r := range b.Records {
			s.ledgers[b.Ledger] = append(s.ledgers[b.Ledger], r.Clone())
		}
	}
	if errors.Is(fault.Err, ErrFailed) {
		return s.set(fault.Err)
	}
	return fault.Err
}

// nextFault takes the first of the injected faults, or none.
func (s *Memory) nextFault() (f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	return f
}

// Read implements [Store].
func (s *Memory) Read(ctx context.Context, ledger string, from int64) iter.Seq2[Stored, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.ready(ctx)
	if err == nil {
		err = checkRange(ledger, from)
	}
	records := slices.Clip(s.ledgers[ledger]) // What lies below the end never changes.
	return func(yield func(Stored, error) bool) {
		for seq := from; err == nil && seq < int64(len(records)); seq++ {
			if err = ctx.Err(); err != nil {
				break
			}
			r := records[seq].Clone()
			goesOn := yield(Stored{seq, r}, nil)
			spoil(r.Note)
			spoil(r.Payload)
			if !goesOn {
				return
			}
		}
		if err != nil {
			yield(Stored{}, err)
		}
	}
}

// Size implements [Store].
func (s *Memory) Size(ctx context.Context, ledger string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	return int64(len(s.ledgers[ledger])), checkRange(ledger, 0)
}

// Ledgers implements [Store].
func (s *Memory) Ledgers(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.ledgers)), s.ready(ctx)
}

// Close implements [Store].
func (s *Memory) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// ready refuses a call whose context has ended, and every call after Close.
func (s *Memory) ready(ctx context.Context) error {
	if s.closed {
		return ErrClosed
	}
	return ctx.Err()
}

// spoil overwrites what was read.
func spoil(read []byte) {
	for i := range read {
		read[i] = '#'
	}
}
