package intake

import (
	"maps"
	"slices"
	"time"

	"whocomply/domain"
)

// What has become of an import.
const (
	Running  = "running"  // or cut: whoever has the file can go on with it
	Complete = "complete" // every line was taken or rejected
	Stopped  = "stopped"  // too many lines were rejected
)

// Import is a file as far as it was taken in. It is never changed, only replaced.
type Import struct {
	ID         string
	Kind       string
	Digest     string
	Bytes      int64
	Status     string
	Lines      int64 // done
	Recorded   int64
	Repeated   int64
	Rejected   int64
	StartedAt  time.Time
	FinishedAt time.Time // zero while it is running
	Seq        int64     // of the last event about it

	rejects []rejects
}

// rejects says where rejected lines are told.
type rejects struct {
	seq   int64 // of import.advanced
	count int64
}

// Position is of the last event about the import.
func (i *Import) Position() int64 { return i.Seq }

// RejectsAt gives the positions of the events that tell the rejected lines from the offset on, up to
// limit of them, and how many lines the first of these events tells too early.
func (i *Import) RejectsAt(offset, limit int64) (seqs []int64, early int64) {
	passed := int64(0)
	for _, r := range i.rejects {
		if passed+r.count > offset && passed < offset+limit {
			if len(seqs) == 0 {
				early = offset - passed
			}
			seqs = append(seqs, r.seq)
		}
		passed += r.count
	}
	return seqs, early
}

// file names a file of a kind by its content.
type file struct{ kind, digest string }

// State is the imports of one ledger.
type State struct {
	imports map[string]*Import
	order   []string         // ids, oldest first
	last    map[file]*Import // of the same file
}

// New gives the state of an empty ledger.
func New() *State { return &State{imports: map[string]*Import{}, last: map[file]*Import{}} }

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{imports: maps.Clone(s.imports), order: slices.Clone(s.order), last: maps.Clone(s.last)}
}

// Import gives the import with this id, or nil.
func (s *State) Import(id string) *Import { return s.imports[id] }

// Of gives the last import of a file, or nil.
func (s *State) Of(kind, digest string) *Import { return s.last[file{kind, digest}] }

// Imports gives all imports, newest first.
func (s *State) Imports() []*Import {
	all := make([]*Import, 0, len(s.order))
	for _, id := range slices.Backward(s.order) {
		all = append(all, s.imports[id])
	}
	return all
}

// Evolve takes in an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case Started:
		s.order = append(s.order, event.ImportID)
		s.put(&Import{
			ID: event.ImportID, Kind: event.What, Digest: event.Digest, Bytes: event.Bytes,
			Status: Running, StartedAt: e.Time, Seq: e.Seq,
		})
	case Advanced:
		next := *s.imports[event.ImportID]
		rejected := int64(len(event.Rejected))
		next.Lines, next.Seq = next.Lines+event.Lines, e.Seq
		next.Recorded, next.Repeated, next.Rejected = next.Recorded+event.Recorded, next.Repeated+event.Repeated, next.Rejected+rejected
		if rejected > 0 {
			next.rejects = append(next.rejects, rejects{e.Seq, rejected})
		}
		s.put(&next)
	case Finished:
		next := *s.imports[event.ImportID]
		next.Status, next.FinishedAt, next.Seq = event.Status, e.Time, e.Seq
		s.put(&next)
	}
}

func (s *State) put(i *Import) {
	s.imports[i.ID] = i
	s.last[file{i.Kind, i.Digest}] = i
}
