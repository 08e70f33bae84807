package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

// evalList is a watchlist as an evaluation needs it: names, dates of birth and countries.
type evalList struct {
	path      string
	authority string
	entries   map[string]*screening.Entry
}

// evalTable is a file with a header line.
type evalTable struct {
	path   string
	header []string
	rows   [][]string
}

func (t *evalTable) has(columns ...string) bool {
	for _, c := range columns {
		if !slices.Contains(t.header, c) {
			return false
		}
	}
	return true
}

// get gives a column of a row, "" if the file does not have it.
func (t *evalTable) get(row []string, column string) string {
	if i := slices.Index(t.header, column); i >= 0 && i < len(row) {
		return row[i]
	}
	return ""
}

// readEvalTable reads a CSV file in UTF-8, or else in Windows-1252, whose header is one of the first lines.
func readEvalTable(path string, comma rune) (*evalTable, error) {
	text, err := readEvalFile(path)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(utf8Text(text)))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("%s: no table: %w", path, err)
	}
	if len(rows) > 1 && len(rows[0]) < 3 && len(rows[1]) > 3 {
		rows = rows[1:]
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\uFEFF")
	return &evalTable{path, rows[0], rows[1:]}, nil
}

// readEvalFile reads a file, unpacked if its name ends in .gz.
func readEvalFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !strings.HasSuffix(path, ".gz") {
		return io.ReadAll(f)
	}
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

// utf8Text decodes Windows-1252 where a text is not UTF-8; its few letters that Latin-1 does not
// have do not matter here.
func utf8Text(text []byte) []byte {
	if bytes.Equal(bytes.ToValidUTF8(text, nil), text) {
		return text
	}
	var b bytes.Buffer
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return b.Bytes()
}

func (l *evalList) put(id, kind, name string) *screening.Entry {
	name = strings.Join(strings.Fields(name), " ")
	e, known := l.entries[id]
	if !known {
		if screening.Normalise(name) == "" {
			return nil
		}
		e = &screening.Entry{ID: id, List: l.authority, Category: "sanctions", EntityType: kind, Name: name}
		l.entries[id] = e
	}
	l.alias(e, name)
	return e
}

func (l *evalList) alias(e *screening.Entry, name string) {
	name = strings.Join(strings.Fields(name), " ")
	if name != "" && len(name) < 400 && name != e.Name && !slices.Contains(e.Aliases, name) && screening.Normalise(name) != "" {
		e.Aliases = append(e.Aliases, name)
	}
}

// list makes what a search needs.
func (l *evalList) list(name string) *screening.List {
	entries := make([]*screening.Entry, 0, len(l.entries))
	for _, e := range l.entries {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b *screening.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return screening.NewList(name, entries)
}

// readOFAC reads the folder of a list in OFAC's legacy format.
func readOFAC(path string) (*evalList, error) {
	folder, prefix := filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), ".csv")
	names := map[string][4]string{"sdn": {"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"}, "cons_prim": {"cons_prim.csv", "cons_alt.csv", "cons_add.csv", "cons_comments.csv"}}[prefix]
	var files lists.OFAC
	for i, to := range []*io.Reader{&files.SDN, &files.Alt, &files.Add, &files.Comments} {
		if text, err := os.ReadFile(filepath.Join(folder, names[i])); err == nil {
			*to = bytes.NewReader(text)
		}
	}
	entries, _, err := files.Entries()
	if err != nil {
		return nil, err
	}
	l := &evalList{path: path, authority: "OFAC " + prefix, entries: map[string]*screening.Entry{}}
	for i := range entries {
		entries[i].List, entries[i].Category = l.authority, "sanctions"
		l.entries[entries[i].ID] = &entries[i]
	}
	return l, nil
}

var unTags = strings.NewReplacer("INDIVIDUAL_ALIAS", "PARTY_ALIAS", "ENTITY_ALIAS", "PARTY_ALIAS")

// readUN reads the consolidated list of the Security Council.
func readUN(path string, text []byte) (*evalList, error) {
	var doc struct {
		People []unXML `xml:"INDIVIDUALS>INDIVIDUAL"`
		Groups []unXML `xml:"ENTITIES>ENTITY"`
	}
	if err := xml.Unmarshal([]byte(unTags.Replace(string(text))), &doc); err != nil {
		return nil, err
	}
	l := &evalList{path: path, authority: "UN", entries: map[string]*screening.Entry{}}
	for kind, parties := range map[string][]unXML{"individual": doc.People, "business": doc.Groups} {
		for _, p := range parties {
			l.addUN(kind, &p)
		}
	}
	return l, nil
}

