package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// A damage is believed when it was seen this often, each time at a leader that was found anew, over a fifth of the
// deadline: a leader that was cut off from its cluster goes on to show an older state until it notices.
const damageSightings = 3

// firstPause is the time between the first two attempts; it doubles with each further one, up to lastPause.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// esdbDamage is how a ledger was found damaged: an ErrDamaged with the place and the hazard.
type esdbDamage struct {
	ledger string
	seq    int64
	hazard string
}

// Error says which ledger, which record and what has happened to it.
func (d *esdbDamage) Error() string {
	return fmt.Sprintf("%v: ledger %s, record %d: %s", ErrDamaged, d.ledger, d.seq, d.hazard)
}

// Unwrap makes it an ErrDamaged.
func (d *esdbDamage) Unwrap() error { return ErrDamaged }

// damagedBy turns the answer that a stream was deleted for good into a damage, and leaves other errors as they are.
func damagedBy(err error, ledger string, seq int64) error {
	if errors.Is(err, errTombstone) {
		return &esdbDamage{ledger, seq, errTombstone.Error()}
	}
	return err
}

// esdbKnown is what this process has learned about the ledgers.
type esdbKnown struct {
	mu      *sync.Mutex
	sizes   map[string]int64       // the greatest size seen or acknowledged
	damaged map[string]*esdbDamage // believed
	checked map[string]bool        // metadata were looked at
	created map[string]bool        // access list and name are written
	names   []string               // of ledgers, in order of the stream of names
}

func newESDBKnown() esdbKnown {
	return esdbKnown{
		mu: new(sync.Mutex), sizes: make(map[string]int64), damaged: make(map[string]*esdbDamage),
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

// written lists the ledgers that are known to have records.
func (k *esdbKnown) written() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.sizes))
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

func (k *esdbKnown) believe(d *esdbDamage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.damaged[d.ledger] == nil {
		k.damaged[d.ledger] = d
	}
}

// settle attempts something until there is an answer or the patience ends. A damage is an answer once it is believed;
// from then on the ledger gets no further record.
func (s *ESDB) settle(ctx context.Context, ledger string, attempt func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	start := time.Now()
	sightings, since := 0, time.Time{}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := s.once(ctx, attempt)
		if ctx.Err() != nil {
			return s.ended(ctx, err)
		}
		damage, damaged := errors.AsType[*esdbDamage](err)
		switch {
		case damaged && sightings == 0:
			since = time.Now()
			fallthrough
		case damaged:
			sightings++
			if s.known.damage(ledger) != nil || sightings >= damageSightings && time.Since(since) >= s.deadline/5 {
				s.known.believe(damage)
				return err
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

func (s *ESDB) once(ctx context.Context, attempt func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	return attempt(ctx)
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

// checkMetadata finds out whether a stream's metadata hide records, or will.
func (s *ESDB) checkMetadata(ctx context.Context, ledger string) error {
	last, err := s.node.last(ctx, "$$"+streamOf(ledger))
	if errors.Is(err, errNoStream) || err == nil && last == nil {
		return nil
	}
	if err != nil {
		return damagedBy(err, ledger, 0)
	}
	var metadata map[string]json.RawMessage
	if err := json.Unmarshal(last.GetData(), &metadata); err != nil {
		return nil // The server takes metadata that it cannot read for none.
	}
	for _, hides := range []string{"$tb", "$maxCount", "$maxAge"} {
		if value, ok := metadata[hides]; ok && string(value) != "0" && string(value) != "null" {
			return &esdbDamage{ledger, 0, "the stream's metadata hide records by " + hides}
		}
	}
	return nil
}
