package lists_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"whocomply/domain"
	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

var update = flag.Bool("update", false, "rewrite golden files")

var folder = filepath.Join("..", "..", "..", "testdata", "lists")

// sample gives the invented file of a format in testdata.
func sample(t testing.TB, format string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "formats", format+".*"))
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, ".golden") })
	if err != nil || len(names) != 1 {
		t.Fatalf("%d samples of %s: %v", len(names), format, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readFormat reads one file, which is given as text.
func readFormat(format string, text []byte) (lists.Content, error) {
	return lists.Read(format, lists.Files{List: []lists.File{{Name: "list", From: bytes.NewReader(text)}}})
}

// TestFormats reads a file of every format, and wants the entries of the golden file beside it.
func TestFormats(t *testing.T) {
	for _, format := range lists.Formats() {
		t.Run(format, func(t *testing.T) {
			content, err := readFormat(format, sample(t, format))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range content.Entries {
				e.List, e.Category = "x", "sanctions"
				if err := screening.CheckEntry(e); err != nil {
					t.Errorf("entry %s: %v", e.ID, err)
				}
			}
			var got bytes.Buffer
			out := json.NewEncoder(&got)
			out.SetEscapeHTML(false)
			for _, e := range content.Entries {
				if err := out.Encode(e); err != nil {
					t.Fatal(err)
				}
			}
			golden := filepath.Join(folder, "formats", format+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s, want\n%s (%v)", got.Bytes(), want, err)
			}
		})
	}
}

// TestAmendment shows that a Swiss file that states changes alone is marked as no whole list.
func TestAmendment(t *testing.T) {
	whole := sample(t, lists.FormatSwitzerland)
	for kind, want := range map[string]bool{"full-list": false, "amendment": true} {
		content, err := readFormat(lists.FormatSwitzerland, bytes.Replace(whole, []byte("full-list"), []byte(kind), 1))
		if err != nil || content.Amendment != want {
			t.Errorf("%s: %v, %v", kind, content.Amendment, err)
		}
	}
}

// corruptions are what becomes of files on their way; nil where it cannot happen to a format.
var corruptions = []struct {
	name    string
	corrupt func(format string, text []byte) []byte
}{
	{"empty", func(string, []byte) []byte { return nil }},
	{"blank", func(string, []byte) []byte { return []byte("\r\n  \n") }},
	{"cut in a row", func(_ string, text []byte) []byte { return text[:bytes.LastIndexByte(text[:len(text)*2/3], '\n')+9] }},
	{"0x1A in the middle", func(_ string, text []byte) []byte {
		middle := bytes.IndexByte(text[len(text)/2:], '\n') + len(text)/2 + 1
		return slices.Concat(text[:middle], []byte{0x1A}, text[middle:])
	}},
	{"UTF-16", func(_ string, text []byte) (wide []byte) {
		for _, unit := range utf16.Encode([]rune(string(text))) {
			wide = append(wide, byte(unit), byte(unit>>8))
		}
		return wide
	}},
	{"Windows-1252", func(format string, text []byte) []byte {
		if format == lists.FormatUKConList {
			return bytes.ReplaceAll(text, []byte{0xC9}, []byte{0x81}) // it is in Windows-1252, which lacks this byte
		}
		return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("É"), []byte{0xC9}), []byte("é"), []byte{0xE9})
	}},
	{"not well formed", func(format string, text []byte) []byte {
		switch {
		case strings.HasSuffix(format, "-xml"):
			end := bytes.LastIndex(text[:len(text)-30], []byte("</"))
			return slices.Concat(text[:end], text[end+2:])
		case bytes.HasPrefix(text, []byte("{")):
			return bytes.Replace(text, []byte(`"}`), []byte(`}`), 1)
		}
		line := bytes.IndexByte(text, '\n') + 1
		return slices.Concat(text[:line], []byte(`"`), text[line:])
	}},
	{"a page", func(string, []byte) []byte { return []byte("<html><body><p>Access denied</p></body></html>\n") }},
	{"another format", func(format string, _ []byte) []byte {
		if strings.HasSuffix(format, "-xml") {
			return []byte("a,b\n1,2\n")
		}
		return []byte(`<?xml version="1.0"?><list/>` + "\n")
	}},
}

