package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// TestRescreening shows what a customer who is screened again gets: nothing on other versions of the
// lists with the same result, and all that a push would bring where it is another.
func TestRescreening(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	d.must(t, push(person("c-1", "Viktor Petrov")))
	d.must(t, push(person("c-2", "Olga Borisova")))
	again := func(external string) string {
		events, _ := d.must(t, &ledger.RescreenCustomer{ID: d.state.Customers.Find(external).ID})
		return kinds(events)
	}
	olga := screening.Entry{ID: "2", EntityType: "individual", Name: "Olga Borisova"}
	d.publishEntries(t, listed(), olga)
	if got := again("c-1"); got != "" {
		t.Errorf("same result: %s", got)
	}
	if got := again("c-2"); got != "screening.completed alert.raised risk.rated" {
		t.Errorf("newly listed: %s", got)
	}
	if got := again("c-2"); got != "" {
		t.Errorf("once more: %s", got)
	}
	d.publishEntries(t, listed())
	if got := again("c-2"); got != "screening.completed" {
		t.Errorf("delisted: %s", got)
	}
}

// TestBehind shows when customers are behind the lists in force, and what ends that.
func TestBehind(t *testing.T) {
	d := &disposal{desk: newDesk(t, "acme"), system: newDesk(t, "system")}
	d.publishEntries(t, listed())
	want := func(step string, behind bool) {
		t.Helper()
		if d.state.Behind() != behind {
			t.Errorf("%s: behind %v", step, !behind)
		}
	}
	want("nobody", false)
	d.must(t, push(person("c-1", "Olga Borisova")))
	want("screened at the push", false)
	d.publishEntries(t, listed(), screening.Entry{ID: "2", EntityType: "individual", Name: "Somebody"})
	want("another version", true)
	_, reply := d.must(t, ledger.StartRun(screening.StartRun{Cause: screening.RunOnChange, Scope: screening.ScopeFull}))
	run := reply.(*screening.RunStanding)
	want("run begun", true)
	d.must(t, ledger.AdvanceRun(screening.RunAdvanced{RunID: run.ID, Tally: screening.Tally{Customers: 1}, Through: "cus_1"}))
	if now := d.state.Screening.Unfinished(); now.Through != "cus_1" || now.Customers != 1 {
		t.Errorf("run %+v", now)
	}
	events, _ := d.must(t, ledger.EndRun(screening.RunEnded{RunID: run.ID, Outcome: screening.RunDone, Lists: run.Lists, Population: strings.Repeat("0", 64)}))
	want("run ended", false)
	if end := events[0].Event.(screening.RunEnded); end.WithHits != 0 || end.NoHit != 1 {
		t.Errorf("end %+v", end)
	}
	d.must(t, push(person("c-2", "Viktor Petrov")))
	want("pushed after it", false)
	d.must(t, entry("Ann Example"))
	want("an entry of the tenant's own", true)
}

