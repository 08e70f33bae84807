package http

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
	"whocomply/projections"
)

func (s *Server) watchlistRoutes() []route {
	return []route{
		{"POST", tenants + "/watchlist-entries", "watchlists:write", s.addEntry},
		{"GET", tenants + "/watchlist-entries", "watchlists:read", s.listEntries},
		{"GET", tenants + "/watchlist-entries/:id", "watchlists:read", s.getEntry},
		{"DELETE", tenants + "/watchlist-entries/:id", "watchlists:write", s.removeEntry},
		{"GET", tenants + "/watchlists", "watchlists:read", s.listWatchlists},
		{"POST", tenants + "/watchlists/:list/subscribe", "watchlists:write", s.subscribeList},
		{"POST", tenants + "/watchlists/:list/unsubscribe", "watchlists:write", s.unsubscribeList},
		{"POST", tenants + "/screening/search", "watchlists:read", s.searchLists},
	}
}

// entryRequest is an entry for one of the tenant's own lists.
type entryRequest struct {
	List         string                 `json:"list"`
	Category     string                 `json:"category"`
	EntityType   string                 `json:"entity_type"`
	Name         string                 `json:"name"`
	Aliases      []string               `json:"aliases"`
	WeakAliases  []string               `json:"weak_aliases"`
	DatesOfBirth []string               `json:"dates_of_birth"`
	Countries    []string               `json:"countries"`
	Identifiers  []screening.Identifier `json:"identifiers"`
	Programs     []string               `json:"programs"`
	Reason       string                 `json:"reason"`
}

// entryAnswer is an entry as it stands on its list.
type entryAnswer struct {
	screening.Entry
	Receipt ledger.Receipt `json:"receipt"`
}

func (s *Server) addEntry(c *call) error {
	var in entryRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("watchlist-entries", in)
	if err != nil {
		return err
	}
	entry := screening.Entry{
		List: in.List, Category: in.Category, EntityType: cmp.Or(in.EntityType, "unknown"), Name: in.Name, Aliases: in.Aliases,
		WeakAliases: in.WeakAliases, DatesOfBirth: in.DatesOfBirth, Countries: in.Countries,
		Identifiers: in.Identifiers, Programs: in.Programs, Reason: in.Reason,
	}
	listed, err := c.listed(entry)
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.AddEntry(screening.AddEntry{Entry: entry, Idem: idem}))
	if err != nil {
		return err
	}
	if added, fresh := outcome.Reply.(*screening.Entry); fresh {
		return c.wrote(!listed, outcome, entryAnswer{*added, outcome.Receipt})
	}
	first, err := c.find(idem.Key)
	if err != nil {
		return err
	}
	return c.wrote(false, outcome, entryAnswer{first.Event.(screening.EntryAdded).Entry, outcome.Receipt})
}

// listed reports whether the tenant has an entry that says the same.
func (c *call) listed(entry screening.Entry) (listed bool, err error) {
	err = c.view(func(s *ledger.State) error {
		_, listed = s.Screening.SameEntry(entry)
		return nil
	})
	return listed, err
}

func (s *Server) removeEntry(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.RemoveEntry(screening.RemoveEntry{EntryID: id}))
	if err != nil {
		return err
	}
	c.removed(outcome)
	return nil
}

func (s *Server) listEntries(c *call) error {
	var filter struct {
		List string `query:"list"`
	}
	return list(c, projections.Watchlists, &filter, func(ctx context.Context, p projections.Page) ([]projections.WatchlistEntry, int64, error) {
		return s.Models.WatchlistEntries(ctx, c.caller.slug, projections.EntryFilter(filter), p)
	})
}

func (s *Server) getEntry(c *call) error {
	return one(c, projections.Watchlists, s.Models.WatchlistEntry)
}

// watchlistAnswer is a shared list with its age at the time of the answer.
type watchlistAnswer struct {
	projections.Watchlist
	AgeSeconds int64 `json:"age_seconds"` // since it was retrieved
	MaxAge     int64 `json:"max_age_seconds"`
	Stale      bool  `json:"stale"` // older than that
}

