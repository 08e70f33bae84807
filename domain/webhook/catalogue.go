package webhook

import (
	_ "embed" // catalogue.json
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Type is one type of event that can be subscribed to.
type Type struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Emitted     bool           `json:"emitted"`           // false: nothing in this product causes it yet
	Schema      jsontext.Value `json:"schema,omitempty"`  // JSON Schema of the member data
	Example     jsontext.Value `json:"example,omitempty"` // of data
}

// TypeTest is the type of the synthetic event that a test of an endpoint sends.
const TypeTest = "test"

//go:embed catalogue.json
var catalogue []byte

var readCatalogue = sync.OnceValue(func() []Type {
	var all []Type
	if err := json.Unmarshal(catalogue, &all, json.RejectUnknownMembers(true)); err != nil {
		panic("the catalogue of event types: " + err.Error()) // a test reads it
	}
	return all
})

// Types lists all types of events. The caller must not change what it gets.
func Types() []Type { return readCatalogue() }

// TypeOf gives a type by name.
func TypeOf(name string) (Type, bool) {
	at := slices.IndexFunc(Types(), func(t Type) bool { return t.Name == name })
	if at < 0 {
		return Type{}, false
	}
	return Types()[at], true
}
