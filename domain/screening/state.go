package screening

import (
	"maps"
	"slices"
	"time"

	"whocomply/domain"
)

// State is what a ledger knows about watchlists and screenings. One writer changes it through
// Evolve; the values it hands out are immutable and may be kept.
type State struct {
	entries      map[string]*Entry        // the tenant's own, by id
	addedAt      map[string]int64         // position of the record that added it, by id of the tenant's own
	contents     map[[16]byte]string      // id of the tenant's own entry with this content
	removed      map[string]struct{}      // ids of the tenant's own that are gone
	own          map[string]*List         // the tenant's own, by list name
	adopted      map[string]Publication   // by list name
	unsubscribed map[string]struct{}      // names of shared lists the tenant does not want
	screenings   map[string]*Completed    // the last one, by customer
	shared       map[string]*List         // in the ledger "system", by list name
	published    map[string]Publication   // in the ledger "system", by list name
	unpublished  map[string][]Changed     // parts of publications not yet in force
	dispositions map[string]*Dispositions // in force, by customer
	disposed     map[string]*Disposition  // in force, by id
	goodGuys     map[string]*GoodGuyStanding
	approved     *GoodGuys
	runs         []*RunStanding    // that have not ended, in the order in which they were started
	covered      *Covered          // by the last run that came to its end
	fullAt       time.Time         // when the last full run came to its end
	withHits     int               // customers whose last screening has hits
	hits         map[HitSource]int // of all last screenings
	batches      []*BatchStanding  // that have not ended, in the order in which they were started
	batchesEnded map[string]string // what those that have came to, by id
}

// New gives the state of an empty ledger.
func New() *State {
	return &State{
		entries:      map[string]*Entry{},
		addedAt:      map[string]int64{},
		contents:     map[[16]byte]string{},
		removed:      map[string]struct{}{},
		own:          map[string]*List{},
		adopted:      map[string]Publication{},
		unsubscribed: map[string]struct{}{},
		screenings:   map[string]*Completed{},
		shared:       map[string]*List{},
		published:    map[string]Publication{},
		unpublished:  map[string][]Changed{},
		dispositions: map[string]*Dispositions{},
		disposed:     map[string]*Disposition{},
		goodGuys:     map[string]*GoodGuyStanding{},
		batchesEnded: map[string]string{},
		hits:         map[HitSource]int{},
	}
}

// Clone gives a state that goes its own way from here.
func (s *State) Clone() *State {
	return &State{
		entries:      maps.Clone(s.entries),
		addedAt:      maps.Clone(s.addedAt),
		contents:     maps.Clone(s.contents),
		removed:      maps.Clone(s.removed),
		own:          maps.Clone(s.own),
		adopted:      maps.Clone(s.adopted),
		unsubscribed: maps.Clone(s.unsubscribed),
		screenings:   maps.Clone(s.screenings),
		shared:       maps.Clone(s.shared),
		published:    maps.Clone(s.published),
		unpublished:  domain.CloneLists(s.unpublished),
		dispositions: maps.Clone(s.dispositions),
		disposed:     maps.Clone(s.disposed),
		goodGuys:     maps.Clone(s.goodGuys),
		approved:     s.approved,
		batches:      s.batches,
		batchesEnded: maps.Clone(s.batchesEnded),
		hits:         maps.Clone(s.hits),
		runs:         s.runs, covered: s.covered, withHits: s.withHits, fullAt: s.fullAt,
	}
}

// Evolve applies an event of this area and ignores all others.
func (s *State) Evolve(e *domain.Envelope) {
	switch event := e.Event.(type) {
	case EntryAdded:
		s.add(event.Entry)
		s.addedAt[event.Entry.ID] = e.Seq
	case EntryRemoved:
		s.remove(event.EntryID)
	case Changed:
		s.change(event)
	case Published:
		s.publish(event.Publication)
	case Confirmed:
		s.published[event.Publication.List] = event.Publication
	case Subscribed:
		delete(s.unsubscribed, event.List)
	case Unsubscribed:
		s.unsubscribed[event.List] = struct{}{}
	case Adopted:
		s.adopted[event.Publication.List] = event.Publication
	case Disposed:
		s.dispose(&event.Disposition)
	case Voided:
		s.void(event.DispositionID)
	case Proposed:
		s.setGoodGuy(GoodGuyStanding{GoodGuy: event.GoodGuy, Status: GoodGuyProposed, Proposer: e.Actor, Seq: e.Seq})
	case GoodGuyDecided:
		g := *s.goodGuys[event.ID]
		g.Status, g.Decider = event.Status, e.Actor
		s.setGoodGuy(g)
	case Completed:
		s.complete(&event)
	case RunStarted:
		s.startRun(e, event.Run)
	case RunAdvanced:
		s.advanceRun(event)
	case RunEnded:
		s.endRun(e, event)
	case BatchStarted, BatchRows, BatchAdvanced, BatchEnded:
		s.batch(e)
	}
}

