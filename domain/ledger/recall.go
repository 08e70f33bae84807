package ledger

import (
	"fmt"
	"slices"
	"strings"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/customer"
	"whocomply/domain/monitoring"
	"whocomply/domain/risk"
)

// Recall goes through a ledger's past and tells each event of the institution's as rules saw it: with
// the customer and the rating of that moment, and the list that the counterparty was found on, as far
// as they read them. It keeps what rules see of each customer, and belongs to one goroutine.
type Recall struct {
	catalog   *domain.Catalog
	known     bool // what was known of the customer is read
	listed    bool // so is on which list the counterparty is
	customers map[string]*recalled
	skim      activity.Skim
	told      monitoring.Recorded
	moved     monitoring.Transaction // of what was told
	fired     []string               // then
}

// recalled is a customer at one moment.
type recalled struct {
	customer monitoring.Customer
	risk     monitoring.Risk
}

// NewRecall starts before the first event. Reads says whether the rules read a field, or any of an object's;
// see [monitoring.Tester.Reads].
func NewRecall(reads func(name string) bool) (*Recall, error) {
	catalog, err := Catalog()
	r := &Recall{
		catalog: catalog, customers: map[string]*recalled{},
		known: reads("customer") || reads("risk"), listed: reads("transaction.counterparty.listed"),
	}
	r.skim.Brief = !slices.ContainsFunc(ownTexts, reads)
	r.told.Fired = r.firedThen
	return r, err
}

var (
	recordedKind = activity.Recorded{}.Kind()
	pushedKind   = customer.Pushed{}.Kind()
	ratedKind    = risk.Rated{}.Kind()
)

// ownTexts are the fields that a brief skim leaves out.
var ownTexts = []string{
	"transaction.id", "transaction.purpose", "transaction.account", "transaction.reference",
	"transaction.counterparty.name", "transaction.counterparty.account", "transaction.counterparty.bank",
}

// Take takes in the next record. It gives nil for what is no event of the institution's; what it
// gives is overwritten by the next call.
func (r *Recall) Take(p domain.Payload) (*monitoring.Recorded, error) {
	switch p.Kind {
	case recordedKind:
		return r.recorded(p)
	case pushedKind, ratedKind:
		if !r.known {
			return nil, nil
		}
		event, err := r.catalog.Decode(p.Kind, p.Raw)
		if err != nil {
			return nil, err
		}
		switch event := event.(type) {
		case customer.Pushed:
			r.of(event.CustomerID).customer = seenCustomer(event.CustomerID, &event.Profile)
		case risk.Rated:
			r.of(event.CustomerID).risk = seenRisk(&event.Rating)
		}
	}
	return nil, nil
}

// of gives what is known of a customer.
func (r *Recall) of(customerID string) *recalled {
	who := r.customers[customerID]
	if who == nil {
		customerID = strings.Clone(customerID) // which may be part of a large text
		who = &recalled{customer: monitoring.Customer{ID: customerID}}
		r.customers[customerID] = who
	}
	return who
}

func (r *Recall) recorded(p domain.Payload) (*monitoring.Recorded, error) {
	e, err := r.skim.Read(p.Raw)
	if err != nil {
		return nil, fmt.Errorf("event %d: %w", p.Seq, err)
	}
	in := &r.told.Input
	in.Event, in.Session, in.Customer.ID = seenEvent(&e.Input), monitoring.Session(e.Session()), e.CustomerID
	if r.known {
		who := r.of(e.CustomerID)
		in.Customer, in.Risk = who.customer, who.risk
	}
	if in.Transaction = nil; e.Transaction() == nil {
		return &r.told, nil
	}
	in.Transaction, r.moved = &r.moved, seenTransaction(e.Transaction())
	if r.listed {
		decision, err := r.skim.Decision()
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", p.Seq, err)
		}
		r.moved.Counterparty.Listed = worstCategory(decision.Screening.Hits)
	}
	return &r.told, nil
}

// firedThen gives the live rules that fired on what was told.
func (r *Recall) firedThen() ([]string, error) {
	decision, err := r.skim.Decision()
	if err != nil {
		return nil, err
	}
	r.fired = r.fired[:0]
	for _, rule := range decision.Monitoring.Fired {
		if rule.Mode == "live" {
			r.fired = append(r.fired, rule.RuleID)
		}
	}
	return r.fired, nil
}
