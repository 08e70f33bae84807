package monitoring

import "whocomply/domain"

// DecideCreate makes a rule in its first version. Whether the idempotency key was used before is
// asked of the permanent index by the caller; a command without one always makes a new rule.
func (s *State) DecideCreate(m domain.Meta, c CreateRule) ([]domain.Event, error) {
	rule, err := s.Checked(c.Rule)
	if err != nil {
		return nil, err
	}
	rule.ID, rule.Version, rule.Author = m.IDs.New("rul"), 1, m.Actor
	return []domain.Event{Set{Rule: rule, Idem: c.Idem}}, nil
}

// DecideChange makes the next version of a rule. Content that is the same is no event, whoever
// states it again and for whatever reason.
func (s *State) DecideChange(m domain.Meta, c ChangeRule) ([]domain.Event, error) {
	old, known := s.rules[c.Rule.ID]
	if !known {
		return nil, domain.Errorf(domain.Unknown, "there is no such monitoring rule")
	}
	rule, err := s.Checked(c.Rule)
	if err != nil {
		return nil, err
	}
	same := rule
	same.Version, same.Author, same.ChangeReason = old.Version, old.Author, old.ChangeReason
	if same.equal(old) {
		return nil, nil
	}
	rule.Version, rule.Author = old.Version+1, m.Actor
	return []domain.Event{Set{Rule: rule}}, nil
}

// DecideDelete puts a rule out of force. One that is deleted already is Unknown.
func (s *State) DecideDelete(_ domain.Meta, c DeleteRule) ([]domain.Event, error) {
	if _, known := s.rules[c.RuleID]; !known {
		return nil, domain.Errorf(domain.Unknown, "there is no such monitoring rule")
	}
	return []domain.Event{Deleted(c)}, nil
}

// Checked gives a rule with its defaults filled in, or says which field is wrong. It refuses a
// condition, too, that asks a list which there is not.
func (s *State) Checked(r Rule) (Rule, error) {
	r, err := checked(r)
	if err != nil {
		return r, err
	}
	asked, err := compile(r.Condition)
	if err != nil {
		return r, err
	}
	for _, l := range asked.lists {
		if _, known := s.set.reference.List(l.name); !known {
			return r, invalidAt(l.at, "there is no reference list "+l.name)
		}
	}
	return r, nil
}

// DecideList makes the next version of a reference list. The same values are no event, whoever
// states them again and for whatever reason.
func (s *State) DecideList(m domain.Meta, c SetList) ([]domain.Event, error) {
	list, err := checkedList(c.List)
	if err != nil {
		return nil, err
	}
	list.Digest, list.Author = list.digest(), m.Actor
	before, known := s.set.reference.List(list.Name)
	if known && before.Digest == list.Digest && before.AsOf == list.AsOf && before.Description == list.Description && before.Source == list.Source {
		return nil, nil
	}
	if known && before.Kind != list.Kind {
		return nil, domain.InvalidField("kind", "is %s and cannot change: rules rest on it", before.Kind)
	}
	list.Version = before.Version + 1
	return []domain.Event{ListSet{List: list}}, nil
}

// DecideRates makes the next version of the reference rates of a day. The same rates are no event.
func (s *State) DecideRates(m domain.Meta, c SetRates) ([]domain.Event, error) {
	rates := c.Rates
	if err := checkRates(rates); err != nil {
		return nil, err
	}
	rates.Digest, rates.Author, rates.Version = rates.digest(), m.Actor, 1
	if before, known := s.set.reference.RatesOf(rates.Base, rates.Date); known {
		if before.Digest == rates.Digest && before.Source == rates.Source {
			return nil, nil
		}
		rates.Version = before.Version + 1
	}
	return []domain.Event{RatesSet{Rates: rates}}, nil
}
