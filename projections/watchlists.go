package projections

import (
	"context"
	"time"

	"whocomply/domain/screening"
)

// WatchlistEntry is an entry of the tenant's own on one of its lists.
type WatchlistEntry struct {
	screening.Entry
	CreatedAt time.Time `json:"created_at"`
	Seq       int64     `json:"seq"`
}

// EntryFilter narrows a list of entries. Empty fields do not.
type EntryFilter struct {
	List string
}

// Watchlist is the version of a shared list that the tenant's decisions rest on; in the ledger
// "system", the version last published.
type Watchlist struct {
	screening.Publication
	AdoptedAt time.Time `json:"adopted_at"`
	Seq       int64     `json:"seq"`
}

// Age is the time since the version was published.
func (w Watchlist) Age(now time.Time) time.Duration { return now.Sub(w.PublishedAt) }

// WatchlistEntry gives an entry by id, or domain.Unknown; a removed entry is unknown.
func (db *DB) WatchlistEntry(ctx context.Context, ledger, id string) (WatchlistEntry, error) {
	panic("soon")
}

// WatchlistEntries lists entries in the order they were added, and says how many there are.
func (db *DB) WatchlistEntries(ctx context.Context, ledger string, f EntryFilter, p Page) ([]WatchlistEntry, int64, error) {
	panic("soon")
}

// Watchlists lists the shared lists by name, and says how many there are.
func (db *DB) Watchlists(ctx context.Context, ledger string, p Page) ([]Watchlist, int64, error) {
	panic("soon")
}
