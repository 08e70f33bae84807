package main

import (
	"bytes"
	"slices"
	"strings"

	"whocomply/projections"
)

// dump gives all rows of all read models of a directory that nobody has open.
func dump(p *program) string {
	t := p.t
	t.Helper()
	db, err := projections.Open(t.Context(), p.database())
	if err != nil {
		t.Fatal(err)
	}
	var rows bytes.Buffer
	if err := db.Dump(t.Context(), &rows); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	return rows.String()
}

// checkRebuild wants the read models to have the same rows after they were built again, all and
// each alone.
func checkRebuild(p *program) {
	t := p.t
	t.Helper()
	before := dump(p)
	if lines := strings.Count(before, "\n"); lines < 50 {
		t.Errorf("the read models hold only %d lines", lines)
	}
	check := func(want []projections.Model, args ...string) {
		t.Helper()
		if got := must[rebuilt](p, append([]string{"rebuild"}, args...)...); !slices.Equal(got.Models, want) {
			t.Errorf("rebuilt %v, want %v", got.Models, want)
		}
		if after := dump(p); after != before {
			t.Errorf("rebuild %s gives other rows: %s", strings.Join(args, " "), firstDifference(before, after))
		}
	}
	check(projections.Models())
	check([]projections.Model{projections.RiskViews}, "--projection", string(projections.RiskViews))
}

func firstDifference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "line " + a[i] + " became " + b[i]
		}
	}
	return "one has more lines"
}
