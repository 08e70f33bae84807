package http

import (
	"context"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/casework"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

func (s *Server) customerRoutes() []route {
	return []route{
		{"POST", tenants + "/customers", "customers:write", s.pushCustomer},
		{"GET", tenants + "/customers", "customers:read", s.listCustomers},
		{"GET", tenants + "/customers/:id", "customers:read", s.getCustomer},
		{"PATCH", tenants + "/customers/:id", "customers:write", s.patchCustomer},
		{"GET", tenants + "/customers/:id/risk-view", "customers:read", s.getRiskView},
		{"GET", tenants + "/customers/:id/timeline", "customers:read", s.getTimeline},
		{"GET", tenants + "/customers/:id/history", "customers:read", s.getHistory},
		{"POST", tenants + "/customers/:id/close", "customers:write", s.closeCustomer},
		{"POST", tenants + "/customers/:id/reopen", "customers:write", s.reopenCustomer},
	}
}

// customerAnswer is a customer as a write left it: what a read of it shows, and the open alerts
// with their weight.
type customerAnswer struct {
	projections.Customer
	Alerts  []openAlert    `json:"alerts"`
	Receipt ledger.Receipt `json:"receipt"`
}

// maxAlerts is how many of a customer's open alerts an answer shows, the newest first.
const maxAlerts = 100

// openAlert is an alert that weighs on a customer.
type openAlert struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"`
	Severity domain.Severity `json:"severity"`
}

func answerCustomer(view *ledger.CustomerView, receipt ledger.Receipt) *customerAnswer {
	a := &customerAnswer{Customer: showCustomer(view), Alerts: []openAlert{}, Receipt: receipt}
	for _, alert := range newestOf(view.Alerts) {
		a.Alerts = append(a.Alerts, openAlert{alert.ID, alert.Kind, alert.Severity})
	}
	return a
}

// showCustomer writes a customer out of the ledger's state as the read model does out of its rows.
func showCustomer(view *ledger.CustomerView) projections.Customer {
	known := view.Customer
	c := projections.Customer{
		ID: known.ID, Profile: known.Profile, Version: known.Version, Status: known.Status, StatusReason: known.Reason,
		ClosedAt: known.ClosedAt, CreatedAt: known.CreatedAt, UpdatedAt: known.UpdatedAt, OpenAlerts: []string{},
	}
	if c.KYC == nil {
		c.KYC = &customer.KYC{Status: "not_started"}
	}
	c.Risk.RiskMark = view.Rating.Mark()
	if r := view.Rating; r != nil {
		c.Risk.SanctionsFlag, c.Risk.PEPFlag, c.Risk.EDDRequired = r.SanctionsFlag, r.PEPFlag, r.EDDRequired
	}
	if view.Screening != nil {
		c.Screening.Screened = view.Screening.Screened
	}
	for _, alert := range newestOf(view.Alerts) {
		c.OpenAlerts = append(c.OpenAlerts, alert.ID)
	}
	return c
}

// newestOf yields the newest alerts, the very newest first.
func newestOf(alerts []*casework.Standing) iter.Seq2[int, *casework.Standing] {
	return slices.Backward(alerts[max(0, len(alerts)-maxAlerts):])
}

func (s *Server) pushCustomer(c *call) error {
	var profile customer.Profile
	if err := c.decode(&profile); err != nil {
		return err
	}
	idem, err := c.idempotency("customers", profile)
	if err != nil {
		return err
	}
	return c.changeCustomer(&ledger.PushCustomer{Push: customer.Push{Profile: profile, Idem: idem}}, idem)
}

func (s *Server) patchCustomer(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var merge jsontext.Value
	if err := c.decode(&merge); err != nil {
		return err
	}
	patch := customer.Patch{Customer: id, Merge: merge}
	if patch.Idem, err = c.idempotency("customers.patch", patch); err != nil {
		return err
	}
	return c.changeCustomer(&ledger.PatchCustomer{Patch: patch}, patch.Idem)
}

// changeCustomer carries out a push or a patch. A repetition under an Idempotency-Key is answered
// with the customer as it is now.
func (c *call) changeCustomer(cmd ledger.Command, idem *domain.Idempotency) error {
	outcome, err := c.execute(cmd)
	if err != nil {
		return err
	}
	view, fresh := outcome.Reply.(*ledger.CustomerView)
	if !fresh {
		if view, err = c.customerOf(idem.Key); err != nil {
			return err
		}
	}
	return c.wrote(fresh && view.Created, outcome, answerCustomer(view, outcome.Receipt))
}

