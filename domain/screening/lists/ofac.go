package lists

import (
	"io"
	"slices"
	"strings"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// OFAC holds the files of one publication. Alt, Add and Comments may be nil; SDN may not.
type OFAC struct {
	SDN      io.Reader // 12 columns: number, name, type, programs, title, vessel details, remarks
	Alt      io.Reader // 5 columns: number, alias number, kind, alias, remarks
	Add      io.Reader // 6 columns: number, address number, street, city, country, remarks
	Comments io.Reader // 2 columns: number, what did not fit in the remarks
}

// OFACRows counts the rows of the files.
type OFACRows struct{ SDN, Alt, Add, Comments int }

// Entries reads the files. Each row must have all its columns, and each row of the other files
// must belong to a row of SDN. Official files have CRLF line ends and close with the byte 0x1A;
// one with CRLF but without the mark is cut. A file with bare LF has been through other hands,
// which may have taken the mark and the white space at the end off; its last row must be whole.
func (f OFAC) Entries() ([]screening.Entry, OFACRows, error) {
	if f.SDN == nil {
		return nil, OFACRows{}, domain.Errorf(domain.Invalid, "sdn.csv is missing")
	}
	l := &ofac{at: map[string]int{}}
	for _, part := range []struct {
		file string
		from io.Reader
		row  func(row []string) (fault string)
		table
	}{
		{"sdn.csv", f.SDN, l.entry, table{columns: 12, rows: &l.rows.SDN, marked: true}},
		{"alt.csv", f.Alt, l.alias, table{columns: 5, rows: &l.rows.Alt, marked: true}},
		{"add.csv", f.Add, l.address, table{columns: 6, rows: &l.rows.Add, marked: true}},
		{"sdn_comments.csv", f.Comments, l.comment, table{columns: 2, rows: &l.rows.Comments}},
	} {
		if part.from == nil {
			continue
		}
		if err := part.read(part.file, part.from, part.row); err != nil {
			return nil, OFACRows{}, err
		}
	}
	return l.finish(), l.rows, nil
}

// ofac collects the entries of one publication.
type ofac struct {
	entries []screening.Entry
	at      map[string]int // position of an entry, by its number
	remarks []string       // of the entries, as the files have them
	rows    OFACRows
}

func (l *ofac) entry(row []string) (fault string) {
	number, name := row[0], value(row[1])
	if _, double := l.at[number]; double {
		return "has the number " + number + " again"
	}
	if name == "" {
		return "has no name"
	}
	kind, known := entityTypes[value(row[2])]
	if !known {
		return "has a type of entity that is not individual, vessel, aircraft or none"
	}
	e := screening.Entry{ID: number, EntityType: kind, Name: name, Programs: programs(value(row[3]))}
	if sign := value(row[5]); sign != "" {
		e.Identifiers = append(e.Identifiers, screening.Identifier{Type: "call_sign", Value: sign})
	}
	for i, label := range details4to10 {
		if text := value(row[4+i]); text != "" && label != "" {
			explain(&e, label+" "+text)
		}
	}
	if flag := country(value(row[9])); flag != "" {
		e.Countries = append(e.Countries, flag)
	}
	l.at[number] = len(l.entries)
	l.entries = append(l.entries, e)
	l.remarks = append(l.remarks, row[11])
	return ""
}

// The types of entities as screening names them; OFAC has none for companies and organisations.
var entityTypes = map[string]string{"": "business", "individual": "individual", "vessel": "vessel", "aircraft": "aircraft"}

// What columns 4 to 10 of SDN say, as the reason gives it. The call sign is an identifier.
var details4to10 = [...]string{"Title:", "", "Vessel type:", "Tonnage:", "Gross registered tonnage:", "Flag:", "Vessel owner:"}

// programs splits "NPWMD] [IFSR".
func programs(text string) (programs []string) {
	for program := range strings.SplitSeq(text, "] [") {
		if program = strings.Trim(program, " []"); program != "" {
			programs = append(programs, program)
		}
	}
	return programs
}

func (l *ofac) alias(row []string) (fault string) {
	i, known := l.at[row[0]]
	kind, name := value(row[2]), value(row[3])
	switch {
	case !known:
		return orphan
	case kind != "aka" && kind != "fka" && kind != "nka":
		return "has a kind of alias that is not aka, fka or nka"
	case name == "":
		return "has no alias"
	}
	if e := &l.entries[i]; strings.Contains(strings.ToLower(row[4]), "weak") {
		e.WeakAliases = append(e.WeakAliases, name)
	} else {
		e.Aliases = append(e.Aliases, name)
	}
	return ""
}

const orphan = "belongs to an entry that sdn.csv does not have: the files are of different dates, or sdn.csv is cut"

func (l *ofac) address(row []string) (fault string) {
	i, known := l.at[row[0]]
	if !known {
		return orphan
	}
	if code := country(value(row[4])); code != "" {
		l.entries[i].Countries = append(l.entries[i].Countries, code)
	}
	return ""
}

func (l *ofac) comment(row []string) (fault string) {
	i, known := l.at[row[0]]
	if !known {
		return orphan
	}
	l.remarks[i] += row[1]
	return ""
}

// finish reads the remarks, which only now are complete.
func (l *ofac) finish() []screening.Entry {
	for i := range l.entries {
		e := &l.entries[i]
		readRemarks(e, l.remarks[i])
		slices.Sort(e.Countries)
		e.Countries = slices.Compact(e.Countries)
	}
	return l.entries
}
