package lists

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"whocomply/domain"
)

// maxDepth bounds how deep the elements of a list lie in each other.
const maxDepth = 32

// elements says what takes which elements of an XML file, by their path below its root, such as
// "INDIVIDUALS/INDIVIDUAL". It says what is wrong with one, if anything.
type elements map[string]func(decode func(v any) error) (fault string, err error)

// readXML gives the elements of a file to those that want them. Namespaces are not looked at. The
// file must be well formed to its end and have this root; nothing outside it is ever read.
func readXML(f File, root string, wanted elements, attributes func([]xml.Attr) (fault string)) error {
	text, err := readText(f.Name, f.From)
	if err != nil {
		return err
	}
	w := walk{file: f.Name, decoder: xml.NewDecoder(bytes.NewReader(text)), root: root, wanted: wanted, attributes: attributes}
	for err == nil {
		err = w.next()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return w.explain(err)
}

// walk is where the reading of an XML file has come to.
type walk struct {
	file       string
	decoder    *xml.Decoder
	root       string
	wanted     elements
	attributes func([]xml.Attr) string // of the root; nil if nobody asks
	path       []string
	closed     bool // the root is
}

func (w *walk) next() error {
	token, err := w.decoder.Token()
	if errors.Is(err, io.EOF) && !w.closed {
		return w.fault("has no <%s>", w.root)
	}
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case xml.Directive:
		return w.fault("has a document type definition")
	case xml.StartElement:
		return w.start(&t)
	case xml.EndElement:
		w.path = w.path[:len(w.path)-1]
		w.closed = len(w.path) == 0
	}
	return nil
}

func (w *walk) start(t *xml.StartElement) error {
	switch {
	case len(w.path) == 0 && (w.closed || t.Name.Local != w.root):
		return w.fault("has <%.40s> where there should be <%s> alone", t.Name.Local, w.root)
	case len(w.path) == maxDepth:
		return w.fault("has elements more than %d deep in each other", maxDepth)
	case len(w.path) == 0 && w.attributes != nil:
		if fault := w.attributes(t.Attr); fault != "" {
			return w.fault("%s", fault)
		}
	}
	if len(w.path) > 0 {
		if take, known := w.wanted[strings.Join(append(w.path[1:len(w.path):len(w.path)], t.Name.Local), "/")]; known {
			fault, err := take(func(v any) error { return w.decoder.DecodeElement(v, t) })
			if err == nil && fault != "" {
				err = w.fault("%s", fault)
			}
			return err
		}
	}
	w.path = append(w.path, t.Name.Local)
	return nil
}

func (w *walk) fault(format string, args ...any) error {
	line, _ := w.decoder.InputPos()
	return faulty(w.file, line, format, args...)
}

// explain says what is wrong with XML in the words of this package.
func (w *walk) explain(err error) error {
	if err == nil || domain.CodeOf(err) != "" {
		return err
	}
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return faulty(w.file, syntax.Line, "is not well formed: %s", syntax.Msg)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return w.fault("ends within an element: the file is cut")
	}
	return w.fault("cannot be read: %v", err)
}
