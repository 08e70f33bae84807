package risk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"whocomply/domain"
)

// The limits of a model.
const (
	maxText   = 2000 // bytes
	maxWord   = 100  // bytes
	maxWords  = 200
	maxDays   = 3650
	maxFloors = 50
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// Check says what is wrong with a model.
func (m *Model) Check() error {
	if !nameForm.MatchString(m.Name) {
		return domain.InvalidField("name", "must be lower-case letters, digits, - and _, such as retail")
	}
	if err := domain.CheckText("description", m.Description, maxText, false); err != nil {
		return err
	}
	if err := domain.CheckText("change_reason", m.ChangeReason, maxText, false); err != nil {
		return err
	}
	for _, check := range []func() error{m.checkFactors, m.checkBands, m.checkFloors, m.checkReviews, m.checkWords} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) checkFactors() error {
	if len(m.Factors) == 0 {
		return domain.InvalidField("factors", "is required")
	}
	for i, w := range m.Factors {
		at := fmt.Sprintf("factors[%d].", i)
		if err := domain.CheckOneOf(at+"factor", w.Factor, factors...); err != nil {
			return err
		}
		if slices.ContainsFunc(m.Factors[:i], func(o Weights) bool { return o.Factor == w.Factor }) {
			return domain.InvalidField(at+"factor", "appears twice")
		}
		if w.Weight < 0 || w.Weight > 100 {
			return domain.InvalidField(at+"weight", "must be 0 to 100")
		}
		for _, level := range sortedKeys(w.Levels) {
			if known := levels[w.Factor]; !slices.Contains(known, level) {
				return domain.InvalidField(at+"levels", "may have %s, and not %q", strings.Join(known, ", "), level)
			}
			if score := w.Levels[level]; score < 0 || score > w.Weight {
				return domain.InvalidField(at+"levels."+level, "must be 0 to the weight")
			}
		}
	}
	return nil
}

func (m *Model) checkBands() error {
	if m.Bands.Medium < 1 || m.Bands.Medium > 99 {
		return domain.InvalidField("bands.medium", "must be 1 to 99")
	}
	if m.Bands.High <= m.Bands.Medium || m.Bands.High > 100 {
		return domain.InvalidField("bands.high", "must be more than bands.medium and at most 100")
	}
	return domain.CheckOneOf("edd_from", m.EDDFrom, Medium, High)
}

// checkFloors wants the two without which a sanctions hit could pass for a low risk.
func (m *Model) checkFloors() error {
	if len(m.Floors) > maxFloors {
		return domain.InvalidField("floors", "must be at most %d", maxFloors)
	}
	for i, f := range m.Floors {
		at := fmt.Sprintf("floors[%d].", i)
		if !slices.Contains(levels[f.Factor], f.Level) {
			return domain.InvalidField(at+"level", "must be a level of the factor, such as open of sanctions")
		}
		if err := domain.CheckOneOf(at+"rating", f.Rating, Medium, High, Prohibited); err != nil {
			return err
		}
	}
	for _, least := range standardFloors {
		if !slices.ContainsFunc(m.Floors, func(f Floor) bool {
			return f.Factor == least.Factor && f.Level == least.Level && rank(f.Rating) >= rank(least.Rating)
		}) {
			return domain.InvalidField("floors", "must have %s %s with the rating %s", least.Factor, least.Level, least.Rating)
		}
	}
	return nil
}

func (m *Model) checkReviews() error {
	for _, rating := range sortedKeys(m.ReviewDays) {
		if rank(rating) == 0 {
			return domain.InvalidField("review_days", "may have %s, and not %q", strings.Join(Ratings(), ", "), rating)
		}
		if days := m.ReviewDays[rating]; days < 1 || days > maxDays {
			return domain.InvalidField("review_days."+rating, "must be 1 to %d", maxDays)
		}
	}
	if m.KYCMaxDays < 0 || m.KYCMaxDays > maxDays {
		return domain.InvalidField("kyc_max_days", "must be 0 to %d; 0 is without limit", maxDays)
	}
	return nil
}

func (m *Model) checkWords() error {
	for _, list := range []struct {
		field string
		words []string
	}{{"industries", m.Industries}, {"products", m.Products}} {
		if len(list.words) > maxWords {
			return domain.InvalidField(list.field, "must be at most %d", maxWords)
		}
		for i, word := range list.words {
			if err := domain.CheckText(fmt.Sprintf("%s[%d]", list.field, i), word, maxWord, true); err != nil {
				return err
			}
		}
	}
	if (m.Lists.CallForAction == "") != (m.Lists.Monitored == "") {
		return domain.InvalidField("lists", "must name both, call_for_action and monitored, or neither")
	}
	return nil
}
