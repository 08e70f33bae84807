package http

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"whocomply/domain"
	"whocomply/domain/customer"
	"whocomply/domain/intake"
	"whocomply/domain/ledger"
	"whocomply/projections"
)

// Bounds of an import.
const (
	importLine  = 1 << 20 // bytes of a line; a longer one is rejected
	importLines = 500     // of a run, which shares commits and is accounted for at once
	importRun   = 4 << 20 // bytes of a run
)

// Import is a file of customers, events or postings being taken in, as domain/intake defines it. It
// holds one run of lines in memory, whatever the size of the file.
type Import struct {
	Ledgers Ledgers
	Slug    string // of the tenant
	Actor   string // as the ledger names who has the file
	// Names reports whether a tenant_id is that of the tenant; nil if whoever has the file may say anything.
	Names func(tenantID string) bool
}

// Start takes in a file, or goes on with it from the line after Lines.
func (i *Import) Start(ctx context.Context, cmd intake.Start) (*intake.Import, ledger.Outcome, error) {
	return i.say(ctx, func() ledger.Command { return ledger.StartImport(cmd) })
}

// Finish says that the file is at its end.
func (i *Import) Finish(ctx context.Context, id string, lines int64) (*intake.Import, ledger.Outcome, error) {
	return i.say(ctx, func() ledger.Command { return ledger.FinishImport(intake.Finish{ImportID: id, Lines: lines}) })
}

func (i *Import) say(ctx context.Context, cmd func() ledger.Command) (known *intake.Import, outcome ledger.Outcome, err error) {
	err = i.patiently(ctx, func() error {
		outcome, err = i.Ledgers.Execute(ctx, i.Slug, i.Actor, cmd())
		return err
	})
	if err == nil {
		known = outcome.Reply.(*intake.Import)
	}
	return known, outcome, err
}

// Run takes a run of lines, the first of which has the number first, and accounts for it. An error
// means that some of it could not be recorded for now: taking the run again is to go on.
func (i *Import) Run(ctx context.Context, known *intake.Import, first int64, lines [][]byte) (*intake.Import, error) {
	account := intake.Advance{ImportID: known.ID, First: first, Lines: int64(len(lines)), Rejected: []intake.Rejected{}}
	rejected := make([]error, len(lines))
	left := make([]int, len(lines)) // not settled yet
	for at := range lines {
		left[at] = at
	}
	err := i.patiently(ctx, func() (waits error) {
		settling := left
		left = nil
		for j, result := range i.take(ctx, known.Kind, lines, settling) {
			switch at := settling[j]; {
			case isRejection(result.err):
				rejected[at] = result.err
			case result.err != nil:
				left, waits = append(left, at), result.err
			case result.idle:
				account.Repeated++
			default:
				account.Recorded++
			}
		}
		return waits
	})
	if err != nil {
		return nil, err
	}
	for at, err := range rejected {
		if err != nil {
			account.Rejected = append(account.Rejected, rejection(first+int64(at), err))
		}
	}
	next, _, err := i.say(ctx, func() ledger.Command { return ledger.AdvanceImport(account) })
	return next, err
}

// How often is done again what cannot be done for now, and the first pause before it.
const (
	importTries = 6
	importPause = 20 * time.Millisecond
)

// patiently does what may be unavailable for now, again after a pause that doubles.
func (i *Import) patiently(ctx context.Context, do func() error) error {
	for try := 0; ; try++ {
		err := do()
		if domain.CodeOf(err) != domain.Unavailable || try == importTries || i.Ledgers.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(importPause << try):
		}
	}
}

// Rejects lists a part of the lines that an import has rejected, in their order.
func (i *Import) Rejects(ctx context.Context, known *intake.Import, p projections.Page) ([]intake.Rejected, error) {
	seqs, early := known.RejectsAt(int64(p.Offset), int64(p.Limit))
	told, err := i.Ledgers.Events(ctx, i.Slug, seqs)
	if err != nil {
		return nil, err
	}
	rejects := []intake.Rejected{}
	for _, e := range told {
		rejects = append(rejects, e.Event.(intake.Advanced).Rejected...)
	}
	return part(rejects, projections.Page{Offset: int(early), Limit: p.Limit}), nil
}

// isRejection reports whether the line itself is at fault.
func isRejection(err error) bool {
	switch domain.CodeOf(err) {
	case domain.Invalid, domain.Conflict, domain.Unknown, domain.Forbidden:
		return true
	}
	return false
}

