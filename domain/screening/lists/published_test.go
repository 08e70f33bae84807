package lists_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

// published are lists as their authorities publish them. count counts the entries of a file without
// the reader; extract is what of it is in testdata.
var published = []struct {
	format, path, extract string
	count                 func(t *testing.T, text []byte) int
}{
	{lists.FormatOFACXML, "us-ofac/consolidated-nonsdn-2025-03-28/consolidated.xml", "ofac-consolidated.xml", tags("<sdnEntry>")},
	{lists.FormatOFACAdvanced, "us-ofac/sdn_advanced-sample-2024-02-23.xml", "ofac-sdn-advanced.xml", tags("<DistinctParty ")},
	{lists.FormatUN, "un/consolidated-2016-03-07.xml", "", matches(`<(INDIVIDUAL|ENTITY)[ >]`)},
	{lists.FormatUN, "un/consolidated-2025-04-19.xml", "", matches(`<(INDIVIDUAL|ENTITY)[ >]`)},
	{lists.FormatUN, "un/consolidated-2026-02-27.xml", "", matches(`<(INDIVIDUAL|ENTITY)[ >]`)},
	{lists.FormatEU, "eu/fsf-1.1-sample-2024-10-02.csv", "", column(';', 0, "Entity_LogicalId", ``)},
	{lists.FormatEU, "eu/fsf-1.0-first-999-rows-2018-07-04.csv", "", column(';', 0, "Entity_logical_id", ``)},
	{lists.FormatEUXML, "eu/fsf-xml-sample-2018-2024.xml", "", tags("<sanctionEntity ")},
	{lists.FormatEUJournal, "eu/oj-consolidated/*.csv", "eu-journal.csv", column(',', 0, "", ``)},
	{lists.FormatUKConList, "uk/ConList-2016-03-23.csv", "uk-conlist-2016.csv", column(',', 1, "Group ID", ``)},
	{lists.FormatUKConList, "uk/format-samples/ConList-2022format-2026-06-03-first-30-columns-2-rows.csv", "", column(',', 1, "", ``)},
	{lists.FormatUKConListXML, "uk/format-samples/ConList-2022format-xml-3-rows.xml", "", tags(">Primary name<")},
	{lists.FormatUK, "uk/format-samples/uk-sanctions-list-2026-header-plus-2-test-rows.csv", "", column(',', 1, "Unique ID", ``)},
	{lists.FormatDFATCSV, "au-dfat/dfat-consolidated-2026-08.csv.gz", "au-dfat.csv", column(',', 0, "Reference", `[a-z]+$`)},
	{lists.FormatDFAT, "au-dfat/dfat-consolidated-2026-08.xlsx", "", sheetRows},
	{lists.FormatCanada, "ca-sema/sema-lmes-2025.xml", "ca-sema.xml", tags("<record>")},
	{lists.FormatSwitzerland, "ch-seco/seco-amendment-example-2024.xml", "", tags("<target ")},
	{lists.FormatBIS, "us-bis/dpl.txt", "us-bis-dpl.txt", column('\t', 0, "", ``)},
	{lists.FormatCSL, "us-trade-gov/csl-sample.csv", "", column(',', 0, "", ``)},
	{lists.FormatOpenSanctions, "opensanctions-format-NC/wd_persons-2024-03-10.targets.simple.csv", "", column(',', 0, "", ``)},
	{lists.FormatOpenSanctionsFtM, "opensanctions-format-NC/yente-zala.entities.ftm.json", "", matches(`(?m)"target": ?true`)},
	{lists.FormatOpenSanctionsFtM, "opensanctions-format-NC/yente-t1.entities.ftm.json", "", matches(`(?m)"target": ?true`)},
	{lists.FormatOpenSanctionsFtM, "opensanctions-format-NC/wd_persons-2024-03-10.targets.nested.json", "", matches(`(?m)"target":true}$`)},
	{lists.FormatOpenSanctionsNames, "opensanctions-format-NC/wd_persons-2024-03-10.names.txt", "", tags("\n")},
	{lists.FormatOpenSanctionsSenzing, "opensanctions-format-NC/us_congress_senzing.json", "", matches(`"RECORD_TYPE":"PERSON"`)},
	{lists.FormatOpenSanctionsSenzing, "opensanctions-format-NC/wd_persons-2024-03-10.senzing.json", "", matches(`"RECORD_TYPE":"PERSON"`)},
}

func tags(names ...string) func(*testing.T, []byte) int {
	return func(_ *testing.T, text []byte) (n int) {
		for _, name := range names {
			n += bytes.Count(text, []byte(name))
		}
		return n
	}
}

func matches(pattern string) func(*testing.T, []byte) int {
	return func(_ *testing.T, text []byte) int { return len(regexp.MustCompile(pattern).FindAll(text, -1)) }
}

