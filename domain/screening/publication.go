package screening

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

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
// same content again gives Confirmed, which makes the list as young as its retrieval, and nothing if
// it was retrieved no later. A list that is empty, names an id twice or has less than Least of the
// entries or names in force without a reason is refused: it is more likely a broken file than the
// truth. An amendment is refused where there is a list that it would take the place of.
func (s *State) DecidePublish(m domain.Meta, c PublishList) ([]domain.Event, error) {
	if err := checkPublish(m, c); err != nil {
		return nil, err
	}
	entries, err := checkContent(c)
	if err != nil {
		return nil, err
	}
	before := s.inForce(c.List)
	if c.Amendment && before.version > 0 {
		return nil, domain.InvalidField("entries", "are an amendment, which states changes alone; version %d of the whole list is in force", before.version)
	}
	if err := c.checkSize(entries, before); err != nil {
		return nil, err
	}
	put, removed := before.differences(entries)
	if len(put)+len(removed) == 0 {
		return s.confirm(c), nil
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

// checkSize refuses what is suspiciously smaller than the version in force.
func (c *PublishList) checkSize(entries []*Entry, before *List) error {
	if c.Force != "" {
		return nil
	}
	for _, size := range []struct {
		what     string
		now, was int
	}{{"entries", len(entries), len(before.entries)}, {"names", namesOf(entries), namesOf(before.entries)}} {
		if size.now*100 < size.was*Least {
			return domain.InvalidField("entries", "have %d %s where version %d has %d: less than %d %% is suspicious and needs a reason",
				size.now, size.what, before.version, size.was, Least)
		}
	}
	return nil
}

// namesOf counts the names of entries, with aliases.
func namesOf(entries []*Entry) (n int) {
	for _, e := range entries {
		n += e.names()
	}
	return n
}

// confirm gives Confirmed if the content in force was retrieved again, or has another limit.
func (s *State) confirm(c PublishList) []domain.Event {
	p := s.published[c.List]
	if !c.RetrievedAt.After(p.RetrievedAt) && seconds(c.MaxAge) == p.MaxAge {
		return nil
	}
	if c.RetrievedAt.After(p.RetrievedAt) {
		p.RetrievedAt = c.RetrievedAt.UTC()
	}
	p.Source, p.SourceHash, p.Format, p.MaxAge = c.Source, c.SourceHash, c.Format, seconds(c.MaxAge)
	return []domain.Event{Confirmed{Publication: p}}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

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
	case c.MaxAge < 0 || c.MaxAge%time.Second != 0:
		return domain.InvalidField("max_age", "must be whole seconds, or zero")
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
		RetrievedAt: c.RetrievedAt.UTC(), PublishedAt: m.At, Entries: len(l.entries), Names: namesOf(l.entries), Forced: c.Force,
		MaxAge: seconds(c.MaxAge),
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
			same := old[0] == entry || sameEntry(old[0], entry)
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