// rejection says why a line was rejected, without what the reason quotes of it: that may be personal.
func rejection(line int64, err error) intake.Rejected {
	r := intake.Rejected{Line: line, Reason: unquoted(err.Error())}
	if e, ok := errors.AsType[*domain.Error](err); ok {
		r.Field = e.Field
	}
	return r
}

// quoted is a text in quotes, and the words before an example of ours.
var quoted = regexp.MustCompile(`(such as )?"(?:[^"\\]|\\.)*"`)

func unquoted(text string) string {
	return quoted.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "such as ") {
			return found
		}
		return `"…"`
	})
}

// lineResult is what became of a line.
type lineResult struct {
	idle bool // it says what was there before
	err  error
}

// take carries out some of the lines, in their order.
func (i *Import) take(ctx context.Context, kind string, lines [][]byte, which []int) []lineResult {
	results := make([]lineResult, len(which))
	var cmds []ledger.Command
	var at []int
	for j, line := range which {
		cmd, err := i.parse(kind, lines[line])
		if err != nil {
			results[j].err = err
			continue
		}
		cmds, at = append(cmds, cmd), append(at, j)
	}
	outcomes, errs := i.Ledgers.ExecuteAll(ctx, i.Slug, i.Actor, cmds)
	for k, j := range at {
		results[j] = lineResult{!outcomes[k].Changed, errs[k]}
	}
	return results
}

// parse reads one line as the API takes the body of a single push.
func (i *Import) parse(kind string, line []byte) (ledger.Command, error) {
	line = bytes.TrimSpace(line)
	switch {
	case len(line) == 0:
		return nil, domain.Errorf(domain.Invalid, "the line is empty")
	case len(line) > importLine:
		return nil, domain.Errorf(domain.Invalid, "the line is longer than %d bytes", importLine)
	}
	switch kind {
	case intake.OfCustomers:
		var profile customer.Profile
		if err := json.Unmarshal(line, &profile, strict); err != nil {
			return nil, domain.Malformed(err)
		}
		return &ledger.PushCustomer{Push: customer.Push{Profile: profile}}, nil
	case intake.OfPostings:
		var in postingRequest
		if err := json.Unmarshal(line, &in, strict); err != nil {
			return nil, domain.Malformed(err)
		}
		return in.command(), nil
	}
	return i.parseEvent(line)
}

// parseEvent reads an event. The tenant is known, so tenant_id may be left out.
func (i *Import) parseEvent(line []byte) (ledger.Command, error) {
	var in eventRequest
	if err := json.Unmarshal(line, &in, strict); err != nil {
		return nil, domain.Malformed(err)
	}
	if in.TenantID != "" && i.Names != nil && !i.Names(in.TenantID) {
		return nil, errOtherTenant
	}
	return in.command(), nil
}

// Runs cuts a file into the runs of lines that Import.Run takes. The lines of a run are good until
// the next. Of a line that is too long it gives the beginning, still too long, and keeps no more.
func Runs(file io.Reader) iter.Seq2[[][]byte, error] {
	return func(yield func([][]byte, error) bool) {
		reader := bufio.NewReaderSize(file, 64<<10)
		var text []byte
		var ends []int
		flush := func() bool {
			run := make([][]byte, len(ends))
			from := 0
			for i, end := range ends {
				run[i], from = text[from:end:end], end
			}
			text, ends = text[:0], ends[:0]
			return yield(run, nil)
		}
		for {
			start := len(text)
			var err error
			if text, err = appendLine(text, reader); err != nil && !errors.Is(err, io.EOF) {
				yield(nil, err)
				return
			}
			if err == nil || len(text) > start {
				ends = append(ends, len(text))
			}
			if len(ends) > 0 && (err != nil || len(ends) == importLines || len(text) > importRun) && !flush() || err != nil {
				return
			}
		}
	}
}

// appendLine reads up to the next end of a line, which it leaves out, and appends what a line may have
// at most, and one byte more. io.EOF says that there is no further line.
func appendLine(text []byte, reader *bufio.Reader) ([]byte, error) {
	start := len(text)
	for {
		part, err := reader.ReadSlice('\n')
		kept := bytes.TrimSuffix(part, []byte("\n"))
		text = append(text, kept[:min(len(kept), start+importLine+1-len(text))]...)
		if err == nil || !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}