// column counts the different values of a column, without what a pattern finds in them, or the rows.
func column(comma rune, banners int, name, cut string) func(*testing.T, []byte) int {
	return func(t *testing.T, text []byte) int {
		t.Helper()
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
		r.Comma, r.FieldsPerRecord = comma, -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows = rows[banners:]
		if name == "" {
			return len(rows) - 1
		}
		at := 0
		for rows[0][at] != name {
			at++
		}
		values := map[string]bool{}
		for _, row := range rows[1:] {
			value := row[at]
			if cut != "" {
				value = regexp.MustCompile(cut).ReplaceAllString(value, "")
			}
			values[value] = true
		}
		return len(values)
	}
}

// sheetRows counts the primary names of the spreadsheet: rows whose fourth cell is that shared text.
func sheetRows(t *testing.T, text []byte) int {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) string {
		part, err := archive.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer part.Close()
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	before, _, _ := strings.Cut(open("xl/sharedStrings.xml"), "<t>Primary Name</t>")
	number := strings.Count(before, "<si>") - 1
	return len(regexp.MustCompile(`<c r="D\d+"[^>]*><v>`+strconv.Itoa(number)+`</v>`).FindAllString(open("xl/worksheets/sheet1.xml"), -1))
}

// TestOfficial reads extracts of official lists, or the whole of them if WHOCOMPLY_DATASETS names a
// folder that has them, and counts their entries independently.
func TestOfficial(t *testing.T) {
	for _, list := range published {
		if list.extract != "" {
			t.Run(list.extract, func(t *testing.T) {
				official(t, list.format, filepath.Join(folder, "extracts", list.extract), list.count)
			})
		}
		if data := os.Getenv("WHOCOMPLY_DATASETS"); data != "" {
			t.Run(list.path, func(t *testing.T) { official(t, list.format, filepath.Join(data, "sanctions", list.path), list.count) })
		}
	}
}

func official(t *testing.T, format, pattern string, count func(*testing.T, []byte) int) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no file %s: %v", pattern, err)
	}
	var files lists.Files
	want := 0
	for _, path := range paths {
		text := content(t, path)
		files.List = append(files.List, lists.File{Name: filepath.Base(path), From: bytes.NewReader(text)})
		if format == lists.FormatUKConList {
			if text, err = charmap.Windows1252.NewDecoder().Bytes(text); err != nil {
				t.Fatal(err)
			}
		}
		want += count(t, text)
	}
	got, err := lists.Read(format, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != want || want == 0 {
		t.Errorf("%d entries, the file has %d", len(got.Entries), want)
	}
	names := 0
	for _, e := range got.Entries {
		names += 1 + len(e.Aliases) + len(e.WeakAliases)
		e.List, e.Category = "x", "sanctions"
		if err := screening.CheckEntry(e); err != nil {
			t.Errorf("entry %s: %v", e.ID, err)
		}
	}
	t.Logf("%d rows, %d entries, %d names", got.Rows, len(got.Entries), names)
}

// TestNoListIsLeftOut wants every file of lists in the folder that WHOCOMPLY_DATASETS names, if it does,
// among those that are read and counted.
func TestNoListIsLeftOut(t *testing.T) {
	data := os.Getenv("WHOCOMPLY_DATASETS")
	if data == "" {
		data = t.TempDir()
	}
	read := []string{
		"us-ofac/sdn-list-*/*.csv", "us-ofac/consolidated-nonsdn-2024/cons_*.csv", // TestPublished and TestConsolidated
		"README.md", "eu/oj-consolidated/FORMAT.md", "us-ofac/xsd/*.xsd", // no lists
		"opensanctions-format-NC/*.index.json", // names files with lists
	}
	for _, list := range published {
		read = append(read, list.path)
	}
	root := filepath.Join(data, "sanctions")
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		known := slices.ContainsFunc(read, func(pattern string) bool {
			matched, _ := filepath.Match(filepath.Join(root, pattern), path)
			return matched
		})
		if !known {
			t.Errorf("%s is not read", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// content reads a file, unpacked if its name ends in .gz.
func content(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil && strings.HasSuffix(path, ".gz") {
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(unpacked)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestConsolidated reads OFAC's consolidated list, whose files are those of the SDN list.
func TestConsolidated(t *testing.T) {
	cases := map[string]lists.OFACRows{filepath.Join(folder, "extracts", "ofac-"): {SDN: 56, Alt: 130, Add: 67, Comments: 1}}
	if data := os.Getenv("WHOCOMPLY_DATASETS"); data != "" {
		cases[filepath.Join(data, "sanctions/us-ofac/consolidated-nonsdn-2024")+"/"] = lists.OFACRows{SDN: 442, Alt: 1073, Add: 574, Comments: 10}
	}
	for prefix, want := range cases {
		var f lists.OFAC
		for part, to := range map[string]*io.Reader{"prim": &f.SDN, "alt": &f.Alt, "add": &f.Add, "comments": &f.Comments} {
			*to = bytes.NewReader(content(t, prefix+"cons_"+part+".csv"))
		}
		entries, rows, err := f.Entries()
		if err != nil || rows != want || len(entries) != want.SDN {
			t.Errorf("%s: %d entries, rows %+v, want %+v, error %v", prefix, len(entries), rows, want, err)
		}
	}
}
