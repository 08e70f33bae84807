package screening_test

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

// official gives the OFAC lists of December 2018 and October 2021: whole, if WHOCOMPLY_DATASETS
// names a folder that has them in sanctions/us-ofac, and extracts otherwise.
func official(t testing.TB) (december2018, october2021 []screening.Entry, whole bool) {
	if folder := os.Getenv("WHOCOMPLY_DATASETS"); folder != "" {
		folder = filepath.Join(folder, "sanctions", "us-ofac")
		return ofac(t, filepath.Join(folder, "sdn-list-2018-12")), ofac(t, filepath.Join(folder, "sdn-list-2021-10")), true
	}
	folder := filepath.Join("..", "..", "testdata", "lists")
	return ofac(t, filepath.Join(folder, "ofac-sdn-2018-12")), ofac(t, filepath.Join(folder, "ofac-sdn")), false
}

func ofac(t testing.TB, folder string) []screening.Entry {
	t.Helper()
	var files lists.OFAC
	for name, to := range map[string]*io.Reader{"sdn.csv": &files.SDN, "alt.csv": &files.Alt, "add.csv": &files.Add, "sdn_comments.csv": &files.Comments} {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			continue
		}
		defer file.Close()
		*to = file
	}
	entries, _, err := files.Entries()
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestOfficialLists(t *testing.T) {
	before, after, whole := official(t)
	system := newLedger()
	for _, tc := range []struct {
		name    string
		entries []screening.Entry
		extract [4]int // entries, added, altered, removed
		whole   [4]int
	}{
		{"December 2018", before, [4]int{467, 467, 0, 0}, [4]int{7379, 7379, 0, 0}},
		{"October 2021", after, [4]int{569, 119, 47, 17}, [4]int{8976, 1858, 836, 261}},
		{"December 2018 again", before, [4]int{467, 17, 47, 119}, [4]int{7379, 261, 836, 1858}},
	} {
		c := publish(tc.entries...)
		system.must(t, c)
		p, _ := system.PublicationOf("sanctions")
		want := tc.extract
		if whole {
			want = tc.whole
		}
		if got := [...]int{p.Entries, p.Added, p.Altered, p.Removed}; got != want {
			t.Errorf("%s: %v, want %v", tc.name, got, want)
		}
		if events := system.must(t, c); len(events) != 0 {
			t.Errorf("%s once more gives %d events", tc.name, len(events))
		}
		alone := newLedger()
		alone.must(t, c)
		if got, want := system.content().Version().Digest, alone.content().Version().Digest; got != want {
			t.Errorf("%s: digest %s, alone %s", tc.name, got, want)
		}
	}
	if got := system.refolded().Shared()[0].Version(); got != system.content().Version() {
		t.Errorf("refolded %v", got)
	}
}

// Every listed name and alias finds its entry, whoever else bears it.
func TestOfficialNamesAreFound(t *testing.T) {
	_, entries, _ := official(t)
	l := listing(t, entries...)
	for i := range entries {
		e := &entries[i]
		for _, name := range slices.Concat([]string{e.Name}, e.Aliases, e.WeakAliases) {
			if got := similarity(screen(l, name), e.ID); got < 80 {
				t.Errorf("%q finds entry %s with %d", name, e.ID, got)
			}
			if last, given, comma := strings.Cut(name, ", "); comma && e.EntityType == "individual" && similarity(screen(l, given+" "+last), e.ID) < 80 {
				t.Errorf("%q does not find entry %s", given+" "+last, e.ID)
			}
		}
	}
}

// Of the customers of the test data, those that are listed are found and no other.
func TestCustomers(t *testing.T) {
	file, err := os.Open(filepath.Join("..", "..", "testdata", "datasets", "customers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	l, listed := listing(t, ofac(t, filepath.Join("..", "..", "testdata", "lists", "ofac-sdn"))...), 0
	for _, row := range rows[1:] {
		hits, number := l.Screen(screening.Query{
			Names: []screening.Name{{Field: "full_name", Text: row[column["full_name"]]}}, EntityType: "individual",
			DateOfBirth: row[column["date_of_birth"]], Countries: []string{row[column["nationality"]]},
		}).Hits, row[column["listed"]]
		if number == "" && len(hits) > 0 || number != "" && similarity(hits, number) < 95 {
			t.Errorf("customer %s: hits %v", row[0], hits)
		}
		if number != "" {
			listed++
		}
	}
	if len(rows) < 600 || listed < 5 {
		t.Errorf("%d customers, %d listed", len(rows)-1, listed)
	}
}

// BenchmarkOfficial measures screening a counterparty on the official list, deciding on its
// publication, folding it, and making it searchable.
func BenchmarkOfficial(b *testing.B) {
	_, entries, _ := official(b)
	system, c := newLedger(), publish(entries...)
	events := system.must(b, c)
	l := screening.NewLists(system.Shared(), nil)
	for _, bm := range []struct {
		name string
		run  func()
	}{
		{"screen", func() {
			l.Screen(screening.Query{Names: []screening.Name{{Field: "counterparty.name", Text: "Katharina Schmidt"}}})
		}},
		{"decide", func() { newLedger().decide(c) }},
		{"fold", func() { fold(events) }},
		{"fold and search", func() { screen(screening.NewLists(fold(events).Shared(), nil), "Katharina Schmidt") }},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bm.run()
			}
		})
	}
}
