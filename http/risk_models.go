package http

import (
	"context"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/risk"
)

func (s *Server) riskModelRoutes() []route {
	return []route{
		{"POST", tenants + "/risk-models", "rules:write", s.stateModel},
		{"GET", tenants + "/risk-models", "rules:read", s.listModels},
		{"POST", tenants + "/risk-models/dry-run", "rules:read", s.tryModel},
		{"GET", tenants + "/risk-models/:id", "rules:read", s.getModel},
		{"POST", tenants + "/risk-models/:id/adopt", "rules:write", s.adoptModel},
	}
}

// modelRequest is a risk model as a caller states it, whole.
type modelRequest struct {
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	Factors      []risk.Weights `json:"factors"`
	Bands        risk.Bands     `json:"bands"`
	Floors       []risk.Floor   `json:"floors"`
	EDDFrom      string         `json:"edd_from"`
	ReviewDays   map[string]int `json:"review_days"`
	KYCMaxDays   int            `json:"kyc_max_days"`
	Lists        risk.Lists     `json:"lists"`
	Industries   []string       `json:"industries"`
	Products     []string       `json:"products"`
	ChangeReason string         `json:"change_reason"`
}

func (r *modelRequest) model() risk.Model {
	return risk.Model{
		Name: r.Name, Description: r.Description, Factors: r.Factors, Bands: r.Bands, Floors: r.Floors, EDDFrom: r.EDDFrom, ReviewDays: r.ReviewDays,
		KYCMaxDays: r.KYCMaxDays, Lists: r.Lists, Industries: r.Industries, Products: r.Products, ChangeReason: r.ChangeReason,
	}
}

// modelAnswer is a version of a risk model.
type modelAnswer struct {
	ID      string `json:"id"` // name and version
	Live    bool   `json:"live"`
	Shipped bool   `json:"shipped"`
	risk.Model
	Progress *jobProgress    `json:"progress,omitempty"` // of the live one: customers that are rated by it, and all
	Receipt  *ledger.Receipt `json:"receipt,omitempty"`  // of a write
}

func showModel(s *ledger.State, m *risk.Model) modelAnswer {
	answer := modelAnswer{ID: m.ID(), Live: s.Ratings.Model() == m, Shipped: slices.Contains(risk.Shipped(), m), Model: *m}
	if total := s.Customers.Len(); answer.Live {
		answer.Progress = &jobProgress{int64(total - s.Unrated()), int64(total)}
	}
	return answer
}

func (s *Server) stateModel(c *call) error {
	var in modelRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.StateModel(risk.StateModel{Model: in.model()}))
	if err != nil {
		return err
	}
	stated, made := outcome.Reply.(risk.ModelStated)
	answer := modelAnswer{ID: stated.Model.ID(), Model: stated.Model}
	if !made {
		if err := c.view(func(s *ledger.State) error {
			answer = showModel(s, s.Ratings.Last(in.Name))
			return nil
		}); err != nil {
			return err
		}
	}
	answer.Receipt = &outcome.Receipt
	return c.wrote(made, outcome, answer)
}

// models gives all models as they are in the state of the ledger.
func (c *call) models() (all []modelAnswer, err error) {
	err = c.view(func(s *ledger.State) error {
		for _, m := range s.Ratings.Models() {
			all = append(all, showModel(s, m))
		}
		return nil
	})
	return all, err
}

func (s *Server) listModels(c *call) error {
	values, page, err := c.paging(nil)
	if err != nil {
		return err
	}
	if _, err := c.ledgerSize(values); err != nil {
		return err
	}
	all, err := c.models()
	if err != nil {
		return err
	}
	return c.page(cutPage(all, page), page, int64(len(all)))
}

var errNoModel = domain.Errorf(domain.Unknown, "there is no such risk model")

func (s *Server) getModel(c *call) error {
	if _, err := c.atNow(); err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	all, err := c.models()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(m modelAnswer) bool { return m.ID == id })
	if at < 0 {
		return errNoModel
	}
	return c.ok(http.StatusOK, all[at])
}

// tryRequest names a model that was stated, or states one.
type tryRequest struct {
	ModelID string         `json:"model_id"`
	Model   jsontext.Value `json:"model"`
}

