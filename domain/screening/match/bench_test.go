package match_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whocomply/domain/screening/match"
)

// official gives the names of OFAC's list that the tests have, each n times with other endings, so
// that there are as many as on all lists together.
func official(b *testing.B, n int) (items []match.Item) {
	file, err := os.Open(filepath.Join("..", "..", "..", "testdata", "lists", "ofac-sdn", "sdn.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range rows {
		if len(row) < 3 {
			continue
		}
		kind := match.Organisation
		if strings.TrimSpace(row[2]) == "individual" {
			kind = match.Person
		}
		for i := range n {
			items = append(items, match.Item{Text: row[1] + strings.Repeat("x", i%3) + string(rune('a'+i%26)), Kind: kind})
		}
	}
	return items
}

func BenchmarkFind(b *testing.B) {
	x := match.NewIndex(official(b, 100))
	for _, name := range []string{
		"Katharina Schmidt", "Mohammed Ahmed Ali Hassan", "Владимир Иванов", "محمد عبد الله الحسين", "Anglo-Caribbean Trading Co., Ltd.",
		strings.Repeat("Muhammad Ali Ahmad Hassan ", 10),
	} {
		b.Run(name[:min(len(name), 30)], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				find(x, name, 0.76, func(int, float64) {})
			}
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	items := official(b, 20)
	b.ReportAllocs()
	for b.Loop() {
		match.NewIndex(items)
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := match.Parse("Sergei Borissovich KOROLEV", match.Person), match.Parse("Королёв Сергей Борисович", match.Person)
	for b.Loop() {
		match.Compare(x, y)
	}
}
