package screening

import (
	"sync"

	"whocomply/domain"
)

// memoLength is how many answers one generation of a memo holds, some 300 bytes each.
const memoLength = 16 << 10

// memo remembers what looking for somebody on a set of lists gave. An institution's customers pay
// the same people again and again, and the lists of a set never change. It holds between one and two
// generations of the answers last used.
type memo struct {
	mu         sync.Mutex
	young, old map[string]domain.Screened
}

func newMemo() *memo { return &memo{young: map[string]domain.Screened{}} }

func (m *memo) get(key []byte) (domain.Screened, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found, known := m.young[string(key)]; known {
		return found, true
	}
	found, known := m.old[string(key)]
	if known {
		m.keep(string(key), found)
	}
	return found, known
}

func (m *memo) put(key string, found domain.Screened) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, found)
}

// keep puts an answer into the young generation. It needs the lock.
func (m *memo) keep(key string, found domain.Screened) {
	if len(m.young) >= memoLength {
		m.old, m.young = m.young, make(map[string]domain.Screened, memoLength)
	}
	m.young[key] = found
}

// memoKey appends to key a query for one name without identifiers, which is what payments are screened
// with; all others are looked for each time.
func (q *Query) memoKey(key []byte) (whole []byte, ok bool) {
	if len(q.Names) != 1 || len(q.Identifiers) > 0 {
		return key, false
	}
	for _, part := range [...]string{q.Names[0].Field, q.Names[0].Text, q.EntityType, q.DateOfBirth, q.Gender} {
		key = append(append(key, part...), 0)
	}
	for _, country := range q.Countries {
		key = append(append(key, country...), 0)
	}
	return key, true
}
