package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"whocomply/domain/intake"
	"whocomply/domain/ledger"
	"whocomply/http"
	"whocomply/projections"
)

// importFlags name a file of things, a JSON object a line, as the API takes the body of one push.
type importFlags struct {
	dataFlags
	Tenant  string `help:"Slug of the tenant." required:""`
	File    string `help:"NDJSON file; - for standard input." required:""`
	Rejects string `help:"File for the rejected lines, as NDJSON with line, field and reason." type:"path"`
	JSON    bool   `help:"Print JSON."`
}

// importCmd takes in a file. It can be run again after it was stopped: it goes on where it was.
type importCmd struct {
	importFlags
	Kind string `help:"What is in the file." enum:"customers,events,postings" required:""`
}

// eventsCmd is about bulk loads of events.
type eventsCmd struct {
	Import eventsImportCmd `cmd:"" help:"The same as import --kind events."`
}

type eventsImportCmd struct{ importFlags }

// importTold is how many rejected lines are told without a file for them.
const importTold = 100

// imported is the account of an import.
type imported struct {
	importState
	Told []intake.Rejected `json:"rejected_lines"` // the first of those rejected
}

// importState is how far an import is.
type importState struct {
	ID       string `json:"import_id"`
	Kind     string `json:"kind"`
	Status   string `json:"status"` // running, complete or stopped
	Digest   string `json:"digest"`
	Lines    int64  `json:"lines"` // done
	Recorded int64  `json:"recorded"`
	Repeated int64  `json:"repeated"` // were there before
	Rejected int64  `json:"rejected"`
}

func stateOf(i *intake.Import) importState {
	return importState{i.ID, i.Kind, i.Status, i.Digest, i.Lines, i.Recorded, i.Repeated, i.Rejected}
}

// Run is the command.
func (c *importCmd) Run(ctx context.Context) error { return c.run(ctx, c.Kind) }

// Run is the command.
func (c *eventsImportCmd) Run(ctx context.Context) error { return c.run(ctx, intake.OfEvents) }

func (c *importFlags) run(ctx context.Context, kind string) error {
	file, err := c.open()
	if err != nil {
		return err
	}
	defer file.Close()
	account, err := c.take(ctx, kind, file)
	if err != nil {
		return fmt.Errorf("stopped after %d lines; run the command again to go on: %w", account.Lines, err)
	}
	return printResult(c.JSON, account, func(w io.Writer) {
		fmt.Fprintf(w, "%d recorded, %d were there before, %d rejected\n", account.Recorded, account.Repeated, account.Rejected)
		for _, l := range account.Told {
			fmt.Fprintf(w, "line %d: %s\n", l.Line, l.Reason)
		}
		if account.Status == intake.Stopped {
			fmt.Fprintf(w, "stopped at line %d: too many lines are rejected\n", account.Lines)
		}
	})
}

// open gives the file to be read twice: what comes from standard input is kept aside.
func (c *importFlags) open() (*os.File, error) {
	if c.File != "-" {
		return os.Open(c.File)
	}
	aside, err := os.CreateTemp("", "whocomply-import-")
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(aside, os.Stdin)
	if err = errors.Join(err, os.Remove(aside.Name())); err != nil {
		return nil, errors.Join(err, aside.Close())
	}
	return aside, nil
}

// take takes in the file. The bar counts bytes.
func (c *importFlags) take(ctx context.Context, kind string, file *os.File) (account imported, err error) {
	start := &importStart{Tenant: c.Tenant, Start: intake.Start{Kind: kind}}
	if start.Digest, start.Bytes, err = digestOf(file); err != nil {
		return account, err
	}
	if start.Bytes == 0 {
		return account, fmt.Errorf("%s is empty", c.File)
	}
	session, err := openSession(ctx, c.dataFlags, start)
	if err != nil {
		return account, err
	}
	defer func() { err = errors.Join(err, session.close()) }()
	report, finish := showProgress(kind)
	defer finish()
	if err := session.operate(ctx, start, func(int64, int64) {}, &account.importState); err != nil {
		return account, err
	}
	if account.Status == intake.Running {
		if err := c.send(ctx, session, file, start, &account.importState, report); err != nil {
			return account, err
		}
	}
	account.Told, err = c.rejects(ctx, session, account.importState)
	return account, err
}

func digestOf(file *os.File) (digest string, size int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	size, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), size, err
}

