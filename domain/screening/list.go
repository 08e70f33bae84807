package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// List is one version of a list's content. It is immutable and safe for concurrent use; its digest
// and its index are computed when first needed and shared by all who hold it.
type List struct {
	name    string
	version int
	entries []*Entry // ordered by id

	digestOnce sync.Once
	digest     string
	indexOnce  sync.Once
	index      *index
}

// Name is the name of the list.
func (l *List) Name() string { return l.name }

// Entries gives the entries in the order of their ids. Neither slice nor entries may be changed.
func (l *List) Entries() []*Entry { return slices.Clip(l.entries) }

// Version names the content, with its digest.
func (l *List) Version() domain.ListVersion {
	l.digestOnce.Do(func() { l.digest = digest(l.entries) })
	return domain.ListVersion{List: l.name, Version: l.version, Digest: l.digest}
}

// Entry gives the entry with an id.
func (l *List) Entry(id string) (*Entry, bool) {
	i, known := l.find(id)
	if !known {
		return nil, false
	}
	return l.entries[i], true
}

func (l *List) find(id string) (int, bool) {
	return slices.BinarySearchFunc(l.entries, id, func(e *Entry, id string) int { return strings.Compare(e.ID, id) })
}

// next gives the version after l: put added or in place of what had their ids, removed taken off.
func (l *List) next(put []*Entry, removed []string) *List {
	n := &List{name: l.name, version: l.version + 1, entries: slices.Grow(slices.Clone(l.entries), len(put))}
	for _, id := range removed {
		if i, known := n.find(id); known {
			n.entries = slices.Delete(n.entries, i, i+1)
		}
	}
	for _, entry := range put {
		if i, known := n.find(entry.ID); known {
			n.entries[i] = entry
		} else {
			n.entries = slices.Insert(n.entries, i, entry)
		}
	}
	return n
}

// searchable gives the index, built on first use.
func (l *List) searchable() *index {
	l.indexOnce.Do(func() { l.index = newIndex(l.entries) })
	return l.index
}

// digest gives the lower-case hex SHA-256 over the canonical lines of the entries. The entries
// must have passed CheckEntry.
func digest(entries []*Entry) string {
	hash := sha256.New()
	for _, entry := range entries {
		hash.Write(checkedLine(*entry))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// checkedLine is CanonicalLine for an entry that has passed CheckEntry.
func checkedLine(e Entry) []byte {
	line, err := CanonicalLine(e)
	if err != nil {
		panic("entry " + e.ID + " of a ledger is not JSON: " + err.Error())
	}
	return line
}

// CanonicalLine gives an entry as a digest sees it: JSON in the form of RFC 8785 and a line feed.
// It is an error if a text is not UTF-8.
func CanonicalLine(e Entry) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := (*jsontext.Value)(&raw).Canonicalize(); err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// names is the number of names of an entry, with all aliases.
func (e *Entry) names() int { return 1 + len(e.Aliases) + len(e.WeakAliases) }

// nameAt gives the i-th name of an entry: the primary one, then aliases, then weak aliases.
func (e *Entry) nameAt(i int) (name string, alias, weak bool) {
	switch i -= 1; {
	case i < 0:
		return e.Name, false, false
	case i < len(e.Aliases):
		return e.Aliases[i], true, false
	}
	return e.WeakAliases[i-len(e.Aliases)], true, true
}

// sameEntry reports whether two entries say the same.
func sameEntry(a, b *Entry) bool {
	return entryText(a) == entryText(b) &&
		slices.Equal(a.Aliases, b.Aliases) && slices.Equal(a.WeakAliases, b.WeakAliases) &&
		slices.Equal(a.DatesOfBirth, b.DatesOfBirth) && slices.Equal(a.Countries, b.Countries) &&
		slices.Equal(a.Identifiers, b.Identifiers) && slices.Equal(a.Programs, b.Programs)
}

func entryText(e *Entry) [6]string {
	return [...]string{e.ID, e.List, e.Category, e.EntityType, e.Name, e.Reason}
}

// contentOf digests what an entry says, apart from its id.
func contentOf(e Entry) [16]byte {
	e.ID = ""
	return domain.ContentDigest(e)
}
