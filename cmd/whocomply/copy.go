package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"whocomply/domain/access"
	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// ledgerCmd is about the stores that ledgers are in.
type ledgerCmd struct {
	Copy ledgerCopyCmd `cmd:"" help:"Copy ledgers byte for byte to another store; can be stopped and run again."`
}

// ledgerCopyCmd copies ledgers and verifies both sides.
type ledgerCopyCmd struct {
	LogLevel string `help:"debug, info, warn or error." default:"warn" enum:"debug,info,warn,error"`
	From     string `help:"Data directory without a server on it, or esdb://…" required:""`
	To       string `help:"The same; a data directory that does not exist is made." required:""`
	Tenant   string `help:"Slug of one ledger; all if not given."`
	JSON     bool   `help:"Print JSON."`
}

// ledgerCopied says that a ledger is the same on both sides.
type ledgerCopied struct {
	Ledger string     `json:"ledger"`
	Copied int64      `json:"copied"` // by this run
	Size   int64      `json:"size"`
	Root   chain.Hash `json:"root"`
}

// Run is the command.
func (c *ledgerCopyCmd) Run(ctx context.Context) error {
	from, err := c.open(ctx, c.From)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	to, err := c.open(ctx, c.To)
	if err != nil {
		return errors.Join(fmt.Errorf("to: %w", err), from.Close())
	}
	done, err := c.copy(ctx, to, from)
	if err := errors.Join(err, to.Close(), from.Close()); err != nil {
		return err
	}
	return printResult(c.JSON, done, func(w io.Writer) {
		for _, l := range done {
			fmt.Fprintf(w, "%s: %d events on both sides (%d copied now), root %s\n", l.Ledger, l.Size, l.Copied, l.Root)
		}
	})
}

func (c *ledgerCopyCmd) open(ctx context.Context, where string) (eventstore.Store, error) {
	if strings.HasPrefix(where, "esdb://") || strings.HasPrefix(where, "esdb+discover://") {
		flags := dataFlags{LogLevel: c.LogLevel}
		return eventstore.OpenESDB(ctx, where, flags.logger())
	}
	flags := dataFlags{Data: filepath.Clean(where)}
	if err := flags.writable(); err != nil {
		return nil, err
	}
	return eventstore.OpenBolt(flags.Data)
}

// copy copies the operator's ledger last: it names the others.
func (c *ledgerCopyCmd) copy(ctx context.Context, to, from eventstore.Store) ([]ledgerCopied, error) {
	slugs, err := from.Ledgers(ctx)
	if err != nil {
		return nil, err
	}
	if c.Tenant != "" {
		slugs = []string{c.Tenant}
	}
	slices.SortStableFunc(slugs, func(a, b string) int {
		switch {
		case a == access.System && b != access.System:
			return 1
		case b == access.System && a != access.System:
			return -1
		}
		return strings.Compare(a, b)
	})
	report, finish := showProgress("verifying")
	defer finish()
	done := []ledgerCopied{}
	for _, slug := range slugs {
		copied, err := eventstore.Copy(ctx, to, from, slug)
		if err != nil {
			return nil, fmt.Errorf("ledger %s: %w; run the command again to go on", slug, err)
		}
		same, err := compareLedgers(ctx, to, from, slug, report)
		if err != nil {
			return nil, err
		}
		same.Copied = copied
		done = append(done, same)
	}
	return done, nil
}

// compareLedgers audits a ledger on both sides, which must be intact and have the same root.
func compareLedgers(ctx context.Context, to, from eventstore.Store, slug string, report progress) (ledgerCopied, error) {
	var sides [2]chain.Report
	for i, store := range []eventstore.Store{from, to} {
		size, err := store.Size(ctx, slug)
		if err != nil {
			return ledgerCopied{}, err
		}
		audit := chain.Auditor{Progress: func(done int64) { report(done, size) }}
		if sides[i], err = audit.Audit(ctx, records(store.Read(ctx, slug, 0))); err != nil {
			return ledgerCopied{}, err
		}
		if sides[i].Verdict != chain.Intact {
			return ledgerCopied{}, fmt.Errorf("ledger %s is %s: %s", slug, sides[i].Verdict, sides[i].Detail)
		}
	}
	if sides[0].Size != sides[1].Size || sides[0].Root != sides[1].Root {
		return ledgerCopied{}, fmt.Errorf("ledger %s has %d events here and %d there; was it written meanwhile? run the command again", slug, sides[0].Size, sides[1].Size)
	}
	return ledgerCopied{Ledger: sides[0].Ledger, Size: sides[0].Size, Root: sides[0].Root}, nil
}
