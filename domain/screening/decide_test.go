package screening_test

import (
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
)

func TestAddEntryRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, field string
		change      func(e *screening.Entry)
	}{
		{"no list", "list", func(e *screening.Entry) { e.List = "" }},
		{"list in upper case", "list", func(e *screening.Entry) { e.List = "House" }},
		{"category", "category", func(e *screening.Entry) { e.Category = "vip" }},
		{"entity type", "entity_type", func(e *screening.Entry) { e.EntityType = "person" }},
		{"no name", "name", func(e *screening.Entry) { e.Name = "" }},
		{"name without letters", "name", func(e *screening.Entry) { e.Name = "..." }},
		{"name too long", "name", func(e *screening.Entry) { e.Name = strings.Repeat("x", 1001) }},
		{"name not UTF-8", "name", func(e *screening.Entry) { e.Name = "Jos\xe9" }},
		{"empty alias", "aliases[1]", func(e *screening.Entry) { e.Aliases = []string{"a", ""} }},
		{"weak alias", "weak_aliases[0]", func(e *screening.Entry) { e.WeakAliases = []string{"\x00"} }},
		{"date", "dates_of_birth[0]", func(e *screening.Entry) { e.DatesOfBirth = []string{"10 Mar 1957"} }},
		{"month", "dates_of_birth[0]", func(e *screening.Entry) { e.DatesOfBirth = []string{"1957-13"} }},
		{"country", "countries[0]", func(e *screening.Entry) { e.Countries = []string{"Iran"} }},
		{"identifier without value", "identifiers[0].value", func(e *screening.Entry) { e.Identifiers = []screening.Identifier{{Type: "passport"}} }},
		{"identifier's country", "identifiers[0].country", func(e *screening.Entry) {
			e.Identifiers = []screening.Identifier{{Type: "passport", Value: "1", Country: "xx"}}
		}},
		{"reason not UTF-8", "reason", func(e *screening.Entry) { e.Reason = "\xff" }},
		{"program", "programs[0]", func(e *screening.Entry) { e.Programs = []string{""} }},
		{"too long in all", "", func(e *screening.Entry) { e.Aliases = manyAliases(100, 1000) }},
		{"name of a shared list", "list", func(e *screening.Entry) { e.List = "sanctions" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			l.must(t, screening.AdoptList{Publication: publicationOf(t, publish(person("1", "A")))})
			add := own("house", "Jane Roe")
			tc.change(&add.Entry)
			_, err := l.do(add)
			checkField(t, err, tc.field)
		})
	}
}

func manyAliases(n, length int) (aliases []string) {
	for range n {
		aliases = append(aliases, strings.Repeat("x", length))
	}
	return aliases
}

// checkField checks that err has a code, is about a field and starts with its name.
func checkField(t *testing.T, err error, field string) {
	t.Helper()
	e, ok := err.(*domain.Error)
	if !ok || e.Code == "" || e.Field != field || !strings.HasPrefix(e.Message, field) {
		t.Errorf("error %v, want one about %q", err, field)
	}
}

// publicationOf gives what publishing yields in a ledger of its own.
func publicationOf(t *testing.T, c screening.PublishList) screening.Publication {
	t.Helper()
	events := newLedger().must(t, c)
	return events[len(events)-1].(screening.Published).Publication
}

