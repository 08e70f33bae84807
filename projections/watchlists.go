package projections

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
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
	AdoptedAt  time.Time `json:"adopted_at"`
	Seq        int64     `json:"seq"`
	Subscribed bool      `json:"subscribed"` // the tenant's customers are screened on it
}

// Age is the time since the list was retrieved.
func (w Watchlist) Age(now time.Time) time.Duration { return now.Sub(w.RetrievedAt) }

// watchlists is the projection Watchlists. Lists change rarely, so it writes them as they come.
type watchlists struct{}

func (watchlists) model() Model        { return Watchlists }
func (watchlists) version() int        { return 2 }
func (watchlists) forget()             {}
func (watchlists) write(*writer) error { return nil }

func (watchlists) apply(w *writer, e *domain.Envelope) error {
	switch event := e.Event.(type) {
	case screening.EntryAdded:
		doc, err := docOf(WatchlistEntry{event.Entry, e.Time, e.Seq})
		if err != nil {
			return err
		}
		return w.change("INSERT INTO watchlist_entries (ledger, id, list, created_seq, doc) VALUES (?, ?, ?, ?, ?)",
			e.Ledger, event.Entry.ID, event.Entry.List, e.Seq, doc)
	case screening.EntryRemoved:
		return w.change("DELETE FROM watchlist_entries WHERE ledger = ? AND id = ?", e.Ledger, event.EntryID)
	case screening.Published:
		return putWatchlist(w, e, event.Publication)
	case screening.Confirmed:
		return putWatchlist(w, e, event.Publication)
	case screening.Adopted:
		return putWatchlist(w, e, event.Publication)
	case screening.Subscribed:
		return w.change("UPDATE watchlists SET subscribed = 1 WHERE ledger = ? AND list = ?", e.Ledger, event.List)
	case screening.Unsubscribed:
		return w.change("UPDATE watchlists SET subscribed = 0 WHERE ledger = ? AND list = ?", e.Ledger, event.List)
	}
	return nil
}

func putWatchlist(w *writer, e *domain.Envelope, p screening.Publication) error {
	doc, err := docOf(Watchlist{Publication: p, AdoptedAt: e.Time, Seq: e.Seq})
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO watchlists (ledger, list, doc, subscribed) VALUES (?, ?, ?, 1) "+
		"ON CONFLICT (ledger, list) DO UPDATE SET doc = excluded.doc", e.Ledger, p.List, doc)
	return err
}

// WatchlistEntry gives an entry by id, or domain.Unknown; a removed entry is unknown.
func (db *DB) WatchlistEntry(ctx context.Context, ledger, id string) (WatchlistEntry, error) {
	return one(ctx, db, "watchlist entry", scanDoc[WatchlistEntry],
		"SELECT doc FROM watchlist_entries WHERE ledger = ? AND id = ?", ledger, id)
}

// WatchlistEntries lists entries in the order they were added, and says how many there are.
func (db *DB) WatchlistEntries(ctx context.Context, ledger string, f EntryFilter, p Page) ([]WatchlistEntry, int64, error) {
	q := listing{columns: "doc", from: "watchlist_entries", where: "ledger = ?", order: "created_seq", args: []any{ledger}}
	q.narrow("list", f.List)
	return list(ctx, db, q, p, scanDoc[WatchlistEntry])
}

// Watchlists lists the shared lists by name, and says how many there are.
func (db *DB) Watchlists(ctx context.Context, ledger string, p Page) ([]Watchlist, int64, error) {
	q := listing{columns: "doc, subscribed", from: "watchlists", where: "ledger = ?", order: "list", args: []any{ledger}}
	return list(ctx, db, q, p, scanWatchlist)
}

func scanWatchlist(row scanner) (w Watchlist, err error) {
	var doc []byte
	var subscribed int
	if err := row.Scan(&doc, &subscribed); err != nil {
		return w, err
	}
	err = json.Unmarshal(doc, &w)
	w.Subscribed = subscribed == 1
	return w, err
}
