package ledger_test

import (
	"reflect"
	"testing"

	"whocomply/domain/ledger"
)

// TestCloneSharesNothingThatChanges looks at every map of every area: a clone must have its own.
func TestCloneSharesNothingThatChanges(t *testing.T) {
	s := ledger.New("acme")
	maps := 0
	var compare func(path string, a, b reflect.Value)
	compare = func(path string, a, b reflect.Value) {
		switch a.Kind() {
		case reflect.Map:
			if maps++; b.IsNil() || a.Pointer() == b.Pointer() {
				t.Errorf("%s is shared with the clone, or missing in it", path)
			}
		case reflect.Pointer:
			if !a.IsNil() && a.Pointer() != b.Pointer() {
				compare(path, a.Elem(), b.Elem())
			} else if named := a.Type().Elem().Name(); named == "State" || named == "Histories" {
				t.Errorf("%s is shared with the clone", path)
			}
		case reflect.Array:
			for i := range a.Len() {
				compare(path, a.Index(i), b.Index(i))
			}
		case reflect.Struct:
			for i := range a.NumField() {
				compare(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		}
	}
	compare("state", reflect.ValueOf(s), reflect.ValueOf(s.Clone()))
	if maps < 25 {
		t.Errorf("only %d maps were compared", maps)
	}
}
