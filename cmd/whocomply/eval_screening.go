package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
	"whocomply/domain/screening/match"
)

// evalScreeningCmd measures the matcher on labelled material.
type evalScreeningCmd struct {
	Datasets  string `help:"Folder with labelled names, watchlists and customers; files are known by their headers." required:"" type:"existingdir"`
	Lists     string `help:"Folder with watchlists, if the other has none." type:"existingdir"`
	Threshold int    `help:"Similarity from which names count as the same." default:"0"`
	Half      string `help:"Only the pairs whose digest is even or odd." enum:"all,even,odd" default:"all"`
	Failures  bool   `help:"Print the cases that fail too."`
	JSON      bool   `help:"Print JSON."`
}

// evalReport is what an evaluation found.
type evalReport struct {
	Matcher   string
	Threshold int
	Pairs     []*evalPairs
	Lists     []evalListSize
	Entries   int
	Names     int
	IndexMS   float64
	HeapMB    float64
	Cases     []*evalCases
	Customers []*evalCustomers
	failures  []string
}

type evalListSize struct {
	List           string
	Entries, Names int
}

// Run is the command.
func (c *evalScreeningCmd) Run(ctx context.Context) error {
	policy := screening.DefaultPolicy()
	if c.Threshold > 0 {
		policy.Threshold = c.Threshold
	}
	e := &evaluation{policy: policy, half: c.Half, report: &evalReport{Matcher: match.Version, Threshold: policy.Threshold}}
	folders := []string{c.Datasets}
	if c.Lists != "" {
		folders = append(folders, c.Lists)
	}
	for _, folder := range folders {
		if err := e.discover(folder); err != nil {
			return err
		}
	}
	e.run(ctx)
	return printResult(c.JSON, e.report, func(w io.Writer) {
		e.report.print(w)
		if c.Failures {
			for _, f := range e.report.failures {
				fmt.Fprintln(w, f)
			}
		}
	})
}

// evaluation is what the folder holds.
type evaluation struct {
	policy    screening.Policy
	half      string
	report    *evalReport
	lists     []*evalList
	pairs     []*evalTable
	cases     []*evalTable
	customers []*evalTable
	listed    []*evalTable
}

// discover reads every file of a folder that it knows.
func (e *evaluation) discover(folder string) error {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return e.read(path)
	})
}

func (e *evaluation) read(path string) error {
	base := strings.TrimSuffix(filepath.Base(path), ".gz")
	switch ext := filepath.Ext(base); {
	case base == "sdn.csv" || base == "cons_prim.csv":
		return e.keep(readOFAC(path))
	case ext == ".csv" || ext == ".txt":
		return e.readTable(path, map[bool]rune{true: '\t', false: ','}[ext == ".txt"])
	case ext == ".xml":
		return e.readXML(path)
	}
	return nil
}

func (e *evaluation) readXML(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	switch head := text[:min(len(text), 400)]; {
	case bytes.Contains(head, []byte("<CONSOLIDATED_LIST")):
		return e.keep(readUN(path, text))
	case bytes.Contains(head, []byte("<data-set")):
		return e.keep(readCanada(path, text))
	}
	return nil
}

func (e *evaluation) keep(l *evalList, err error) error {
	if err == nil && len(l.entries) > 0 {
		e.lists = append(e.lists, l)
	}
	return err
}

// readTable files a table by its header. Others are not for this.
func (e *evaluation) readTable(path string, comma rune) error {
	t, err := readEvalTable(path, comma)
	if err != nil {
		return nil //nolint:nilerr // A file in no known format is not material.
	}
	switch {
	case t.has("name_a", "name_b", "expected"):
		e.pairs = append(e.pairs, t)
	case t.has("query", "expected", "listed_name"):
		e.cases = append(e.cases, t)
	case t.has("submitted_name", "listed_name"):
		e.listed = append(e.listed, t)
	case t.has("full_name", "date_of_birth", "nationality"):
		e.customers = append(e.customers, t)
	default:
		if l := readList(t); l != nil {
			return e.keep(l, nil)
		}
	}
	return nil
}

func (e *evaluation) run(ctx context.Context) {
	for _, t := range e.pairs {
		e.report.Pairs = append(e.report.Pairs, e.runPairs(t))
	}
	e.newestLists()
	if len(e.lists) == 0 {
		return
	}
	e.addReferences()
	all := e.load()
	for _, t := range e.cases {
		e.report.Cases = append(e.report.Cases, e.runCases(ctx, t, all))
	}
	for _, t := range e.listed {
		e.report.Customers = append(e.report.Customers, e.runCustomers(ctx, t, all, "submitted_name"))
	}
	for _, t := range e.customers {
		e.report.Customers = append(e.report.Customers, e.runCustomers(ctx, t, all, "full_name"))
	}
}

// newestLists keeps the last edition of each list, by the order of their paths; the acts of the EU
// are one list.
func (e *evaluation) newestLists() {
	slices.SortFunc(e.lists, func(a, b *evalList) int { return cmp.Compare(a.path, b.path) })
	by := map[string]*evalList{}
	for _, l := range e.lists {
		if l.authority == "EU" && by["EU"] != nil {
			maps.Copy(by["EU"].entries, l.entries)
			continue
		}
		by[l.authority] = l
	}
	e.lists = e.lists[:0]
	for _, l := range by {
		e.lists = append(e.lists, l)
	}
	slices.SortFunc(e.lists, func(a, b *evalList) int { return cmp.Compare(a.authority, b.authority) })
}

// script names the writing of a name: that of its first letter that is not Latin.
func scriptOf(name string) string {
	for _, r := range name {
		if !unicode.IsLetter(r) || unicode.Is(unicode.Latin, r) {
			continue
		}
		for _, script := range []string{
			"Cyrillic", "Arabic", "Han", "Hangul", "Hebrew", "Greek", "Hiragana", "Katakana", "Devanagari",
			"Georgian", "Armenian", "Thai", "Bengali", "Tamil",
		} {
			if unicode.Is(unicode.Scripts[script], r) {
				return script
			}
		}
		return "other"
	}
	return "Latin"
}

func scriptsOf(a, b string) string {
	x, y := scriptOf(a), scriptOf(b)
	if x == y {
		return x
	}
	if x == "Latin" {
		return y + "/Latin"
	}
	return x + "/" + y
}

// nations are adjectives that lists use for countries.
var nations = map[string]string{
	"Russian": "RU", "Iranian": "IR", "Belarusian": "BY", "Afghan": "AF", "DPRK": "KP", "Syrian": "SY", "Iraqi": "IQ",
	"Tunisian": "TN", "Ukrainian": "UA", "Algerian": "DZ", "Indonesian": "ID", "Russian Federation": "RU", "Chinese": "CN",
	"Iran (Islamic Republic of)": "IR", "Syrian Arab Republic": "SY", "Democratic Republic of the Congo": "CD",
}

// evalCountry gives the code of a country written as a name, an adjective or a code.
func evalCountry(text string) string {
	if len(text) == 2 {
		return strings.ToUpper(text)
	}
	if code := lists.Country(text); code != "" {
		return code
	}
	return nations[text]
}
