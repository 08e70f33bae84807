package screening

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"whocomply/domain"
)

// What an officer finds about a hit.
const (
	TrueMatch        = "true_match"
	FalsePositive    = "false_positive"
	NeedsInformation = "needs_information"
)

// Disposition is what an officer found about a customer, or one of its counterparties, and a listed
// entry. It holds while both sides stay as they were.
type Disposition struct {
	ID           string `json:"id"` // dsp_…
	CustomerID   string `json:"customer_id"`
	Counterparty string `json:"counterparty,omitempty"` // digest of the counterparty; empty for the customer itself
	AlertID      string `json:"alert_id"`
	List         string `json:"list"`
	EntryID      string `json:"entry_id"`
	Outcome      string `json:"outcome"` // true_match, false_positive or needs_information
	Reason       string `json:"reason"`
	Customer     Side   `json:"customer"` // what it rests on of the one who was looked for
	Entry        Side   `json:"entry"`    // and of the one listed
}

// Disposed puts a disposition in force, in place of the one there was.
type Disposed struct {
	Disposition Disposition `json:"disposition"`
}

// Kind is screening.disposed.
func (Disposed) Kind() domain.Kind { return domain.Kind{Name: "screening.disposed", Version: 1} }

// Subject is the customer.
func (e Disposed) Subject() string { return e.Disposition.CustomerID }

// Why a disposition became void.
const (
	VoidCustomer = "customer" // the customer changed materially
	VoidEntry    = "entry"    // the entry did
	VoidDelisted = "delisted" // the entry is gone
	VoidReopened = "reopened" // the alert was opened again
)

// Voided ends a disposition.
type Voided struct {
	DispositionID string   `json:"disposition_id"`
	CustomerID    string   `json:"customer_id"`
	Cause         string   `json:"cause"`             // customer, entry, delisted or reopened
	Changed       []string `json:"changed,omitempty"` // material fields that changed
}

// Kind is screening.disposition_voided.
func (Voided) Kind() domain.Kind {
	return domain.Kind{Name: "screening.disposition_voided", Version: 1}
}

// Subject is the customer.
func (e Voided) Subject() string { return e.CustomerID }

// Dispose finds about the hit behind an alert.
type Dispose struct {
	CustomerID   string
	Counterparty string // digest of the counterparty; empty for the customer itself
	AlertID      string
	List         string
	EntryID      string
	Outcome      string
	Reason       string
	Customer     Side
	Entry        Side
}

// met names a customer or counterparty and a listed entry.
type met struct{ counterparty, list, entry string }

func (d *Disposition) met() met { return met{d.Counterparty, d.List, d.EntryID} }

// Dispositions are those in force about one customer. They are immutable.
type Dispositions struct {
	by map[met]*Disposition
}

// All gives the dispositions in the order of their ids.
func (d *Dispositions) All() []*Disposition {
	if d == nil {
		return nil
	}
	return slices.SortedFunc(maps.Values(d.by), func(a, b *Disposition) int { return strings.Compare(a.ID, b.ID) })
}

// with gives the dispositions after one more, or without it.
func (d *Dispositions) with(about *Disposition, inForce bool) *Dispositions {
	after := &Dispositions{by: map[met]*Disposition{}}
	if d != nil {
		maps.Copy(after.by, d.by)
	}
	if delete(after.by, about.met()); inForce {
		after.by[about.met()] = about
	}
	return after
}

// DispositionsOf gives what is in force about a customer; nil for nothing.
func (s *State) DispositionsOf(customerID string) *Dispositions { return s.dispositions[customerID] }

