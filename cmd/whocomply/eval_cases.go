package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// evalLoaded is all lists, searchable together and apart.
type evalLoaded struct {
	all *screening.Lists
	by  map[string]*screening.Lists // by authority, as cases name it
}

// addReferences puts the listed names of cases on a list of their authority where the edition at
// hand does not have them yet.
func (e *evaluation) addReferences() {
	for _, t := range e.cases {
		for _, row := range t.rows {
			id, name, authority := t.get(row, "reference"), t.get(row, "listed_name"), t.get(row, "list")
			if id == "" || name == "" || e.holds(authority, id) {
				continue
			}
			l := e.supplement(authority + " later")
			l.put(id, "individual", name)
		}
	}
	slices.SortFunc(e.lists, func(a, b *evalList) int { return strings.Compare(a.authority, b.authority) })
}

func (e *evaluation) holds(authority, id string) bool {
	for _, l := range e.lists {
		if _, known := l.entries[id]; known && strings.HasPrefix(l.authority, authority) {
			return true
		}
	}
	return false
}

func (e *evaluation) supplement(authority string) *evalList {
	for _, l := range e.lists {
		if l.authority == authority {
			return l
		}
	}
	l := &evalList{path: authority, authority: authority, entries: map[string]*screening.Entry{}}
	e.lists = append(e.lists, l)
	return l
}

func (e *evaluation) load() *evalLoaded {
	var all []*screening.List
	parts := map[string][]*screening.List{}
	before := heap()
	start := time.Now()
	for _, l := range e.lists {
		list := l.list(strings.ToLower(strings.ReplaceAll(l.authority, " ", "-")))
		all = append(all, list)
		authority, _, _ := strings.Cut(l.authority, " ")
		parts[authority] = append(parts[authority], list)
		size := evalListSize{List: l.authority, Entries: len(l.entries)}
		for _, entry := range l.entries {
			size.Names += 1 + len(entry.Aliases) + len(entry.WeakAliases)
		}
		e.report.Lists = append(e.report.Lists, size)
		e.report.Entries += size.Entries
		e.report.Names += size.Names
	}
	loaded := &evalLoaded{all: screening.NewLists(all, nil).Under(e.policy), by: map[string]*screening.Lists{}}
	e.report.IndexMS = float64(time.Since(start).Microseconds()) / 1000
	e.report.HeapMB = heap() - before
	for authority, list := range parts {
		loaded.by[authority] = screening.NewLists(list, nil).Under(e.policy)
	}
	return loaded
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// evalTimes is how long screenings took.
type evalTimes struct {
	P50, P95, P99, Max float64 // microseconds
	taken              []float64
}

func (t *evalTimes) screen(l *screening.Lists, q screening.Query) domain.Screened {
	start := time.Now()
	out := l.Screen(q)
	t.taken = append(t.taken, float64(time.Since(start).Nanoseconds())/1000)
	return out
}

func (t *evalTimes) finish() {
	slices.Sort(t.taken)
	at := func(share float64) float64 {
		if len(t.taken) == 0 {
			return 0
		}
		return t.taken[min(len(t.taken)-1, int(share*float64(len(t.taken))))]
	}
	t.P50, t.P95, t.P99, t.Max = at(0.5), at(0.95), at(0.99), at(1)
}

func (t *evalTimes) String() string {
	return fmt.Sprintf("p50 %.0f us, p95 %.0f us, p99 %.0f us, max %.0f us", t.P50, t.P95, t.P99, t.Max)
}

// evalCases is the result for a file of queries with what they should find.
type evalCases struct {
	File       string
	Categories map[string]*evalCount // found or not, on the list of the case
	Shown      float64               // hits for each query on the list of the case
	ShownAll   float64               // hits for each query on all lists
	Recall     float64               // of misspelt, reordered and transliterated names
	Times      evalTimes             // on all lists
}

func caseExpects(text string) (hit, known bool) {
	switch text {
	case "match", "must_alert", "should_alert", "likely_match":
		return true, true
	case "no_match", "must_not_alert":
		return false, true
	}
	return false, false
}

func (e *evaluation) runCases(ctx context.Context, t *evalTable, l *evalLoaded) *evalCases {
	out := &evalCases{File: filepath.Base(t.path), Categories: map[string]*evalCount{}}
	var goal evalCount
	shown, shownAll, queries := 0, 0, 0
	for _, row := range t.rows {
		expected, known := caseExpects(t.get(row, "expected"))
		if !known || ctx.Err() != nil {
			continue
		}
		q := screening.Query{Names: []screening.Name{{Field: "name", Text: t.get(row, "query")}}}
		on := l.by[t.get(row, "list")]
		all := out.Times.screen(l.all, q)
		got := all
		if on != nil {
			got = on.Screen(q)
		}
		found := caseFound(got.Hits, t.get(row, "reference"))
		queries++
		shown += len(got.Hits)
		shownAll += len(all.Hits)
		name, _, _ := strings.Cut(t.get(row, "category"), "/")
		count(out.Categories, category(t.get(row, "source"), name)).add(expected, found)
		if slices.Contains([]string{"typo", "order_swap", "transliteration", "spacing_hyphen"}, name) && t.get(row, "reference") != "" {
			goal.add(expected, found)
		}
		if found != expected {
			e.fail("case %-20s expected %v: %s (%s), %d hits %s", name, expected, t.get(row, "query"), t.get(row, "listed_name"), len(got.Hits), firstHits(got.Hits))
		}
	}
	out.Times.finish()
	out.Recall, out.Shown, out.ShownAll = goal.Recall(), ratio(shown, queries), ratio(shownAll, queries)
	return out
}

func firstHits(hits []domain.Hit) string {
	var names []string
	for _, h := range hits[:min(3, len(hits))] {
		names = append(names, fmt.Sprintf("%s/%s %d", h.List.List, h.Name, h.Similarity))
	}
	return strings.Join(names, "; ")
}

// caseFound reports whether the entry of a case is among the hits, or any if the case names none.
func caseFound(hits []domain.Hit, reference string) bool {
	if reference == "" {
		return len(hits) > 0
	}
	return slices.ContainsFunc(hits, func(h domain.Hit) bool { return h.EntryID == reference })
}

func (c *evalCases) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n  recall of misspelt, reordered and transliterated names %.3f, candidates shown per query %.2f (all lists %.2f)\n  %s\n",
		c.File, c.Recall, c.Shown, c.ShownAll, &c.Times)
	printCounts(w, c.Categories)
}

