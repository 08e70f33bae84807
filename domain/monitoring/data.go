package monitoring

import (
	"bytes"
	"maps"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
)

// object is a JSON object. It is gone through in the order of its sorted keys, so that a
// condition costs the same, and fails the same, each time.
type object struct {
	traits.Mapper
	members map[string]any
}

// Iterator goes through the sorted keys.
func (o *object) Iterator() traits.Iterator {
	return types.NewStringList(types.DefaultTypeAdapter, slices.Sorted(maps.Keys(o.members))).Iterator()
}

// decoded gives event.data as a map, or an error value.
func decoded(data jsontext.Value) ref.Val {
	if len(data) == 0 {
		return newObject(nil)
	}
	v, err := decodedValue(jsontext.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return types.NewErr("event.data is not JSON")
	}
	if _, isObject := v.(*object); !isObject {
		return types.NewErr("event.data is not a JSON object")
	}
	return v
}

func newObject(members map[string]any) *object {
	return &object{Mapper: types.NewStringInterfaceMap(types.DefaultTypeAdapter, members), members: members}
}

func decodedValue(d *jsontext.Decoder) (ref.Val, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return decodedObject(d)
	case '[':
		return decodedArray(d)
	case '"':
		return types.String(token.String()), nil
	case '0':
		return decodedNumber(token.String()), nil
	case 't', 'f':
		return types.Bool(token.Bool()), nil
	}
	return types.NullValue, nil
}

func decodedObject(d *jsontext.Decoder) (ref.Val, error) {
	members := make(map[string]any)
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String()
		if members[name], err = decodedValue(d); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return newObject(members), err
}

func decodedArray(d *jsontext.Decoder) (ref.Val, error) {
	var items []ref.Val
	for d.PeekKind() != ']' {
		item, err := decodedValue(d)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.ReadToken()
	return types.NewRefValList(types.DefaultTypeAdapter, items), err
}

// decodedNumber gives a number, or an error value for whoever asks for it.
func decodedNumber(s string) ref.Val {
	d, err := domain.ParseDecimal(plain(s))
	if err != nil {
		return types.NewErr("a number in event.data does not fit: %v", err)
	}
	return number(d)
}