// DecideDispose gives no event if the same is found already.
func (s *State) DecideDispose(m domain.Meta, c Dispose) ([]domain.Event, error) {
	if err := domain.CheckOneOf("outcome", c.Outcome, TrueMatch, FalsePositive, NeedsInformation); err != nil {
		return nil, err
	}
	if err := domain.CheckText("reason", c.Reason, maxText*4, true); err != nil {
		return nil, err
	}
	d := Disposition{
		ID: m.IDs.New("dsp"), CustomerID: c.CustomerID, Counterparty: c.Counterparty, AlertID: c.AlertID, List: c.List, EntryID: c.EntryID,
		Outcome: c.Outcome, Reason: c.Reason, Customer: c.Customer, Entry: c.Entry,
	}
	if known := s.disposition(c.CustomerID, d.met()); known != nil && known.AlertID == d.AlertID && known.Outcome == d.Outcome &&
		known.Reason == d.Reason && maps.Equal(known.Customer, d.Customer) && maps.Equal(known.Entry, d.Entry) {
		return nil, nil
	}
	return []domain.Event{Disposed{Disposition: d}}, nil
}

func (s *State) disposition(customerID string, at met) *Disposition {
	if all := s.dispositions[customerID]; all != nil {
		return all.by[at]
	}
	return nil
}

// DecideReopen ends the disposition that an alert led to, if it is in force.
func (s *State) DecideReopen(customerID, alertID string) (events []domain.Event) {
	for _, d := range s.DispositionsOf(customerID).All() {
		if d.AlertID == alertID {
			events = append(events, Voided{DispositionID: d.ID, CustomerID: customerID, Cause: VoidReopened})
		}
	}
	return events
}

// DecideVoid ends the dispositions about a customer that do not rest on what is the case: on the
// customer as it is now, and on the entries as they are on the lists. A list that the customer is
// not screened on says nothing about its entries.
func (s *State) DecideVoid(customerID string, now Side, lists *Lists) (events []domain.Event) {
	for _, d := range s.DispositionsOf(customerID).All() {
		void := Voided{DispositionID: d.ID, CustomerID: customerID}
		if d.Counterparty == "" {
			if void.Changed = d.Customer.changed(now); len(void.Changed) > 0 {
				void.Cause = VoidCustomer
				events = append(events, void)
				continue
			}
		}
		if void.Cause, void.Changed = d.entryChanged(lists); void.Cause != "" {
			events = append(events, void)
		}
	}
	return events
}

func (d *Disposition) entryChanged(lists *Lists) (cause string, fields []string) {
	entry, watched := lists.Entry(d.List, d.EntryID)
	switch {
	case !watched:
		return "", nil
	case entry == nil:
		return VoidDelisted, nil
	}
	if fields = d.Entry.changed(SideOf(entry)); len(fields) > 0 {
		return VoidEntry, fields
	}
	return "", nil
}

// Apply takes out of what was found the hits that officers have found to be false, and those on good
// guys: they are recorded as cleared, with that ground. now is the side that was looked for, and
// counterparty its digest if it is one.
func (d *Dispositions) Apply(found domain.Screened, now Side, counterparty string, guys *GoodGuys, lists *Lists) domain.Screened {
	if len(found.Hits) == 0 || d == nil && guys == nil {
		return found
	}
	out := found
	out.Hits = make([]domain.Hit, 0, len(found.Hits))
	out.Cleared = slices.Clip(found.Cleared)
	for _, hit := range found.Hits {
		ground := d.clears(&hit, now, counterparty, lists)
		if ground == "" {
			ground = guys.clears(&hit, lists)
		}
		if ground == "" {
			out.Hits = append(out.Hits, hit)
			continue
		}
		hit.Grounds = append(slices.Clip(hit.Grounds), ground)
		out.Cleared = append(out.Cleared, hit)
	}
	if len(out.Hits) == len(found.Hits) {
		return found
	}
	return out
}

func (d *Dispositions) clears(hit *domain.Hit, now Side, counterparty string, lists *Lists) (ground string) {
	if d == nil {
		return ""
	}
	known := d.by[met{counterparty, hit.List.List, hit.EntryID}]
	if known == nil || known.Outcome != FalsePositive || !maps.Equal(known.Customer, now) {
		return ""
	}
	if cause, _ := known.entryChanged(lists); cause != "" {
		return ""
	}
	return fmt.Sprintf("false positive by disposition %s", known.ID)
}
