package http

import (
	"net/http"
	"net/url"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/projections"
)

func (s *Server) referenceRoutes() []route {
	return []route{
		{"POST", tenants + "/reference-lists", "rules:write", s.postList},
		{"GET", tenants + "/reference-lists", "rules:read", s.listLists},
		{"GET", tenants + "/reference-lists/:name", "rules:read", s.getList},
		{"GET", tenants + "/reference-lists/:name/versions", "rules:read", s.listListVersions},
		{"POST", tenants + "/reference-rates", "rules:write", s.postRates},
		{"GET", tenants + "/reference-rates", "rules:read", s.listRates},
	}
}

// listRequest is a reference list as a caller states it, whole.
type listRequest struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind"`
	Values       []string `json:"values"`
	AsOf         string   `json:"as_of"`
	Description  string   `json:"description"`
	Source       string   `json:"source"`
	ChangeReason string   `json:"change_reason"`
}

// ratesRequest is the reference rates of a day as a caller states them, whole.
type ratesRequest struct {
	Base         domain.Currency                    `json:"base"`
	Date         string                             `json:"date"`
	Rates        map[domain.Currency]domain.Decimal `json:"rates"`
	Source       string                             `json:"source"`
	ChangeReason string                             `json:"change_reason"`
}

// listAnswer is a reference list at the version a write left it at.
type listAnswer struct {
	monitoring.ReferenceList
	Receipt ledger.Receipt `json:"receipt"`
}

// ratesAnswer is reference rates at the version a write left them at.
type ratesAnswer struct {
	monitoring.Rates
	Receipt ledger.Receipt `json:"receipt"`
}

// listVersion is what a reference list was from one event on.
type listVersion struct {
	monitoring.ReferenceList
	RecordedAt time.Time `json:"recorded_at"`
	Actor      string    `json:"actor"`
	Seq        int64     `json:"seq"`
}

func (s *Server) postList(c *call) error {
	var in listRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Values == nil {
		return domain.InvalidField("values", "is required; an empty list is []")
	}
	outcome, err := c.execute(ledger.SetList(monitoring.SetList{List: monitoring.ReferenceList{
		Name: in.Name, Kind: in.Kind, Values: in.Values, AsOf: in.AsOf, Description: in.Description, Source: in.Source, ChangeReason: in.ChangeReason,
	}}))
	if err != nil {
		return err
	}
	if set, changed := outcome.Reply.(monitoring.ListSet); changed {
		return c.wrote(set.List.Version == 1, outcome, listAnswer{set.List, outcome.Receipt})
	}
	reference, err := c.reference()
	if err != nil {
		return err
	}
	list, _ := reference.List(in.Name)
	return c.wrote(false, outcome, listAnswer{list, outcome.Receipt})
}

func (s *Server) postRates(c *call) error {
	var in ratesRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.SetRates(monitoring.SetRates{Rates: monitoring.Rates{
		Base: in.Base, Date: in.Date, Rates: in.Rates, Source: in.Source, ChangeReason: in.ChangeReason,
	}}))
	if err != nil {
		return err
	}
	if set, changed := outcome.Reply.(monitoring.RatesSet); changed {
		return c.wrote(set.Rates.Version == 1, outcome, ratesAnswer{set.Rates, outcome.Receipt})
	}
	reference, err := c.reference()
	if err != nil {
		return err
	}
	rates, _ := reference.RatesOf(in.Base, in.Date)
	return c.wrote(false, outcome, ratesAnswer{rates, outcome.Receipt})
}

// reference gives the lists and rates as the ledger has them now.
func (c *call) reference() (reference *monitoring.Reference, err error) {
	err = c.view(func(s *ledger.State) error {
		reference = s.Rules.RuleSet().Reference()
		return nil
	})
	return reference, err
}

// listLists reads from the state of the ledger, as do all reads here: it is small, and never behind.
func (s *Server) listLists(c *call) error {
	return ofReference(c, nil, func(r *monitoring.Reference) ([]monitoring.ReferenceList, error) { return r.Lists(), nil })
}

func (s *Server) listRates(c *call) error {
	var filter struct {
		Base string `query:"base"`
		Date string `query:"date"`
	}
	return ofReference(c, &filter, func(r *monitoring.Reference) ([]monitoring.Rates, error) {
		if err := domain.CheckDate("date", filter.Date); err != nil {
			return nil, err
		}
		shown := []monitoring.Rates{}
		for _, rates := range r.RateTables() {
			if (filter.Base == "" || string(rates.Base) == filter.Base) && (filter.Date == "" || rates.Date == filter.Date) {
				shown = append(shown, rates)
			}
		}
		return shown, nil
	})
}

// ofReference answers with a page of what is in the state of the ledger.
func ofReference[T any](c *call, filter any, rows func(*monitoring.Reference) ([]T, error)) error {
	values, page, err := c.paging(filter)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	reference, err := c.reference()
	if err != nil {
		return err
	}
	all, err := rows(reference)
	if err != nil {
		return err
	}
	return c.page(cutPage(all, page), page, int64(len(all)))
}

// cutPage gives a page of rows that are all at hand.
func cutPage[T any](all []T, p projections.Page) []T {
	from := min(p.Offset, len(all))
	return append([]T{}, all[from:min(from+p.Limit, len(all))]...)
}

func (s *Server) getList(c *call) error {
	if _, err := c.atNow(); err != nil {
		return err
	}
	name, err := c.param("name")
	if err != nil {
		return err
	}
	reference, err := c.reference()
	if err != nil {
		return err
	}
	list, known := reference.List(name)
	if !known {
		return domain.Errorf(domain.Unknown, "there is no such reference list")
	}
	return c.ok(http.StatusOK, list)
}

// atNow reads a query string without parameters but min_seq.
func (c *call) atNow() (values url.Values, err error) {
	if values, err = c.query(nil); err != nil {
		return values, err
	}
	_, err = c.ledgerSize(values)
	return values, err
}

// listListVersions tells what the institution has stated under a name, newest first. A list that
// is shipped has none before.
func (s *Server) listListVersions(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	name, err := c.param("name")
	if err != nil {
		return err
	}
	var seqs []int64
	if err := c.view(func(s *ledger.State) error {
		if _, known := s.Rules.RuleSet().Reference().List(name); !known {
			return domain.Errorf(domain.Unknown, "there is no such reference list")
		}
		seqs = s.Rules.ListVersions(name)
		return nil
	}); err != nil {
		return err
	}
	to := max(0, len(seqs)-page.Offset)
	events, err := s.Ledgers.Events(c.Context(), c.caller.slug, seqs[max(0, to-page.Limit):to])
	if err != nil {
		return err
	}
	told := make([]listVersion, len(events))
	for i, e := range events {
		told[len(events)-1-i] = listVersion{e.Event.(monitoring.ListSet).List, e.Time, e.Actor, e.Seq}
	}
	return c.page(told, page, int64(len(seqs)))
}
