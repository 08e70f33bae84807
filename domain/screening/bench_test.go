package screening_test

import (
	"fmt"
	"testing"

	"whocomply/domain"
	"whocomply/domain/screening"
)

const tenThousand = 10_000

// populace gives n entries with two aliases each, and names that share many words.
func populace(n int) (entries []screening.Entry) {
	given := []string{"Ahmed", "Juan Carlos", "Sergey", "Mohammad Reza", "Maria", "Kim Jong", "José"}
	for i := range n {
		first, last := given[i%len(given)], fmt.Sprintf("Family%d", i/3)
		entries = append(entries, person(fmt.Sprint(i), fmt.Sprintf("%s, %s", last, first),
			fmt.Sprintf("%s al-%s %d", first, last, i), fmt.Sprintf("%s %s Trading Company Limited", last, first)))
	}
	return entries
}

// BenchmarkScreen measures one name on one list of 10,000 entries with 30,000 names.
func BenchmarkScreen(b *testing.B) {
	l := listing(b, populace(tenThousand)...)
	for _, bm := range []struct{ name, text string }{
		{"nothing found", "Katharina Schmidt"},
		{"nothing found, company", "Anglo-Caribbean Trading Co., Ltd."},
		{"nothing found, accents", "María José Núñez Fernández"},
		{"nothing found, Cyrillic", "Владимир Владимирович Иванов"},
		{"nothing found, Arabic", "محمد عبد الله الحسين"},
		{"found", "Sergey Family7"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			names := []screening.Name{{Field: "data.transaction.counterparty.name", Text: bm.text}}
			var got domain.Screened
			for b.Loop() {
				got = l.Under(screening.DefaultPolicy()).Screen(screening.Query{Names: names}) // remembers nothing
			}
			if (len(got.Hits) > 0) != (bm.name == "found") {
				b.Errorf("hits %v", got.Hits)
			}
		})
	}
}

// BenchmarkIndex measures making a list of 10,000 entries searchable, from its events.
func BenchmarkIndex(b *testing.B) {
	events := newLedger().must(b, publish(populace(tenThousand)...))
	b.ReportAllocs()
	for b.Loop() {
		screening.NewLists(fold(events).Shared(), nil)
	}
}

// BenchmarkPublish measures deciding on a publication of 10,000 entries, the first time and again.
func BenchmarkPublish(b *testing.B) {
	c := publish(populace(tenThousand)...)
	published := newLedger()
	published.must(b, c)
	for _, bm := range []struct {
		name  string
		state *ledger
	}{{"first", newLedger()}, {"again", published}} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bm.state.decide(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOwnEntry measures adding one entry to a tenant's list of 10,000 and searching the result.
func BenchmarkOwnEntry(b *testing.B) {
	l := newLedger()
	for i := range tenThousand {
		l.must(b, own("house", fmt.Sprintf("Person %d", i)))
	}
	screening.NewLists(nil, l.Own())
	n := tenThousand
	for b.Loop() {
		l.must(b, own("house", fmt.Sprintf("Person %d", n)))
		screen(screening.NewLists(nil, l.Own()), "Katharina Schmidt")
		n++
	}
}
