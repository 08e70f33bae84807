package activity

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"whocomply/domain"
)

// typeOf gives the family of an event type, or nil for a type of the institution's own.
func typeOf(name string) *Type {
	family, _, dotted := strings.Cut(name, ".")
	for i := range types {
		if dotted && types[i].Family == family {
			return &types[i]
		}
	}
	return nil
}

// checkData says what is wrong with the data of a known event type, naming the first wrong field.
// The data must be a valid JSON object.
func (in *Input) checkData(s skimmer) error {
	known := typeOf(in.EventType)
	if known == nil {
		return nil
	}
	return below("data", s.check(known.Data, " for the event type "+in.EventType))
}

// below gives an error of a member the path of the object that it is in.
func below(path string, err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		return &domain.Error{Code: e.Code, Field: path + "." + e.Field, Message: path + "." + e.Message}
	}
	return err
}

// check holds an object against its fields. What names a missing one is followed by why.
func (s *skimmer) check(fields []Field, why string) (err error) {
	stated := 0 // a bit for each field
	s.object(func(name []byte) {
		at := indexOf(fields, name)
		if err != nil || at < 0 || s.first() == 'n' {
			return
		}
		stated |= 1 << at
		err = fields[at].check(s)
	})
	if err != nil {
		return err
	}
	for i := range fields {
		if f := &fields[i]; f.Required && stated&(1<<i) == 0 {
			return f.missing(why)
		}
	}
	return nil
}

func indexOf(fields []Field, name []byte) int {
	for i := range fields {
		if fields[i].Name == string(name) {
			return i
		}
	}
	return -1
}

// missing says that a required field was left out, in the words of its form.
func (f *Field) missing(why string) error {
	switch f.Form {
	case Word:
		return domain.CheckOneOf(f.Name, "", f.Words...)
	case Currency:
		return domain.InvalidField(f.Name, notCurrency)
	}
	return domain.InvalidField(f.Name, "is required%s", why)
}

const notCurrency = "must be an ISO 4217 code such as EUR"

// check says what is wrong with a value that was stated, which is at hand.
func (f *Field) check(s *skimmer) error {
	kind := s.first()
	switch f.Form {
	case Free:
		return nil
	case Inner:
		if kind != '{' {
			return domain.InvalidField(f.Name, "must be an object")
		}
		return below(f.Name, s.check(f.Object.Fields, ""))
	case Never:
		return domain.InvalidField(f.Name, "must never be sent")
	case Flag:
		if kind != 't' && kind != 'f' {
			return domain.InvalidField(f.Name, "must be true or false")
		}
		return nil
	case Count:
		if n, err := strconv.ParseInt(string(s.value()), 10, 64); err != nil || n < 0 {
			return domain.InvalidField(f.Name, "must be a whole number from 0 on")
		}
		return nil
	}
	if kind != '"' {
		if f.Form == Amount {
			return domain.InvalidField(f.Name, "must be a decimal in a string, such as \"1200.50\"")
		}
		return domain.InvalidField(f.Name, "must be a string")
	}
	return f.checkText(s.text())
}

// checkText says what is wrong with a value that is a string.
func (f *Field) checkText(text string) error {
	switch f.Form {
	case ID:
		return domain.CheckID(f.Name, text)
	case Word:
		return domain.CheckOneOf(f.Name, text, f.Words...)
	case Amount:
		amount, err := domain.ParseDecimal(text)
		switch {
		case err != nil:
			return domain.InvalidField(f.Name, "%v", err)
		case amount.Sign() < 0:
			return domain.InvalidField(f.Name, "must not be negative")
		}
	case Currency:
		if !domain.Currency(text).Valid() {
			return domain.InvalidField(f.Name, notCurrency)
		}
	case Country:
		return domain.CheckCountry(f.Name, text)
	case Time:
		return domain.CheckTime(f.Name, text)
	case Address:
		if _, err := netip.ParseAddr(text); err != nil {
			return domain.InvalidField(f.Name, "must be an IP address such as 203.0.113.7")
		}
	case LastFour:
		if len(text) != 4 || strings.Trim(text, "0123456789") != "" {
			return domain.InvalidField(f.Name, "must be the last four digits")
		}
	case IMO:
		if len(text) != 7 || strings.Trim(text, "0123456789") != "" {
			return domain.InvalidField(f.Name, "must be seven digits")
		}
	}
	return domain.CheckText(f.Name, text, maxText, false)
}
