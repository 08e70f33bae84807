// Package lists reads the files that watchlists are published in.
//
// A reader takes a file as it is or refuses it with the line and the reason: a list that is cut,
// damaged or in another encoding than its format has must never pass for a short one. Entries
// come without the name of the list and its category; screening.PublishList fills them in.
//
// # ofac-csv
//
// The OFAC legacy format: sdn.csv and, beside it, alt.csv, add.csv and sdn_comments.csv, or the
// files of the consolidated list, which have the same columns. See OFAC. Kept are names, programs,
// aliases, dates of birth, identifiers, and the countries of nationality, addresses and flag.
// Title, place of birth, gender, vessel details and all other remarks become the reason, word for
// word. Not kept are street addresses and the dates of documents.
//
// # whocomply-ndjson
//
// One entry per line as the JSON of screening.Entry; see NDJSON.
package lists

import (
	"bytes"
	"io"
	"unicode/utf8"

	"whocomply/domain"
)

// The formats, as commands and publications name them.
const (
	FormatOFAC   = "ofac-csv"
	FormatNDJSON = "whocomply-ndjson"
)

// maxFile bounds a file, in bytes. The longest official one has a tenth of it.
const maxFile = 64 << 20

// readText reads a whole file that must be UTF-8 without a byte order mark, and without control
// characters but tab and line ends. Files may end in endMark, which is taken off.
func readText(file string, r io.Reader) (text []byte, marked bool, err error) {
	text, err = io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, false, err
	case len(text) > maxFile:
		return nil, false, domain.Errorf(domain.Invalid, "%s is longer than %d bytes", file, maxFile)
	}
	text, marked = bytes.CutSuffix(text, []byte{endMark})
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, false, domain.Errorf(domain.Invalid, "%s is empty", file)
	}
	return text, marked, checkText(file, text)
}

// endMark is the end-of-file mark of CP/M and DOS, which OFAC's files still carry.
const endMark = 0x1A

func checkText(file string, text []byte) error {
	if bytes.HasPrefix(text, []byte("\uFEFF")) {
		return faulty(file, 1, "starts with a byte order mark, which the official file does not have")
	}
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
