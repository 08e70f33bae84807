package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"whocomply/domain/screening"
	"whocomply/domain/screening/match"
)

// evalCount counts outcomes.
type evalCount struct{ TP, FP, FN, TN int }

func (c *evalCount) add(expected, got bool) {
	switch {
	case expected && got:
		c.TP++
	case got:
		c.FP++
	case expected:
		c.FN++
	default:
		c.TN++
	}
}

// Precision is the share of what was found that is right.
func (c evalCount) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall is the share of what is right that was found.
func (c evalCount) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 is the harmonic mean of both.
func (c evalCount) F1() float64 {
	return ratio(2*c.TP, 2*c.TP+c.FP+c.FN)
}

func ratio(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// evalPairs is the result for a file of labelled pairs.
type evalPairs struct {
	File       string
	Rows       int
	At         evalCount // at the threshold
	Precision  float64
	Recall     float64
	F1         float64
	Curve      []evalPoint
	Categories map[string]*evalCount
	Scripts    map[string]*evalCount
	WithBirth  *evalCount // at the threshold, with the dates of birth as evidence
}

type evalPoint struct {
	Threshold             int
	Precision, Recall, F1 float64
}

func pairKind(text string) match.Kind {
	switch text {
	case "Company", "Organization", "LegalEntity", "Entity":
		return match.Organisation
	case "Vessel", "Aircraft":
		return match.Vessel
	case "Person", "Individual", "GivenName", "NameToken", "":
		return match.Person
	}
	return match.Unknown
}

// skips reports whether a pair belongs to the other half of the material.
func (e *evaluation) skips(a, b string) bool {
	if e.half == "all" {
		return false
	}
	both := []string{strings.ToLower(a), strings.ToLower(b)}
	slices.Sort(both)
	sum := sha256.Sum256([]byte(strings.Join(both, "|")))
	return (sum[0]%2 == 0) != (e.half == "even")
}

func (e *evaluation) runPairs(t *evalTable) *evalPairs {
	out := &evalPairs{File: filepath.Base(t.path), Categories: map[string]*evalCount{}, Scripts: map[string]*evalCount{}}
	curve := make([]evalCount, 101)
	for _, row := range t.rows {
		a, b, expected := t.get(row, "name_a"), t.get(row, "name_b"), t.get(row, "expected") == "1"
		if e.skips(a, b) {
			continue
		}
		kind := pairKind(t.get(row, "kind"))
		similarity := int(match.Compare(match.Parse(a, kind), match.Parse(b, kind)).Similarity*100 + 0.0001)
		got := similarity >= e.policy.Threshold
		out.Rows++
		out.At.add(expected, got)
		count(out.Categories, category(t.get(row, "source"), t.get(row, "category"))).add(expected, got)
		count(out.Scripts, scriptsOf(a, b)).add(expected, got)
		for i := range curve {
			curve[i].add(expected, similarity >= i)
		}
		out.birth(e, t.get(row, "dob"), expected, got)
		if got != expected {
			e.fail("pair %-40.40s %3d %s | %s", category(t.get(row, "source"), t.get(row, "category")), similarity, a, b)
		}
	}
	out.Precision, out.Recall, out.F1 = out.At.Precision(), out.At.Recall(), out.At.F1()
	for i := 50; i <= 98; i += 2 {
		out.Curve = append(out.Curve, evalPoint{i, curve[i].Precision(), curve[i].Recall(), curve[i].F1()})
	}
	return out
}

// birth decides again with the dates of birth of both, "a|b" in the file.
func (p *evalPairs) birth(e *evaluation, dates string, expected, got bool) {
	a, b, both := strings.Cut(dates, "|")
	known, listed := evalDates(a), evalDates(b)
	if !both || len(known) == 0 || len(listed) == 0 {
		return
	}
	if p.WithBirth == nil {
		p.WithBirth = &evalCount{}
	}
	q := screening.Query{DateOfBirth: known[0]}
	p.WithBirth.add(expected, got && q.Evidence(&screening.Entry{DatesOfBirth: listed}) >= e.policy.Evidence)
}

func (e *evaluation) fail(format string, args ...any) {
	e.report.failures = append(e.report.failures, fmt.Sprintf(format, args...))
}

func count(by map[string]*evalCount, key string) *evalCount {
	if by[key] == nil {
		by[key] = &evalCount{}
	}
	return by[key]
}

// category joins a source and its category without the source's own subdivisions.
func category(source, name string) string {
	name, _, _ = strings.Cut(name, "/")
	return source + ": " + name
}

func (r *evalReport) print(w io.Writer) {
	fmt.Fprintf(w, "matcher %s, threshold %d\n", r.Matcher, r.Threshold)
	for _, p := range r.Pairs {
		p.print(w)
	}
	if len(r.Lists) > 0 {
		fmt.Fprintf(w, "\nlists: %d entries, %d names, index built in %.0f ms, %.0f MB\n", r.Entries, r.Names, r.IndexMS, r.HeapMB)
		for _, l := range r.Lists {
			fmt.Fprintf(w, "  %-16s %6d entries %6d names\n", l.List, l.Entries, l.Names)
		}
	}
	for _, c := range r.Cases {
		c.print(w)
	}
	for _, c := range r.Customers {
		c.print(w)
	}
}

func (p *evalPairs) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %d pairs\n  P %.3f  R %.3f  F1 %.3f  (%d right, %d false, %d missed)\n",
		p.File, p.Rows, p.Precision, p.Recall, p.F1, p.At.TP, p.At.FP, p.At.FN)
	if p.WithBirth != nil {
		fmt.Fprintf(w, "  with dates of birth where both are known: %d pairs, %d right, %d false, %d missed\n",
			p.WithBirth.TP+p.WithBirth.FP+p.WithBirth.FN+p.WithBirth.TN, p.WithBirth.TP, p.WithBirth.FP, p.WithBirth.FN)
	}
	fmt.Fprint(w, "  curve")
	for _, point := range p.Curve {
		if point.Threshold%4 == 0 {
			fmt.Fprintf(w, "  %d: P %.3f R %.3f F1 %.3f\n       ", point.Threshold, point.Precision, point.Recall, point.F1)
		}
	}
	fmt.Fprintln(w)
	printCounts(w, p.Scripts)
	printCounts(w, p.Categories)
}

func printCounts(w io.Writer, by map[string]*evalCount) {
	keys := slices.SortedFunc(maps.Keys(by), cmp.Compare[string])
	for _, key := range keys {
		c := by[key]
		fmt.Fprintf(w, "  %-62.62s %6d  P %.3f  R %.3f  F1 %.3f\n", key, c.TP+c.FP+c.FN+c.TN, c.Precision(), c.Recall(), c.F1())
	}
}
