package activity

import (
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// transaction reads a transaction, and its counterparty into other if it has one. Its metadata stay part
// of the JSON.
func (s *skimmer) transaction(t *Transaction, other *Counterparty) {
	*t = Transaction{}
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "id":
			t.ID = s.own()
		case "amount":
			t.Amount = s.amount()
		case "currency":
			t.Currency = domain.Currency(s.word())
		case "direction":
			t.Direction = s.word()
		case "channel":
			t.Channel = s.word()
		case "method":
			t.Method = s.word()
		case "purpose":
			t.Purpose = s.own()
		case "account":
			t.Account = s.own()
		case "reference":
			t.Reference = s.own()
		case "counterparty":
			t.Counterparty = s.counterparty(other)
		case "vessel":
			t.Vessel = s.vessel()
		case "metadata":
			t.Metadata = jsontext.Value(s.value())
		default:
			s.skip()
		}
	}
}

// counterparty reads one into c; it gives nil for null.
func (s *skimmer) counterparty(c *Counterparty) *Counterparty {
	if s.first() == 'n' {
		s.skip()
		return nil
	}
	*c = Counterparty{}
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "name":
			c.Name = s.own()
		case "account":
			c.Account = s.own()
		case "bank":
			c.Bank = s.own()
		case "country":
			c.Country = s.word()
		case "on_behalf_of":
			c.OnBehalfOf = s.own()
		default:
			s.skip()
		}
	}
	return c
}

// vessel gives nil for null.
func (s *skimmer) vessel() *Vessel {
	if s.first() == 'n' {
		s.skip()
		return nil
	}
	v := &Vessel{}
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "name":
			v.Name = s.text()
		case "imo":
			v.IMO = s.text()
		case "flag":
			v.Flag = s.text()
		default:
			s.skip()
		}
	}
	return v
}

// session reads what an event's data state of a session. They are the institution's own: what does not
// have the form is as if it were not stated.
func (s *skimmer) session() (session Session) {
	if s.first() != '{' {
		s.skip()
		return session
	}
	for more := s.open('{', '}'); more; more = s.more('}') {
		switch string(s.name()) {
		case "device_id":
			session.Device = s.shortText()
		case "ip":
			session.IP = s.shortText()
		case "country":
			if country := s.shortText(); domain.CheckCountry("", country) == nil {
				session.Country = country
			}
		default:
			s.skip()
		}
	}
	return session
}

// shortText gives a string that is as short as a text field's; "" of all else.
func (s *skimmer) shortText() string {
	if s.first() != '"' {
		s.skip()
		return ""
	}
	from := s.at
	if text := s.text(); s.at-from <= maxText {
		return text
	}
	return ""
}
