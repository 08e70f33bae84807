package risk

import (
	"reflect"
	"time"

	"whocomply/domain"
)

// StateModel states a new version of a model. Version and author are given by the decision.
type StateModel struct {
	Model Model
}

// AdoptModel has customers rated by a model from now on.
type AdoptModel struct {
	ID     string
	Reason string
}

// Review says that an officer has looked at a customer.
type Review struct {
	CustomerID string
	Note       string
}

// DecideRating gives Rated if the inputs rate the customer differently from before.
func (s *State) DecideRating(customerID string, in Inputs) []domain.Event {
	after := s.Model().Rate(in)
	if before := s.ratings[customerID]; before != nil && before.equal(&after) {
		return nil
	}
	return []domain.Event{Rated{CustomerID: customerID, Rating: after}}
}

// DecideModel makes the next version of a model. The name of the shipped ones is taken. What the last
// version says already is no event, whoever says it again and for whatever reason.
func (s *State) DecideModel(m domain.Meta, c StateModel) ([]domain.Event, error) {
	model := c.Model
	if err := model.Check(); err != nil {
		return nil, err
	}
	if model.Name == standard1.Name {
		return nil, domain.InvalidField("name", "standard is shipped: give yours another name")
	}
	model.Version, model.Author = 1, m.Actor
	if last := s.Last(model.Name); last != nil {
		same := model
		same.Version, same.Author, same.ChangeReason = last.Version, last.Author, last.ChangeReason
		if reflect.DeepEqual(&same, last) {
			return nil, nil
		}
		model.Version = last.Version + 1
	}
	return []domain.Event{ModelStated{model}}, nil
}

// DecideAdopt puts a model in force. One that is in force already is no event.
func (s *State) DecideAdopt(_ domain.Meta, c AdoptModel) ([]domain.Event, error) {
	if s.Find(c.ID) == nil {
		return nil, domain.Errorf(domain.Unknown, "there is no such risk model")
	}
	if err := domain.CheckText("reason", c.Reason, maxText, true); err != nil {
		return nil, err
	}
	if s.Model().ID() == c.ID {
		return nil, nil
	}
	return []domain.Event{ModelAdopted{Model: c.ID, Reason: c.Reason}}, nil
}

// DecideReview records a review. The same note on the same day is no event.
func (s *State) DecideReview(m domain.Meta, c Review) ([]domain.Event, error) {
	if err := domain.CheckText("note", c.Note, maxText, true); err != nil {
		return nil, err
	}
	if last := s.reviewed[c.CustomerID]; last.note == c.Note && last.at.Format(time.DateOnly) == m.At.Format(time.DateOnly) {
		return nil, nil
	}
	return []domain.Event{CustomerReviewed(c)}, nil
}
