package screening_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/screening"
)

func TestPublishRefuses(t *testing.T) {
	other := person("9", "X")
	other.List = "other"
	for _, tc := range []struct {
		name, reason string
		change       func(c *screening.PublishList)
	}{
		{"list", "list must be", func(c *screening.PublishList) { c.List = "../etc" }},
		{"category", "category must be", func(c *screening.PublishList) { c.Category = "none" }},
		{"hash", "source_hash must be", func(c *screening.PublishList) { c.SourceHash = strings.ToUpper(hash) }},
		{"format", "format is required", func(c *screening.PublishList) { c.Format = "" }},
		{"source", "source is required", func(c *screening.PublishList) { c.Source = "" }},
		{"no time", "retrieved_at must be", func(c *screening.PublishList) { c.RetrievedAt = time.Time{} }},
		{"time to come", "retrieved_at must be", func(c *screening.PublishList) { c.RetrievedAt = noon.Add(time.Second) }},
		{"empty", "entries must not be empty", func(c *screening.PublishList) { c.Entries = nil }},
		{"an id twice", `entries hold the id "2" twice`, func(c *screening.PublishList) { c.Entries = append(c.Entries, person("2", "Z")) }},
		{"no id", "id is required", func(c *screening.PublishList) { c.Entries = append(c.Entries, person("", "Z")) }},
		{"bad entry", `entries[4] with id "9": name is required`, func(c *screening.PublishList) { c.Entries = append(c.Entries, person("9", "")) }},
		{"entry of another list", "list must be sanctions", func(c *screening.PublishList) { c.Entries = append(c.Entries, other) }},
		{"shrinks", "entries have 2 entries where version 1 has 4: less than 70 % is suspicious", func(c *screening.PublishList) { c.Entries = c.Entries[:2] }},
		{"loses aliases", "entries have 4 names where version 1 has 7", func(c *screening.PublishList) { c.Entries[0].Aliases = nil }},
		{"an amendment", "entries are an amendment", func(c *screening.PublishList) { c.Amendment = true }},
		{"limit of age", "max_age must be whole seconds", func(c *screening.PublishList) { c.MaxAge = time.Millisecond }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			c := publish(person("1", "A", "Aa", "Ab", "Ac"), person("2", "B"), person("3", "C"), person("4", "D"))
			l.must(t, c)
			tc.change(&c)
			if events, err := l.do(c); err == nil || domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.reason) {
				t.Errorf("events %v, error %v, want %q", events, err, tc.reason)
			}
		})
	}
}

func TestPublish(t *testing.T) {
	l := newLedger()
	l.must(t, publish(person("1", "A"), person("2", "B", "Bee"), person("3", "C")))
	got := l.must(t, publish(person("4", "D"), person("1", "A"), person("2", "B")))
	if len(got) != 2 {
		t.Fatalf("%d events", len(got))
	}
	part, p := got[0].(screening.Changed), got[1].(screening.Published).Publication
	if len(part.Put) != 2 || part.Put[0].Name != "B" || part.Put[1].Name != "D" || !slices.Equal(part.Removed, []string{"3"}) {
		t.Errorf("part %+v", part)
	}
	if part.Put[1].List != "sanctions" || part.Put[1].Category != "sanctions" {
		t.Errorf("entry %+v", part.Put[1])
	}
	if p.Version != 2 || p.Entries != 3 || p.Names != 3 || p.Added != 1 || p.Altered != 1 || p.Removed != 1 || p.PublishedAt != noon || p.Forced != "" {
		t.Errorf("publication %+v", p)
	}
	if p.ListVersion != l.content().Version() {
		t.Errorf("published %v, in force %v", p.ListVersion, l.content().Version())
	}
	if inForce, known := l.PublicationOf("sanctions"); !known || inForce != p {
		t.Errorf("in force %v", inForce)
	}
}

