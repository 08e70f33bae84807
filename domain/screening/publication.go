package screening

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
)

// A part of a publication has at most maxPart entries and ids and maxPartBytes of JSON, of which
// partFrame is kept for what surrounds them.
const (
	maxPart      = 500
	maxPartBytes = 256 << 10
	partFrame    = 1 << 10
)

// DecidePublish gives what differs from the version in force, in parts, and then Published. The
// same content again gives no event. A list that is empty, names an id twice or shrinks by more
// than half without a reason is refused: it is more likely a broken file than the truth.
func (s *State) DecidePublish(m domain.Meta, c PublishList) ([]domain.Event, error) {
	if err := checkPublish(m, c); err != nil {
		return nil, err
	}
	entries, err := checkContent(c)
	if err != nil {
		return nil, err
	}
	before := s.inForce(c.List)
	if len(entries)*2 < len(before.entries) && c.Force == "" {
		return nil, domain.InvalidField("entries", "are %d where version %d has %d; a list that shrinks by more than half needs a reason",
			len(entries), before.version, len(before.entries))
	}
	put, removed := before.differences(entries)
	if len(put)+len(removed) == 0 {
		return nil, nil
	}
	after := &List{name: c.List, version: s.nextVersion(c.List), entries: entries}
	p := publicationOf(m, c, after)
	for _, entry := range put {
		if _, known := before.find(entry.ID); known {
			p.Altered++
		}
	}
	p.Added, p.Removed = len(put)-p.Altered, len(removed)
	return append(parts(after, put, removed), Published{Publication: p}), nil
}

func checkPublish(m domain.Meta, c PublishList) error {
	if err := checkList(c.List, c.Category); err != nil {
		return err
	}
	switch hash, err := hex.DecodeString(c.SourceHash); {
	case err != nil || len(hash) != 32 || strings.ToLower(c.SourceHash) != c.SourceHash:
		return domain.InvalidField("source_hash", "must be a SHA-256 in lower-case hex")
	case c.Format == "":
		return domain.InvalidField("format", "is required")
	case c.Source == "":
		return domain.InvalidField("source", "is required")
	case c.RetrievedAt.IsZero() || c.RetrievedAt.After(m.At):
		return domain.InvalidField("retrieved_at", "must be a time in the past")
	case len(c.Entries) == 0:
		return domain.InvalidField("entries", "must not be empty")
	}
	return nil
}

// checkContent gives the entries of the command with list and category filled in, ordered by id.
func checkContent(c PublishList) ([]*Entry, error) {
	entries := make([]*Entry, len(c.Entries))
	for i, e := range c.Entries {
		if e.List == "" {
			e.List = c.List
		}
		if e.Category == "" {
			e.Category = c.Category
		}
		if err := checkPublished(c, e); err != nil {
			return nil, fmt.Errorf("entries[%d] with id %.60q: %w", i, e.ID, err)
		}
		entries[i] = &e
	}
	slices.SortFunc(entries, func(a, b *Entry) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(entries); i++ {
		if entries[i].ID == entries[i-1].ID {
			return nil, domain.InvalidField("entries", "hold the id %.60q twice", entries[i].ID)
		}
	}
	return entries, nil
}

func checkPublished(c PublishList, e Entry) error {
	if err := domain.CheckID("id", e.ID); err != nil {
		return err
	}
	if e.List != c.List {
		return domain.InvalidField("list", "must be %s", c.List)
	}
	if e.Category != c.Category {
		return domain.InvalidField("category", "must be %s", c.Category)
	}
	return CheckEntry(e)
}

func publicationOf(m domain.Meta, c PublishList, l *List) Publication {
	p := Publication{
		ListVersion: l.Version(), Category: c.Category, Format: c.Format, Source: c.Source, SourceHash: c.SourceHash,
		RetrievedAt: c.RetrievedAt.UTC(), PublishedAt: m.At, Entries: len(l.entries), Forced: c.Force,
	}
	for _, entry := range l.entries {
		p.Names += entry.names()
	}
	return p
}

// differences gives what must be put on and taken off l to give entries, both ordered by id.
func (l *List) differences(entries []*Entry) (put []*Entry, removed []string) {
	old := l.entries
	for _, entry := range entries {
		for len(old) > 0 && old[0].ID < entry.ID {
			removed, old = append(removed, old[0].ID), old[1:]
		}
		if len(old) > 0 && old[0].ID == entry.ID {
			same := sameEntry(old[0], entry)
			if old = old[1:]; same {
				continue
			}
		}
		put = append(put, entry)
	}
	for _, gone := range old {
		removed = append(removed, gone.ID)
	}
	return put, removed
}

// parts splits a difference into events below the limits.
func parts(l *List, put []*Entry, removed []string) (events []domain.Event) {
	part, size := Changed{List: l.name, Version: l.version}, partFrame
	room := func(bytes int) {
		if size += bytes; size > maxPartBytes || len(part.Put)+len(part.Removed) == maxPart {
			events = append(events, part)
			part, size = Changed{List: l.name, Version: l.version}, partFrame+bytes
		}
	}
	for _, entry := range put {
		room(len(checkedLine(*entry)))
		part.Put = append(part.Put, *entry)
	}
	for _, id := range removed {
		room(2*len(id) + len(`"",`)) // every character may need an escape
		part.Removed = append(part.Removed, id)
	}
	return append(events, part)
}
