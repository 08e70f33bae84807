package projections

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// bulk is a statement for many rows. Columns have the types that the schema gives them.
type bulk struct {
	one    string // SQLite: for a single row
	many   string // SQLite: for chunk rows, if there is a way to say that
	arrays string // PostgreSQL: for all rows, given as an array for each column
}

// chunk is how many rows one statement of SQLite inserts: measured on activity events and postings, 16
// cost a tenth to a sixth less CPU than single rows, and 64 nothing less than 16.
const chunk = 16

// inserting inserts rows into a table with these columns, as in "t (a, b)"; rest is what follows the rows.
// A statement that fails costs its whole transaction, so SQLite need not copy each page first to undo
// the statement alone, as it would for a bare INSERT.
func inserting(into, rest string) *bulk {
	row := "(?" + strings.Repeat(", ?", strings.Count(into, ",")) + ")"
	text := func(n int) string {
		return "INSERT OR FAIL INTO " + into + " VALUES " + strings.Join(slices.Repeat([]string{row}, n), ", ") + " " + rest
	}
	table, columns, _ := strings.Cut(strings.TrimSuffix(into, ")"), " (")
	return &bulk{text(1), text(chunk), "INSERT INTO " + into + " SELECT * FROM " + unnest(table, strings.Split(columns, ", ")) + " " + rest}
}

// updating changes a row for each row given, whose columns the text names as in v.a, with a space after
// it. To change them one by one costs SQLite less than to join them with the table.
func updating(text string, columns ...string) *bulk {
	one := text
	for i, column := range columns {
		one = strings.ReplaceAll(one, "v."+column+" ", fmt.Sprintf("?%d ", i+1))
	}
	table, _, _ := strings.Cut(text, " ")
	set, where, _ := strings.Cut(text, " WHERE ")
	return &bulk{
		one:    "UPDATE OR FAIL " + one,
		arrays: "UPDATE " + set + " FROM " + unnest(table, columns) + " AS v (" + strings.Join(columns, ", ") + ") WHERE " + where,
	}
}

// unnest is the table that PostgreSQL makes of an array for each column.
func unnest(table string, columns []string) string {
	arrays := make([]string, len(columns))
	for i, column := range columns {
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, columnTypes[table+"."+column])
	}
	return "unnest(" + strings.Join(arrays, ", ") + ")"
}

// rows are rows to be written.
type rows struct {
	args []any
	n    int
}

func (r *rows) add(values ...any) {
	r.args = append(r.args, values...)
	r.n++
}

func (r *rows) forget() {
	clear(r.args)
	r.args, r.n = r.args[:0], 0
}

// run carries out a statement on rows, which must differ in their keys and change one row each: there
// being none is an error.
func (w *writer) run(b *bulk, r *rows) error {
	if r.n == 0 {
		return nil
	}
	changed, err := w.dialect.run(w, b, r)
	if err == nil && changed != int64(r.n) {
		err = fmt.Errorf("%d rows changed instead of %d", changed, r.n)
	}
	return err
}

// arrayOf writes a column of rows that have width values each as PostgreSQL reads an array.
func arrayOf(args []any, column, width int) (string, error) {
	b := []byte{'{'}
	for i := column; i < len(args); i += width {
		if i > column {
			b = append(b, ',')
		}
		value, err := driver.DefaultParameterConverter.ConvertValue(args[i])
		if err != nil {
			return "", err
		}
		switch v := value.(type) {
		case nil:
			b = append(b, "NULL"...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			b = appendElement(b, v)
		case []byte:
			b = hex.AppendEncode(append(b, `"\\x`...), v)
			b = append(b, '"')
		default:
			return "", fmt.Errorf("no array of %T", v)
		}
	}
	return string(append(b, '}')), nil
}

func appendElement(b []byte, text string) []byte {
	b = append(b, '"')
	for {
		at := strings.IndexAny(text, `"\`)
		if at < 0 {
			return append(append(b, text...), '"')
		}
		b = append(append(b, text[:at]...), '\\', text[at])
		text = text[at+1:]
	}
}