// TestReach draws lists that change and customers, and wants every customer whose result differs on
// the lists as they are now to be in reach of what changed.
func TestReach(t *testing.T) {
	names := []string{"Viktor Petrov", "Petrov Viktor", "Olga Petrova", "Borealis Trading Ltd", "Zoë Ångström", "Ann Larsen", "Viktor Petroff", "ACME Holding"}
	rapid.Check(t, func(t *rapid.T) {
		version := func(label string) *screening.Lists {
			var entries []*screening.Entry
			for i := range rapid.IntRange(0, 6).Draw(t, label) {
				e := &screening.Entry{ID: fmt.Sprint(i), List: "x", Category: "sanctions", EntityType: "unknown", Name: rapid.SampledFrom(names).Draw(t, "name")}
				if rapid.Bool().Draw(t, "numbered") {
					e.Identifiers = []screening.Identifier{{Type: "passport", Value: fmt.Sprint("A1234", rapid.IntRange(0, 2).Draw(t, "number"))}}
				}
				entries = append(entries, e)
			}
			return screening.NewLists([]*screening.List{screening.NewList("x", entries)}, nil)
		}
		before, now := version("before"), version("now")
		changes, known := now.Changes(before)
		if !known {
			t.Fatal("changes are not known")
		}
		reach := now.Reach(changes)
		for range rapid.IntRange(1, 5).Draw(t, "customers") {
			p := person("c", rapid.SampledFrom(names).Draw(t, "customer"))
			p.Identifiers = []customer.Identifier{{Type: "passport", Value: fmt.Sprint("A1234", rapid.IntRange(0, 2).Draw(t, "number"))}}
			queries := []screening.Query{{Names: []screening.Name{{Field: "full_name", Text: p.FullName}}, EntityType: "individual", Countries: []string{"DK"}}}
			for _, id := range p.Identifiers {
				queries[0].Identifiers = append(queries[0].Identifiers, screening.Identifier(id))
			}
			last := &screening.Completed{Screened: before.Screen(queries[0])}
			if differs := !last.Finds(now.Screen(queries[0])); differs && !reach.Touches(last, queries) {
				t.Fatalf("%s is out of reach of %+v", p.FullName, changes)
			}
		}
	})
}

// TestPopulation shows the digest of a population, which anybody can make of the customers' versions.
func TestPopulation(t *testing.T) {
	d := newDesk(t, "acme")
	for i := range 3 {
		d.must(t, push(person(fmt.Sprint("c-", i), "Ann Larsen")))
	}
	p := d.state.Population()
	first := p.Sort()
	if !slices.IsSortedFunc(p.Customers, func(a, b *customer.Customer) int { return strings.Compare(a.ID, b.ID) }) || len(first) != 64 {
		t.Errorf("digest %s", first)
	}
	d.must(t, push(person("c-1", "Ann Holm")))
	if second := d.state.Population().Sort(); second == first {
		t.Error("another version of a customer has the same digest")
	}
}

// BenchmarkReach looks at customers for a change of 100 entries, as a run on a change does.
func BenchmarkReach(b *testing.B) {
	given := strings.Fields("Ann Bob Carla David Elena Felix Gustavo Hanna Igor Julia Karim Lena Mohamed Nadia Omar Pavel Qasim Rosa Sergei Tania Umar Vera Wei Xenia Yusuf Zoe")
	start, middle := strings.Fields("Ba Der Fo Gri Hal Ist Jor Kra Lem Mor Nev Ost Pet Ros Sil Tar Ul Vas Wen Yil"), strings.Fields("a an ber di el fo gor hau ik jo kov lin mar no or pe rin so tov va")
	end := strings.Fields("berg ov son ez ini ska mann ura oglu enko ski sen wala stra ić yan dze i es ard")
	name := func(i int) string {
		return given[i%len(given)] + " " + start[i/3%len(start)] + middle[i/61%len(middle)] + end[i/1277%len(end)]
	}
	var entries []*screening.Entry
	var change screening.ListChange
	change.List = "x"
	for i := range 100 {
		entries = append(entries, &screening.Entry{ID: fmt.Sprintf("%05d", i), List: "x", Category: "sanctions", EntityType: "individual", Name: name(i * 977), Aliases: []string{name(i*991 + 5), name(i*13 + 9)}})
		change.Put = append(change.Put, entries[i].ID)
	}
	lists := screening.NewLists([]*screening.List{screening.NewList("x", entries)}, nil)
	reach := lists.Reach([]screening.ListChange{change})
	last := &screening.Completed{}
	i, touched := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		if reach.Touches(last, []screening.Query{{Names: []screening.Name{{Field: "full_name", Text: name(i)}}, EntityType: "individual", DateOfBirth: "1980-01-02", Countries: []string{"DK"}}}) {
			touched++
		}
		i++
	}
	b.ReportMetric(float64(touched)/float64(i), "touched/op")
}
