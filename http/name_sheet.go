package http

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// sheetColumns are the columns a CSV file of names may have, in any order; name it must have. Those of
// aliases and countries hold several, separated by semicolons.
var sheetColumns = []string{"ref", "name", "aliases", "entity_type", "date_of_birth", "gender", "countries"}

// readNameSheet reads a CSV file of names with a header, in UTF-8. A line that does not fit the header
// is refused by itself; what is no CSV is refused whole.
func readNameSheet(text []byte) (rows []screening.BatchRow, err error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, domain.Errorf(domain.Invalid, "the file is not UTF-8")
	}
	sheet := csv.NewReader(bytes.NewReader(text))
	sheet.FieldsPerRecord = -1
	header, err := sheet.Read()
	if err == nil {
		err = checkSheetHeader(header)
	}
	for err == nil {
		var line []string
		if line, err = sheet.Read(); err == nil {
			rows = append(rows, sheetRow(header, line))
		}
		if len(rows) > screening.MaxBatchRows { // refused, however many more there are
			return rows, nil
		}
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, domain.Errorf(domain.Invalid, "line %d of the file is no CSV: %v", wrong.Line, wrong.Err)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows, err
}

func checkSheetHeader(header []string) error {
	for i, column := range header {
		header[i] = strings.ToLower(strings.TrimSpace(column))
		if !slices.Contains(sheetColumns, header[i]) {
			return domain.Errorf(domain.Invalid, "the file has the column %.64q; columns are %s", column, strings.Join(sheetColumns, ", "))
		}
		if slices.Contains(header[:i], header[i]) {
			return domain.Errorf(domain.Invalid, "the file has the column %s twice", header[i])
		}
	}
	if !slices.Contains(header, "name") {
		return domain.Errorf(domain.Invalid, "the file has no column name; its first line must name the columns")
	}
	return nil
}

func sheetRow(header, line []string) screening.BatchRow {
	if len(line) != len(header) {
		return screening.BatchRow{Refused: &screening.RowRefusal{Reason: fmt.Sprintf("has %d columns where the header has %d", len(line), len(header))}}
	}
	var row nameRow
	for i, column := range header {
		value := strings.TrimSpace(line[i])
		switch column {
		case "ref":
			row.Ref = value
		case "name":
			row.Name = value
		case "aliases":
			row.Aliases = several(value)
		case "entity_type":
			row.EntityType = value
		case "date_of_birth":
			row.DateOfBirth = value
		case "gender":
			row.Gender = value
		case "countries":
			row.Countries = several(value)
		}
	}
	return row.row()
}

// several splits what a cell holds; empty parts are left out.
func several(cell string) (parts []string) {
	for part := range strings.SplitSeq(cell, ";") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
