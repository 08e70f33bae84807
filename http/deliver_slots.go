package http

import (
	"context"
	"sync"
)

// slots bound how many deliveries are under way: in all, and for one tenant, so that no tenant can
// take all of them. Tenants that wait are served in turns.
type slots struct {
	total, each int

	mu    sync.Mutex
	used  int
	of    map[string]*tenantSlots
	queue []string // tenants that wait, each once, in the order of their turns
}

type tenantSlots struct {
	used    int
	waiting []chan struct{}
}

func newSlots(total int) *slots {
	return &slots{total: total, each: max(1, total/2), of: map[string]*tenantSlots{}}
}

// acquire waits for a slot of a tenant, or for the end of ctx.
func (s *slots) acquire(ctx context.Context, tenant string) error {
	s.mu.Lock()
	t := s.of[tenant]
	if t == nil {
		t = &tenantSlots{}
		s.of[tenant] = t
	}
	turn := make(chan struct{})
	if len(t.waiting) == 0 {
		s.queue = append(s.queue, tenant)
	}
	t.waiting = append(t.waiting, turn)
	s.serve()
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, waiting := range t.waiting {
		if waiting == turn {
			t.waiting = append(t.waiting[:i:i], t.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	s.free(tenant) // it was given the slot in the meantime
	return ctx.Err()
}

// release gives a slot back.
func (s *slots) release(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free(tenant)
}

func (s *slots) free(tenant string) {
	s.used--
	s.of[tenant].used--
	s.serve()
}

// serve hands out what is free: one slot to each tenant in turn. It needs mu.
func (s *slots) serve() {
	for passed := 0; s.used < s.total && passed < len(s.queue); {
		tenant := s.queue[0]
		t := s.of[tenant]
		s.queue = s.queue[1:]
		if len(t.waiting) == 0 {
			continue
		}
		if t.used >= s.each {
			s.queue = append(s.queue, tenant)
			passed++
			continue
		}
		turn := t.waiting[0]
		t.waiting = t.waiting[1:]
		s.used++
		t.used++
		close(turn)
		if passed = 0; len(t.waiting) > 0 {
			s.queue = append(s.queue, tenant)
		}
	}
}
