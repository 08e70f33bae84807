package lists_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

// together gives the newest of all official lists: the whole of them if WHOCOMPLY_DATASETS names a folder
// that has them, or the extracts.
func together(tb testing.TB) (all *screening.Lists, entries []screening.Entry, names int) {
	tb.Helper()
	newest := map[string]string{}
	data := os.Getenv("WHOCOMPLY_DATASETS")
	for _, list := range published {
		switch {
		case data != "":
			newest[list.format] = filepath.Join(data, "sanctions", list.path)
		case list.extract != "":
			newest[list.format] = filepath.Join(folder, "extracts", list.extract)
		}
	}
	var shared []*screening.List
	add := func(name string, content []screening.Entry) {
		own := make([]*screening.Entry, len(content))
		for i := range content {
			e := &content[i]
			e.List, e.Category = name, "sanctions"
			own[i] = e
			names += 1 + len(e.Aliases) + len(e.WeakAliases)
			entries = append(entries, *e)
		}
		slices.SortFunc(own, func(a, b *screening.Entry) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
		shared = append(shared, screening.NewList(name, own))
	}
	for format, pattern := range newest {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			tb.Fatal(pattern, err)
		}
		var files lists.Files
		for _, path := range paths {
			files.List = append(files.List, lists.File{Name: path, From: bytes.NewReader(content(tb, path))})
		}
		got, err := lists.Read(format, files)
		if err != nil {
			tb.Fatal(err)
		}
		add(format, got.Entries)
	}
	sdn := filepath.Join(folder, "ofac-sdn")
	if data != "" {
		sdn = filepath.Join(data, "sanctions", "us-ofac", "sdn-list-2021-10")
	}
	var f lists.OFAC
	for name, to := range map[string]*io.Reader{"sdn.csv": &f.SDN, "alt.csv": &f.Alt, "add.csv": &f.Add, "sdn_comments.csv": &f.Comments} {
		*to = bytes.NewReader(content(tb, filepath.Join(sdn, name)))
	}
	got, _, err := f.Entries()
	if err != nil {
		tb.Fatal(err)
	}
	add("ofac-sdn", got)
	return screening.NewLists(shared, nil), entries, names
}

// TestNoInputIsSlow looks for what is hard to compare on all lists together: long names, many words,
// one letter over and over, words that everybody bears, every script. It allows each ten times what it
// takes a machine that does nothing else.
func TestNoInputIsSlow(t *testing.T) {
	all, entries, names := together(t)
	const limit = 5 * time.Second // some 50 ms without the race detector, on a machine with nothing else to do
	hard := map[string]string{}
	for name, word := range map[string]string{
		"one letter": "a", "initials": "a ", "common": "mohammed ", "particles": "al bin abu ", "companies": "trading company limited ", "digits": "1234567890 ",
		"Han": "王", "Hangul": "김", "Arabic": "محمد ", "Cyrillic": "Иванов ", "marks": "́", "hyphens": "abdul-", "mixed": "Аlі мohаmed ", "legal": "OOO LLC GmbH ",
	} {
		hard[name] = repeated(word, 1000)
	}
	longest := slices.MaxFunc(entries, func(a, b screening.Entry) int { return len(a.Name) - len(b.Name) })
	hard["longest"] = longest.Name
	for name, text := range hard {
		t.Run(name, func(t *testing.T) {
			best := time.Hour
			for range 3 { // a busy machine may stop any one
				start := time.Now()
				all.Screen(screening.Query{Names: []screening.Name{{Field: "name", Text: text}}, Identifiers: []screening.Identifier{{Type: "passport", Value: "none"}}})
				best = min(best, time.Since(start))
			}
			if t.Logf("%v on %d names", best, names); best > limit {
				t.Errorf("%v", best)
			}
		})
	}
}

func repeated(word string, length int) string {
	var b bytes.Buffer
	for b.Len()+len(word) <= length {
		b.WriteString(word)
	}
	return b.String()
}

