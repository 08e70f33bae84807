package chain

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
)

const (
	maxLine    = MaxText + 1
	saltLen    = 44 // Of a salt in base64.
	maxPayline = saltLen + 1 + MaxPayload + 1
)

// bundleRecords reads the events of a bundle and counts what remains of payloads when the events have ended.
type bundleRecords struct {
	files    fs.FS
	events   int64   // Greatest number of an events file, plus one.
	payloads []int64 // Numbers of the payloads files.
	leftover int64   // Payloads after the last event.
}

// all yields the records in the order of files. It splits them by position alone and leaves judging to the auditor,
// but for what an auditor cannot see: where one file ends and another begins.
func (b *bundleRecords) all() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for n := range b.events {
			if !b.file(n, yield) {
				return
			}
		}
		for _, n := range b.payloads {
			if n < b.events {
				continue
			}
			lines, err := b.open(payloadsFile(n), false)
			if err == nil {
				err = b.countLeftover(lines)
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
		}
	}
}

// file yields the records of file n.
func (b *bundleRecords) file(n int64, yield func(Record, error) bool) bool {
	seq := n * TileWidth
	events, err := b.open(eventsFile(n), true)
	if errors.Is(err, fs.ErrNotExist) {
		err = &fault{seq, CodeMissingFile, eventsFile(n) + " is not there"}
	}
	if err != nil {
		return yield(Record{}, err)
	}
	defer events.close()
	payloads, err := b.open(payloadsFile(n), false)
	if err != nil {
		return yield(Record{}, err)
	}
	defer payloads.close()
	for ; ; seq++ {
		note, err := events.note()
		if err != nil {
			return yield(Record{}, err)
		}
		full := seq == (n+1)*TileWidth
		switch {
		case full && len(note) > 0:
			return yield(Record{}, &fault{seq, CodeLayout, eventsFile(n) + " holds more events than it may"})
		case len(note) == 0 && !full && n+1 < b.events:
			return yield(Record{}, &fault{seq, CodeSeq, "the event is missing from " + eventsFile(n)})
		case len(note) == 0:
			if err := b.countLeftover(payloads); err != nil {
				return yield(Record{}, err)
			}
			return true
		}
		r, err := payloads.record(seq)
		r.Note = note
		if !yield(r, err) || err != nil {
			return false
		}
	}
}

func (b *bundleRecords) countLeftover(payloads *lineReader) error {
	defer payloads.close()
	for {
		line, err := payloads.line(maxPayline)
		if err != nil || len(line) == 0 {
			return err
		}
		b.leftover++
	}
}

// lineReader reads a file of a bundle line by line, with bounded memory.
type lineReader struct {
	file fs.File
	buf  *bufio.Reader
	name string
}

// open opens a file; one that is not there is an error only if it must exist, else it is empty.
func (b *bundleRecords) open(name string, must bool) (*lineReader, error) {
	f, err := b.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return &lineReader{buf: bufio.NewReader(strings.NewReader("")), name: name}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("chain: bundle: %w", err)
	}
	return &lineReader{file: f, buf: bufio.NewReaderSize(f, 64<<10), name: name}, nil
}

func (l *lineReader) close() {
	if l.file != nil {
		_ = l.file.Close() // Of a file that was only read.
		l.file = nil
	}
}

// line returns the next line with its newline, none at the end of the file, or the first bytes of a line that is
// longer than the limit or is not ended.
func (l *lineReader) line(limit int) ([]byte, error) {
	var line []byte
	for len(line) <= limit {
		part, err := l.buf.ReadSlice('\n')
		line = append(line, part...)
		if err == nil || errors.Is(err, io.EOF) {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("chain: bundle: %s: %w", l.name, err)
		}
	}
	return line, nil
}

// note returns the next three lines and the signature lines after them; less if the file is not of notes.
func (l *lineReader) note() ([]byte, error) {
	var note []byte
	for i := 0; i < 3 || l.atSignature() && i < 3+maxKeys; i++ {
		line, err := l.line(maxLine)
		if err != nil {
			return nil, err
		}
		note = append(note, line...)
	}
	return note, nil
}

func (l *lineReader) atSignature() bool {
	next, err := l.buf.Peek(len(sigPrefix))
	return err == nil && string(next) == sigPrefix
}

// record returns the next payload and its salt.
func (l *lineReader) record(seq int64) (r Record, err error) {
	line, err := l.line(maxPayline)
	if err != nil {
		return r, err
	}
	if len(line) == 0 {
		return r, &fault{seq, CodePayload, "the payload is missing from " + l.name}
	}
	salt, payload, ok := bytes.Cut(line, []byte(" "))
	payload, ok2 := bytes.CutSuffix(payload, []byte("\n"))
	var raw [SaltSize + 1]byte
	if !ok || !ok2 || len(salt) != saltLen {
		return r, &fault{seq, CodePayload, "the line in " + l.name + " is not a salt and a payload"}
	}
	if n, err := base64.StdEncoding.Strict().Decode(raw[:], salt); err != nil || n != SaltSize {
		return r, &fault{seq, CodePayload, "the salt in " + l.name + " is not base64"}
	}
	r.Salt, r.Payload = [SaltSize]byte(raw[:]), payload
	return r, nil
}
