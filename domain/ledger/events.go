package ledger

import (
	"slices"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/monitoring"
	"whocomply/domain/risk"
	"whocomply/domain/screening"
)

// RecordEvent decides an event of the institution's: screens the counterparty, runs the rules,
// raises alerts and rates the customer. Its reply is an activity.Recorded.
type RecordEvent struct {
	activity.Input

	idem        domain.Idempotency
	transaction *activity.Transaction
	basis       eventBasis
	screened    domain.Screened
	monitored   domain.Monitored
}

// eventBasis is all that an event's decision rests on besides the event. It is stale as soon as
// one of its values was replaced.
type eventBasis struct {
	customer *customer.Customer
	rating   *risk.Rating
	rules    *monitoring.RuleSet
	lists    *screening.Lists
}

// Idempotency is the caller's event_id.
func (c *RecordEvent) Idempotency() domain.Idempotency { return c.idem }

func (c *RecordEvent) look(s *State) bool {
	now := eventBasis{customer: s.Customers.Find(c.Customer), rules: s.Rules.RuleSet(), lists: s.Lists()}
	if now.customer != nil {
		now.rating = s.Ratings.Of(now.customer.ID)
	}
	changed := now != c.basis
	c.basis = now
	return changed
}

func (c *RecordEvent) prepare(m domain.Meta) error {
	var err error
	if c.transaction, err = c.Check(m.At); err != nil {
		return err
	}
	c.Data = domain.StoredJSON(c.Data)
	c.idem = c.Input.Idempotency()
	if c.basis.customer == nil {
		return domain.InvalidField("customer_id", "names no customer; push the customer first")
	}
	c.screened = domain.Screened{Lists: []domain.ListVersion{}, Hits: []domain.Hit{}}
	if t := c.transaction; t != nil && t.Counterparty != nil && t.Counterparty.Name != "" {
		name := screening.Name{Field: "data.transaction.counterparty.name", Text: t.Counterparty.Name}
		if c.screened, err = search(c.basis.lists, []screening.Name{name}); err != nil {
			return err
		}
	}
	c.monitored = c.basis.rules.Evaluate(c.ruleInput())
	return nil
}

func (c *RecordEvent) decide(t *turn) (any, error) {
	s, who := t.state, c.basis.customer
	raised := s.Alerts.DecideFinding(t.meta, casework.Finding{
		CustomerID: who.ID, Screened: c.screened, Monitored: c.monitored,
		Source: casework.Source{Kind: "event", EventID: c.EventID, Seq: s.next},
	})
	before := c.basis.rating.Mark()
	change := activity.RiskChange{Before: before, After: before}
	var rated []domain.Event
	if len(raised) > 0 {
		rated = s.Ratings.DecideRating(who.ID, riskInputs(who, withRaised(s, who.ID, raised), t.meta.At))
	}
	if len(rated) > 0 {
		change.After = rated[0].(risk.Rated).RiskMark
	}
	ids := make([]string, len(raised))
	for i, r := range raised {
		ids[i] = r.Alert.ID
	}
	events := []domain.Event{activity.DecideRecord(activity.Record{
		Input: c.Input, CustomerID: who.ID, Idem: c.idem,
		Decision: activity.Decision{Monitoring: c.monitored, Screening: c.screened, Alerts: ids, Risk: change},
	})}
	for _, r := range raised {
		events = append(events, r)
	}
	return t.recorded(append(events, rated...), nil)
}

// withRaised gives a customer's open alerts as they will stand once the event that is about to be
// recorded and its alerts are.
func withRaised(s *State, customerID string, raised []casework.Raised) []*casework.Standing {
	open := slices.Clip(s.Alerts.OpenOf(customerID))
	for i, r := range raised {
		open = append(open, &casework.Standing{Alert: r.Alert, Seq: s.next + 1 + int64(i)})
	}
	return open
}

// ruleInput writes the event and its customer as rules see them.
func (c *RecordEvent) ruleInput() monitoring.Input {
	p := &c.basis.customer.Profile
	in := monitoring.Input{
		Event: monitoring.Event{ID: c.EventID, Type: c.EventType, OccurredAt: c.OccurredAt, Data: c.Data},
		Customer: monitoring.Customer{
			ID: c.basis.customer.ID, ExternalID: p.ExternalID, Type: p.Type, CountryOfResidence: p.CountryOfResidence,
			Nationality: p.Nationality, Industry: p.Industry, Occupation: p.Occupation, PEPDeclared: p.PEPDeclared,
		},
	}
	if p.KYC != nil {
		in.Customer.KYCStatus = p.KYC.Status
	}
	if r := c.basis.rating; r != nil {
		in.Risk = monitoring.Risk{Score: r.Score, Rating: r.Rating, SanctionsFlag: r.SanctionsFlag, PEPFlag: r.PEPFlag}
	}
	if t := c.transaction; t != nil {
		in.Transaction = &monitoring.Transaction{
			ID: t.ID, Amount: t.Amount, Currency: t.Currency, Direction: t.Direction, Channel: t.Channel,
			Method: t.Method, Purpose: t.Purpose, Account: t.Account, Reference: t.Reference,
		}
		if cp := t.Counterparty; cp != nil {
			in.Transaction.Counterparty = monitoring.Counterparty(*cp)
		}
	}
	return in
}