// send sends what is left of the file, a run of lines at a time. A file that changes while it is read
// is not what was announced, and is not finished.
func (c *importFlags) send(ctx context.Context, session *session, file *os.File, start *importStart, state *importState, report progress) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	read := int64(0)
	piece := &importRun{Tenant: c.Tenant, ID: state.ID, First: 1}
	for lines, err := range http.Runs(io.TeeReader(file, sum)) {
		if err != nil {
			return err
		}
		piece.Lines = piece.Lines[:0]
		for _, line := range lines {
			read += int64(len(line)) + 1
			piece.Lines = append(piece.Lines, string(line))
		}
		next := piece.First + int64(len(lines))
		if skip := state.Lines + 1 - piece.First; skip < int64(len(lines)) && state.Status == intake.Running {
			piece.First, piece.Lines = max(piece.First, state.Lines+1), piece.Lines[max(0, skip):]
			if err := session.operate(ctx, piece, func(int64, int64) {}, state); err != nil {
				return err
			}
		}
		piece.First = next
		report(min(read, start.Bytes), start.Bytes)
	}
	if hex.EncodeToString(sum.Sum(nil)) != start.Digest {
		return fmt.Errorf("%s has changed while it was read", c.File)
	}
	return session.operate(ctx, &importFinish{c.Tenant, state.ID, piece.First - 1}, func(int64, int64) {}, state)
}

// rejects gives the first of the rejected lines, and writes all of them to a file if that was asked for.
func (c *importFlags) rejects(ctx context.Context, session *session, state importState) ([]intake.Rejected, error) {
	if c.Rejects == "" {
		return rejectsOf(ctx, session, c.Tenant, state, io.Discard, importTold)
	}
	file, err := os.OpenFile(c.Rejects, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	first, err := rejectsOf(ctx, session, c.Tenant, state, file, state.Rejected)
	return first, errors.Join(err, file.Close())
}

// rejectsOf writes at most limit rejected lines, and gives the first of them.
func rejectsOf(ctx context.Context, session *session, tenant string, state importState, to io.Writer, limit int64) ([]intake.Rejected, error) {
	first, out := []intake.Rejected{}, json.NewEncoder(to)
	for at := int64(0); at < min(limit, state.Rejected); at += importTold {
		var told []intake.Rejected
		op := &importRejects{tenant, state.ID, projections.Page{Limit: importTold, Offset: int(at)}}
		if err := session.operate(ctx, op, func(int64, int64) {}, &told); err != nil {
			return first, err
		}
		for _, line := range told {
			if err := out.Encode(line); err != nil {
				return first, err
			}
		}
		if at == 0 {
			first = told
		}
	}
	return first, nil
}

// importStart begins or goes on with a file.
type importStart struct {
	Tenant string `json:"tenant"`
	intake.Start
}

func (o *importStart) name() string { return "import-start" }

func (o *importStart) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	return told(in.importInto(o.Tenant).Start(ctx, o.Start))
}

// importRun takes a run of lines.
type importRun struct {
	Tenant string   `json:"tenant"`
	ID     string   `json:"import_id"`
	First  int64    `json:"first"` // number of the first line, from 1
	Lines  []string `json:"lines"`
}

func (o *importRun) name() string { return "import-run" }

func (o *importRun) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	known, err := in.importNamed(ctx, o.Tenant, o.ID)
	if err != nil {
		return nil, err
	}
	lines := make([][]byte, len(o.Lines))
	for i, line := range o.Lines {
		lines[i] = []byte(line)
	}
	if known, err = in.importInto(o.Tenant).Run(ctx, known, o.First, lines); err != nil {
		return nil, err
	}
	return stateOf(known), nil
}

// importFinish ends a file.
type importFinish struct {
	Tenant string `json:"tenant"`
	ID     string `json:"import_id"`
	Lines  int64  `json:"lines"`
}

func (o *importFinish) name() string { return "import-finish" }

func (o *importFinish) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	return told(in.importInto(o.Tenant).Finish(ctx, o.ID, o.Lines))
}

// importRejects lists rejected lines.
type importRejects struct {
	Tenant string           `json:"tenant"`
	ID     string           `json:"import_id"`
	Page   projections.Page `json:"page"`
}

func (o *importRejects) name() string { return "import-rejects" }

func (o *importRejects) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	known, err := in.importNamed(ctx, o.Tenant, o.ID)
	if err != nil {
		return nil, err
	}
	return in.importInto(o.Tenant).Rejects(ctx, known, o.Page)
}

func told(known *intake.Import, _ ledger.Outcome, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return stateOf(known), nil
}

func (in *Instance) importInto(tenant string) *http.Import {
	return &http.Import{Ledgers: in.Ledgers, Slug: tenant, Actor: operatorActor}
}

func (in *Instance) importNamed(ctx context.Context, tenant, id string) (known *intake.Import, err error) {
	err = in.Ledgers.View(ctx, tenant, func(s *ledger.State) error {
		if known = s.Imports.Import(id); known == nil {
			return fmt.Errorf("there is no import %s", id)
		}
		return nil
	})
	return known, err
}