// TestConfirmed shows that the same content, retrieved again, makes a list as young as that, and that
// content retrieved before does nothing.
func TestConfirmed(t *testing.T) {
	l := newLedger()
	c := publish(person("1", "A"))
	c.RetrievedAt, c.MaxAge = noon.Add(-3*time.Hour), time.Hour
	l.must(t, c)
	first, _ := l.PublicationOf("sanctions")
	for _, tc := range []struct {
		name      string
		retrieved time.Time
		limit     time.Duration
		confirmed bool
	}{
		{"earlier", noon.Add(-4 * time.Hour), time.Hour, false},
		{"the same", noon.Add(-3 * time.Hour), time.Hour, false},
		{"later", noon.Add(-2 * time.Hour), time.Hour, true},
		{"another limit", noon.Add(-2 * time.Hour), 2 * time.Hour, true},
		{"the default limit", noon.Add(-2 * time.Hour), 0, true},
	} {
		c.RetrievedAt, c.MaxAge = tc.retrieved, tc.limit
		events := l.must(t, c)
		if len(events) == 1 != tc.confirmed || len(events) > 1 {
			t.Errorf("%s: %v", tc.name, events)
		}
		now, _ := l.PublicationOf("sanctions")
		if now.ListVersion != first.ListVersion || tc.confirmed && !now.Expires().Equal(tc.retrieved.Add(now.Limit())) {
			t.Errorf("%s: in force %+v", tc.name, now)
		}
	}
	if now, _ := l.PublicationOf("sanctions"); now.Limit() != screening.DefaultMaxAge {
		t.Errorf("limit %v", now.Limit())
	}
}

func TestForce(t *testing.T) {
	l := newLedger()
	l.must(t, publish(person("1", "A"), person("2", "B"), person("3", "C")))
	c := publish(person("1", "A"))
	c.Force = "delisted by order 7"
	events := l.must(t, c)
	if p := events[len(events)-1].(screening.Published).Publication; p.Forced != c.Force || p.Removed != 2 {
		t.Errorf("publication %+v", p)
	}
}

func TestPartsTakeEffectTogether(t *testing.T) {
	system := newLedger()
	events := system.must(t, publish(people(1200)...))
	if len(events) != 4 {
		t.Fatalf("%d events, want 3 parts and the publication", len(events))
	}
	s := screening.New()
	abandoned := screening.Changed{List: "sanctions", Version: 7, Put: []screening.Entry{person("zz", "Abandoned")}}
	for _, event := range append([]domain.Event{abandoned}, events...) {
		if len(s.Shared()) != 0 {
			t.Error("a part has an effect before the publication")
		}
		s.Evolve(&domain.Envelope{Event: event})
	}
	if list := s.Shared()[0]; list.Version() != system.content().Version() || len(list.Entries()) != 1200 {
		t.Errorf("list %v", list.Version())
	}
}

// A crash between the parts of a publication and its end leaves nothing in later versions.
func TestAbandonedPublicationLeavesNothing(t *testing.T) {
	l := newLedger()
	l.must(t, publish(person("1", "A"), person("2", "B")))
	for range 2 {
		events, err := l.decide(publish(person("1", "A"), person("3", "Abandoned")))
		if err != nil {
			t.Fatal(err)
		}
		parts := events[:len(events)-1]
		for _, part := range parts {
			l.Evolve(&domain.Envelope{Event: part})
		}
		l.events = append(l.events, parts...)
	}
	want := newLedger()
	entries := []screening.Entry{person("1", "A"), person("2", "B"), person("4", "D")}
	want.must(t, publish(entries...))
	l.must(t, publish(entries...))
	for name, s := range map[string]*screening.State{"as decided": l.State, "folded again": l.refolded()} {
		p, _ := s.PublicationOf("sanctions")
		got := s.Shared()[0].Version()
		if got != p.ListVersion || got.Digest != want.content().Version().Digest {
			t.Errorf("%s: in force %v, published %v, want the digest %s", name, got, p.ListVersion, want.content().Version().Digest)
		}
	}
	if events := l.must(t, publish(entries...)); len(events) != 0 {
		t.Errorf("the same content again gives %d events", len(events))
	}
}

func people(n int) (entries []screening.Entry) {
	for i := range n {
		entries = append(entries, person(fmt.Sprintf("p%05d", i), fmt.Sprintf("Person %d", i)))
	}
	return entries
}

func TestPartsKeepTheirLimits(t *testing.T) {
	long := people(40)
	for i := range long {
		long[i].Reason = strings.Repeat("\"", 20000)
	}
	l := newLedger()
	events := l.must(t, publish(append(long, person("zz", "Z"))...))
	c := publish(person("zz", "Z"))
	c.Force = "test"
	events = append(events, l.must(t, c)...)
	events = append(events, l.must(t, publish(people(2000)...))...)
	parts := 0
	for _, event := range events {
		part, ok := event.(screening.Changed)
		if !ok {
			continue
		}
		parts++
		raw, err := json.Marshal(part)
		if err != nil || len(raw) > 256<<10 || len(part.Put)+len(part.Removed) > 500 {
			t.Errorf("part of %d bytes, %d entries, %d ids, error %v", len(raw), len(part.Put), len(part.Removed), err)
		}
	}
	if parts < 12 {
		t.Errorf("%d parts", parts)
	}
}

