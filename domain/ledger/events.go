package ledger

import (
	"slices"
	"time"

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
	seen        monitoring.Input // as rules see it
	basis       eventBasis
	queries     []screening.Query // who the payment has to do with
	searched    *screening.Lists  // that found rests on
	found       domain.Screened
	screened    domain.Screened // what of found is left by the officers' dispositions
	other       string          // digest of whom the customer deals with; empty if nobody was found
	monitored   domain.Monitored
}

// eventBasis is all that an event's decision rests on besides the event. It is stale as soon as
// one of its values was replaced.
type eventBasis struct {
	customer *customer.Customer
	rating   *risk.Rating
	rules    *monitoring.RuleSet
	lists    *screening.Lists
	disposed *screening.Dispositions
	guys     *screening.GoodGuys
	past     monitoring.Past
}

// Idempotency is the caller's event_id.
func (c *RecordEvent) Idempotency() domain.Idempotency { return c.idem }

func (c *RecordEvent) check(m domain.Meta) (err error) {
	if c.transaction, err = c.Check(m.At); err != nil {
		return err
	}
	c.idem = c.Input.Idempotency()
	c.seen = ruleInput(&c.Input, c.transaction, c.Session())
	c.queries = paymentQueries(c.transaction)
	return nil
}

func (c *RecordEvent) look(s *State) bool {
	now := eventBasis{customer: s.Customers.Find(c.Customer), rules: s.Rules.RuleSet(), lists: s.Lists(), guys: s.Screening.Approved()}
	if now.customer != nil {
		now.rating = s.Ratings.Of(now.customer.ID)
		now.disposed = s.Screening.DispositionsOf(now.customer.ID)
		c.seen.Customer.ID = now.customer.ID
		now.past = s.past.Of(now.rules, &c.seen)
	}
	changed := now != c.basis
	c.basis = now
	return changed
}

func (c *RecordEvent) prepare(domain.Meta) error {
	if c.basis.customer == nil {
		return domain.InvalidField("customer_id", "names no customer; push the customer first")
	}
	if err := c.screen(); err != nil {
		return err
	}
	if t := c.seen.Transaction; t != nil {
		t.Counterparty.Listed = worstCategory(c.screened.Hits)
	}
	c.seen.Customer, c.seen.Risk = seenCustomer(c.basis.customer.ID, &c.basis.customer.Profile), seenRisk(c.basis.rating)
	c.seen.Past = c.basis.past
	c.monitored = c.basis.rules.Evaluate(c.seen)
	return nil
}

// screen looks for whom the payment has to do with, once for the same lists, and leaves out what
// officers have found to be false.
func (c *RecordEvent) screen() (err error) {
	if c.searched == nil || c.searched != c.basis.lists {
		c.found = domain.Screened{Lists: []domain.ListVersion{}, Hits: []domain.Hit{}}
		if len(c.queries) > 0 {
			if c.found, err = search(c.basis.lists, c.queries...); err != nil {
				return err
			}
		}
		c.searched = c.basis.lists
	}
	if c.screened, c.other = c.found, ""; len(c.found.Hits) > 0 {
		c.other = screening.SideOfQueries(c.queries...).Digest()
		c.screened = c.basis.disposed.Apply(c.found, counterpartySide(c.other), c.other, c.basis.guys, c.basis.lists)
	}
	return nil
}

