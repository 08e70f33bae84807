package activity

import (
	"errors"

	"whocomply/domain"
)

var errNotRecorded = errors.New("is no activity.recorded as it is written")

// Skim reads of a stored event what rules see of it, which ones fired, and the categories of the
// hits; the rest it passes over, several times as fast as decoding it all. The event must have
// been written by this package: what JSON it is, Skim does not check. Texts are made by keep; the
// data stay part of raw.
func Skim(raw []byte, keep func([]byte) string) (Recorded, error) {
	s, e := skimmer{raw: raw, keep: keep}, Recorded{skimmed: true}
	var notTime error
	s.object(func(name []byte) {
		switch string(name) {
		case "event_id":
			e.EventID = s.text()
		case "event_type":
			e.EventType = s.text()
		case "occurred_at":
			notTime = e.OccurredAt.UnmarshalText(s.content())
		case "data":
			s.data(&e)
		case "customer_id":
			e.CustomerID = s.text()
		case "decision":
			s.decision(&e.Decision)
		}
	})
	if s.broken || notTime != nil || e.EventID == "" || e.OccurredAt.IsZero() || e.CustomerID == "" || e.Data == nil {
		return e, errors.Join(errNotRecorded, notTime)
	}
	return e, nil
}

// data reads an event's data. They follow its type.
func (s *skimmer) data(e *Recorded) {
	from := s.at
	s.object(func(name []byte) {
		switch {
		case string(name) == "transaction" && s.first() != 'n' && hasTransaction(e.EventType):
			e.transaction = s.transaction()
		case string(name) == "session":
			e.session = s.session()
		}
	})
	e.Data = s.raw[from:s.at]
}

func (s *skimmer) decision(d *Decision) {
	s.object(func(name []byte) {
		switch string(name) {
		case "monitoring":
			s.list("fired", func() { d.Monitoring.Fired = append(d.Monitoring.Fired, s.fired()) })
		case "screening":
			s.list("hits", func() { d.Screening.Hits = append(d.Screening.Hits, s.hit()) })
		}
	})
}

// list visits the items of an array in an object.
func (s *skimmer) list(member string, visit func()) {
	s.object(func(name []byte) {
		if string(name) == member {
			s.array(visit)
		}
	})
}

func (s *skimmer) fired() (f domain.RuleFired) {
	s.object(func(name []byte) {
		switch string(name) {
		case "rule_id":
			f.RuleID = s.text()
		case "mode":
			f.Mode = s.text()
		}
	})
	return f
}

func (s *skimmer) hit() (h domain.Hit) {
	s.object(func(name []byte) {
		if string(name) == "category" {
			h.Category = s.text()
		}
	})
	return h
}
