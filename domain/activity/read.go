package activity

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// transactionIn reads the transaction out of an event's data; nil if there is none. Its metadata stay
// part of the data.
func (s *skimmer) transactionIn(data []byte) (t *Transaction) {
	s.walk(data, 0, func(name []byte, at int) (end int) {
		if string(name) == "transaction" && data[at] != 'n' {
			t, end = s.transaction(data, at)
			return end
		}
		return s.end(data, at)
	})
	return t
}

// transaction reads the object that begins at a place, and gives its end.
func (s *skimmer) transaction(raw []byte, at int) (t *Transaction, end int) {
	t = &Transaction{}
	end = s.walk(raw, at, func(name []byte, at int) (end int) {
		switch string(name) {
		case "id":
			t.ID, end = s.stringAt(raw, at)
		case "amount":
			t.Amount, end = s.amountAt(raw, at)
		case "currency":
			var currency string
			currency, end = s.wordAt(raw, at)
			t.Currency = domain.Currency(currency)
		case "direction":
			t.Direction, end = s.wordAt(raw, at)
		case "channel":
			t.Channel, end = s.wordAt(raw, at)
		case "method":
			t.Method, end = s.wordAt(raw, at)
		case "purpose":
			t.Purpose, end = s.stringAt(raw, at)
		case "account":
			t.Account, end = s.stringAt(raw, at)
		case "reference":
			t.Reference, end = s.stringAt(raw, at)
		case "counterparty":
			t.Counterparty, end = s.counterparty(raw, at)
		case "vessel":
			if end = s.end(raw, at); !s.broken {
				t.Vessel = s.vessel(raw[at:end])
			}
		case "metadata":
			if end = s.end(raw, at); !s.broken {
				t.Metadata = jsontext.Value(raw[at:end])
			}
		default:
			end = s.end(raw, at)
		}
		return end
	})
	return t, end
}

func (s *skimmer) amountAt(raw []byte, at int) (amount domain.Decimal, end int) {
	text, end := s.stringAt(raw, at)
	amount, err := domain.ParseDecimal(text)
	s.broken = s.broken || err != nil
	return amount, end
}

// counterparty reads the object that begins at a place, and gives its end; nil for null.
func (s *skimmer) counterparty(raw []byte, at int) (c *Counterparty, end int) {
	if raw[at] == 'n' {
		return nil, s.end(raw, at)
	}
	c = &Counterparty{}
	end = s.walk(raw, at, func(name []byte, at int) (end int) {
		switch string(name) {
		case "name":
			c.Name, end = s.stringAt(raw, at)
		case "account":
			c.Account, end = s.stringAt(raw, at)
		case "bank":
			c.Bank, end = s.wordAt(raw, at)
		case "country":
			c.Country, end = s.wordAt(raw, at)
		case "on_behalf_of":
			c.OnBehalfOf, end = s.stringAt(raw, at)
		default:
			end = s.end(raw, at)
		}
		return end
	})
	return c, end
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
