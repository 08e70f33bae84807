package activity

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// Session gives what data.session states of the customer's device, address and country. The data
// of an event is the institution's own: what does not have the form is as if it were not stated.
func (in *Input) Session() (s Session) {
	if !bytes.Contains(in.Data, []byte(`"session"`)) {
		return s
	}
	var data struct {
		Session struct {
			DeviceID jsontext.Value `json:"device_id"`
			IP       jsontext.Value `json:"ip"`
			Country  jsontext.Value `json:"country"`
		} `json:"session"`
	}
	if err := json.Unmarshal(in.Data, &data); err != nil {
		return s
	}
	s = Session{Device: textOf(data.Session.DeviceID), IP: textOf(data.Session.IP), Country: textOf(data.Session.Country)}
	if domain.CheckCountry("", s.Country) != nil {
		s.Country = ""
	}
	return s
}

// textOf gives a JSON string of a length that a text field may have, or "".
func textOf(v jsontext.Value) (s string) {
	if v.Kind() != '"' || len(v) > maxText || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
