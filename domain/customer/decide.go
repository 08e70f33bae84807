package customer

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// DecidePush gives Pushed for a new customer or a changed profile, and nothing for the profile
// that is already known.
func (s *State) DecidePush(m domain.Meta, cmd Push) ([]domain.Event, error) {
	if err := cmd.Profile.Check(m.At); err != nil {
		return nil, err
	}
	pushed := Pushed{Version: 1, Profile: cmd.Profile, Idem: cmd.Idem}
	switch known := s.byExternal[cmd.Profile.ExternalID]; {
	case known == nil:
		pushed.CustomerID = m.IDs.New("cus")
	case known.digest == domain.ContentDigest(cmd.Profile):
		return nil, nil
	default:
		pushed.CustomerID, pushed.Version = known.ID, known.Version+1
	}
	return []domain.Event{pushed}, nil
}

// maxReason bounds why a relationship is closed or taken up again, in bytes.
const maxReason = 1000

// DecideClose gives Closed, nothing for a customer that was closed with the same words, and
// Conflict for one that was closed otherwise.
func (s *State) DecideClose(cmd Close) ([]domain.Event, error) {
	known, err := s.find(cmd.Customer, cmd.Reason)
	switch {
	case err != nil:
		return nil, err
	case known.Status == StatusActive:
		return []domain.Event{Closed{known.ID, cmd.Reason, cmd.Idem}}, nil
	case known.Reason == cmd.Reason:
		return nil, nil
	}
	return nil, domain.Errorf(domain.Conflict, "the customer is closed already")
}

// DecideReopen gives Reopened, nothing for a customer that was reopened with the same words, and
// Conflict for one that is active otherwise.
func (s *State) DecideReopen(cmd Reopen) ([]domain.Event, error) {
	known, err := s.find(cmd.Customer, cmd.Reason)
	switch {
	case err != nil:
		return nil, err
	case known.Status == StatusClosed:
		return []domain.Event{Reopened{known.ID, cmd.Reason, cmd.Idem}}, nil
	case known.Reason == cmd.Reason:
		return nil, nil
	}
	return nil, domain.Errorf(domain.Conflict, "the customer is active already")
}

// find checks a reason and gives the customer.
func (s *State) find(id, reason string) (*Customer, error) {
	if err := domain.CheckText("reason", reason, maxReason, true); err != nil {
		return nil, err
	}
	known := s.Find(id)
	if known == nil {
		return nil, errNobody
	}
	return known, nil
}

var errNobody = domain.Errorf(domain.Unknown, "there is no customer with this id")

// MergeInto gives the push that a patch amounts to on the customer it names, as it is now; nil
// if there is none.
func (cmd Patch) MergeInto(known *Customer) (Push, error) {
	if known == nil {
		return Push{}, errNobody
	}
	if cmd.Merge.Kind() != '{' {
		return Push{}, domain.Errorf(domain.Invalid, "the body must be a JSON object")
	}
	current, err := json.Marshal(known.Profile)
	if err != nil {
		return Push{}, err
	}
	merged, err := mergePatch(current, cmd.Merge)
	if err != nil {
		return Push{}, err
	}
	var profile Profile
	if err := json.Unmarshal(merged, &profile, json.RejectUnknownMembers(true)); err != nil {
		return Push{}, domain.Malformed(err)
	}
	if profile.ExternalID != known.Profile.ExternalID {
		return Push{}, domain.InvalidField("external_id", "cannot be changed")
	}
	return Push{Profile: profile, Idem: cmd.Idem}, nil
}

// mergePatch applies an RFC 7396 merge patch. Members it does not touch keep their exact text.
func mergePatch(target, patch jsontext.Value) (jsontext.Value, error) {
	if patch.Kind() != '{' {
		return patch, nil
	}
	members := map[string]jsontext.Value{}
	if target.Kind() == '{' {
		if err := json.Unmarshal(target, &members); err != nil {
			return nil, err
		}
	}
	var changes map[string]jsontext.Value
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, domain.Malformed(err)
	}
	for name, change := range changes {
		if bytes.Equal(bytes.TrimSpace(change), []byte("null")) {
			delete(members, name)
			continue
		}
		merged, err := mergePatch(members[name], change)
		if err != nil {
			return nil, err
		}
		members[name] = merged
	}
	return json.Marshal(members, json.Deterministic(true))
}