func (c *RecordEvent) decide(t *turn) (any, error) {
	s, who := t.state, c.basis.customer
	if len(c.screened.Lists) > 0 {
		c.screened.Stale = c.basis.lists.Stale(t.meta.At)
	}
	c.monitored.Fired = slices.Clone(c.monitored.Fired)
	for i := range c.monitored.Fired {
		rule := &c.monitored.Fired[i]
		rule.Suppressed = s.Alerts.StandsFor(rule, t.meta.At)
	}
	c.monitored.Failed = slices.Clone(c.monitored.Failed)
	for i := range c.monitored.Failed {
		rule := &c.monitored.Failed[i]
		rule.Suppressed = s.Alerts.StandsForFailure(rule)
	}
	raised := s.Alerts.DecideFinding(t.meta, casework.Finding{
		CustomerID: who.ID, Screened: c.screened, Monitored: c.monitored,
		Source: casework.Source{Kind: "event", EventID: c.EventID, Seq: s.next, Counterparty: c.other},
	})
	before := s.Ratings.Of(who.ID).Mark()
	change := activity.RiskChange{Before: before, After: before}
	var rated []domain.Event
	if len(raised) > 0 {
		rated = s.Ratings.DecideRating(who.ID, riskInputs(s, who, standings(s.next+1, raised), t.meta.At))
	}
	if len(rated) > 0 {
		change.After = rated[0].(risk.Rated).RiskMark
	}
	ids := make([]string, len(raised))
	for i, r := range raised {
		ids[i] = r.Alert.ID
	}
	events := []domain.Event{activity.DecideRecord(activity.Record{
		Input: c.Input, CustomerID: who.ID, Idem: c.idem, Transaction: c.transaction,
		At: t.meta.At, Overtaken: s.past.Overtakes(who.ID, c.OccurredAt),
		Decision: activity.Decision{Monitoring: c.monitored, Screening: c.screened, Alerts: ids, Risk: change},
	})}
	for _, r := range raised {
		events = append(events, r)
	}
	s.seen = &c.seen
	defer func() { s.seen = nil }()
	return t.recorded(append(events, rated...), nil)
}

// standings gives alerts as they will stand once the records from a position on have raised them.
func standings(from int64, raised []casework.Raised) []*casework.Standing {
	open := make([]*casework.Standing, len(raised))
	for i, r := range raised {
		open[i] = r.Standing(from+int64(i), time.Time{})
	}
	return open
}

// ruleInput writes an event as rules see it, without its customer and the past.
func ruleInput(event *activity.Input, t *activity.Transaction, session activity.Session) monitoring.Input {
	in := monitoring.Input{Event: seenEvent(event), Session: monitoring.Session(session)}
	if t != nil {
		seen := seenTransaction(t)
		in.Transaction = &seen
	}
	return in
}

func seenEvent(e *activity.Input) monitoring.Event {
	return monitoring.Event{ID: e.EventID, Type: e.EventType, OccurredAt: e.OccurredAt, Data: e.Data}
}

func seenTransaction(t *activity.Transaction) monitoring.Transaction {
	seen := monitoring.Transaction{
		ID: t.ID, Amount: t.Amount, Currency: t.Currency, Direction: t.Direction, Channel: t.Channel,
		Method: t.Method, Purpose: t.Purpose, Account: t.Account, Reference: t.Reference,
	}
	if cp := t.Counterparty; cp != nil {
		seen.Counterparty = monitoring.Counterparty{Name: cp.Name, Account: cp.Account, Bank: cp.Bank, Country: cp.Country}
	}
	return seen
}

// seenCustomer writes a customer as rules see them.
func seenCustomer(id string, p *customer.Profile) monitoring.Customer {
	c := monitoring.Customer{
		ID: id, ExternalID: p.ExternalID, Type: p.Type, CountryOfResidence: p.CountryOfResidence,
		Nationality: p.Nationality, Industry: p.Industry, Occupation: p.Occupation, PEPDeclared: p.PEPDeclared,
	}
	if p.KYC != nil {
		c.KYCStatus = p.KYC.Status
	}
	c.DeclaredMonthly = p.DeclaredMonthly()
	return c
}

// worstCategory gives the gravest category of list that a name was found on, or "".
func worstCategory(hits []domain.Hit) string {
	for _, category := range []string{"sanctions", "pep", "adverse_media", "internal"} {
		if slices.ContainsFunc(hits, func(h domain.Hit) bool { return h.Category == category }) {
			return category
		}
	}
	return ""
}

// seenRisk writes a rating as rules see it.
func seenRisk(r *risk.Rating) monitoring.Risk {
	if r == nil {
		return monitoring.Risk{}
	}
	return monitoring.Risk{Score: r.Score, Rating: r.Rating, SanctionsFlag: r.SanctionsFlag, PEPFlag: r.PEPFlag}
}

// remember takes a recorded event into the past that later ones are seen before.
func (s *State) remember(e *activity.Recorded) {
	if s.seen != nil {
		s.past.Record(s.seen)
		return
	}
	in := ruleInput(&e.Input, e.Transaction(), e.Session())
	in.Customer.ID = e.CustomerID
	s.past.Record(&in)
}
