package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"whocomply/domain"
	"whocomply/http"
)

// eventsCmd is about bulk loads of events.
type eventsCmd struct {
	Import eventsImportCmd `cmd:"" help:"Record events from a file, one JSON object a line as POST /events/webhook takes it."`
}

// eventsImportCmd sends a file in pieces. It can be run again after it was stopped: what is
// recorded is found by its event_id and not recorded twice.
type eventsImportCmd struct {
	dataFlags
	Tenant string `help:"Slug of the tenant." required:""`
	File   string `help:"NDJSON file; - for standard input." required:""`
	JSON   bool   `help:"Print JSON."`
}

// Bounds of an import.
const (
	importPiece    = 500      // lines that are sent at once
	importLine     = 1 << 20  // bytes of a line; a longer one is refused
	importBuffer   = 64 << 20 // bytes of a line at which the file is not what it should be
	importRejected = 100      // lines that are told in full
)

// imported is the account of an import.
type imported struct {
	Recorded int64      `json:"recorded"` // new
	Repeated int64      `json:"repeated"` // were there before
	Refused  int64      `json:"refused"`
	Lines    []rejected `json:"rejected_lines"` // the first of those refused
}

// rejected is a line that was not recorded.
type rejected struct {
	Line   int64  `json:"line"` // from 1
	Reason string `json:"reason"`
}

// importEvents records a piece of a file.
type importEvents struct {
	Tenant string   `json:"tenant"`
	First  int64    `json:"first"` // number of the first line, from 1
	Lines  []string `json:"lines"`
}

// Run is the command.
func (c *eventsImportCmd) Run(ctx context.Context) error {
	file, size := io.ReadCloser(os.Stdin), int64(0)
	if c.File != "-" {
		opened, err := os.Open(c.File)
		if err != nil {
			return err
		}
		file = opened
		defer file.Close()
		info, err := opened.Stat()
		if err != nil {
			return err
		}
		size = info.Size()
	}
	total, err := c.send(ctx, file, size)
	if err != nil {
		return fmt.Errorf("stopped after %d events; run the command again to go on: %w", total.Recorded+total.Repeated, err)
	}
	return printResult(c.JSON, total, func(w io.Writer) {
		fmt.Fprintf(w, "%d recorded, %d were there before, %d refused\n", total.Recorded, total.Repeated, total.Refused)
		for _, l := range total.Lines {
			fmt.Fprintf(w, "line %d: %s\n", l.Line, l.Reason)
		}
	})
}

// send reads the file in pieces and adds up their accounts. The bar counts bytes.
func (c *eventsImportCmd) send(ctx context.Context, file io.Reader, size int64) (imported, error) {
	report, finish := showProgress("events")
	defer finish()
	session, err := openSession(ctx, c.dataFlags, &importEvents{})
	if err != nil {
		return imported{}, err
	}
	total := imported{Lines: []rejected{}}
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 64<<10), importBuffer)
	piece := &importEvents{Tenant: c.Tenant, First: 1}
	read := int64(0)
	flush := func() error {
		var part imported
		if err := session.operate(ctx, piece, func(int64, int64) {}, &part); err != nil {
			return err
		}
		total.add(part)
		report(read, size)
		piece = &importEvents{Tenant: c.Tenant, First: piece.First + int64(len(piece.Lines))}
		return nil
	}
	for err == nil && lines.Scan() {
		line := lines.Bytes()
		read += int64(len(line)) + 1
		piece.Lines = append(piece.Lines, string(line[:min(len(line), importLine+1)]))
		if len(piece.Lines) == importPiece {
			err = flush()
		}
	}
	if err == nil && lines.Err() != nil {
		err = fmt.Errorf("line %d: %w", piece.First+int64(len(piece.Lines)), lines.Err())
	}
	if err == nil && len(piece.Lines) > 0 {
		err = flush()
	}
	return total, errors.Join(err, session.close())
}

func (t *imported) add(part imported) {
	t.Recorded += part.Recorded
	t.Repeated += part.Repeated
	t.Refused += part.Refused
	t.Lines = append(t.Lines, part.Lines[:min(len(part.Lines), importRejected-len(t.Lines))]...)
}

func (p *importEvents) name() string { return "import-events" }

// do records the lines side by side, so that they share commits; events of one customer may be
// recorded in another order than they stand in the file, which occurred_at tells.
func (p *importEvents) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	outcomes := make([]error, len(p.Lines))
	repeated := make([]bool, len(p.Lines))
	var group sync.WaitGroup
	for i, text := range p.Lines {
		group.Go(func() { repeated[i], outcomes[i] = p.record(ctx, in, text) })
	}
	group.Wait()
	account := imported{Lines: []rejected{}}
	for i, err := range outcomes {
		switch {
		case err == nil && repeated[i]:
			account.Repeated++
		case err == nil:
			account.Recorded++
		case domain.CodeOf(err) == domain.Invalid || domain.CodeOf(err) == domain.Conflict:
			account.Refused++
			account.Lines = append(account.Lines, rejected{p.First + int64(i), err.Error()})
		default:
			return nil, err
		}
	}
	return account, nil
}

func (p *importEvents) record(ctx context.Context, in *Instance, text string) (repeated bool, err error) {
	switch {
	case strings.TrimSpace(text) == "":
		return false, domain.Errorf(domain.Invalid, "the line is empty")
	case len(text) > importLine:
		return false, domain.Errorf(domain.Invalid, "the line is longer than %d bytes", importLine)
	}
	cmd, err := http.ParseEvent([]byte(text))
	if err != nil {
		return false, err
	}
	outcome, err := in.Ledgers.Execute(ctx, p.Tenant, operatorActor, cmd)
	return outcome.Repeat, err
}
