package http

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/projections"
)

// customerChange is a push that made a version of a customer, or the end or the renewal of the
// relationship.
type customerChange struct {
	Seq     int64             `json:"seq"`
	Hash    string            `json:"hash"` // leaf hash, padded base64
	Type    string            `json:"type"` // customer.pushed, customer.closed or customer.reopened
	Time    time.Time         `json:"time"`
	Actor   string            `json:"actor"`
	Reason  string            `json:"reason,omitempty"`
	Version int               `json:"version,omitzero"`
	Changed []string          `json:"changed,omitempty"` // members of the profile that differ from the version before
	Profile *customer.Profile `json:"profile,omitempty"`
}

// getHistory tells a customer's versions, newest first. The read model says where they are, and the
// ledger what they say.
func (s *Server) getHistory(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	return list(c, projections.Customers, nil, func(ctx context.Context, p projections.Page) ([]customerChange, int64, error) {
		seqs, before, total, err := s.Models.CustomerChanges(ctx, c.caller.slug, id, p)
		if err != nil || len(seqs) == 0 {
			return []customerChange{}, total, err
		}
		slices.Reverse(seqs)
		if before >= 0 {
			seqs = append([]int64{before}, seqs...)
		}
		events, err := s.Ledgers.Events(ctx, c.caller.slug, seqs)
		if err != nil {
			return nil, 0, err
		}
		told, err := tellChanges(events)
		return told[:min(len(told), p.Limit)], total, err
	})
}

// tellChanges tells events of a customer, oldest first, in the opposite order.
func tellChanges(events []domain.Envelope) ([]customerChange, error) {
	told := make([]customerChange, 0, len(events))
	var before *customer.Profile
	for _, e := range events {
		change := customerChange{
			Seq: e.Seq, Hash: base64.StdEncoding.EncodeToString(e.Hash[:]), Type: e.Event.Kind().Name, Time: e.Time, Actor: e.Actor,
		}
		switch event := e.Event.(type) {
		case customer.Pushed:
			change.Version, change.Profile = event.Version, &event.Profile
			if before != nil {
				var err error
				if change.Changed, err = differences(before, &event.Profile); err != nil {
					return nil, err
				}
			}
			before = &event.Profile
		case customer.Closed:
			change.Reason = event.Reason
		case customer.Reopened:
			change.Reason = event.Reason
		}
		told = append(told, change)
	}
	slices.Reverse(told)
	return told, nil
}

// differences names the members in which two profiles differ.
func differences(before, after *customer.Profile) ([]string, error) {
	var members [2]map[string]jsontext.Value
	for i, profile := range []*customer.Profile{before, after} {
		text, err := json.Marshal(profile, json.Deterministic(true))
		if err == nil {
			err = json.Unmarshal(text, &members[i])
		}
		if err != nil {
			return nil, err
		}
	}
	var names []string
	for name := range maps.Keys(members[0]) {
		if !bytes.Equal(members[0][name], members[1][name]) {
			names = append(names, name)
		}
	}
	for name := range maps.Keys(members[1]) {
		if members[0][name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
