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
	s.walk(raw, 0, func(name []byte, at int) (end int) {
		switch string(name) {
		case "event_id":
			e.EventID, end = s.stringAt(raw, at)
		case "event_type":
			e.EventType, end = s.wordAt(raw, at)
		case "occurred_at":
			var text []byte
			text, end = s.textAt(raw, at)
			err = errors.Join(err, e.OccurredAt.UnmarshalText(text))
		case "data":
			end = s.dataAt(raw, at, &e)
		case "customer_id":
			e.CustomerID, end = s.wordAt(raw, at)
		case "decision":
			end = s.decision(raw, at, &e.Decision)
		default:
			end = s.end(raw, at)
		}
		return end
	})
	if s.broken || err != nil || e.EventID == "" || e.OccurredAt.Equal(time.Time{}) {
		return e, errors.Join(errNotRecorded, err)
	}
	return e, nil
}

// dataAt reads the data that begin at a place, and gives their end. They follow the event's type.
func (s *skimmer) dataAt(raw []byte, at int, e *Recorded) (end int) {
	end = s.walk(raw, at, func(name []byte, at int) (end int) {
		switch {
		case string(name) == "transaction" && raw[at] != 'n' && hasTransaction(e.EventType):
			e.transaction, end = s.transaction(raw, at)
		case string(name) == "session" && raw[at] == '{':
			if end = s.end(raw, at); !s.broken {
				e.session = &Session{}
				s.session(raw[at:end], e.session)
			}
		default:
			end = s.end(raw, at)
		}
		return end
	})
	if !s.broken {
		e.Data = raw[at:end]
	}
	return end
}

func (s *skimmer) decision(raw []byte, at int, d *Decision) (end int) {
	return s.walk(raw, at, func(name []byte, at int) int {
		switch string(name) {
		case "monitoring":
			return s.walk(raw, at, func(name []byte, at int) int {
				end := s.end(raw, at)
				if string(name) == "fired" && !s.broken {
					s.items(raw[at:end], func(value []byte) { d.Monitoring.Fired = append(d.Monitoring.Fired, s.fired(value)) })
				}
				return end
			})
		case "screening":
			return s.walk(raw, at, func(name []byte, at int) int {
				end := s.end(raw, at)
				if string(name) == "hits" && !s.broken {
					s.items(raw[at:end], func(value []byte) { d.Screening.Hits = append(d.Screening.Hits, s.hit(value)) })
				}
				return end
			})
		}
		return s.end(raw, at)
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
