package lists

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"whocomply/domain"
)

// sheet is how a table with a header is read. Columns are found by their names.
type sheet struct {
	comma   rune
	needs   []string // columns without which it is another table
	banner  string   // how the line before the header begins; empty if there is none
	whole   bool     // the official file has a line end after its last row
	spare   string   // the column from which on a row may lack columns, if it ends in one without a value; empty if in none
	columns map[string]int
	fields  []string
	short   bool // the row at hand lacks columns
}

// get gives a column of the row at hand, or "".
func (s *sheet) get(column string) string {
	if i, known := s.columns[column]; known && i < len(s.fields) {
		return strings.TrimSpace(s.fields[i])
	}
	return ""
}

// read gives every row to row, which says what is wrong with it, if anything.
func (s *sheet) read(file string, text []byte, row func() (fault string)) error {
	if s.whole && !bytes.HasSuffix(text, []byte("\n")) {
		return faulty(file, 1+bytes.Count(text, []byte("\n")), "has no line end: the file is cut")
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = s.comma, -1
	header, err := r.Read()
	if err == nil && s.banner != "" && strings.HasPrefix(header[0], s.banner) {
		header, err = r.Read()
	}
	if err == io.EOF {
		return faulty(file, 1, "has no header")
	}
	if err != nil {
		return notCSV(file, err)
	}
	if err := s.header(file, header); err != nil {
		return err
	}
	for {
		if s.fields, err = r.Read(); err == io.EOF {
			return nil
		}
		if err != nil {
			return notCSV(file, err)
		}
		line, _ := r.FieldPos(0)
		if s.short = len(s.fields) < len(header); s.short && !s.maySpare() || len(s.fields) > len(header) {
			return faulty(file, line, "has %d columns where the header has %d", len(s.fields), len(header))
		}
		if fault := row(); fault != "" {
			return faulty(file, line, "%s", fault)
		}
	}
}

// maySpare reports whether the columns that the row at hand lacks are those it may. A row that was cut
// ends, most often, in a part of a value.
func (s *sheet) maySpare() bool {
	from, known := s.columns[s.spare]
	last := len(s.fields) - 1
	return s.spare != "" && known && last >= from && s.fields[last] == ""
}

// header finds the columns. Where a name comes twice, the first counts.
func (s *sheet) header(file string, names []string) error {
	s.columns = make(map[string]int, len(names))
	for i, name := range slices.Backward(names) {
		s.columns[strings.TrimSpace(name)] = i
	}
	for _, need := range s.needs {
		if _, known := s.columns[need]; !known {
			return domain.Errorf(domain.Invalid, "%s has no column %q: it is another table", file, need)
		}
	}
	return nil
}

func notCSV(file string, err error) error {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return faulty(file, broken.StartLine, "is not CSV: %v", broken.Err)
	}
	return err
}
