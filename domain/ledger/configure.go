package ledger

import (
	"fmt"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/monitoring"
	"whocomply/domain/screening"
)

// OpenLedger is the first command on every ledger. Its reply is an access.Opened.
func OpenLedger(cmd access.OpenLedger) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideOpen(cmd)
		return events, first(events), err
	}}
}

// RotateSigningKey puts other keys in the place of those that sign the ledger. Its reply is an
// access.SigningKeyRotated, or nil if they do already.
func RotateSigningKey(cmd access.RotateSigningKey) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideRotateSigning(cmd)
		return events, first(events), err
	}}
}

// CreateTenant enters an institution in the ledger "system". Its reply is an *access.Tenant.
func CreateTenant(cmd access.CreateTenant) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideTenant(t.meta, cmd)
		if err != nil || len(events) > 0 {
			return events, first(events), err
		}
		return nil, t.state.Access.Tenant(cmd.Slug), nil
	}}
}

// IssueKey makes an API key usable. Its reply is an access.KeyIssued.
func IssueKey(cmd access.IssueKey) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideIssue(t.meta, cmd)
		return events, first(events), err
	}}
}

// RotateKey issues an API key in the place of another. Its reply is an access.KeyIssued.
func RotateKey(cmd access.RotateKey) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideRotate(t.meta, cmd)
		return events, first(events), err
	}}
}

// RevokeKey ends an API key at once. Its reply is an access.KeyRevoked, or nil.
func RevokeKey(cmd access.RevokeKey) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Access.DecideRevoke(cmd)
		return events, first(events), err
	}}
}

// CreateRule puts a monitoring rule in force. Its reply is a monitoring.Set.
func CreateRule(cmd monitoring.CreateRule) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Rules.DecideCreate(t.meta, cmd)
		return events, first(events), err
	}}
}

// ChangeRule makes a new version of a monitoring rule. Its reply is a monitoring.Set, or nil if
// the rule is already so.
func ChangeRule(cmd monitoring.ChangeRule) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Rules.DecideChange(t.meta, cmd)
		return events, first(events), err
	}}
}

// DeleteRule takes a monitoring rule out of force. Its reply is a monitoring.Deleted, or nil.
func DeleteRule(cmd monitoring.DeleteRule) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Rules.DecideDelete(t.meta, cmd)
		return events, first(events), err
	}}
}

// SetList states the whole of a reference list. Its reply is a monitoring.ListSet, or nil if the list
// is already so.
func SetList(cmd monitoring.SetList) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Rules.DecideList(t.meta, cmd)
		return events, first(events), err
	}}
}

// SetRates states the reference rates of a day. Its reply is a monitoring.RatesSet, or nil if they
// are already so.
func SetRates(cmd monitoring.SetRates) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Rules.DecideRates(t.meta, cmd)
		return events, first(events), err
	}}
}

// AddEntry puts an entry on a list of the tenant's own. Its reply is the *screening.Entry.
func AddEntry(cmd screening.AddEntry) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideAdd(t.meta, cmd)
		if err != nil {
			return nil, nil, err
		}
		if len(events) > 0 {
			entry := events[0].(screening.EntryAdded).Entry
			return events, &entry, nil
		}
		known, _ := t.state.Screening.SameEntry(cmd.Entry)
		return nil, known, nil
	}}
}

// RemoveEntry takes an entry off a list of the tenant's own. Its reply is a
// screening.EntryRemoved, or nil if it was off before.
func RemoveEntry(cmd screening.RemoveEntry) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideRemove(t.meta, cmd)
		return events, first(events), err
	}}
}

// PublishList puts a version of a shared list in force, in the ledger "system". Its reply is the
// *screening.Publication in force.
func PublishList(cmd screening.PublishList) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecidePublish(t.meta, cmd)
		if err != nil {
			return nil, nil, err
		}
		if len(events) == 0 {
			inForce, _ := t.state.Screening.PublicationOf(cmd.List)
			return nil, &inForce, nil
		}
		switch last := events[len(events)-1].(type) {
		case screening.Published:
			return events, &last.Publication, nil
		case screening.Confirmed:
			return events, &last.Publication, nil
		}
		return nil, nil, fmt.Errorf("publishing %s gave no publication", cmd.List)
	}}
}

// SubscribeList makes a shared list one on which customers are screened. Its reply is the
// *screening.Publication that is adopted of it.
func SubscribeList(cmd screening.Subscribe) Command {
	return subscription(cmd.List, cmd.Idem, func(t *turn) ([]domain.Event, error) { return t.state.Screening.DecideSubscribe(t.meta, cmd) })
}

// UnsubscribeList ends that. Its reply is the *screening.Publication that is adopted of it.
func UnsubscribeList(cmd screening.Unsubscribe) Command {
	return subscription(cmd.List, cmd.Idem, func(t *turn) ([]domain.Event, error) { return t.state.Screening.DecideUnsubscribe(t.meta, cmd) })
}

func subscription(list string, idem *domain.Idempotency, decide func(*turn) ([]domain.Event, error)) Command {
	return &simple{idem: domain.IdempotencyOf(idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := decide(t)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range t.state.Screening.Adopted() {
			if p.List == list {
				return events, &p, nil
			}
		}
		return nil, nil, fmt.Errorf("list %s is not adopted", list)
	}}
}

// Shared are the shared lists in force, ordered by name, and the content of each.
type Shared struct {
	Published []screening.Publication
	Contents  []*screening.List
}

// SharedLists asks the ledger "system" for the shared lists in force. As a command it is answered
// when what it tells is durable. Its reply is a Shared.
func SharedLists() Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		return nil, Shared{Published: t.state.Screening.Published(), Contents: t.state.Screening.Shared()}, nil
	}}
}

// AdoptList makes a tenant's decisions rest on a published version of a shared list with this
// content; a version that the tenant has passed changes nothing. A state that was folded learns
// the content of what it adopted by the same command. Its reply is a screening.Adopted, or nil.
func AdoptList(cmd screening.AdoptList, content *screening.List) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		if published := cmd.Publication.ListVersion; content.Version() != published {
			return nil, nil, fmt.Errorf("list %s version %d does not have the content %s", published.List, published.Version, published.Digest)
		}
		events, err := t.state.Screening.DecideAdopt(t.meta, cmd)
		if err != nil {
			return nil, nil, err
		}
		t.state.load(content)
		return events, first(events), nil
	}}
}

// first gives the first of the events as a reply, or nil.
func first(events []domain.Event) any {
	if len(events) == 0 {
		return nil
	}
	return events[0]
}
