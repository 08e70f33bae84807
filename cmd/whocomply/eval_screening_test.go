package main

import (
	"path/filepath"
	"testing"

	"whocomply/domain/screening"
)

// The evaluation finds pairs, lists and customers by their headers and counts them.
func TestEvalScreening(t *testing.T) {
	e := &evaluation{policy: screening.DefaultPolicy(), half: "all", report: &evalReport{}}
	for _, folder := range []string{"screening", filepath.Join("lists", "ofac-sdn"), "datasets"} {
		if err := e.discover(filepath.Join("..", "..", "testdata", folder)); err != nil {
			t.Fatal(err)
		}
	}
	e.run(t.Context())
	r := e.report
	if len(r.Pairs) != 1 || r.Pairs[0].Rows != 198 || r.Pairs[0].F1 < 0.9 {
		t.Errorf("pairs %+v", r.Pairs)
	}
	if r.Entries != 569 || r.Names < 1300 {
		t.Errorf("%d entries, %d names", r.Entries, r.Names)
	}
	if len(r.Customers) != 1 || r.Customers[0].Customers != 633 || r.Customers[0].Alerted < 8 || r.Customers[0].Alerted > 12 {
		t.Errorf("customers %+v", r.Customers)
	}
}
