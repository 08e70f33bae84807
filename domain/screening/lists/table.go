package lists

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table is how a file of OFAC is read. There is no header; a column without a value is "-0- ".
type table struct {
	columns int
	rows    *int // counts the rows
	marked  bool // the official file ends in endMark
}

// read gives every row of the file to row, which says what is wrong with it, if anything.
func (t table) read(file string, from io.Reader, row func(row []string) (fault string)) error {
	text, err := readFile(file, from)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(text, []byte("\uFEFF")) {
		return faulty(file, 1, "starts with a byte order mark, which the official file does not have")
	}
	text, marked := bytes.CutSuffix(text, []byte{endMark})
	if err := checkText(file, text); err != nil {
		return err
	}
	if lines := 1 + bytes.Count(text, []byte("\n")); t.marked && !marked && bytes.Contains(text, []byte("\r\n")) {
		return faulty(file, lines, "ends without the end-of-file mark 0x1A: the file is cut")
	}
	r := csv.NewReader(bytes.NewReader(restoreNull(text, marked)))
	r.FieldsPerRecord = -1
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			return faulty(file, broken.StartLine, "is not CSV: %v", broken.Err)
		}
		line, _ := r.FieldPos(0)
		if fault := t.check(fields); fault != "" {
			return faulty(file, line, "%s", fault)
		}
		if fault := row(fields); fault != "" {
			return faulty(file, line, "%s", fault)
		}
		*t.rows++
	}
}

func (t table) check(fields []string) (fault string) {
	switch {
	case len(fields) != t.columns:
		return fmt.Sprintf("has %d columns, not %d", len(fields), t.columns)
	case fields[t.columns-1] == "":
		return "ends in a column without a value, not even the one for none: the file is cut"
	case fields[0] == "" || strings.Trim(fields[0], "0123456789") != "":
		return "does not start with the number of an entry"
	}
	for _, field := range fields {
		if strings.ContainsAny(field, "\r\n") {
			return "has a text that runs over the end of the line: a quote is missing"
		}
	}
	return ""
}

const null = "-0- "

// restoreNull completes an absent value at the very end of a file that lost its last characters.
func restoreNull(text []byte, marked bool) []byte {
	last := text[1+bytes.LastIndexByte(text, ','):]
	if marked || len(last) == 0 || !strings.HasPrefix(null, string(last)) {
		return text
	}
	return append(text, null[len(last):]...)
}

// value gives the content of a column, empty if it has none.
func value(field string) string {
	if field = strings.TrimSpace(field); field != strings.TrimSpace(null) {
		return field
	}
	return ""
}
