package domain

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// Kind names an event for storage: an explicit name and the version of its payload.
// Both are storage format: neither is ever derived from a Go name.
type Kind struct {
	Name    string
	Version int
}

// Event is a fact that has happened, as the payload of one ledger record.
type Event interface {
	Kind() Kind
}

// Envelope is an event with what its ledger says about it.
type Envelope struct {
	Ledger  string    // slug of the ledger: a tenant's, or "system"
	Seq     int64     // position in the ledger, from 0, without gaps
	Hash    [32]byte  // leaf hash of the record, once it is linked
	ID      string    // ULID of the event
	Time    time.Time // when it was recorded, UTC, microseconds, never going back
	Actor   string    // who caused it: an API key id, an officer, or "system"
	Cause   string    // ULID of the first event of the same atomic append; empty for that one
	Subject string    // our id of what the event is about; never personal data
	Event   Event
}

// Subject is implemented by events that are about one thing with an id of ours.
type Subject interface {
	Subject() string
}

// Upcaster rewrites the payload of one version of an event as the next version, JSON to JSON.
type Upcaster func(raw []byte) ([]byte, error)

// Spec declares how one kind of event is read from storage.
type Spec struct {
	Kind      Kind
	upcasters []Upcaster
	decode    func(raw []byte) (Event, error)
}

// Describe declares T as an event of the catalog. It takes one upcaster for each
// earlier version, oldest first.
func Describe[T Event](upcasters ...Upcaster) Spec {
	var zero T
	return Spec{
		Kind:      zero.Kind(),
		upcasters: upcasters,
		decode: func(raw []byte) (Event, error) {
			var event T
			if err := json.Unmarshal(raw, &event, json.RejectUnknownMembers(true)); err != nil {
				return nil, err
			}
			return event, nil
		},
	}
}

// Catalog is the one list of all kinds of events that a ledger may hold.
type Catalog struct {
	specs map[string]Spec
}

// NewCatalog lists the specs. It is an error to name a kind twice or to lack an upcaster.
func NewCatalog(specs ...Spec) (*Catalog, error) {
	c := &Catalog{specs: make(map[string]Spec, len(specs))}
	for _, s := range specs {
		if _, double := c.specs[s.Kind.Name]; double {
			return nil, fmt.Errorf("event %s is declared twice", s.Kind.Name)
		}
		if len(s.upcasters) != s.Kind.Version-1 {
			return nil, fmt.Errorf("event %s is at version %d but has %d upcasters", s.Kind.Name, s.Kind.Version, len(s.upcasters))
		}
		c.specs[s.Kind.Name] = s
	}
	return c, nil
}

// Kinds lists the current version of every event of the catalog, in no order.
func (c *Catalog) Kinds() []Kind {
	kinds := make([]Kind, 0, len(c.specs))
	for _, s := range c.specs {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

// Encode appends the payload bytes of an event of the catalog to b.
func (c *Catalog) Encode(b []byte, event Event) ([]byte, error) {
	kind := event.Kind()
	if s, known := c.specs[kind.Name]; !known || s.Kind != kind {
		return b, fmt.Errorf("event %s v%d is not in the catalog", kind.Name, kind.Version)
	}
	return AppendJSON(b, event)
}

// Upcast brings a stored payload up to the current version of its kind, which it gives too.
func (c *Catalog) Upcast(kind Kind, raw []byte) (Kind, []byte, error) {
	s, known := c.specs[kind.Name]
	if !known || kind.Version < 1 || kind.Version > s.Kind.Version {
		return kind, nil, fmt.Errorf("event %s v%d is not in the catalog", kind.Name, kind.Version)
	}
	var err error
	for v := kind.Version; v < s.Kind.Version; v++ {
		if raw, err = s.upcasters[v-1](raw); err != nil {
			return kind, nil, fmt.Errorf("upcast %s from v%d: %w", kind.Name, v, err)
		}
	}
	return s.Kind, raw, nil
}

// Decode reads a stored payload, bringing earlier versions up to the current one.
func (c *Catalog) Decode(kind Kind, raw []byte) (Event, error) {
	_, current, err := c.Upcast(kind, raw)
	if err != nil {
		return nil, err
	}
	event, err := c.specs[kind.Name].decode(current)
	if err != nil {
		return nil, fmt.Errorf("decode %s v%d: %w", kind.Name, kind.Version, err)
	}
	return event, nil
}

// Payload is an event as a ledger keeps it, unparsed, at the current version of its kind.
type Payload struct {
	Seq  int64
	Kind Kind
	Raw  []byte
}
