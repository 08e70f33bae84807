// Command whocomply is the program: the server, and what an operator does to an installation.
//
// A command that changes or reads an installation opens its data directory. While a server runs
// on that directory, the command asks the server instead, over a socket in the directory that
// only its owner may use. Either way it is the same code: an operation on an Instance.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"whocomply/domain"
	"whocomply/domain/screening/lists"
)

// commands is the whole command line.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Demo    demoCmd    `cmd:"" help:"Run the server with a demo tenant and sample data."`
	Tenant  tenantCmd  `cmd:"" help:"Institutions."`
	Key     keyCmd     `cmd:"" help:"API keys."`
	List    listCmd    `cmd:"" help:"Watchlists shared by all tenants."`
	Ledger  ledgerCmd  `cmd:"" help:"Stores of ledgers."`
	Import  importCmd  `cmd:"" help:"Take in a file of customers, events or postings, a JSON object a line as the API takes it."`
	Events  eventsCmd  `cmd:"" help:"Bulk load."`
	Rebuild rebuildCmd `cmd:"" help:"Build the read models again from the ledgers."`
	Replay  replayCmd  `cmd:"" help:"Show each event of a ledger and the state after it, or make a decision again."`
	Verify  verifyCmd  `cmd:"" help:"Check every hash and signature of the live ledgers."`
	Export  exportCmd  `cmd:"" help:"Write an examination bundle for ledger-verify."`
	Journal journalCmd `cmd:"" help:"Write the books as a journal for hledger or beancount."`
	Invent  inventCmd  `cmd:"" help:"Write files of invented customers and events for import."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine: the bare pipeline and the product."`

	BenchBare     benchBareCmd     `cmd:"" hidden:""`
	EvalScreening evalScreeningCmd `cmd:"" hidden:""`

	EvalMonitoring evalMonitoringCmd `cmd:"" help:"Measure the catalogue of typologies on labelled transactions."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// newParser reads command lines.
func newParser(ctx context.Context) (*kong.Kong, error) {
	return kong.New(&commands{}, kong.Name("whocomply"),
		kong.Description("The customer-compliance system of record of a financial institution."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.UsageOnError(),
		kong.Vars{"listFormats": strings.Join(lists.Formats(), ",")})
}

// run executes one command line and gives the exit code.
func run(ctx context.Context, args []string) int {
	parser, err := newParser(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "whocomply:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "whocomply:", err)
		return exitCode(err)
	}
	return 0
}

// exitError is an error with an exit code of its own.
type exitError struct {
	error
	code int
}

func exitCode(err error) int {
	if e, ok := errors.AsType[exitError](err); ok {
		return e.code
	}
	if domain.CodeOf(err) == domain.Invalid {
		return 2
	}
	return 1
}