// BenchmarkAllLists screens persons who are listed, the worst there is, other listed names, names as others
// write them, and persons who are not listed, on all lists together. With WHOCOMPLY_DATASETS the names as
// others write them are the labelled ones of names/screening_cases_dev.csv.
func BenchmarkAllLists(b *testing.B) {
	all, entries, names := together(b)
	b.Logf("%d entries, %d names", len(entries), names)
	var persons, others, unlisted []string
	for i, e := range entries {
		if e.EntityType == "individual" {
			persons = append(persons, slices.Concat([]string{e.Name}, e.Aliases)...)
		} else {
			others = append(others, e.Name)
		}
		unlisted = append(unlisted, fmt.Sprintf("Zo%cra Quim%cfeld", 'a'+i%26, 'a'+i/26%26))
	}
	for _, who := range []struct {
		name    string
		queries []string
	}{{"listed persons", persons}, {"other listed names", others}, {"as others write them", cases(b, persons)}, {"unlisted", unlisted}} {
		b.Run(who.name, func(b *testing.B) {
			var times []time.Duration
			i := 0
			for b.Loop() {
				q := screening.Query{Names: []screening.Name{{Field: "name", Text: who.queries[i*7919%len(who.queries)]}}}
				q.Identifiers = []screening.Identifier{{Type: "none", Value: "none0"}} // not remembered
				start := time.Now()
				all.Screen(q)
				times = append(times, time.Since(start))
				i++
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(times[len(times)-1].Microseconds()), "max-µs")
		})
	}
}

// BenchmarkTyped types the names of all lists together, up to the third letter of each of two words,
// and one letter, which begins most.
func BenchmarkTyped(b *testing.B) {
	all, entries, names := together(b)
	start := time.Now()
	all.Typed("a", 10)
	b.Logf("%d names; the first letter of all took %v", names, time.Since(start))
	for _, letters := range []int{1, 3, 6} {
		b.Run(fmt.Sprint(letters), func(b *testing.B) {
			var times []time.Duration
			for i := 0; b.Loop(); i++ {
				var typed []string
				for word := range strings.FieldsSeq(entries[i*7919%len(entries)].Name) {
					if all := []rune(word); len(typed) < 2 {
						typed = append(typed, string(all[:min(letters, len(all))]))
					}
				}
				start := time.Now()
				all.Typed(strings.Join(typed, " "), 10)
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(times[len(times)-1].Microseconds()), "max-µs")
		})
	}
}

// cases gives labelled names, or persons with a letter exchanged and the last word first.
func cases(b *testing.B, persons []string) (names []string) {
	if data := os.Getenv("WHOCOMPLY_DATASETS"); data != "" {
		rows, err := csv.NewReader(bytes.NewReader(content(b, filepath.Join(data, "names", "screening_cases_dev.csv")))).ReadAll()
		if err != nil {
			b.Fatal(err)
		}
		at := slices.Index(rows[0], "query")
		for _, row := range rows[1:] {
			names = append(names, row[at])
		}
		return names
	}
	for _, name := range persons {
		words := strings.Fields(name)
		last := []byte(words[len(words)-1])
		if n := len(last); n > 3 {
			last[n-1], last[n-2] = last[n-2], last[n-1]
		}
		names = append(names, strings.Join(append([]string{string(last)}, words[:len(words)-1]...), " "))
	}
	return names
}

// BenchmarkLoad makes all lists searchable, and reports what they take of memory.
func BenchmarkLoad(b *testing.B) {
	_, entries, names := together(b)
	by := map[string][]*screening.Entry{}
	for i := range entries {
		by[entries[i].List] = append(by[entries[i].List], &entries[i])
	}
	before := heap()
	var all *screening.Lists
	for b.Loop() {
		var lists []*screening.List
		for name, own := range by {
			lists = append(lists, screening.NewList(name, own))
		}
		all = screening.NewLists(lists, nil)
	}
	b.ReportMetric(float64(heap()-before)/(1<<20), "MB")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(names), "ns/name")
	runtime.KeepAlive(all)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
