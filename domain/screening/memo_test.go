package screening_test

import (
	"fmt"
	"reflect"
	"testing"

	"whocomply/domain/screening"
)

func TestRememberedAnswersAreThoseOfASearch(t *testing.T) {
	lists := listing(t, person("1", "EXAMPLE, Ann"))
	query := func(name string) screening.Query {
		return screening.Query{Names: []screening.Name{{Field: "name", Text: name}}}
	}
	want := lists.Screen(query("Ann Example"))
	if len(want.Hits) != 1 {
		t.Fatalf("got %d hits, want 1", len(want.Hits))
	}
	for i := range 40_000 {
		if got := lists.Screen(query(fmt.Sprint("Person ", i))); len(got.Hits) != 0 {
			t.Fatalf("Person %d is %+v", i, got.Hits)
		}
		if i%10_000 == 0 {
			if got := lists.Screen(query("Ann Example")); !reflect.DeepEqual(got, want) {
				t.Fatalf("after %d others: got %+v, want %+v", i, got, want)
			}
		}
	}
	elsewhere := query("Ann Example")
	elsewhere.Names[0].Field = "alias"
	if got := lists.Screen(elsewhere); got.Hits[0].Field != "alias" {
		t.Errorf("the hit is of the field %q", got.Hits[0].Field)
	}
}