// TestCorrupted wants every corruption of every format refused with a reason, and nothing of it kept.
func TestCorrupted(t *testing.T) {
	for _, format := range lists.Formats() {
		for _, c := range corruptions {
			if format == lists.FormatOpenSanctionsNames && (c.name == "not well formed" || c.name == "another format") {
				continue // any line is a name
			}
			if strings.HasPrefix(format, "ofac") && c.name == "Windows-1252" || format == lists.FormatDFAT && c.name == "Windows-1252" {
				continue // OFAC's samples are ASCII, and a spreadsheet is packed
			}
			t.Run(format+"/"+c.name, func(t *testing.T) {
				content, err := readFormat(format, c.corrupt(format, sample(t, format)))
				if err == nil || domain.CodeOf(err) != domain.Invalid || content.Entries != nil {
					t.Errorf("%d entries, error %v", len(content.Entries), err)
				}
			})
		}
	}
}

// entryElements finds the entries of formats in XML.
var entryElements = map[string]*regexp.Regexp{
	lists.FormatOFACXML:      regexp.MustCompile(`(?s)  <sdnEntry>.*?</sdnEntry>\n`),
	lists.FormatOFACAdvanced: regexp.MustCompile(`(?s)    <DistinctParty .*?</DistinctParty>\n`),
	lists.FormatUN:           regexp.MustCompile(`(?s)<INDIVIDUAL>.*?</INDIVIDUAL>\n`),
	lists.FormatEUXML:        regexp.MustCompile(`(?s)<sanctionEntity .*?</sanctionEntity>\n`),
	lists.FormatUKConListXML: regexp.MustCompile(`(?s)  <FinancialSanctionsTarget>.*?</FinancialSanctionsTarget>\n`),
	lists.FormatCanada:       regexp.MustCompile(`(?s)\t<record>.*?</record>\n`),
	lists.FormatSwitzerland:  regexp.MustCompile(`(?s)<target .*?</target>\n`),
}

// smaller gives a file of a format without its last entries: whole by itself, and too small.
func smaller(t *testing.T, format string, text []byte) []byte {
	t.Helper()
	if pattern, isXML := entryElements[format]; isXML {
		found := pattern.FindAllIndex(text, -1)
		from := found[len(found)/2][0]
		text = slices.Concat(text[:from], text[found[len(found)-1][1]:])
		return bytes.Replace(text, []byte("<Record_Count>4<"), []byte("<Record_Count>2<"), 1)
	}
	if format == lists.FormatDFAT {
		return smallerSheet(t, text)
	}
	text, marked := bytes.CutSuffix(text, []byte{0x1A})
	lines := bytes.SplitAfter(text, []byte("\n"))
	text = bytes.Join(lines[:(len(lines)-1)/2], nil)
	if marked {
		text = append(text, 0x1A)
	}
	return text
}

var sheetRow = regexp.MustCompile(`(?s)<row .*?</row>`)

