package ledger

import (
	"time"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/risk"
)

// rate rates a customer anew.
func (t *turn) rate(c *customer.Customer) {
	t.emit(t.state.Ratings.DecideRating(c.ID, riskInputs(t.state, c, nil, t.meta.At))...)
}

// riskInputs gathers what the areas know about a customer's risk, and the alerts that are about to
// be raised on the customer, for the model in force.
func riskInputs(s *State, c *customer.Customer, raised []*casework.Standing, at time.Time) risk.Inputs {
	return inputsFor(s.Ratings.Model(), s, c, raised, at)
}

// inputsFor is riskInputs for a model that need not be the one in force.
func inputsFor(m *risk.Model, s *State, c *customer.Customer, raised []*casework.Standing, at time.Time) risk.Inputs {
	p := &c.Profile
	in := risk.Inputs{
		At: at, ProfileSeq: c.Seq, Countries: []string{p.CountryOfResidence, p.Nationality},
		Business: p.Type == "business", Industry: p.Industry, PEPDeclared: p.PEPDeclared,
		Reviewed: s.lastReview(c, at), Override: s.Ratings.Approved(c.ID), Lists: jurisdictions(m, s),
	}
	in.Products, in.Delivery = p.TakenOn()
	if p.Address != nil {
		in.Countries = append(in.Countries, p.Address.Country)
	}
	for i := range p.Parties {
		party := &p.Parties[i]
		in.PEPDeclared = in.PEPDeclared || party.PEPDeclared
		if party.Owns() {
			in.Owners = append(in.Owners, risk.Owner{Business: party.Type == "business", Countries: []string{party.CountryOfResidence, party.Nationality}})
		}
	}
	if p.KYC != nil {
		in.KYCStatus = p.KYC.Status
		in.KYCExpires, _ = time.Parse(time.RFC3339Nano, p.KYC.ExpiresAt)
		in.KYCVerified, _ = time.Parse(time.RFC3339Nano, p.KYC.VerifiedAt)
	}
	for _, weighing := range [][]*casework.Standing{s.Alerts.ConfirmedOf(c.ID), s.Alerts.OpenOf(c.ID), raised} {
		for _, a := range weighing {
			in.Alerts = append(in.Alerts, risk.Alert{Kind: a.Kind, Severity: a.Severity, Seq: a.Seq, Confirmed: !a.IsOpen()})
		}
	}
	return in
}

// lastReview gives when a customer was taken on, identified or reviewed last.
func (s *State) lastReview(c *customer.Customer, at time.Time) time.Time {
	last := c.CreatedAt
	if kyc := c.Profile.KYC; kyc != nil {
		if verified, err := time.Parse(time.RFC3339Nano, kyc.VerifiedAt); err == nil && verified.After(last) && !verified.After(at) {
			last = verified
		}
	}
	if reviewed := s.Ratings.ReviewedAt(c.ID); reviewed.After(last) {
		last = reviewed
	}
	return last
}

// jurisdictions gives the reference lists that a risk model names.
func jurisdictions(m *risk.Model, s *State) map[string]risk.List {
	if m.Lists == (risk.Lists{}) {
		return nil
	}
	lists := map[string]risk.List{}
	for _, name := range []string{m.Lists.CallForAction, m.Lists.Monitored} {
		if l, known := s.Rules.RuleSet().Reference().List(name); known {
			lists[name] = risk.List{Version: l.Version, Values: l.Values}
		}
	}
	return lists
}

// CheckModel says what is wrong with a risk model: its lists must be there.
func (s *State) CheckModel(m *risk.Model) error {
	if err := m.Check(); err != nil {
		return err
	}
	for field, name := range map[string]string{"lists.call_for_action": m.Lists.CallForAction, "lists.monitored": m.Lists.Monitored} {
		if l, known := s.Rules.RuleSet().Reference().List(name); name != "" && (!known || l.Kind != "countries") {
			return domain.InvalidField(field, "names no reference list of countries")
		}
	}
	return nil
}

// StateModel states a version of a risk model. Its reply is a risk.ModelStated.
func StateModel(cmd risk.StateModel) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		if err := t.state.CheckModel(&cmd.Model); err != nil {
			return nil, nil, err
		}
		events, err := t.state.Ratings.DecideModel(t.meta, cmd)
		return events, first(events), err
	}}
}