// customerOf gives the customer whose push is bound to an idempotency key.
func (c *call) customerOf(key string) (view *ledger.CustomerView, err error) {
	first, err := c.find(key)
	if err != nil {
		return nil, err
	}
	err = c.view(func(s *ledger.State) error {
		view = s.ViewCustomer(first.Subject)
		return nil
	})
	return view, err
}

func (s *Server) closeCustomer(c *call) error {
	return c.relate("close", func(id, reason string, idem *domain.Idempotency) ledger.Command {
		return ledger.CloseCustomer(customer.Close{Customer: id, Reason: reason, Idem: idem})
	})
}

func (s *Server) reopenCustomer(c *call) error {
	return c.relate("reopen", func(id, reason string, idem *domain.Idempotency) ledger.Command {
		return ledger.ReopenCustomer(customer.Reopen{Customer: id, Reason: reason, Idem: idem})
	})
}

// relate closes or reopens the relationship with the customer in the path.
func (c *call) relate(verb string, command func(id, reason string, idem *domain.Idempotency) ledger.Command) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in reasonRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	idem, err := c.idempotency("customers."+verb, []string{id, in.Reason})
	if err != nil {
		return err
	}
	return c.changeCustomer(command(id, in.Reason, idem), idem)
}

func (s *Server) listCustomers(c *call) error {
	var filter struct {
		Rating       string `query:"rating" validate:"omitempty,oneof=low medium high prohibited"`
		KYCStatus    string `query:"kyc_status" validate:"omitempty,oneof=not_started pending verified rejected expired"`
		Type         string `query:"type" validate:"omitempty,oneof=individual business"`
		Status       string `query:"status" validate:"omitempty,oneof=active closed"`
		UpdatedSince string `query:"updated_since"`
		Q            string `query:"q" validate:"max=200"`
		Sort         string `query:"sort" validate:"omitempty,oneof=created_at -created_at updated_at -updated_at composite_score -composite_score"`
	}
	return list(c, projections.Customers, &filter, func(ctx context.Context, p projections.Page) ([]projections.Customer, int64, error) {
		since, err := instant("updated_since", filter.UpdatedSince)
		if err != nil {
			return nil, 0, err
		}
		return s.Models.Customers(ctx, c.caller.slug, projections.CustomerFilter{
			Rating: filter.Rating, KYCStatus: filter.KYCStatus, Type: filter.Type, Status: filter.Status,
			UpdatedSince: since, Prefix: filter.Q, Sort: filter.Sort,
		}, p)
	})
}

func (s *Server) getCustomer(c *call) error {
	return oneAsOf(c, projections.Customers, projections.Events, nil, func(ctx context.Context, id string, seq int64) (projections.Customer, error) {
		if seq < 0 {
			return s.Models.Customer(ctx, c.caller.slug, id)
		}
		return c.customerAsOf(ctx, id, seq)
	})
}

// getRiskView answers from memory if it can: it is what is asked most.
func (s *Server) getRiskView(c *call) error {
	if c.URL.RawQuery == "" {
		id, err := c.ready(projections.RiskViews)
		if err != nil {
			return err
		}
		view, position, err := s.Models.RiskView(c.Context(), c.caller.slug, id)
		if err != nil {
			return err
		}
		c.at(position)
		c.raw(view)
		return nil
	}
	return oneAsOf(c, projections.RiskViews, projections.Events, nil, func(ctx context.Context, id string, seq int64) (any, error) {
		if seq < 0 {
			view, _, err := s.Models.RiskView(ctx, c.caller.slug, id)
			return jsontext.Value(view), err
		}
		return c.riskViewAsOf(ctx, id, seq)
	})
}

// idempotency binds the request's Idempotency-Key, if it has one, to the content sent to a route.
func (c *call) idempotency(route string, content any) (*domain.Idempotency, error) {
	keys := c.Header["Idempotency-Key"]
	if len(keys) == 0 {
		return nil, nil
	}
	if len(keys) > 1 {
		return nil, domain.InvalidField("Idempotency-Key", "appears twice")
	}
	if err := domain.CheckID("Idempotency-Key", keys[0]); err != nil {
		return nil, err
	}
	idem := domain.NewIdempotency(domain.RequestKey(route, keys[0]), content)
	return &idem, nil
}
