package projections

import (
	"fmt"
	"testing"
)

func TestViewCache(t *testing.T) {
	name := func(i int) entity { return entity{"acme", fmt.Sprint("cus_", i)} }
	external := func(i int) entity { return entity{"acme", fmt.Sprint("ext-", i)} }
	c := newViewCache(8)
	for i := range 20 {
		c.put(external(i), name(i), []byte{byte(i)})
	}
	held := 0
	for i := range 20 {
		view, byExternal := c.get(name(i)), c.get(external(i))
		if string(view) != string(byExternal) || view != nil && view[0] != byte(i) {
			t.Errorf("%d: %v by id, %v by external_id", i, view, byExternal)
		}
		if view != nil {
			held++
		}
	}
	if held < 4 || held > 8 || c.get(name(19)) == nil {
		t.Errorf("%d views held, want 4 to 8 with the last one", held)
	}
	if c.get(entity{"rival", "cus_19"}) != nil {
		t.Error("a view of another tenant")
	}
	for i := range 20 {
		c.drop(name(i))
		if c.get(name(i)) != nil || c.get(external(i)) != nil {
			t.Errorf("%d is still there", i)
		}
	}
	c.put(name(1), name(1), []byte("new"))
	if string(c.get(name(1))) != "new" {
		t.Error("a view put after a drop is not there")
	}
}