func TestOwnEntries(t *testing.T) {
	l := newLedger()
	roe := l.must(t, own("house", "Jane Roe"))[0].(screening.EntryAdded).Entry
	l.must(t, own("house", "John Doe"))
	l.must(t, own("watch", "John Doe"))
	if !strings.HasPrefix(roe.ID, "wle_") {
		t.Errorf("id %s", roe.ID)
	}
	if events := l.must(t, own("house", "Jane Roe")); len(events) != 0 {
		t.Errorf("the same entry again gives %v", events)
	}
	if same, known := l.SameEntry(own("house", "Jane Roe").Entry); !known || same.ID != roe.ID {
		t.Errorf("same entry %v", same)
	}
	house, watch := l.Own()[0], l.Own()[1]
	if v := house.Version(); v.List != "house" || v.Version != 2 || watch.Version().Version != 1 {
		t.Errorf("versions %v %v", v, watch.Version())
	}
	if len(screen(screening.NewLists(nil, l.Own()), "Jane Roe")) != 1 {
		t.Error("the entry is not found")
	}
	l.must(t, screening.RemoveEntry{EntryID: roe.ID})
	if events := l.must(t, screening.RemoveEntry{EntryID: roe.ID}); len(events) != 0 {
		t.Errorf("removing it again gives %v", events)
	}
	if len(screen(screening.NewLists(nil, l.Own()), "Jane Roe")) != 0 {
		t.Error("the removed entry is found")
	}
	if v := l.Own()[0].Version(); v.Version != 3 || len(l.Own()[0].Entries()) != 1 || len(house.Entries()) != 2 {
		t.Errorf("version %v", v)
	}
	if again := l.must(t, own("house", "Jane Roe"))[0].(screening.EntryAdded); again.Entry.ID == roe.ID {
		t.Error("an id is used twice")
	}
	if _, err := l.do(screening.RemoveEntry{EntryID: "wle_none"}); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("removing an unknown entry: %v", err)
	}
}

func TestEntityTypeMayBeLeftOut(t *testing.T) {
	l := newLedger()
	add := own("house", "Jane Roe")
	add.Entry.EntityType = ""
	if added := l.must(t, add)[0].(screening.EntryAdded); added.Entry.EntityType != "unknown" {
		t.Errorf("entity type %q", added.Entry.EntityType)
	}
	if _, known := l.SameEntry(add.Entry); !known || len(l.must(t, add)) != 0 {
		t.Error("the same entry is not known again")
	}
}

func TestAdopt(t *testing.T) {
	system := newLedger()
	first := system.must(t, publish(person("1", "A")))[1].(screening.Published).Publication
	second := system.must(t, publish(person("1", "B")))[1].(screening.Published).Publication
	other := second
	other.Digest = hash
	for _, tc := range []struct {
		name   string
		now    screening.Publication
		adopt  screening.Publication
		events int
		fails  bool
	}{
		{"newer", first, second, 1, false},
		{"the same", second, second, 0, false},
		{"older", second, first, 0, false},
		{"the same version, other content", second, other, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			l.must(t, screening.AdoptList{Publication: tc.now})
			events, err := l.do(screening.AdoptList{Publication: tc.adopt})
			if len(events) != tc.events || (err != nil) != tc.fails {
				t.Errorf("events %v, error %v", events, err)
			}
			if got := l.Adopted(); len(got) != 1 || got[0].Version < tc.now.Version {
				t.Errorf("adopted %v", got)
			}
		})
	}
}

func TestRecordScreening(t *testing.T) {
	old, now := listing(t, person("1", "DOE, John")), listing(t, person("1", "DOE, John"), person("2", "ROE, Jane"))
	names := []screening.Name{{Field: "full_name", Text: "John Doe"}}
	base := screening.RecordScreening{CustomerID: "cus_1", Profile: 1, Screened: old.Screen(screening.Query{Names: names})}
	for _, tc := range []struct {
		name   string
		change func(c *screening.RecordScreening)
		events int
	}{
		{"the same", func(c *screening.RecordScreening) { c.Screened = old.Screen(screening.Query{Names: names}) }, 0},
		{"another customer", func(c *screening.RecordScreening) { c.CustomerID = "cus_2" }, 1},
		{"a newer profile", func(c *screening.RecordScreening) { c.Profile = 2 }, 1},
		{"other lists", func(c *screening.RecordScreening) { c.Screened = now.Screen(screening.Query{Names: names}) }, 1},
		{"fewer hits", func(c *screening.RecordScreening) { c.Screened = old.Screen(screening.Query{}) }, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			l.must(t, base)
			c := base
			tc.change(&c)
			if events := l.must(t, c); len(events) != tc.events {
				t.Errorf("events %v, want %d", events, tc.events)
			}
			if last, known := l.Screening(c.CustomerID); !known || last.Profile != c.Profile || len(last.Hits) != len(c.Screened.Hits) {
				t.Errorf("last screening %v", last)
			}
		})
	}
}
