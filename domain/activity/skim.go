package activity

import (
	"errors"

	"whocomply/domain"
)

var errNotRecorded = errors.New("is no activity.recorded as it is written")

// Skim reads of stored events, one after the other, what rules see of them and, if it is asked for, which ones fired and
// the categories of the hits; the rest it passes over, several times as fast as decoding it all. The events must have been
// written by this package: what JSON they are, Skim does not check, and not at all what follows what was asked for. It
// belongs to one goroutine.
type Skim struct {
	// Brief leaves out the ids, accounts, names and free texts of transactions, of which most rules read none.
	Brief bool

	texts        texts
	day          day
	event        Recorded
	transaction  Transaction
	counterparty Counterparty
	rest         skimmer // the decision is at hand, until it is read
}

// Read reads an event but for its decision. What it gives is overwritten by the next call, but for the texts in it; the
// data stay part of raw.
func (k *Skim) Read(raw []byte) (*Recorded, error) {
	s, e := newSkimmer(raw), &k.event
	s.texts, s.brief, k.rest = &k.texts, k.Brief, skimmer{}
	e.Input, e.CustomerID, e.transaction, e.session, e.skimmed = Input{}, "", nil, Session{}, true
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "event_id":
			e.EventID = s.text()
		case "event_type":
			e.EventType = s.word()
		case "occurred_at":
			e.OccurredAt = s.time(&k.day)
		case "data":
			k.data(&s)
		case "customer_id":
			e.CustomerID = s.text()
		case "decision":
			k.rest = s
			s.stop()
		default:
			s.skip()
		}
	}
	if s.broken || e.EventID == "" || e.OccurredAt.IsZero() || e.CustomerID == "" || e.Data == nil || k.rest.raw == nil {
		return nil, errNotRecorded
	}
	return e, nil
}

// Decision reads what was decided on the event that was read last: which rules fired, and the categories of the hits.
func (k *Skim) Decision() (*Decision, error) {
	s, d := &k.rest, &k.event.Decision
	if !s.enough {
		*d = Decision{Monitoring: domain.Monitored{Fired: d.Monitoring.Fired[:0]}, Screening: domain.Screened{Hits: d.Screening.Hits[:0]}}
		s.decision(d)
		s.stop()
	}
	if s.broken {
		return nil, errNotRecorded
	}
	return d, nil
}

// data reads an event's data. They follow its type.
func (k *Skim) data(s *skimmer) {
	from, e := s.at, &k.event
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch name := s.name(); {
		case string(name) == "transaction" && s.first() != 'n' && hasTransaction(e.EventType):
			s.transaction(&k.transaction, &k.counterparty)
			e.transaction = &k.transaction
		case string(name) == "session":
			e.session = s.session()
		default:
			s.skip()
		}
	}
	e.Data = s.raw[from:s.at]
}

func (s *skimmer) decision(d *Decision) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "monitoring":
			s.list("fired", func() { d.Monitoring.Fired = append(d.Monitoring.Fired, s.fired()) })
		case "screening":
			s.list("hits", func() { d.Screening.Hits = append(d.Screening.Hits, s.hit()) })
			s.stop()
		default:
			s.skip()
		}
	}
}

// list visits the items of an array in an object.
func (s *skimmer) list(member string, visit func()) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case member:
			s.array(visit)
		default:
			s.skip()
		}
	}
}

func (s *skimmer) fired() (f domain.RuleFired) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "rule_id":
			f.RuleID = s.text()
		case "mode":
			f.Mode = s.text()
		default:
			s.skip()
		}
	}
	return f
}

func (s *skimmer) hit() (h domain.Hit) {
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "category":
			h.Category = s.text()
		default:
			s.skip()
		}
	}
	return h
}