type unXML struct {
	First     string   `xml:"FIRST_NAME"`
	Second    string   `xml:"SECOND_NAME"`
	Third     string   `xml:"THIRD_NAME"`
	Fourth    string   `xml:"FOURTH_NAME"`
	Original  string   `xml:"NAME_ORIGINAL_SCRIPT"`
	Reference string   `xml:"REFERENCE_NUMBER"`
	Gender    string   `xml:"GENDER"`
	Nations   []string `xml:"NATIONALITY>VALUE"`
	Aliases   []struct {
		Quality string `xml:"QUALITY"`
		Name    string `xml:"ALIAS_NAME"`
	} `xml:"PARTY_ALIAS"`
	Births []struct {
		Type string `xml:"TYPE_OF_DATE"`
		Date string `xml:"DATE"`
		Year string `xml:"YEAR"`
		From string `xml:"FROM_YEAR"`
		To   string `xml:"TO_YEAR"`
	} `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
}

func (l *evalList) addUN(kind string, p *unXML) {
	e := l.put(p.Reference, kind, strings.Join([]string{p.First, p.Second, p.Third, p.Fourth}, " "))
	if e == nil {
		return
	}
	l.alias(e, p.Original)
	for _, a := range p.Aliases {
		if a.Quality == "Low" {
			if screening.Normalise(a.Name) != "" {
				e.WeakAliases = append(e.WeakAliases, a.Name)
			}
			continue
		}
		l.alias(e, a.Name)
	}
	e.Gender = strings.ToLower(p.Gender)
	for _, n := range p.Nations {
		if code := evalCountry(n); code != "" {
			e.Countries = append(e.Countries, code)
		}
	}
	for _, b := range p.Births {
		date := cmp.Or(b.Date, b.Year)
		if b.From != "" && b.To != "" {
			date = b.From + "/" + b.To
		}
		if strings.HasPrefix(b.Type, "APPROX") && date != "" {
			date = date[:min(4, len(date))] + "~"
		}
		if date != "" {
			e.DatesOfBirth = append(e.DatesOfBirth, date)
		}
	}
}

// readCanada reads the consolidated autonomous list.
func readCanada(path string, text []byte) (*evalList, error) {
	var doc struct {
		Records []struct {
			Country string
			Last    string `xml:"LastName"`
			Given   string `xml:"GivenName"`
			Entity  string `xml:"EntityOrShip"`
			Title   string `xml:"TitleOrShip"`
			Aliases string
			Date    string `xml:"DateOfBirthOrShipBuildDate"`
			IMO     string `xml:"ShipIMONumber"`
		} `xml:"record"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	l := &evalList{path: path, authority: "Canada", entries: map[string]*screening.Entry{}}
	for i, r := range doc.Records {
		kind, name := "individual", r.Given+" "+r.Last
		switch {
		case r.IMO != "":
			kind, name = "vessel", cmp.Or(r.Entity, r.Title)
		case r.Entity != "":
			kind, name = "business", r.Entity
		}
		e := l.put(fmt.Sprint(i+1), kind, name)
		if e == nil {
			continue
		}
		for alias := range strings.SplitSeq(r.Aliases, ";") {
			l.alias(e, alias)
		}
		if date := evalDate(r.Date); date != "" && kind == "individual" {
			e.DatesOfBirth = append(e.DatesOfBirth, date)
		}
	}
	return l, nil
}

// readList reads the tables of the EU, the UK, Australia and the BIS.
func readList(t *evalTable) *evalList {
	l := &evalList{path: t.path, entries: map[string]*screening.Entry{}}
	switch {
	case t.has("celex", "recordId", "schema", "alias"):
		l.authority = "EU"
		for i, row := range t.rows {
			l.addEU(t, i, row)
		}
	case t.has("Reference", "Name of Individual or Entity", "Name Type"):
		l.authority = "DFAT"
		for _, row := range t.rows {
			l.addDFAT(t, row)
		}
	case t.has("Name 6", "Name 1", "Group ID"):
		l.authority = "UK"
		for _, row := range t.rows {
			l.addUK(t, row)
		}
	case t.has("Name", "Effective_Date", "FR_Citation"):
		l.authority = "BIS"
		for i, row := range t.rows {
			l.put(fmt.Sprint(i), "unknown", t.get(row, "Name"))
		}
	default:
		return nil
	}
	return l
}

