package domain

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Written is what writes itself as JSON: an event, the content of a command or an answer that comes with
// every request. It gives the same bytes as package json does with json.Deterministic, at a fifth of
// the cost.
type Written interface {
	WriteJSON(w *Writer)
}

// AppendJSON appends v to b: as it writes itself, or else as package json does with json.Deterministic.
func AppendJSON(b []byte, v any) ([]byte, error) {
	w := Writer{b: b, from: len(b)}
	w.whole(v)
	return w.b, w.err
}

// Writer writes JSON member by member. Values in lists have no name: it is "". Names of members are
// those of Go's struct tags, which need no escapes. The first error stays, and AppendJSON gives it.
type Writer struct {
	b      []byte
	from   int  // where it began
	sorted bool // members of free-form JSON in the order of RFC 8785
	err    error
}

// name begins a member, or a value in a list.
func (w *Writer) name(name string) {
	if n := len(w.b); n > w.from {
		switch w.b[n-1] {
		case '{', '[', ':', ',':
		default:
			w.b = append(w.b, ',')
		}
	}
	if name != "" {
		w.b = append(append(append(w.b, '"'), name...), '"', ':')
	}
}

// Open begins an object, and Close ends it.
func (w *Writer) Open(name string) {
	w.name(name)
	w.b = append(w.b, '{')
}

// Close ends an object.
func (w *Writer) Close() { w.b = append(w.b, '}') }

// OpenList begins a list, and CloseList ends it.
func (w *Writer) OpenList(name string) {
	w.name(name)
	w.b = append(w.b, '[')
}

// CloseList ends a list.
func (w *Writer) CloseList() { w.b = append(w.b, ']') }

// Text writes a string.
func (w *Writer) Text(name, text string) {
	w.name(name)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			w.quote(text)
			return
		}
	}
	w.b = append(append(append(w.b, '"'), text...), '"')
}

func (w *Writer) quote(text string) {
	b, err := jsontext.AppendQuote(w.b, text)
	w.take(b, err)
}

// Decimal writes a number as the string it is in JSON.
func (w *Writer) Decimal(name string, x Decimal) {
	w.name(name)
	b, err := x.d.AppendText(append(w.b, '"'))
	w.take(append(b, '"'), err)
}

// Int writes a whole number.
func (w *Writer) Int(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// Flag writes true or false.
func (w *Writer) Flag(name string, flag bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, flag)
}

// Time writes a moment by RFC 3339, with as many digits of a second as it has.
func (w *Writer) Time(name string, at time.Time) {
	if year := at.Year(); year < 0 || year > 9999 {
		w.Value(name, at)
		return
	}
	w.name(name)
	w.b = append(at.AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

// Free writes free-form JSON that StoredJSON gave.
func (w *Writer) Free(name string, stored jsontext.Value) {
	w.name(name)
	switch {
	case len(stored) == 0:
		w.b = append(w.b, "null"...)
	case w.sorted:
		b, err := appendSorted(w.b, stored)
		w.take(b, err)
	default:
		w.b = append(w.b, stored...)
	}
}

// whole writes what has no name.
func (w *Writer) whole(v any) {
	if written, ok := v.(Written); ok {
		written.WriteJSON(w)
		return
	}
	raw, err := json.Marshal(v, json.Deterministic(true), jsontext.ReorderRawObjects(w.sorted))
	w.take(append(w.b, raw...), err)
}

// Value writes what is rare, as package json does.
func (w *Writer) Value(name string, v any) {
	w.name(name)
	w.whole(v)
}

// WriteList writes a list that is empty most of the time.
func WriteList[T any](w *Writer, name string, values []T) {
	if len(values) > 0 {
		w.Value(name, values)
		return
	}
	w.OpenList(name)
	w.CloseList()
}

func (w *Writer) take(b []byte, err error) {
	w.b = b
	if w.err == nil {
		w.err = err
	}
}