// AdoptModel has customers rated by a model from now on. Those there are keep their ratings until
// RateCustomers comes to them. Its reply is a risk.ModelAdopted, or nil if the model is in force.
func AdoptModel(cmd risk.AdoptModel) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Ratings.DecideAdopt(t.meta, cmd)
		return events, first(events), err
	}}
}

// RateCustomers rates customers anew, by our ids. It has no reply.
func RateCustomers(ids []string) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		for _, id := range ids {
			if c := t.state.Customers.Find(id); c != nil {
				t.rate(c)
			}
		}
		return nil, nil, nil
	}}
}

// RequestOverride asks for another rating of a customer. Its reply is a *CustomerView.
func RequestOverride(cmd risk.RequestOverride) Command {
	return rerating(&cmd.CustomerID, func(t *turn) ([]domain.Event, error) { return t.state.Ratings.DecideRequest(t.meta, cmd) })
}

// ApproveOverride puts what was asked for in force. Its reply is a *CustomerView.
func ApproveOverride(cmd risk.StepOverride) Command {
	return rerating(&cmd.CustomerID, func(t *turn) ([]domain.Event, error) { return t.state.Ratings.DecideApprove(t.meta, cmd) })
}

// RejectOverride lets what was asked for come to nothing. Its reply is a *CustomerView.
func RejectOverride(cmd risk.StepOverride) Command {
	return rerating(&cmd.CustomerID, func(t *turn) ([]domain.Event, error) { return t.state.Ratings.DecideReject(t.meta, cmd) })
}

// EndOverride ends an override that is in force. Its reply is a *CustomerView.
func EndOverride(cmd risk.StepOverride) Command {
	return rerating(&cmd.CustomerID, func(t *turn) ([]domain.Event, error) { return t.state.Ratings.DecideEnd(t.meta, cmd) })
}

// ReviewCustomer says that an officer has looked at a customer: the next review is due later. Its reply
// is a *CustomerView.
func ReviewCustomer(cmd risk.Review) Command {
	return rerating(&cmd.CustomerID, func(t *turn) ([]domain.Event, error) { return t.state.Ratings.DecideReview(t.meta, cmd) })
}

// rerating takes a step about a customer, by our id or the caller's, and rates the customer anew in
// the same append.
func rerating(id *string, decide func(t *turn) ([]domain.Event, error)) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		c := t.state.Customers.Find(*id)
		if c == nil {
			return nil, nil, domain.Errorf(domain.Unknown, "there is no such customer")
		}
		*id = c.ID
		events, err := decide(t)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		t.rate(c)
		return nil, t.state.ViewCustomer(c.ID), nil
	}}
}

// Unrated is the number of customers whom the model in force has not rated yet.
func (s *State) Unrated() int { return s.Customers.Len() - s.Ratings.RatedBy(s.Ratings.Model().ID()) }

// Outdated gives those of the customers, by our ids, who would be rated otherwise at a time than they
// are: an override or an identity check has expired, a list that the model names has changed, or another
// model came into force.
func (s *State) Outdated(ids []string, at time.Time) (outdated []string) {
	for _, id := range ids {
		if c := s.Customers.Find(id); c != nil && len(s.Ratings.DecideRating(c.ID, riskInputs(s, c, nil, at))) > 0 {
			outdated = append(outdated, id)
		}
	}
	return outdated
}

// Tried is a customer's rating as it is and as another model would have it.
type Tried struct {
	CustomerID string          `json:"customer_id"`
	ExternalID string          `json:"external_id"`
	From       domain.RiskMark `json:"from"`
	To         domain.RiskMark `json:"to"`
}

// TryModel rates customers by a model that need not be in force, by our ids, and changes nothing.
func (s *State) TryModel(m *risk.Model, ids []string, at time.Time) []Tried {
	tried := make([]Tried, 0, len(ids))
	for _, id := range ids {
		if c := s.Customers.Find(id); c != nil {
			to := m.Rate(inputsFor(m, s, c, nil, at))
			tried = append(tried, Tried{c.ID, c.Profile.ExternalID, s.Ratings.Of(c.ID).Mark(), to.RiskMark})
		}
	}
	return tried
}