// smallerSheet gives a spreadsheet without the second half of its rows.
func smallerSheet(t *testing.T, packed []byte) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	var smaller bytes.Buffer
	w := zip.NewWriter(&smaller)
	for _, part := range archive.File {
		text, err := fs.ReadFile(archive, part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Name, "xl/worksheets/") {
			rows := sheetRow.FindAllIndex(text, -1)
			cut := rows[len(rows)/2]
			text = slices.Concat(text[:cut[0]], text[rows[len(rows)-1][1]:])
			text = regexp.MustCompile(`(<dimension ref="A1:[A-Z]+)\d+`).ReplaceAll(text, fmt.Appendf(nil, "${1}%d", len(rows)/2))
		}
		to, err := w.Create(part.Name)
		if err == nil {
			_, err = to.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return smaller.Bytes()
}

// TestOldVersionAnswers publishes a file of every format, and then what is corrupted or too small: all
// that is refused, and the first version is still the one that answers.
func TestOldVersionAnswers(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, format := range lists.Formats() {
		t.Run(format, func(t *testing.T) {
			state := screening.New()
			publish := func(text []byte) error {
				content, err := readFormat(format, text)
				if err != nil {
					return err
				}
				events, err := state.DecidePublish(domain.Meta{At: now}, screening.PublishList{
					List: "x", Category: "sanctions", Format: format, Source: "list", SourceHash: strings.Repeat("0", 64), RetrievedAt: now, Entries: content.Entries,
				})
				for _, event := range events {
					state.Evolve(&domain.Envelope{Event: event})
				}
				return err
			}
			whole := sample(t, format)
			if err := publish(whole); err != nil {
				t.Fatal(err)
			}
			before := state.Shared()[0].Version()
			texts := [][]byte{smaller(t, format, whole)}
			for _, c := range corruptions {
				if c.name != "Windows-1252" && (format != lists.FormatOpenSanctionsNames || c.name != "not well formed" && c.name != "another format") {
					texts = append(texts, c.corrupt(format, whole))
				}
			}
			for i, text := range texts {
				if err := publish(text); domain.CodeOf(err) != domain.Invalid || state.Shared()[0].Version() != before || i == 0 && !strings.Contains(err.Error(), "is suspicious") {
					t.Errorf("corruption %d: error %v, in force %v", i, err, state.Shared()[0].Version())
				}
			}
			hits := screening.NewLists(state.Shared(), nil).Screen(screening.Query{Names: []screening.Name{{Field: "name", Text: "Jane Roe"}}}).Hits
			if len(hits) == 0 || hits[0].List != before {
				t.Errorf("%v does not answer: %v", before, hits)
			}
		})
	}
}

// TestCut cuts every format at every place. What a cut file says, if it is not refused, is what the
// whole says, less entries at its end: no entry is ever shortened in silence.
func TestCut(t *testing.T) {
	for _, format := range lists.Formats() {
		t.Run(format, func(t *testing.T) {
			text := sample(t, format)
			whole, err := readFormat(format, text)
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]screening.Entry{}
			for _, e := range whole.Entries {
				known[e.Name] = e
			}
			for end := 1; end < len(text); end += 1 + len(text)/700 {
				content, err := readFormat(format, text[:end])
				if err != nil {
					continue
				}
				for _, e := range content.Entries {
					if full, same := known[e.Name]; !same || len(e.Identifiers) > len(full.Identifiers) || len(e.DatesOfBirth) > len(full.DatesOfBirth) {
						t.Errorf("cut after %d bytes of %d: %+v", end, len(text), e)
					}
				}
				row := text[end-1] == '\n' || text[end] == '\n' || text[end] == '\r'
				if format == lists.FormatUKConList && (end > len(text)-6 || bytes.IndexByte(text[end:], '\n') < 6) {
					row = true // its last column is the number of a group, and nothing follows the last one
				}
				if !row && len(bytes.TrimSpace(text[end:])) > 0 {
					t.Errorf("cut after %d bytes of %d, in a row, is not refused", end, len(text))
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	un := string(sample(t, lists.FormatUN))
	uk := string(sample(t, lists.FormatUK))
	for _, tc := range []struct{ name, format, text, want string }{
		{"unknown format", "x", "a", "format must be one of au-dfat-csv, au-dfat-xlsx"},
		{"entity of one's own", lists.FormatUN, `<!DOCTYPE x [<!ENTITY a "b">]>` + un[strings.Index(un, "<CONS"):], "list line 1 has a document type definition"},
		{"unknown entity", lists.FormatUN, strings.Replace(un, "JANE", "&jane;", 1), "is not well formed"},
		{"another encoding", lists.FormatUN, strings.Replace(un, "UTF-8", "ISO-8859-1", 1), "cannot be read"},
		{"two roots", lists.FormatUN, un + "<CONSOLIDATED_LIST/>", "where there should be <CONSOLIDATED_LIST> alone"},
		{"id twice", lists.FormatUN, strings.Replace(un, "CDi.902", "CDi.901", 1), "has the id CDi.901 again"},
		{"no id", lists.FormatUN, strings.Replace(un, "CDi.902", " ", 1), "has no id"},
		{"nobody", lists.FormatUN, "<CONSOLIDATED_LIST></CONSOLIDATED_LIST>", "the list is empty"},
		{"no name", lists.FormatUN, strings.NewReplacer("JANE", "", "ROE", "-").Replace(un), `the entry "CDi.902" has no name`},
		{"deep", lists.FormatUN, "<CONSOLIDATED_LIST>" + strings.Repeat("<a>", 40), "more than 32 deep"},
		{"count", lists.FormatOFACXML, strings.Replace(string(sample(t, lists.FormatOFACXML)), ">4<", ">5<", 1), `states "5" entries and has 4`},
		{"type of entry", lists.FormatOFACXML, strings.Replace(string(sample(t, lists.FormatOFACXML)), "Vessel<", "Boat<", 1), "has a type of entry"},
		{"column missing", lists.FormatUK, strings.Replace(uk, "Unique ID", "Id", 1), `has no column "Unique ID"`},
		{"column too many", lists.FormatUK, uk + "x\r\n", "has 1 columns where the header has"},
		{"no primary name", lists.FormatUK, strings.Replace(uk, "ACME FRONT,,,,,,Primary Name", "ACME FRONT,,,,,,Alias", 1), `has no primary name for the entry "ACM0002"`},
		{"no target", lists.FormatOpenSanctionsFtM, `{"id":"a","caption":"A","schema":"Person","properties":{}}`, "is no entity"},
		{"unknown target", lists.FormatOpenSanctionsFtM, `{"id":"a","schema":"Thing","properties":{},"target":true}`, "has a target of an unknown schema"},
		{"unknown column", lists.FormatCSV, "id,name,nom\n1,A,B\n", "stands under an unknown column nom"},
		{"identifier", lists.FormatCSV, "id,name,identifiers\n1,A,123\n", "has an identifier that is not type:value"},
		{"date", lists.FormatCSV, "id,name,dates_of_birth\n1,A,12/10/1948\n", "is not an entry: dates_of_birth[0] must be a date"},
		{"two files", lists.FormatCSV, "", "the list is missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := lists.Files{List: []lists.File{{Name: "list", From: strings.NewReader(tc.text)}}}
			if tc.text == "" {
				files = lists.Files{}
			}
			_, err := lists.Read(tc.format, files)
			if err == nil || domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestShortRow takes columns off the end of a row: those of ships, without values and of nobody who is
// one, may be missing in the UK Sanctions List. Nothing else may.
func TestShortRow(t *testing.T) {
	text := string(sample(t, lists.FormatUK))
	whole, err := readFormat(lists.FormatUK, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	const roe, sea = "00/05/1960,,,,,,,,,,,,,,,,,,,,,,,\r\n", "Panama,,,,,,\r\n"
	for _, tc := range []struct{ name, from, to, want string }{
		{"one", roe, strings.Replace(roe, ",\r", "\r", 1), ""},
		{"nine", roe, strings.Replace(roe, strings.Repeat(",", 9)+"\r", "\r", 1), ""},
		{"all of ships", roe, strings.Replace(roe, strings.Repeat(",", 10)+"\r", "\r", 1), "list line 6 has 48 columns where the header has 58"},
		{"ends in a value", roe, strings.Replace(roe, ",,,\r", ",1\r", 1), "list line 6 has 56 columns"},
		{"a ship's", sea, strings.Replace(sea, ",\r", "\r", 1), "list line 7 is that of a ship and lacks columns at its end"},
		{"too many", roe, strings.Replace(roe, "\r", ",\r", 1), "list line 6 has 59 columns"},
		{"cut", roe, strings.TrimSuffix(roe, "\r\n"), "columns"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := readFormat(lists.FormatUK, []byte(strings.Replace(text, tc.from, tc.to, 1)))
			switch {
			case tc.want == "" && (err != nil || !reflect.DeepEqual(got.Entries, whole.Entries)):
				t.Errorf("%+v, %v", got.Entries, err)
			case tc.want != "" && (domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
