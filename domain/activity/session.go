package activity

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Session gives what data.session states of the customer's device, address and country. What does not
// have the form is as if it were not stated.
func (in *Input) Session() (session Session) {
	if !bytes.Contains(in.Data, []byte(`"session"`)) {
		return session
	}
	s := newSkimmer(in.Data)
	s.object(func(name []byte) {
		if string(name) == "session" {
			session = s.session()
		}
	})
	return session
}

// textOf gives a JSON string of a length that a text field may have, or "".
func textOf(v jsontext.Value) (s string) {
	if v.Kind() != '"' || len(v) > maxText || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