// evalCustomers is the result for a file of customers.
type evalCustomers struct {
	File        string
	Listed      bool // all of them should be hits, or none
	Customers   int
	Alerted     int // with at least one hit
	AlertedName int // by the name alone
	Hits        int
	PerThousand float64
	Times       evalTimes
}

func (e *evaluation) runCustomers(ctx context.Context, t *evalTable, l *evalLoaded, column string) *evalCustomers {
	out := &evalCustomers{File: filepath.Base(t.path), Listed: column == "submitted_name"}
	for _, row := range t.rows {
		if ctx.Err() != nil {
			break
		}
		q := screening.Query{
			Names:      []screening.Name{{Field: "full_name", Text: t.get(row, column)}},
			EntityType: "individual", Gender: t.get(row, "gender"),
		}
		if dates := evalDates(t.get(row, "date_of_birth")); len(dates) > 0 {
			q.DateOfBirth = dates[0]
		}
		if code := evalCountry(t.get(row, "nationality")); code != "" {
			q.Countries = []string{code}
		}
		got := out.Times.screen(l.all, q)
		out.Customers++
		out.Hits += len(got.Hits)
		if len(got.Hits) > 0 {
			out.Alerted++
		}
		if len(got.Hits)+len(got.Cleared) > 0 {
			out.AlertedName++
		}
		if (len(got.Hits) > 0) != out.Listed {
			e.fail("customer %s: %s %s %s", out.File, t.get(row, column), q.DateOfBirth, firstExplained(got))
		}
	}
	out.PerThousand = 1000 * ratio(out.Alerted, out.Customers)
	out.Times.finish()
	return out
}

func firstExplained(s domain.Screened) string {
	for _, h := range s.Hits {
		return fmt.Sprintf("%d/%d %s: %s", h.Similarity, h.Evidence, h.List.List, h.Explained)
	}
	for _, h := range s.Cleared {
		return fmt.Sprintf("cleared %d/%d %s: %s %s", h.Similarity, h.Evidence, h.List.List, h.Explained, strings.Join(h.Grounds, ", "))
	}
	return "no hit"
}

func (c *evalCustomers) print(w io.Writer) {
	what := "unlisted"
	if c.Listed {
		what = "listed"
	}
	fmt.Fprintf(w, "\n%s: %d %s customers, %d with hits (%.1f per 1,000; %.1f by name alone), %d hits\n  %s\n",
		c.File, c.Customers, what, c.Alerted, c.PerThousand, 1000*ratio(c.AlertedName, c.Customers), c.Hits, &c.Times)
}
