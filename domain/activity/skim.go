package activity

import (
	"bytes"
	"errors"
	"time"

	"github.com/go-json-experiment/json/jsontext"

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
		s.members(e.Data, func(name, value []byte) {
			if string(name) == "transaction" && value[0] != 'n' {
				e.transaction = s.transaction(value)
			}
		})
	}
	if bytes.Contains(e.Data, []byte(`"session"`)) {
		e.session = &Session{}
		s.members(e.Data, func(name, value []byte) {
			if string(name) == "session" && value[0] == '{' {
				s.session(value, e.session)
			}
		})
	}
	if s.broken || err != nil || e.EventID == "" || e.OccurredAt.Equal(time.Time{}) {
		return e, errors.Join(errNotRecorded, err)
	}
	return e, nil
}

// skimmer passes over JSON.
type skimmer struct {
	intern func([]byte) string
	broken bool
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

func (s *skimmer) transaction(raw []byte) *Transaction {
	t := &Transaction{}
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "id":
			t.ID = string(s.text(value))
		case "amount":
			amount, err := domain.ParseDecimal(string(s.text(value)))
			t.Amount, s.broken = amount, s.broken || err != nil
		case "currency":
			t.Currency = domain.Currency(s.word(value))
		case "direction":
			t.Direction = s.word(value)
		case "channel":
			t.Channel = s.word(value)
		case "method":
			t.Method = s.word(value)
		case "purpose":
			t.Purpose = string(s.text(value))
		case "account":
			t.Account = string(s.text(value))
		case "reference":
			t.Reference = string(s.text(value))
		case "counterparty":
			t.Counterparty = s.counterparty(value)
		}
	})
	return t
}

func (s *skimmer) counterparty(raw []byte) *Counterparty {
	if len(raw) > 0 && raw[0] == 'n' {
		return nil
	}
	c := &Counterparty{}
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "name":
			c.Name = string(s.text(value))
		case "account":
			c.Account = string(s.text(value))
		case "bank":
			c.Bank = s.word(value)
		case "country":
			c.Country = s.word(value)
		}
	})
	return c
}

// session reads what Session reads.
func (s *skimmer) session(raw []byte, session *Session) {
	s.members(raw, func(name, value []byte) {
		if value[0] != '"' || len(value) > maxText {
			return
		}
		switch string(name) {
		case "device_id":
			session.Device = string(s.text(value))
		case "ip":
			session.IP = string(s.text(value))
		case "country":
			if country := s.word(value); domain.CheckCountry("", country) == nil {
				session.Country = country
			}
		}
	})
}

// word gives a text that comes again and again.
func (s *skimmer) word(value []byte) string { return s.intern(s.text(value)) }

// text gives the content of a JSON string; null is no text.
func (s *skimmer) text(value []byte) []byte {
	switch {
	case len(value) >= 2 && value[0] == '"':
	case len(value) == 4 && value[0] == 'n':
		return nil
	default:
		s.broken = true
		return nil
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, err := jsontext.AppendUnquote(nil, value)
	s.broken = s.broken || err != nil
	return text
}

// members visits the members of an object.
func (s *skimmer) members(raw []byte, visit func(name, value []byte)) {
	at := s.open(raw, '{')
	for at < len(raw) && raw[at] == '"' {
		end := s.end(raw, at)
		name := s.text(raw[at:end])
		from := s.space(raw, s.expect(raw, s.space(raw, end), ':'))
		end = s.end(raw, from)
		if s.broken {
			return
		}
		visit(name, raw[from:end])
		if at = s.space(raw, end); at < len(raw) && raw[at] == ',' {
			at = s.space(raw, at+1)
			continue
		}
		break
	}
	s.expect(raw, at, '}')
}

// items visits the items of an array.
func (s *skimmer) items(raw []byte, visit func(value []byte)) {
	at := s.open(raw, '[')
	for at < len(raw) && raw[at] != ']' && !s.broken {
		end := s.end(raw, at)
		if s.broken {
			return
		}
		visit(raw[at:end])
		if at = s.space(raw, end); at < len(raw) && raw[at] == ',' {
			at = s.space(raw, at+1)
		}
	}
	s.expect(raw, at, ']')
}

func (s *skimmer) open(raw []byte, bracket byte) int { return s.space(raw, s.expect(raw, 0, bracket)) }

func (s *skimmer) expect(raw []byte, at int, c byte) int {
	if at >= len(raw) || raw[at] != c {
		s.broken = true
		return len(raw)
	}
	return at + 1
}

func (s *skimmer) space(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\t' || raw[at] == '\r') {
		at++
	}
	return at
}

// end gives the end of the value that begins at a place.
func (s *skimmer) end(raw []byte, at int) int {
	if at >= len(raw) {
		s.broken = true
		return at
	}
	switch raw[at] {
	case '"':
		return s.endOfString(raw, at)
	case '{', '[':
		return s.endOfNested(raw, at)
	}
	from := at
	for at < len(raw) && raw[at] != ',' && raw[at] != '}' && raw[at] != ']' && raw[at] > ' ' {
		at++
	}
	s.broken = s.broken || at == from
	return at
}

func (s *skimmer) endOfString(raw []byte, at int) int {
	for at++; ; {
		quote := bytes.IndexByte(raw[at:], '"')
		if quote < 0 {
			s.broken = true
			return len(raw)
		}
		at += quote + 1
		escapes := 0
		for raw[at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
	}
}

func (s *skimmer) endOfNested(raw []byte, at int) int {
	for depth := 0; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			at = s.endOfString(raw, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	s.broken = true
	return at
}
