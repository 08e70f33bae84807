package activity

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// transactionIn reads the transaction out of an event's data; nil if there is none. Its metadata stay
// part of the data.
func (s *skimmer) transactionIn(data []byte) (t *Transaction) {
	s.members(data, func(name, value []byte) {
		if string(name) == "transaction" && value[0] != 'n' {
			t = s.transaction(value)
		}
	})
	return t
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
		case "vessel":
			t.Vessel = s.vessel(value)
		case "metadata":
			t.Metadata = jsontext.Value(value)
		}
	})
	return t
}

func (s *skimmer) counterparty(raw []byte) *Counterparty {
	if raw[0] == 'n' {
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
		case "on_behalf_of":
			c.OnBehalfOf = string(s.text(value))
		}
	})
	return c
}

func (s *skimmer) vessel(raw []byte) *Vessel {
	if raw[0] == 'n' {
		return nil
	}
	v := &Vessel{}
	s.members(raw, func(name, value []byte) {
		switch string(name) {
		case "name":
			v.Name = string(s.text(value))
		case "imo":
			v.IMO = string(s.text(value))
		case "flag":
			v.Flag = s.word(value)
		}
	})
	return v
}

// sessionIn reads what an event's data state of a session. They are the institution's own: what does
// not have the form is as if it were not stated.
func (s *skimmer) sessionIn(data []byte) (session Session) {
	if !bytes.Contains(data, []byte(`"session"`)) {
		return session
	}
	s.members(data, func(name, value []byte) {
		if string(name) == "session" && value[0] == '{' {
			s.session(value, &session)
		}
	})
	return session
}

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
