package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"time"

	"whocomply/domain"
	"whocomply/domain/posting/journal"
	"whocomply/projections"
)

// journalCmd writes the books of a tenant in a language of plain-text accounting.
type journalCmd struct {
	dataFlags `json:"-"`
	Tenant    string    `help:"Slug of the tenant." required:""`
	Format    string    `help:"hledger or beancount." enum:"hledger,beancount" default:"hledger"`
	Out       string    `help:"File for the journal; it must not exist." required:"" type:"path"`
	AsOf      string    `help:"What was recorded up to this position or time (RFC 3339)."`
	Effective time.Time `help:"What takes effect up to this time, RFC 3339." format:"2006-01-02T15:04:05Z07:00"`
	JSON      bool      `help:"Print JSON." json:"-"`
}

// journaled says what a journal holds.
type journaled struct {
	Journal string `json:"journal"`
	Format  string `json:"format"`
	Seq     int64  `json:"seq"` // position up to which it tells the ledger
	Bytes   int64  `json:"bytes"`
}

// Run is the command.
func (c *journalCmd) Run(ctx context.Context) error {
	var done journaled
	if err := operate(ctx, c.dataFlags, c, &done); err != nil {
		return err
	}
	return printResult(c.JSON, done, func(w io.Writer) {
		fmt.Fprintf(w, "the books of %s up to position %d are in %s\n", c.Tenant, done.Seq, done.Journal)
	})
}

func (c *journalCmd) name() string { return "journal" }

func (c *journalCmd) do(ctx context.Context, in *Instance, report progress) (any, error) {
	seq, err := in.position(ctx, c.Tenant, c.AsOf)
	if err != nil {
		return nil, err
	}
	if err := in.DB.Wait(ctx, c.Tenant, seq, projections.Accounts); err != nil {
		return nil, err
	}
	file, err := createBuffered(c.Out)
	if err != nil {
		return nil, err
	}
	counted := &counter{to: file, report: report}
	err = in.DB.WriteJournal(ctx, counted, c.Format, journal.Head{Ledger: c.Tenant, Seq: seq, Effective: c.Effective})
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(c.Out))
	}
	return journaled{Journal: c.Out, Format: c.Format, Seq: seq, Bytes: counted.n}, nil
}

// counter counts the bytes that go through it.
type counter struct {
	to     io.Writer
	report progress
	n      int64
}

// Write passes bytes on.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	c.report(c.n, 0)
	return n, err
}

// position reads a position of a ledger, or gives that of the last event recorded up to a time;
// without either it is the last.
func (in *Instance) position(ctx context.Context, slug, asOf string) (int64, error) {
	size, err := in.size(ctx, slug)
	if err != nil || asOf == "" {
		return size - 1, err
	}
	if seq, err := strconv.ParseInt(asOf, 10, 64); err == nil && seq >= 0 && seq < size {
		return seq, nil
	}
	at, err := time.Parse(time.RFC3339Nano, asOf)
	if err != nil {
		return 0, domain.Errorf(domain.Invalid, "as-of must be a position of the ledger, 0 to %d, or an RFC 3339 time", size-1)
	}
	var failure error
	after := sort.Search(int(size), func(seq int) bool {
		events, err := in.Ledgers.Events(ctx, slug, []int64{int64(seq)})
		if err != nil {
			failure = err
			return true
		}
		return events[0].Time.After(at)
	})
	if failure == nil && after == 0 {
		failure = domain.Errorf(domain.Invalid, "as-of is before the ledger was opened")
	}
	return int64(after) - 1, failure
}
