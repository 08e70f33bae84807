package screening

import (
	"time"

	"whocomply/domain"
)

// Entry is one listed person, company, vessel or other thing.
type Entry struct {
	ID           string       `json:"id"` // the list's own, or wle_… for a tenant's entry
	List         string       `json:"list"`
	Category     string       `json:"category"`    // sanctions, pep, adverse_media or internal
	EntityType   string       `json:"entity_type"` // individual, business, vessel, aircraft or unknown
	Name         string       `json:"name"`
	Aliases      []string     `json:"aliases,omitempty"`
	WeakAliases  []string     `json:"weak_aliases,omitempty"`
	DatesOfBirth []string     `json:"dates_of_birth,omitempty"`
	Gender       string       `json:"gender,omitempty"` // male or female
	Countries    []string     `json:"countries,omitempty"`
	Identifiers  []Identifier `json:"identifiers,omitempty"`
	Programs     []string     `json:"programs,omitempty"`
	Reason       string       `json:"reason,omitempty"`
}

// Identifier is a document or registration number of a listed entity.
type Identifier struct {
	Type    string `json:"type"`
	Value   string `json:"value"`
	Country string `json:"country,omitempty"`
}

// EntryAdded puts an entry of the tenant's own on one of its lists.
type EntryAdded struct {
	Entry Entry               `json:"entry"`
	Idem  *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is watchlist_entry.added.
func (EntryAdded) Kind() domain.Kind { return domain.Kind{Name: "watchlist_entry.added", Version: 1} }

// Subject is the entry.
func (e EntryAdded) Subject() string { return e.Entry.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e EntryAdded) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// EntryRemoved takes an entry of the tenant's own off its list.
type EntryRemoved struct {
	EntryID string `json:"entry_id"`
}

// Kind is watchlist_entry.removed.
func (EntryRemoved) Kind() domain.Kind {
	return domain.Kind{Name: "watchlist_entry.removed", Version: 1}
}

// Subject is the entry.
func (e EntryRemoved) Subject() string { return e.EntryID }

// Changed carries a part of a publication in the ledger "system": what differs from the version
// before. It has no effect until Published names the same list and version.
type Changed struct {
	List    string   `json:"list"`
	Version int      `json:"version"`
	Put     []Entry  `json:"put,omitempty"` // added or changed
	Removed []string `json:"removed,omitempty"`
}

// Kind is watchlist.changed.
func (Changed) Kind() domain.Kind { return domain.Kind{Name: "watchlist.changed", Version: 1} }

// Subject is the list.
func (e Changed) Subject() string { return e.List }

// Publication describes a version of a shared list.
type Publication struct {
	domain.ListVersion
	Category    string    `json:"category"`
	Format      string    `json:"format"`
	Source      string    `json:"source"`       // file names
	SourceHash  string    `json:"source_hash"`  // SHA-256 of the files, lower-case hex
	RetrievedAt time.Time `json:"retrieved_at"` // as told by whoever imported it
	PublishedAt time.Time `json:"published_at"`
	Entries     int       `json:"entries"`
	Names       int       `json:"names"` // with aliases
	Added       int       `json:"added"`
	Altered     int       `json:"altered"`
	Removed     int       `json:"removed"`
	Forced      string    `json:"forced,omitempty"`         // why a list that shrank suspiciously was accepted
	MaxAge      int64     `json:"max_age_seconds,omitzero"` // since it was retrieved, until it is stale; see Expires
}

// DefaultMaxAge is how long after it was retrieved a list is fresh if nothing else was said.
const DefaultMaxAge = 7 * 24 * time.Hour

// Expires is the time from which screening on this version gives stale results.
func (p *Publication) Expires() time.Time { return p.RetrievedAt.Add(p.Limit()) }

// Limit is how old the list may be.
func (p *Publication) Limit() time.Duration {
	if p.MaxAge == 0 {
		return DefaultMaxAge
	}
	return time.Duration(p.MaxAge) * time.Second
}

// Published puts a version of a shared list in force, in the ledger "system".
type Published struct {
	Publication Publication `json:"publication"`
}

// Kind is watchlist.published.
func (Published) Kind() domain.Kind { return domain.Kind{Name: "watchlist.published", Version: 1} }

// Subject is the list.
func (e Published) Subject() string { return e.Publication.List }

// Confirmed says, in the ledger "system", that the authority's files still have the content in
// force, or that another limit of age holds: it has the publication as it now stands.
type Confirmed struct {
	Publication Publication `json:"publication"`
}

// Kind is watchlist.confirmed.
func (Confirmed) Kind() domain.Kind { return domain.Kind{Name: "watchlist.confirmed", Version: 1} }

// Subject is the list.
func (e Confirmed) Subject() string { return e.Publication.List }

// Subscribed says that a tenant's customers are screened on a shared list again.
type Subscribed struct {
	List string              `json:"list"`
	Idem *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is watchlist.subscribed.
func (Subscribed) Kind() domain.Kind { return domain.Kind{Name: "watchlist.subscribed", Version: 1} }

// Subject is the list.
func (e Subscribed) Subject() string { return e.List }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Subscribed) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Unsubscribed says that a tenant's customers are not screened on a shared list any more, and why.
type Unsubscribed struct {
	List   string              `json:"list"`
	Reason string              `json:"reason"`
	Idem   *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is watchlist.unsubscribed.
func (Unsubscribed) Kind() domain.Kind {
	return domain.Kind{Name: "watchlist.unsubscribed", Version: 1}
}

// Subject is the list.
func (e Unsubscribed) Subject() string { return e.List }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Unsubscribed) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// Adopted says, in a tenant's ledger, that from here on its decisions rest on this version of a
// shared list.
type Adopted struct {
	Publication Publication `json:"publication"`
}

// Kind is watchlist.adopted.
func (Adopted) Kind() domain.Kind { return domain.Kind{Name: "watchlist.adopted", Version: 1} }

// Subject is the list.
func (e Adopted) Subject() string { return e.Publication.List }

// Completed is the result of screening a customer: which names, against which lists, and what
// was found, "nothing" included.
type Completed struct {
	CustomerID string `json:"customer_id"`
	Profile    int    `json:"profile_version"`
	domain.Screened
}

// Kind is screening.completed.
func (Completed) Kind() domain.Kind { return domain.Kind{Name: "screening.completed", Version: 1} }

// Subject is the customer.
func (e Completed) Subject() string { return e.CustomerID }

// Events lists the events of this area.
func Events() []domain.Spec {
	return []domain.Spec{
		domain.Describe[EntryAdded](), domain.Describe[EntryRemoved](), domain.Describe[Changed](),
		domain.Describe[Published](), domain.Describe[Confirmed](), domain.Describe[Subscribed](), domain.Describe[Unsubscribed](), domain.Describe[Adopted](), domain.Describe[Completed](),
		domain.Describe[Disposed](), domain.Describe[Voided](), domain.Describe[Proposed](), domain.Describe[GoodGuyDecided](),
		domain.Describe[RunStarted](), domain.Describe[RunAdvanced](), domain.Describe[RunEnded](),
		domain.Describe[BatchStarted](), domain.Describe[BatchRows](), domain.Describe[BatchAdvanced](), domain.Describe[BatchEnded](),
	}
}
