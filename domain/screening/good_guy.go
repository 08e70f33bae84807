package screening

import (
	"fmt"
	"maps"
	"slices"

	"whocomply/domain"
)

// GoodGuy is somebody who has the name of a listed entry and is not that entry: whoever bears exactly
// this name gives no hit on it. It takes two people to say so, and holds while the entry stays what
// it was.
type GoodGuy struct {
	ID      string `json:"id"`   // ggy_…
	Name    string `json:"name"` // as it is looked for; case, accents and punctuation do not matter
	List    string `json:"list"`
	EntryID string `json:"entry_id"`
	Reason  string `json:"reason"`
	Entry   Side   `json:"entry"` // what it rests on
}

// The steps of a good guy.
const (
	GoodGuyProposed  = "proposed"
	GoodGuyApproved  = "approved"
	GoodGuyRejected  = "rejected"
	GoodGuyWithdrawn = "withdrawn"
)

// Proposed says that somebody wants a good guy.
type Proposed struct {
	GoodGuy GoodGuy             `json:"good_guy"`
	Idem    *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is good_guy.proposed.
func (Proposed) Kind() domain.Kind { return domain.Kind{Name: "good_guy.proposed", Version: 1} }

// Subject is the good guy.
func (e Proposed) Subject() string { return e.GoodGuy.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e Proposed) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// GoodGuyDecided says what became of a proposal: approved or rejected by another than who proposed
// it, or withdrawn by anybody.
type GoodGuyDecided struct {
	ID     string              `json:"good_guy_id"`
	Status string              `json:"status"`
	Reason string              `json:"reason"`
	Idem   *domain.Idempotency `json:"idempotency,omitempty"`
}

// Kind is good_guy.decided.
func (GoodGuyDecided) Kind() domain.Kind { return domain.Kind{Name: "good_guy.decided", Version: 1} }

// Subject is the good guy.
func (e GoodGuyDecided) Subject() string { return e.ID }

// Idempotency is the request's Idempotency-Key, if it had one.
func (e GoodGuyDecided) Idempotency() domain.Idempotency { return domain.IdempotencyOf(e.Idem) }

// ProposeGoodGuy wants a good guy.
type ProposeGoodGuy struct {
	Name, List, EntryID, Reason string
	Idem                        *domain.Idempotency // the request's Idempotency-Key, if any
}

// DecideGoodGuy says what becomes of one.
type DecideGoodGuy struct {
	ID, Status, Reason string
	Idem               *domain.Idempotency
}

// GoodGuyStanding is a good guy as it stands. It is never changed, only replaced.
type GoodGuyStanding struct {
	GoodGuy
	Status   string
	Proposer string
	Decider  string // empty while it is proposed
	Seq      int64  // position of the proposal
}

// GoodGuys are those that are approved. They are immutable.
type GoodGuys struct {
	by map[good]*GoodGuy
}

// good is what a good guy clears: a name in its normal form, and an entry.
type good struct{ name, list, entry string }

func (g *GoodGuy) clears() good { return good{Normalise(g.Name), g.List, g.EntryID} }

func (s *State) setGoodGuy(g GoodGuyStanding) {
	s.goodGuys[g.ID] = &g
	if g.Status == GoodGuyProposed {
		return
	}
	after := &GoodGuys{by: map[good]*GoodGuy{}}
	if s.approved != nil {
		maps.Copy(after.by, s.approved.by)
	}
	if delete(after.by, g.clears()); g.Status == GoodGuyApproved {
		after.by[g.clears()] = &g.GoodGuy
	}
	s.approved = after
}

// GoodGuy gives one, whatever became of it, or nil.
func (s *State) GoodGuy(id string) *GoodGuyStanding { return s.goodGuys[id] }

// Approved gives the good guys that are approved; nil if there has never been one.
func (s *State) Approved() *GoodGuys { return s.approved }

// DecidePropose gives no event for a good guy that is proposed or approved with the same words.
func (s *State) DecidePropose(m domain.Meta, c ProposeGoodGuy, lists *Lists) ([]domain.Event, error) {
	if err := domain.CheckText("name", c.Name, maxText, true); err != nil {
		return nil, err
	}
	if Normalise(c.Name) == "" {
		return nil, domain.InvalidField("name", "must have a letter or a digit")
	}
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	entry, _ := lists.Entry(c.List, c.EntryID)
	if entry == nil {
		return nil, domain.InvalidField("entry_id", "is not on the list %.64q", c.List)
	}
	g := GoodGuy{ID: m.IDs.New("ggy"), Name: c.Name, List: c.List, EntryID: c.EntryID, Reason: c.Reason, Entry: SideOf(entry)}
	if s.sameGoodGuy(&g) != nil {
		return nil, nil
	}
	return []domain.Event{Proposed{GoodGuy: g, Idem: c.Idem}}, nil
}

// SameGoodGuy gives the one that is proposed or approved with the same words, or nil.
func (s *State) SameGoodGuy(c ProposeGoodGuy, lists *Lists) *GoodGuyStanding {
	entry, _ := lists.Entry(c.List, c.EntryID)
	if entry == nil {
		return nil
	}
	return s.sameGoodGuy(&GoodGuy{Name: c.Name, List: c.List, EntryID: c.EntryID, Reason: c.Reason, Entry: SideOf(entry)})
}

func (s *State) sameGoodGuy(g *GoodGuy) *GoodGuyStanding {
	for _, id := range slices.Sorted(maps.Keys(s.goodGuys)) {
		known := s.goodGuys[id]
		if (known.Status == GoodGuyProposed || known.Status == GoodGuyApproved) && known.clears() == g.clears() &&
			known.Reason == g.Reason && maps.Equal(known.Entry, g.Entry) {
			return known
		}
	}
	return nil
}

// DecideGoodGuy gives no event for one that stands so. Who approves or rejects must be another than
// who proposed.
func (s *State) DecideGoodGuy(m domain.Meta, c DecideGoodGuy) ([]domain.Event, error) {
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	g := s.goodGuys[c.ID]
	switch {
	case g == nil:
		return nil, domain.Errorf(domain.Unknown, "no such good guy")
	case g.Status == c.Status:
		return nil, nil
	case c.Status == GoodGuyWithdrawn && (g.Status == GoodGuyProposed || g.Status == GoodGuyApproved):
	case g.Status != GoodGuyProposed:
		return nil, domain.Errorf(domain.Conflict, "the good guy is %s", g.Status)
	case g.Proposer == m.Actor:
		return nil, domain.Errorf(domain.Forbidden, "it takes another to approve or reject what one has proposed oneself")
	}
	return []domain.Event{GoodGuyDecided(c)}, nil
}

func (g *GoodGuys) clears(hit *domain.Hit, lists *Lists) (ground string) {
	if g == nil {
		return ""
	}
	known := g.by[good{Normalise(hit.Screened), hit.List.List, hit.EntryID}]
	if known == nil {
		return ""
	}
	if entry, _ := lists.Entry(known.List, known.EntryID); entry == nil || len(known.Entry.changed(SideOf(entry))) > 0 {
		return ""
	}
	return fmt.Sprintf("good guy %s", known.ID)
}
