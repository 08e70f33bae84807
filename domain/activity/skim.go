package activity

import (
	"errors"
	"time"

	"whocomply/domain"
)

var errNotRecorded = errors.New("is no activity.recorded as it is written")

// Skim reads of a stored event what rules see of it, which ones fired, and the categories of the
// hits; the rest it passes over, several times as fast as decoding it all. The event must have
// been written by this package: what JSON it is, Skim does not check. Words
// that come again and again are made by intern, which may give the same text for the same bytes. The data stay part of raw.
func Skim(raw []byte, intern func([]byte) string) (e Recorded, err error) {
	s := skimmer{intern: intern}
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "event_id":
			e.EventID = string(s.text(value))
		case "event_type":
			e.EventType = s.word(value)
		case "occurred_at":
			err = errors.Join(err, e.OccurredAt.UnmarshalText(s.text(value)))
		case "data":
			e.Data = value
		case "customer_id":
			e.CustomerID = s.word(value)
		case "decision":
			s.decision(value, &e.Decision)
		}
	})
	if hasTransaction(e.EventType) {
		e.transaction = s.transactionIn(e.Data)
	}
	if session := s.sessionIn(e.Data); session != (Session{}) {
		e.session = &session
	}
	if s.broken || err != nil || e.EventID == "" || e.OccurredAt.Equal(time.Time{}) {
		return e, errors.Join(errNotRecorded, err)
	}
	return e, nil
}

func (s *skimmer) decision(raw []byte, d *Decision) {
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "monitoring":
			s.members(value, func(name, value []byte) {
				if string(name) == "fired" {
					s.items(value, func(value []byte) { d.Monitoring.Fired = append(d.Monitoring.Fired, s.fired(value)) })
				}
			})
		case "screening":
			s.members(value, func(name, value []byte) {
				if string(name) == "hits" {
					s.items(value, func(value []byte) { d.Screening.Hits = append(d.Screening.Hits, s.hit(value)) })
				}
			})
		}
	})
}

func (s *skimmer) fired(raw []byte) (f domain.RuleFired) {
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "rule_id":
			f.RuleID = s.word(value)
		case "mode":
			f.Mode = s.word(value)
		}
	})
	return f
}

func (s *skimmer) hit(raw []byte) (h domain.Hit) {
	s.members(raw, func(name, value []byte) {
		if string(name) == "category" {
			h.Category = s.word(value)
		}
	})
	return h
}