var enumerated = regexp.MustCompile(`\(\w\)|[«»“”"‘’]`)

func (l *evalList) addEU(t *evalTable, at int, row []string) {
	kind := map[string]string{"Person": "individual", "Vessel": "vessel", "LegalEntity": "business", "Company": "business", "Organization": "business"}[t.get(row, "schema")]
	e := l.put(fmt.Sprintf("%s/%d", t.get(row, "celex"), at), cmp.Or(kind, "unknown"), t.get(row, "name"))
	if e == nil {
		return
	}
	for _, column := range []string{"alias", "previousName"} {
		for name := range strings.SplitSeq(enumerated.ReplaceAllString(t.get(row, column), " "), ";") {
			l.alias(e, name)
		}
	}
	for name := range strings.SplitSeq(t.get(row, "weakAlias"), ";") {
		if screening.Normalise(name) != "" {
			e.WeakAliases = append(e.WeakAliases, strings.TrimSpace(name))
		}
	}
	e.DatesOfBirth = evalDates(t.get(row, "birthDate"))
	if g := t.get(row, "gender"); g == "male" || g == "female" {
		e.Gender = g
	}
	if code := evalCountry(t.get(row, "nationality")); code != "" {
		e.Countries = []string{code}
	}
}

var leadingDigits = regexp.MustCompile(`^\d+`)

func (l *evalList) addDFAT(t *evalTable, row []string) {
	kind := map[string]string{"Individual": "individual", "Entity": "business", "Vessel": "vessel"}[t.get(row, "Type")]
	id := leadingDigits.FindString(t.get(row, "Reference"))
	name := t.get(row, "Name of Individual or Entity")
	if e, known := l.entries[id]; known && t.get(row, "Alias Strength") == "Weak" {
		if screening.Normalise(name) != "" {
			e.WeakAliases = append(e.WeakAliases, name)
		}
		return
	}
	if e := l.put(id, cmp.Or(kind, "unknown"), name); e != nil && len(e.DatesOfBirth) == 0 && kind == "individual" {
		e.DatesOfBirth = evalDates(t.get(row, "Date of Birth"))
		if code := evalCountry(t.get(row, "Citizenship")); code != "" {
			e.Countries = []string{code}
		}
	}
}

func (l *evalList) addUK(t *evalTable, row []string) {
	var parts []string
	for _, column := range []string{"Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6"} {
		parts = append(parts, t.get(row, column))
	}
	kind := map[string]string{"Individual": "individual", "Entity": "business", "Ship": "vessel"}[t.get(row, "Group Type")]
	e := l.put(t.get(row, "Group ID"), cmp.Or(kind, "unknown"), strings.Join(parts, " "))
	if e == nil || len(t.get(row, "DOB")) != 10 {
		return
	}
	dob := t.get(row, "DOB")
	date := dob[6:] + "-" + dob[3:5] + "-" + dob[:2]
	if strings.Contains(dob[:5], "00") {
		date = dob[6:]
	}
	if !slices.Contains(e.DatesOfBirth, date) {
		e.DatesOfBirth = append(e.DatesOfBirth, date)
	}
}

var (
	year   = regexp.MustCompile(`\b(19|20)\d\d\b`)
	serial = regexp.MustCompile(`^\d{5}$`)
)

// evalDates reads the dates of a free text: each part as a date if it is one, or by its years.
func evalDates(text string) (dates []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		if date := evalDate(strings.TrimSpace(part)); date != "" && !slices.Contains(dates, date) {
			dates = append(dates, date)
		}
	}
	return dates
}

func evalDate(text string) string {
	if serial.MatchString(text) { // days as spreadsheets count them
		days, _ := time.ParseDuration(text + "h")
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days.Hours())).Format(time.DateOnly)
	}
	for _, form := range []string{time.DateOnly, "2.1.2006", "02/01/2006", "2 January 2006", "2 Jan 2006", "02 Jan 2006", "2 Jan. 2006"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.Format(time.DateOnly)
		}
	}
	years := year.FindAllString(text, -1)
	switch len(years) {
	case 0:
		return ""
	case 1:
		if strings.Contains(strings.ToLower(text), "approx") || strings.Contains(text, "irca") {
			return years[0] + "~"
		}
		return years[0]
	}
	return slices.Min(years) + "/" + slices.Max(years)
}
