package lists_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// BenchmarkAllLists screens who is listed, the worst there is, and who is not, on all lists together.
func BenchmarkAllLists(b *testing.B) {
	all, entries, names := together(b)
	b.Logf("%d entries, %d names", len(entries), names)
	for _, who := range []string{"listed", "unlisted"} {
		b.Run(who, func(b *testing.B) {
			var times []time.Duration
			i := 0
			for b.Loop() {
				e := &entries[i*7919%len(entries)]
				q := screening.Query{Names: []screening.Name{{Field: "name", Text: e.Name}}, EntityType: e.EntityType, Identifiers: []screening.Identifier{{Type: "none", Value: fmt.Sprint("none", i)}}}
				if who == "unlisted" {
					q.Names[0].Text = fmt.Sprintf("Zo%cra Quim%cfeld", 'a'+i%26, 'a'+i/26%26)
				}
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
				for _, word := range strings.Fields(entries[i*7919%len(entries)].Name) {
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
