package monitoring

import "whocomply/domain"

// DecideCreate makes a rule in its first version. Whether the idempotency key was used before is
// asked of the permanent index by the caller; a command without one always makes a new rule.
func (s *State) DecideCreate(m domain.Meta, c CreateRule) ([]domain.Event, error) {
	rule, err := checked(c.Rule)
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
	rule, err := checked(c.Rule)
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
