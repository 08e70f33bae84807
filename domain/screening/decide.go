package screening

import (
	"fmt"
	"slices"

	"whocomply/domain"
)

// DecideAdd checks the entry and gives it an id. An entry that says the same as one of the
// tenant's own gives no event; SameEntry finds that one.
func (s *State) DecideAdd(m domain.Meta, c AddEntry) ([]domain.Event, error) {
	entry := complete(c.Entry)
	if err := CheckEntry(entry); err != nil {
		return nil, err
	}
	if _, shared := s.adopted[entry.List]; shared {
		return nil, &domain.Error{Code: domain.Conflict, Field: "list", Message: "list " + entry.List + " is a shared list; entries of your own need a list of your own"}
	}
	if _, known := s.SameEntry(entry); known {
		return nil, nil
	}
	entry.ID = m.IDs.New("wle")
	return []domain.Event{EntryAdded{Entry: entry, Idem: c.Idem}}, nil
}

// DecideRemove takes an entry off; one that was removed before gives no event.
func (s *State) DecideRemove(_ domain.Meta, c RemoveEntry) ([]domain.Event, error) {
	if _, gone := s.removed[c.EntryID]; gone {
		return nil, nil
	}
	if _, known := s.entries[c.EntryID]; !known {
		return nil, domain.Errorf(domain.Unknown, "no such watchlist entry")
	}
	return []domain.Event{EntryRemoved(c)}, nil
}

// DecideAdopt gives no event for a version the tenant has or has passed, unless it was retrieved
// again or has another limit of age. The same version with another digest is an error: lists never
// change after they were published.
func (s *State) DecideAdopt(_ domain.Meta, c AdoptList) ([]domain.Event, error) {
	now, adopted := s.adopted[c.Publication.List]
	switch {
	case adopted && now.Version == c.Publication.Version && now.Digest != c.Publication.Digest:
		return nil, fmt.Errorf("list %s version %d has digest %s, but %s was adopted",
			now.List, now.Version, c.Publication.Digest, now.Digest)
	case adopted && now.Version == c.Publication.Version && now != c.Publication && !c.Publication.RetrievedAt.Before(now.RetrievedAt):
		return []domain.Event{Adopted(c)}, nil
	case adopted && now.Version >= c.Publication.Version:
		return nil, nil
	}
	return []domain.Event{Adopted(c)}, nil
}

// DecideSubscribe gives no event for a list that the tenant is subscribed to, as it is to every shared
// list from its first publication on.
func (s *State) DecideSubscribe(_ domain.Meta, c Subscribe) ([]domain.Event, error) {
	if _, known := s.adopted[c.List]; !known {
		return nil, domain.Errorf(domain.Unknown, "no such shared list")
	}
	if _, off := s.unsubscribed[c.List]; !off {
		return nil, nil
	}
	return []domain.Event{Subscribed(c)}, nil
}

// DecideUnsubscribe gives no event for a list that the tenant is not subscribed to.
func (s *State) DecideUnsubscribe(_ domain.Meta, c Unsubscribe) ([]domain.Event, error) {
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	if _, known := s.adopted[c.List]; !known {
		return nil, domain.Errorf(domain.Unknown, "no such shared list")
	}
	if _, off := s.unsubscribed[c.List]; off {
		return nil, nil
	}
	return []domain.Event{Unsubscribed(c)}, nil
}

// DecideScreening gives no event if the customer's last screening says the same: the same version
// of the profile, the same versions of the same lists, the same hits.
func (s *State) DecideScreening(_ domain.Meta, c RecordScreening) ([]domain.Event, error) {
	last, known := s.screenings[c.CustomerID]
	if known && !c.Anew && last.Profile == c.Profile && last.Stale == c.Screened.Stale && slices.Equal(last.Lists, c.Screened.Lists) &&
		last.Matcher == c.Screened.Matcher && slices.EqualFunc(last.Hits, c.Screened.Hits, sameHit) &&
		slices.EqualFunc(last.Cleared, c.Screened.Cleared, sameHit) {
		return nil, nil
	}
	return []domain.Event{Completed{CustomerID: c.CustomerID, Profile: c.Profile, Screened: c.Screened}}, nil
}

func sameHit(a, b domain.Hit) bool {
	return a.List == b.List && a.Similarity == b.Similarity && a.Evidence == b.Evidence &&
		slices.Equal(a.Programs, b.Programs) && slices.Equal(a.Grounds, b.Grounds) && hitText(a) == hitText(b)
}

func hitText(h domain.Hit) [7]string {
	return [...]string{h.EntryID, h.Category, h.EntityType, h.Name, h.Screened, h.Field, h.Explained}
}
