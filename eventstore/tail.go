package eventstore

import (
	"slices"
	"sync"

	"whocomply/domain"
)

// tailLength is how many of a ledger's newest events stay in memory, so that read models that
// keep up need not read and decode what was decided a moment ago.
const tailLength = 2048

// tail is the newest durable events of a ledger. Events are only ever added behind those that a
// reader was given.
type tail struct {
	mu     sync.RWMutex
	events []domain.Envelope
}

// add appends durable events and lets go of old ones.
func (t *tail) add(events []domain.Envelope) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.events)+len(events) > 2*tailLength {
		kept := t.events[max(0, len(t.events)-tailLength):]
		t.events = append(make([]domain.Envelope, 0, 2*tailLength), kept...)
	}
	t.events = append(t.events, events...)
}

// from gives the events from a position on, if the tail reaches back to it.
func (t *tail) from(seq int64) []domain.Envelope {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.events) == 0 || seq < t.events[0].Seq {
		return nil
	}
	return t.events[min(seq-t.events[0].Seq, int64(len(t.events))):]
}

// all gives every event of the tail. They stay as they are for whoever goes on from them.
func (t *tail) all() []domain.Envelope {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clip(t.events)
}