func (s *Server) answerWatchlist(w projections.Watchlist) watchlistAnswer {
	now, limit := s.Now(), int64(w.Limit()/time.Second)
	w.MaxAge = 0 // said beside it, the default included
	return watchlistAnswer{w, int64(w.Age(now) / time.Second), limit, !now.Before(w.RetrievedAt.Add(time.Duration(limit) * time.Second))}
}

func (s *Server) listWatchlists(c *call) error {
	return list(c, projections.Watchlists, nil, func(ctx context.Context, p projections.Page) ([]watchlistAnswer, int64, error) {
		lists, total, err := s.Models.Watchlists(ctx, c.caller.slug, p)
		aged := make([]watchlistAnswer, len(lists))
		for i, l := range lists {
			aged[i] = s.answerWatchlist(l)
		}
		return aged, total, err
	})
}

// subscriptionAnswer says whether customers are screened on a shared list.
type subscriptionAnswer struct {
	List       string         `json:"list"`
	Version    int            `json:"version"`
	Digest     string         `json:"digest"`
	Subscribed bool           `json:"subscribed"`
	Receipt    ledger.Receipt `json:"receipt"`
}

func (s *Server) subscribeList(c *call) error {
	var in struct{}
	return c.subscription("subscribe", &in, func(list string, idem *domain.Idempotency) ledger.Command {
		return ledger.SubscribeList(screening.Subscribe{List: list, Idem: idem})
	})
}

func (s *Server) unsubscribeList(c *call) error {
	var in reasonRequest
	return c.subscription("unsubscribe", &in, func(list string, idem *domain.Idempotency) ledger.Command {
		return ledger.UnsubscribeList(screening.Unsubscribe{List: list, Reason: in.Reason, Idem: idem})
	})
}

// subscription takes a tenant on or off the shared list in the path.
func (c *call) subscription(verb string, in any, command func(string, *domain.Idempotency) ledger.Command) error {
	name, err := c.param("list")
	if err != nil {
		return err
	}
	if err := c.decode(in); err != nil {
		return err
	}
	idem, err := c.idempotency("watchlists."+verb, struct{ List, Body any }{name, in})
	if err != nil {
		return err
	}
	outcome, err := c.execute(command(name, idem))
	if err != nil {
		return err
	}
	answer := subscriptionAnswer{List: name, Receipt: outcome.Receipt}
	if err := c.view(func(s *ledger.State) error {
		answer.Subscribed = s.Screening.Subscribed(name)
		for _, p := range s.Screening.Adopted() {
			if p.List == name {
				answer.Version, answer.Digest = p.Version, p.Digest
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return c.wrote(false, outcome, answer)
}

// searchRequest asks what a name would meet, or what somebody who is typing one may mean.
type searchRequest struct {
	Name      string `json:"name" validate:"required,max=1000"`
	AsYouType bool   `json:"as_you_type"`
	Limit     int    `json:"limit"` // of hits, as you type
}

// Bounds of what is shown to somebody who is typing.
const (
	defaultTyped = 10
	maxTyped     = 50
)

func (r *searchRequest) check() error {
	switch {
	case r.Limit != 0 && !r.AsYouType:
		return domain.InvalidField("limit", "is for as_you_type")
	case r.Limit < 0 || r.Limit > maxTyped:
		return domain.InvalidField("limit", "must be a whole number from 1 to %d", maxTyped)
	}
	r.Limit = cmp.Or(r.Limit, defaultTyped)
	return nil
}

// searchLists looks for a name on the lists in force, as screening would, and records nothing.
func (s *Server) searchLists(c *call) error {
	var in searchRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := cmp.Or(s.check(&in), in.check()); err != nil {
		return err
	}
	var lists *screening.Lists
	if err := c.view(func(s *ledger.State) error {
		lists = s.Lists()
		c.at(s.Next() - 1)
		return nil
	}); err != nil {
		return err
	}
	if in.AsYouType {
		return c.ok(http.StatusOK, lists.Typed(in.Name, in.Limit))
	}
	return c.ok(http.StatusOK, lists.Screen(screening.Query{Names: []screening.Name{{Field: "name", Text: in.Name}}}))
}
