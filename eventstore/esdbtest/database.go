package esdbtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
)

// softDeleted is the $tb that a soft delete writes into a stream's metadata.
const softDeleted = math.MaxInt64

// preparedBefore sets the two halves of a position apart, so that a client which keeps only one of them is found out.
const preparedBefore = 7

// event is one event as it was committed. It never changes; a redaction puts another in its place.
type event struct {
	stream   string
	revision uint64
	id       uuid
	metadata map[string]string // type, content-type, created
	custom   []byte
	data     []byte
	position uint64 // commit position
}

type uuid struct{ most, least int64 }

func (id uuid) proto() *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{
		Structured: &shared.UUID_Structured{MostSignificantBits: id.most, LeastSignificantBits: id.least},
	}}
}

// database is what the nodes of a cluster share.
type database struct {
	mu         sync.Mutex
	log        []*event // all events in order of position
	streams    map[string][]*event
	tombstones map[string]bool
	changed    chan struct{} // closed and replaced at each commit
	subscribed uint64        // position behind which the last subscription to all began
}

func newDatabase() *database {
	return &database{streams: make(map[string][]*event), tombstones: make(map[string]bool), changed: make(chan struct{})}
}

// commit adds events to the end of their stream. The caller holds mu.
func (d *database) commit(stream string, events ...*event) {
	created := strconv.FormatInt(time.Now().UnixNano()/100, 10)
	for _, e := range events {
		e.stream, e.revision, e.position = stream, uint64(len(d.streams[stream])), d.end()+100
		e.metadata = maps.Clone(e.metadata)
		e.metadata["created"] = created
		d.streams[stream] = append(d.streams[stream], e)
		d.log = append(d.log, e)
	}
	d.wake()
}

func (d *database) wake() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// end is the position of the last event, 0 if there is none.
func (d *database) end() uint64 {
	if len(d.log) == 0 {
		return 0
	}
	return d.log[len(d.log)-1].position
}

// streamMetadata is the part of a stream's metadata that hides events.
type streamMetadata struct {
	TruncateBefore int64  `json:"$tb"`
	MaxCount       uint64 `json:"$maxCount"`
	MaxAge         int64  `json:"$maxAge"` // seconds
}

func (d *database) metadata(stream string) (m streamMetadata) {
	if meta := d.streams["$$"+stream]; len(meta) > 0 {
		if json.Unmarshal(meta[len(meta)-1].data, &m) != nil {
			return streamMetadata{} // as the server does
		}
	}
	return m
}

// truncate writes metadata as the last ones were, with another $tb. The caller holds mu.
func (d *database) truncate(stream string, before int64) error {
	all := make(map[string]any)
	if meta := d.streams["$$"+stream]; len(meta) > 0 {
		if err := json.Unmarshal(meta[len(meta)-1].data, &all); err != nil {
			return err
		}
	}
	all["$tb"] = before
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	d.commit("$$"+stream, &event{data: data, metadata: map[string]string{"type": "$metadata", "content-type": "application/json"}})
	return nil
}

// visible gives the events of a stream that a reader sees; found is false for a stream that was never written and for
// one that was deleted softly. The caller holds mu.
func (d *database) visible(stream string) (events []*event, found bool) {
	events = d.streams[stream]
	m := d.metadata(stream)
	if len(events) == 0 || m.TruncateBefore == softDeleted {
		return nil, false
	}
	first := min(uint64(m.TruncateBefore), uint64(len(events)))
	if n := uint64(len(events)); m.MaxCount > 0 && n > m.MaxCount {
		first = max(first, n-m.MaxCount)
	}
	events = events[first:]
	if m.MaxAge > 0 {
		oldest := time.Now().Add(-time.Duration(m.MaxAge)*time.Second).UnixNano() / 100
		events = slices.DeleteFunc(slices.Clone(events), func(e *event) bool {
			created, err := strconv.ParseInt(e.metadata["created"], 10, 64)
			return err == nil && created < oldest
		})
	}
	return events, true
}

// Events gives the data of all events of a stream, hidden ones too.
func (s *Server) Events(stream string) (data [][]byte) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	for _, e := range s.db.streams[stream] {
		data = append(data, bytes.Clone(e.data))
	}
	return data
}

// Streams lists the streams that begin with a prefix and have events, sorted.
func (s *Server) Streams(prefix string) []string {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	return slices.Sorted(func(yield func(string) bool) {
		for name := range s.db.streams {
			if strings.HasPrefix(name, prefix) && !yield(name) {
				return
			}
		}
	})
}

// Redact overwrites the data of an event with 0xFF, as the server's redactor does: the length, the id and all else stay.
func (s *Server) Redact(stream string, revision int) {
	s.replace(stream, revision, func(e *event) { e.data = bytes.Repeat([]byte{0xff}, len(e.data)) })
}

// Scavenge takes an event out of a stream, leaving a gap.
func (s *Server) Scavenge(stream string, revision int) {
	s.replace(stream, revision, func(e *event) { e.stream = "" })
}

// Alter changes the data of an event.
func (s *Server) Alter(stream string, revision int, change func(data []byte) []byte) {
	s.replace(stream, revision, func(e *event) { e.data = change(bytes.Clone(e.data)) })
}

func (s *Server) replace(stream string, revision int, change func(*event)) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	events := s.db.streams[stream]
	e := *events[revision]
	i := slices.Index(s.db.log, events[revision])
	change(&e)
	events[revision], s.db.log[i] = &e, &e
}

// Rollback takes back the last n events of the whole database, as a restore from an older backup does.
func (s *Server) Rollback(n int) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	for range n {
		last := s.db.log[len(s.db.log)-1]
		s.db.log = s.db.log[:len(s.db.log)-1]
		events := s.db.streams[last.stream]
		if s.db.streams[last.stream] = events[:len(events)-1]; len(events) == 1 {
			delete(s.db.streams, last.stream)
		}
	}
	s.db.wake()
}

// Backup starts a node on a copy of the data as they are now, for the length of the test.
func (s *Server) Backup(tb testing.TB) *Server {
	tb.Helper()
	s.db.mu.Lock()
	db := newDatabase()
	db.log = slices.Clone(s.db.log)
	db.tombstones = maps.Clone(s.db.tombstones)
	for name, events := range s.db.streams {
		db.streams[name] = slices.Clone(events)
	}
	s.db.mu.Unlock()
	b := newServer(&cluster{}, db)
	b.cluster.add(b)
	b.start(tb)
	return b
}

// Adopt makes the node show the data of another's database, as if that had been its own all the time.
func (s *Server) Adopt(other *Server) {
	other.db.mu.Lock()
	log, streams, tombstones := other.db.log, other.db.streams, other.db.tombstones
	other.db.mu.Unlock()
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.db.log, s.db.streams, s.db.tombstones = slices.Clone(log), maps.Clone(streams), maps.Clone(tombstones)
	s.db.wake()
}

// SubscribedAfter is the position behind which the last subscription to $all began.
func (s *Server) SubscribedAfter() uint64 {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	return s.db.subscribed
}

// End is the position of the last event of all.
func (s *Server) End() uint64 {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	return s.db.end()
}

// Log gives the stream of each event, in the order of commits.
func (s *Server) Log() (names []string) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	for _, e := range s.db.log {
		names = append(names, e.stream)
	}
	return names
}
