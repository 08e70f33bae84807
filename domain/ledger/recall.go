package ledger

import (
	"fmt"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/customer"
	"whocomply/domain/monitoring"
	"whocomply/domain/risk"
)

// Recall goes through a ledger's past and tells each event of the institution's as rules saw it: with
// the customer and the rating of that moment, and the list that the counterparty was found on. It
// keeps what rules see of each customer, and belongs to one goroutine.
type Recall struct {
	catalog   *domain.Catalog
	customers map[string]*recalled
	skim      activity.Skim
	told      monitoring.Recorded
	moved     monitoring.Transaction // of what was told
}

// recalled is a customer at one moment.
type recalled struct {
	customer monitoring.Customer
	risk     monitoring.Risk
}

// NewRecall starts before the first event.
func NewRecall() (*Recall, error) {
	catalog, err := Catalog()
	return &Recall{catalog: catalog, customers: map[string]*recalled{}}, err
}

var (
	recordedKind = activity.Recorded{}.Kind()
	pushedKind   = customer.Pushed{}.Kind()
	ratedKind    = risk.Rated{}.Kind()
)

// Take takes in the next record. It gives nil for what is no event of the institution's; what it
// gives is overwritten by the next call.
func (r *Recall) Take(p domain.Payload) (*monitoring.Recorded, error) {
	switch p.Kind {
	case recordedKind:
		return r.recorded(p)
	case pushedKind, ratedKind:
		event, err := r.catalog.Decode(p.Kind, p.Raw)
		if err != nil {
			return nil, err
		}
		switch event := event.(type) {
		case customer.Pushed:
			r.known(event.CustomerID).customer = seenCustomer(event.CustomerID, &event.Profile)
		case risk.Rated:
			r.known(event.CustomerID).risk = seenRisk(&event.Rating)
		}
	}
	return nil, nil
}

func (r *Recall) known(customerID string) *recalled {
	known := r.customers[customerID]
	if known == nil {
		known = &recalled{}
		r.customers[customerID] = known
	}
	return known
}

func (r *Recall) recorded(p domain.Payload) (*monitoring.Recorded, error) {
	e, err := r.skim.Read(p.Raw)
	if err != nil {
		return nil, fmt.Errorf("event %d: %w", p.Seq, err)
	}
	in, who := &r.told.Input, r.known(e.CustomerID)
	in.Event, in.Session, in.Customer, in.Risk = seenEvent(&e.Input), monitoring.Session(e.Session()), who.customer, who.risk
	if in.Transaction = nil; e.Transaction() != nil {
		in.Transaction, r.moved = &r.moved, seenTransaction(e.Transaction())
		r.moved.Counterparty.Listed = worstCategory(e.Decision.Screening.Hits)
	}
	r.told.Fired = r.told.Fired[:0]
	for _, rule := range e.Decision.Monitoring.Fired {
		if rule.Mode == "live" {
			r.told.Fired = append(r.told.Fired, rule.RuleID)
		}
	}
	return &r.told, nil
}
