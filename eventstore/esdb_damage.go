package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"
)

// firstPause is the time between the first two attempts; it doubles with each further one, up to lastPause.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// damagedBy turns the answer that a stream was deleted for good into a damage, and leaves other errors as they are.
func damagedBy(err error, ledger string, seq int64) error {
	if errors.Is(err, errTombstone) {
		return &DamageError{ledger, seq, errTombstone.Error()}
	}
	return err
}

// esdbKnown is what this process has learned about the ledgers.
type esdbKnown struct {
	mu      *sync.Mutex
	sizes   map[string]int64        // the greatest size seen or acknowledged
	damaged map[string]*DamageError // believed
	checked map[string]bool         // metadata were looked at
	created map[string]bool         // access list and name are written; "" for the list of names
	names   []string                // of ledgers, in order of the stream of names
}

func newESDBKnown() esdbKnown {
	return esdbKnown{
		mu: new(sync.Mutex), sizes: make(map[string]int64), damaged: make(map[string]*DamageError),
		checked: make(map[string]bool), created: make(map[string]bool),
	}
}

func (k *esdbKnown) size(ledger string) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sizes[ledger]
}

func (k *esdbKnown) saw(ledger string, size int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sizes[ledger] = max(size, k.sizes[ledger])
}

// is and mark read and set what was done for a ledger.
func (k *esdbKnown) is(done map[string]bool, ledger string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return done[ledger]
}

func (k *esdbKnown) mark(done map[string]bool, ledger string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	done[ledger] = true
}

// damage is the error of a ledger that is known to be damaged, or nil.
func (k *esdbKnown) damage(ledger string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d := k.damaged[ledger]; d != nil {
		return d
	}
	return nil
}

func (k *esdbKnown) believe(d *DamageError) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.damaged[d.Ledger] == nil {
		k.damaged[d.Ledger] = d
	}
}

// settle attempts something until there is an answer or the patience ends. A damage is believed, and an answer, when it
// is still seen after a fifth of the deadline, each time at a leader that was found anew: a leader that was cut off from
// its cluster goes on to show an older state until it notices. From then on the ledger gets no further record.
func (s *ESDB) settle(ctx context.Context, ledger string, attempt func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	start, seen := time.Now(), time.Time{}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := attempt(ctx)
		if ctx.Err() != nil {
			return s.ended(ctx, err)
		}
		damage, damaged := errors.AsType[*DamageError](err)
		switch {
		case damaged && (s.known.damage(ledger) != nil || !seen.IsZero() && time.Since(seen) >= s.deadline/5):
			s.known.believe(damage)
			return err
		case damaged:
			if seen.IsZero() {
				seen = time.Now()
			}
			s.node.forget(nil, "")
		case !errors.Is(err, ErrUnavailable), errors.Is(err, errDenied), time.Since(start)+pause > s.patience:
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s.ended(ctx, err)
		}
	}
}

// ended gives the error of a call that did not come to its end, and nil or a final answer if it did just in time.
func (s *ESDB) ended(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case s.life.Err() != nil:
		return ErrClosed
	default:
		return context.Cause(ctx)
	}
}

// softDeleted is the $tb by which the server deletes a stream that can be written again.
var softDeleted = strconv.FormatInt(math.MaxInt64, 10)

// Inspect says what is wrong with a ledger's stream as a whole, a *DamageError, whether or not a record is
// missing yet.
func (s *ESDB) Inspect(ctx context.Context, ledger string) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.settle(ctx, ledger, func(ctx context.Context) error {
		_, err := s.checkMetadata(ctx, ledger)
		return err
	})
}

// checkMetadata finds out whether a stream has metadata, and whether they hide records or will.
func (s *ESDB) checkMetadata(ctx context.Context, ledger string) (found bool, err error) {
	last, err := s.node.last(ctx, "$$"+streamOf(ledger))
	if errors.Is(err, errNoStream) || err == nil && last == nil {
		return false, nil
	}
	if err != nil {
		return false, damagedBy(err, ledger, 0)
	}
	var metadata map[string]json.RawMessage
	if err := json.Unmarshal(last.GetData(), &metadata); err != nil {
		return true, nil // The server takes metadata that it cannot read for none.
	}
	for _, hides := range []string{"$tb", "$maxCount", "$maxAge"} {
		if value, ok := metadata[hides]; ok && string(value) != "0" && string(value) != "null" {
			if hides == "$tb" && string(value) == softDeleted {
				return true, &DamageError{ledger, 0, "the stream was deleted"}
			}
			return true, &DamageError{ledger, 0, "the stream's metadata hide records by " + hides + ": " + string(value)}
		}
	}
	return true, nil
}