func TestDigestIsThatOfTheCanonicalLines(t *testing.T) {
	const file = `{"category":"sanctions","dates_of_birth":["1957-03-10"],"entity_type":"individual","id":"10","list":"sanctions","name":"BIN LADEN, Usama"}
{"aliases":["習近平"],"category":"sanctions","entity_type":"individual","id":"9","list":"sanctions","name":"XI, Jinping"}
`
	binLaden := person("10", "BIN LADEN, Usama")
	binLaden.DatesOfBirth = []string{"1957-03-10"}
	l := newLedger()
	l.must(t, publish(person("9", "XI, Jinping", "習近平"), binLaden))
	var lines bytes.Buffer
	for _, entry := range l.content().Entries() {
		line, err := screening.CanonicalLine(*entry)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(line)
	}
	if lines.String() != file {
		t.Errorf("lines\n%s\nwant\n%s", lines.String(), file)
	}
	sum := sha256.Sum256([]byte(file))
	if got := l.content().Version().Digest; got != hex.EncodeToString(sum[:]) {
		t.Errorf("digest %s", got)
	}
}

// contents draws what a list may hold: few ids, so that versions overlap.
var contents = rapid.Custom(func(t *rapid.T) []screening.Entry {
	ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-d]{1,2}`), 1, 12, rapid.ID).Draw(t, "ids")
	var entries []screening.Entry
	for _, id := range ids {
		entries = append(entries, person(id, names.Draw(t, "name"), rapid.SliceOfN(names, 0, 2).Draw(t, "aliases")...))
	}
	return entries
})

// After any publications, the list in force holds what the last one stated, however it got there,
// and is searched as if it had been the first.
func TestPublicationsAmountToTheLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		var last screening.PublishList
		for _, entries := range rapid.SliceOfN(contents, 1, 6).Draw(t, "contents") {
			last = publish(entries...)
			last.Force = "test"
			do(t, l, last)
			screening.NewLists(l.Shared(), nil) // so that the next version builds on an index
			if events := do(t, l, last); len(events) != 0 {
				t.Fatalf("the same again gives %v", events)
			}
		}
		alone := newLedger()
		do(t, alone, last)
		if got, want := l.content().Version().Digest, alone.content().Version().Digest; got != want {
			t.Fatalf("digest %s, alone %s", got, want)
		}
		if got := l.refolded().Shared()[0].Version(); got != l.content().Version() {
			t.Fatalf("refolded %v", got)
		}
		for _, e := range last.Entries {
			got, want := screen(screening.NewLists(l.Shared(), nil), e.Name), screen(screening.NewLists(alone.Shared(), nil), e.Name)
			if !slices.EqualFunc(got, want, func(a, b domain.Hit) bool { return a.EntryID == b.EntryID && a.Explained == b.Explained }) {
				t.Fatalf("hits %v, alone %v", got, want)
			}
		}
	})
}

// A tenant's own lists grow step by step to what folding them at once gives.
func TestOwnListsAmountToTheirEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger()
		var ids []string
		added := map[string]string{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if len(ids) > 0 && rapid.Bool().Draw(t, "remove") {
				do(t, l, screening.RemoveEntry{EntryID: rapid.SampledFrom(ids).Draw(t, "id")})
			} else {
				for _, event := range do(t, l, own("house", names.Draw(t, "name"))) {
					entry := event.(screening.EntryAdded).Entry
					ids, added[entry.ID] = append(ids, entry.ID), entry.Name
				}
			}
			step, whole := screening.NewLists(nil, l.Own()), screening.NewLists(nil, l.refolded().Own())
			if !slices.Equal(step.Versions(), whole.Versions()) {
				t.Fatalf("versions %v, refolded %v", step.Versions(), whole.Versions())
			}
			for _, id := range ids {
				want := 0
				if _, listed := l.Entry(id); listed {
					want = 100
				}
				for _, l := range []*screening.Lists{step, whole} {
					if got := similarity(screen(l, added[id]), id); got != want {
						t.Fatalf("%q finds its entry with %d, want %d", added[id], got, want)
					}
				}
			}
		}
	})
}

func do(t *rapid.T, l *ledger, command any) []domain.Event {
	events, err := l.do(command)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
