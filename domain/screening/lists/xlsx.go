package lists

import (
	"archive/zip"
	"bytes"
	"io"
	"strconv"
	"strings"

	"whocomply/domain"
)

// maxUnpacked bounds a file in an archive.
const maxUnpacked = 128 << 20

// readXLSX gives every row of the first sheet of a spreadsheet to row, under the header in its first
// row. Formulas, styles and what else an archive may hold are not looked at.
func (s *sheet) readXLSX(f File, row func() (fault string)) error {
	packed, err := readFile(f.Name, f.From)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return domain.Errorf(domain.Invalid, "%s is no whole spreadsheet: %v", f.Name, err)
	}
	parts := map[string]File{}
	for _, name := range []string{"xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"} {
		text, err := unpack(archive, name)
		if err != nil {
			return domain.Errorf(domain.Invalid, "%s: %s cannot be unpacked: %v", f.Name, name, err)
		}
		parts[name] = File{f.Name + " " + name, bytes.NewReader(text)}
	}
	shared, err := sharedTexts(parts["xl/sharedStrings.xml"])
	if err != nil {
		return err
	}
	return s.rows(parts["xl/worksheets/sheet1.xml"], shared, row)
}

func unpack(archive *zip.Reader, name string) ([]byte, error) {
	part, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = part.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(part, maxUnpacked+1))
	if err == nil && len(text) > maxUnpacked {
		err = domain.Errorf(domain.Invalid, "it is longer than %d bytes", maxUnpacked)
	}
	return text, err
}

type xlsxText struct {
	Plain string   `xml:"t"`
	Runs  []string `xml:"r>t"`
}

func (t *xlsxText) String() string { return t.Plain + strings.Join(t.Runs, "") }

func sharedTexts(f File) (texts []string, err error) {
	err = readXML(f, "sst", elements{"si": func(decode func(any) error) (string, error) {
		var t xlsxText
		err := decode(&t)
		texts = append(texts, t.String())
		return "", err
	}}, nil)
	return texts, err
}

type xlsxCell struct {
	At     string   `xml:"r,attr"`
	Kind   string   `xml:"t,attr"`
	Value  string   `xml:"v"`
	Inline xlsxText `xml:"is"`
}

// rows reads the cells of a sheet, row by row. The sheet says how far it goes; one that ends before is cut.
func (s *sheet) rows(f File, shared []string, row func() string) error {
	last, said := 0, 0
	err := readXML(f, "worksheet", elements{
		"dimension": func(decode func(any) error) (string, error) {
			var d struct {
				Ref string `xml:"ref,attr"`
			}
			err := decode(&d)
			_, end, _ := strings.Cut(d.Ref, ":")
			said, _ = strconv.Atoi(strings.TrimLeft(end, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
			return "", err
		},
		"sheetData/row": func(decode func(any) error) (string, error) {
			var cells struct {
				At    int        `xml:"r,attr"`
				Cells []xlsxCell `xml:"c"`
			}
			if err := decode(&cells); err != nil {
				return "", err
			}
			last = cells.At
			fault, filled := s.cells(cells.Cells, shared)
			switch {
			case fault != "" || !filled:
				return fault, nil
			case s.columns == nil:
				return "", s.header(f.Name, s.fields)
			}
			return row(), nil
		},
	}, nil)
	if err == nil && last < said {
		return faulty(f.Name, 1, "has %d rows where it says %d: it is cut", last, said)
	}
	return err
}

// cells takes in the cells of a row and reports whether any has something in it.
func (s *sheet) cells(cells []xlsxCell, shared []string) (fault string, filled bool) {
	s.fields = s.fields[:0]
	for _, cell := range cells {
		at := columnOf(cell.At)
		if at < len(s.fields) || at > 1000 {
			return "has cells out of order", false
		}
		for len(s.fields) < at {
			s.fields = append(s.fields, "")
		}
		text := cell.Value
		switch cell.Kind {
		case "s":
			i, err := strconv.Atoi(text)
			if err != nil || i < 0 || i >= len(shared) {
				return "names a shared text that is not there", false
			}
			text = shared[i]
		case "inlineStr":
			text = cell.Inline.String()
		}
		s.fields = append(s.fields, text)
		filled = filled || text != ""
	}
	return "", filled
}

// columnOf gives the column of a cell's name, from 0: that of B7 is 1.
func columnOf(cell string) (column int) {
	for _, r := range cell {
		if r < 'A' || r > 'Z' || column > 1000 {
			break
		}
		column = column*26 + int(r-'A') + 1
	}
	return column - 1
}