// tryAnswer says who would move from which band to which.
type tryAnswer struct {
	Model     string         `json:"model"` // draft if it was not stated
	Customers int            `json:"customers"`
	Changed   int            `json:"changed"` // whose rating would be another
	Moves     []bandMove     `json:"moves"`   // from each band to each, those who stay too
	Moved     []ledger.Tried `json:"moved"`   // customers whose rating would be another, at most 1000
}

// bandMove counts customers by the rating they have and would have.
type bandMove struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Customers int    `json:"customers"`
}

const (
	maxMoved   = 1000
	tryAtATime = 500 // customers rated while the state is held
)

func (s *Server) tryModel(c *call) error {
	var in tryRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	model, name, err := c.modelToTry(&in)
	if err != nil {
		return err
	}
	ids, err := s.customerIDs(c.Context(), c.caller.slug)
	if err != nil {
		return err
	}
	size, err := s.Ledgers.Size(c.Context(), c.caller.slug)
	if err != nil {
		return err
	}
	c.at(size - 1)
	answer := tryAnswer{Model: name, Moves: []bandMove{}, Moved: []ledger.Tried{}}
	moves, now := map[bandMove]int{}, s.Now().UTC()
	for some := range slices.Chunk(ids, tryAtATime) {
		var tried []ledger.Tried
		if err := c.view(func(s *ledger.State) error {
			tried = s.TryModel(model, some, now)
			return nil
		}); err != nil {
			return err
		}
		for _, t := range tried {
			answer.Customers++
			moves[bandMove{From: t.From.Rating, To: t.To.Rating}]++
			if t.From.Rating == t.To.Rating {
				continue
			}
			if answer.Changed++; len(answer.Moved) < maxMoved {
				answer.Moved = append(answer.Moved, t)
			}
		}
	}
	for _, from := range risk.Ratings() {
		for _, to := range risk.Ratings() {
			if n := moves[bandMove{From: from, To: to}]; n > 0 {
				answer.Moves = append(answer.Moves, bandMove{from, to, n})
			}
		}
	}
	return c.ok(http.StatusOK, answer)
}

// modelToTry gives the model that a request names or states.
func (c *call) modelToTry(in *tryRequest) (model *risk.Model, name string, err error) {
	if (in.ModelID == "") == (len(in.Model) == 0) {
		return nil, "", domain.InvalidField("model", "or model_id is required, and not both")
	}
	var draft modelRequest
	if len(in.Model) > 0 {
		if err := json.Unmarshal(in.Model, &draft, strict); err != nil {
			return nil, "", within("model", domain.Malformed(err))
		}
	}
	err = c.view(func(s *ledger.State) error {
		if in.ModelID != "" {
			if model = s.Ratings.Find(in.ModelID); model == nil {
				return errNoModel
			}
			name = in.ModelID
			return nil
		}
		m := draft.model()
		model, name = &m, "draft"
		return within("model", s.CheckModel(model))
	})
	return model, name, err
}

// customerIDs lists our ids of all customers of a ledger, in order.
func (s *Server) customerIDs(ctx context.Context, slug string) (ids []string, err error) {
	err = s.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		ids = s.Customers.IDs()
		return nil
	})
	return ids, err
}

// adoptAnswer says that a model is in force.
type adoptAnswer struct {
	modelAnswer
	Customers int `json:"customers"` // that are rated anew, in the background
}

// adoptModel puts a model in force. Whoever rates customers in the background reads of it in the ledger.
func (s *Server) adoptModel(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in reasonRequest
	if err := c.decode(&in); err != nil {
		return err
	}
	outcome, err := c.execute(ledger.AdoptModel(risk.AdoptModel{ID: id, Reason: in.Reason}))
	if err != nil {
		return err
	}
	var answer adoptAnswer
	if err := c.view(func(s *ledger.State) error {
		answer = adoptAnswer{modelAnswer: showModel(s, s.Ratings.Find(id)), Customers: s.Customers.Len()}
		return nil
	}); err != nil {
		return err
	}
	answer.Receipt = &outcome.Receipt
	return c.wrote(false, outcome, answer)
}
