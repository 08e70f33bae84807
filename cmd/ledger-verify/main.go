// Ledger-verify checks an export bundle of a ledger, or the proof of one event, offline. It needs nothing but these, and
// trusts nothing but what it is given: a key and a checkpoint that reached the auditor by another way.
//
//	ledger-verify BUNDLE [--checkpoint FILE] [--key VKEY] [--json]
//	ledger-verify --proof FILE --key VKEY [--json]
//
// It exits with 0 if the bundle is intact, 1 if it was tampered with, 2 if it cannot be read and 3 if it is intact but
// behind the checkpoint given. Of a proof it gives 0, 1 or 2 in the same sense.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"whocomply/domain/chain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

type options struct {
	bundle     string
	proof      string // instead of a bundle
	checkpoint string
	keys       []*chain.Verifier
	json       bool
}

// run is the whole program: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseArgs(args, stderr)
	if err != nil {
		return chain.Unreadable.ExitCode()
	}
	if opts.proof != "" {
		return runProof(opts, stdout, stderr)
	}
	show := progress(stderr)
	report, err := audit(ctx, opts, show)
	if err != nil {
		report = chain.Report{Verdict: chain.Unreadable, Reason: chain.CodeUnreadable, Detail: err.Error()}
	}
	if show != nil {
		fmt.Fprint(stderr, "\r\x1b[K")
	}
	if opts.json {
		err = json.NewEncoder(stdout).Encode(report)
	} else {
		err = explain(stdout, report, opts)
	}
	if err != nil {
		fmt.Fprintln(stderr, "ledger-verify:", err)
		return chain.Unreadable.ExitCode()
	}
	return report.Verdict.ExitCode()
}

// parseArgs reads flags and the bundle in any order. It has told the user of any error it returns.
func parseArgs(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("ledger-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: ledger-verify BUNDLE [--checkpoint FILE] [--key VKEY] [--json]")
		fmt.Fprintln(stderr, "       ledger-verify --proof FILE --key VKEY [--json]")
		flags.PrintDefaults()
	}
	flags.StringVar(&opts.checkpoint, "checkpoint", "", "`FILE` with a signed checkpoint that the ledger must contain")
	flags.StringVar(&opts.proof, "proof", "", "`FILE` with the proof of one event, to be checked instead of a bundle")
	flags.BoolVar(&opts.json, "json", false, "print the report as JSON")
	flags.Func("key", "`VKEY` that must sign the ledger; may be given more than once", func(vkey string) error {
		key, err := chain.ParseVerifier(vkey)
		opts.keys = append(opts.keys, key)
		return err
	})
	var bundles []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return opts, err
		}
		if args = flags.Args(); len(args) > 0 {
			bundles, args = append(bundles, args[0]), args[1:]
		}
	}
	switch {
	case opts.proof != "" && len(bundles) == 0 && len(opts.keys) > 0 && opts.checkpoint == "":
		return opts, nil
	case opts.proof != "" || len(bundles) != 1:
		flags.Usage()
		return opts, fmt.Errorf("%d bundles given", len(bundles))
	}
	opts.bundle = bundles[0]
	return opts, nil
}

func audit(ctx context.Context, opts options, progress func(int64)) (chain.Report, error) {
	auditor := chain.Auditor{Keys: opts.keys, Progress: progress}
	if opts.checkpoint != "" {
		signed, err := os.ReadFile(opts.checkpoint)
		if err != nil {
			return chain.Report{}, err
		}
		if _, err := chain.ParseCheckpoint(chain.Record{Note: signed}.Text()); err != nil {
			return chain.Report{}, fmt.Errorf("%s: %w", opts.checkpoint, err)
		}
		auditor.Trusted = signed
	}
	return auditor.AuditBundle(ctx, os.DirFS(opts.bundle))
}

// progress returns a function that tells a terminal how far the audit is, or nil if w is none.
func progress(w io.Writer) func(int64) {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	next := time.Now().Add(time.Second)
	return func(done int64) {
		if now := time.Now(); now.After(next) {
			fmt.Fprintf(f, "\r%d events checked", done)
			next = now.Add(time.Second / 4)
		}
	}
}