func (s *State) dispose(d *Disposition) {
	if before := s.disposition(d.CustomerID, d.met()); before != nil {
		delete(s.disposed, before.ID)
	}
	s.disposed[d.ID] = d
	s.dispositions[d.CustomerID] = s.dispositions[d.CustomerID].with(d, true)
}

func (s *State) void(id string) {
	d := s.disposed[id]
	if d == nil {
		return
	}
	delete(s.disposed, id)
	s.dispositions[d.CustomerID] = s.dispositions[d.CustomerID].with(d, false)
}

func (s *State) add(entry Entry) {
	s.entries[entry.ID] = &entry
	s.contents[contentOf(entry)] = entry.ID
	s.own[entry.List] = s.ownList(entry.List).next([]*Entry{&entry}, nil)
}

func (s *State) remove(id string) {
	entry, known := s.entries[id]
	if !known {
		return
	}
	delete(s.entries, id)
	delete(s.addedAt, id)
	delete(s.contents, contentOf(*entry))
	s.removed[id] = struct{}{}
	s.own[entry.List] = s.own[entry.List].next(nil, []string{id})
}

// AddedAt gives the position of the record that added an entry of the tenant's own.
func (s *State) AddedAt(id string) int64 { return s.addedAt[id] }

// ownList gives a list of the tenant's own, empty at version 0 if there is none yet.
func (s *State) ownList(name string) *List {
	if list, known := s.own[name]; known {
		return list
	}
	return &List{name: name}
}

// change keeps the parts of one version of a list; parts of an abandoned one are dropped.
func (s *State) change(part Changed) {
	parts := s.unpublished[part.List]
	if len(parts) > 0 && parts[0].Version != part.Version {
		parts = nil
	}
	s.unpublished[part.List] = append(parts, part)
}

func (s *State) publish(p Publication) {
	var put []*Entry
	var removed []string
	for _, part := range s.unpublished[p.List] {
		if part.Version != p.Version {
			continue
		}
		for i := range part.Put {
			put = append(put, &part.Put[i])
		}
		removed = append(removed, part.Removed...)
	}
	delete(s.unpublished, p.List)
	list := s.inForce(p.List).next(put, removed)
	list.version = p.Version
	s.shared[p.List] = list
	s.published[p.List] = p
}

// nextVersion gives the version after the one in force. It passes over the number of a publication
// that was abandoned, so that its parts never count for a later one.
func (s *State) nextVersion(name string) int {
	latest := s.inForce(name).version
	if parts := s.unpublished[name]; len(parts) > 0 {
		latest = max(latest, parts[0].Version)
	}
	return latest + 1
}

// inForce gives a shared list, empty at version 0 if there is none yet.
func (s *State) inForce(name string) *List {
	if list, known := s.shared[name]; known {
		return list
	}
	return &List{name: name}
}

// Entry gives an entry of the tenant's own.
func (s *State) Entry(id string) (*Entry, bool) {
	entry, known := s.entries[id]
	return entry, known
}

// SameEntry gives the tenant's own entry that says the same as e, whatever its id. It takes what
// has passed DecideAdd.
func (s *State) SameEntry(e Entry) (*Entry, bool) {
	return s.Entry(s.contents[contentOf(complete(e))])
}

// Own gives the lists of the tenant's own entries, ordered by name.
func (s *State) Own() []*List { return byName(s.own) }

// Shared gives the versions of the shared lists that are in force, ordered by name.
func (s *State) Shared() []*List { return byName(s.shared) }

// Published gives the publications in force, ordered by list.
func (s *State) Published() []Publication { return byName(s.published) }

// PublicationOf gives the publication of a shared list that is in force.
func (s *State) PublicationOf(list string) (Publication, bool) {
	p, known := s.published[list]
	return p, known
}

// Adopted gives the publications a tenant's decisions rest on, ordered by list, those of lists
// that it is not subscribed to included.
func (s *State) Adopted() []Publication { return byName(s.adopted) }

// Subscribed reports whether the tenant's customers are screened on a shared list.
func (s *State) Subscribed(list string) bool {
	_, off := s.unsubscribed[list]
	return !off
}

// Screening gives the last screening of a customer.
func (s *State) Screening(customerID string) (*Completed, bool) {
	last, known := s.screenings[customerID]
	return last, known
}

func byName[V any](m map[string]V) []V {
	values := make([]V, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[name])
	}
	return values
}
