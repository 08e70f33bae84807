// Package lists reads the files that watchlists are published in.
//
// A reader takes a file as it is or refuses it with the line and the reason: a list that is cut,
// damaged or in another encoding than its format has must never pass for a short one. Entries
// come without the name of the list and its category; screening.PublishList fills them in. Formats
// lists what can be read, and Read reads it.
//
// # What is kept
//
// Names, aliases and weak aliases, dates of birth, gender, identifiers, programmes, and the countries
// of nationality, addresses and flag; what else explains a listing becomes the reason. Not kept are
// street addresses and the dates of documents. An entry's id is the list's own where it has one that
// is the same in the next publication; where it has none (eu-journal-csv, us-bis-dpl, us-csl-csv,
// opensanctions-names) it is a digest of what names the entry, so that a changed name is another entry.
//
// # What is refused
//
//	all           empty files, more than 256 MiB, control characters (0x1A among them), bytes that are
//	              not UTF-8 where the format is UTF-8, ids that come twice, entries without a name
//	ofac-csv      rows without all columns, CRLF without the end mark; see OFAC
//	XML           what is not well formed to the end of its root, another root, a document type
//	              definition, another encoding than UTF-8
//	CSV, TSV      another header, rows with more or fewer columns, an open quote, no line end after the
//	              last row where the official file has one; in uk-sanctions-csv a row may lack columns
//	              of ships at its end, if it is no ship's and ends in a column without a value
//	JSON          lines that are not objects of the format
//	xlsx          archives that are cut or whose sums are wrong
//
// A file of lines that was cut exactly at the end of a row cannot be told from a shorter list by
// itself: that is what comparing it with the version in force is for (screening.State.DecidePublish).
package lists

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"whocomply/domain"
	"whocomply/domain/screening"
)

// The formats, as commands and publications name them.
const (
	FormatOFAC                 = "ofac-csv"
	FormatOFACXML              = "ofac-xml"
	FormatOFACAdvanced         = "ofac-advanced-xml"
	FormatUN                   = "un-xml"
	FormatEU                   = "eu-csv"
	FormatEUXML                = "eu-xml"
	FormatEUJournal            = "eu-journal-csv"
	FormatUKConList            = "uk-conlist-csv"
	FormatUKConListXML         = "uk-conlist-xml"
	FormatUK                   = "uk-sanctions-csv"
	FormatDFAT                 = "au-dfat-xlsx"
	FormatDFATCSV              = "au-dfat-csv"
	FormatCanada               = "ca-sema-xml"
	FormatSwitzerland          = "ch-seco-xml"
	FormatBIS                  = "us-bis-dpl"
	FormatCSL                  = "us-csl-csv"
	FormatOpenSanctions        = "opensanctions-csv"
	FormatOpenSanctionsFtM     = "opensanctions-ftm"
	FormatOpenSanctionsNames   = "opensanctions-names"
	FormatOpenSanctionsSenzing = "opensanctions-senzing"
	FormatNDJSON               = "whocomply-ndjson"
	FormatCSV                  = "whocomply-csv"
)

// File is one file of a publication.
type File struct {
	Name string // as people know it, for what is said about it
	From io.Reader
}

// Files are the files of one publication. Only the first of List is read unless the format has
// several; the others are of ofac-csv and may be nil.
type Files struct {
	List               []File
	Alt, Add, Comments io.Reader
}

// Content is what the files of one publication say.
type Content struct {
	Entries   []screening.Entry
	Rows      int  // rows or elements that were read, which is more than entries where these have several
	Amendment bool // it states changes alone and is no whole list
}

// reader reads one file of a format into a content.
type reader func(c *collector, f File) error

var readers = map[string]reader{
	FormatOFACXML: readOFACXML, FormatOFACAdvanced: readOFACAdvanced, FormatUN: readUN, FormatEU: readEU, FormatEUXML: readEUXML,
	FormatEUJournal: readEUJournal, FormatUKConList: readConList, FormatUKConListXML: readConListXML, FormatUK: readUK,
	FormatDFAT: readDFAT, FormatDFATCSV: readDFATCSV, FormatCanada: readCanada, FormatSwitzerland: readSwitzerland,
	FormatBIS: readBIS, FormatCSL: readCSL, FormatOpenSanctions: readOpenSanctions, FormatOpenSanctionsFtM: readFtM,
	FormatOpenSanctionsNames: readNames, FormatOpenSanctionsSenzing: readSenzing, FormatCSV: readCSV,
}

// Formats names all formats, in order.
func Formats() []string {
	names := []string{FormatOFAC, FormatNDJSON}
	for name := range readers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Read reads the files of one publication. What it refuses is domain.Invalid, with the reason.
func Read(format string, f Files) (Content, error) {
	if len(f.List) == 0 {
		return Content{}, domain.Errorf(domain.Invalid, "the list is missing")
	}
	switch format {
	case FormatOFAC:
		entries, rows, err := OFAC{SDN: f.List[0].From, Alt: f.Alt, Add: f.Add, Comments: f.Comments}.Entries()
		return Content{Entries: entries, Rows: rows.SDN}, err
	case FormatNDJSON:
		entries, err := NDJSON(f.List[0].From)
		return Content{Entries: entries, Rows: len(entries)}, err
	}
	read, known := readers[format]
	if !known {
		return Content{}, domain.InvalidField("format", "must be one of %s", strings.Join(Formats(), ", "))
	}
	if len(f.List) > 1 && format != FormatEUJournal {
		return Content{}, domain.Errorf(domain.Invalid, "the format %s has one file", format)
	}
	c := &collector{at: map[string]int{}}
	for _, file := range f.List {
		if err := read(c, file); err != nil {
			return Content{}, err
		}
	}
	return c.content()
}

// maxFile bounds a file, in bytes. The longest official one has half of it.
const maxFile = 256 << 20

// endMark is the end-of-file mark of CP/M and DOS, which OFAC's files still carry.
const endMark = 0x1A

// readFile reads a whole file, which must not be empty.
func readFile(file string, r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxFile:
		return nil, domain.Errorf(domain.Invalid, "%s is longer than %d bytes", file, maxFile)
	case len(bytes.Trim(text, " \t\r\n\x1a")) == 0:
		return nil, domain.Errorf(domain.Invalid, "%s is empty", file)
	}
	return text, nil
}

// readText reads a whole file that must be UTF-8, and without control characters but tab and line
// ends. A byte order mark is taken off.
func readText(file string, r io.Reader) ([]byte, error) {
	text, err := readFile(file, r)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	return text, checkText(file, text)
}

func checkText(file string, text []byte) error {
	line := 1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return faulty(file, line, "is not UTF-8: byte 0x%02X", text[i])
		case r < ' ' && r != '\t' && r != '\r' && r != '\n':
			return faulty(file, line, "holds the control character 0x%02X", r)
		case r == '\n':
			line++
		}
		i += size
	}
	return nil
}

// faulty makes the error for a line of a file.
func faulty(file string, line int, format string, args ...any) error {
	return domain.Errorf(domain.Invalid, "%s line %d "+format, append([]any{file, line}, args...)...)
}
