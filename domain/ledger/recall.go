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
	words     map[string]string
	recent    [256]string // words, each in a place that its ends and length give
	told      monitoring.Recorded
}

// recalled is a customer at one moment.
type recalled struct {
	customer monitoring.Customer
	risk     monitoring.Risk
}

// maxRecalledWords bounds the texts that are kept to be given again.
const maxRecalledWords = 1 << 18

// NewRecall starts before the first event.
func NewRecall() (*Recall, error) {
	catalog, err := Catalog()
	return &Recall{catalog: catalog, customers: map[string]*recalled{}, words: map[string]string{}}, err
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
	e, err := activity.Skim(p.Raw, r.word)
	if err != nil {
		return nil, fmt.Errorf("event %d: %w", p.Seq, err)
	}
	in := ruleInput(&e.Input, e.Transaction(), e.Session())
	if t := in.Transaction; t != nil {
		t.Counterparty.Listed = worstCategory(e.Decision.Screening.Hits)
	}
	who := r.known(e.CustomerID)
	in.Customer, in.Risk = who.customer, who.risk
	r.told = monitoring.Recorded{Input: in, Fired: r.told.Fired[:0]}
	for _, rule := range e.Decision.Monitoring.Fired {
		if rule.Mode == "live" {
			r.told.Fired = append(r.told.Fired, rule.RuleID)
		}
	}
	return &r.told, nil
}

// word gives a text that was met before, most often.
func (r *Recall) word(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	recent := &r.recent[byte(31*len(raw)+7*int(raw[0])+int(raw[len(raw)-1]))]
	if *recent != string(raw) {
		*recent = r.interned(raw)
	}
	return *recent
}

// interned gives a text of the words, where it is put if it is new.
func (r *Recall) interned(raw []byte) string {
	if known, found := r.words[string(raw)]; found {
		return known
	}
	if len(r.words) >= maxRecalledWords {
		clear(r.words)
	}
	s := string(raw)
	r.words[s] = s
	return s
}
