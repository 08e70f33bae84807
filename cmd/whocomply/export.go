package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"whocomply/domain/chain"
)

// exportCmd writes the examination bundle of a tenant's ledger.
type exportCmd struct {
	dataFlags `json:"-"`
	Tenant    string `help:"Slug of the tenant." required:""`
	Out       string `help:"Folder for the bundle; it must not exist." required:"" type:"path"`
	JSON      bool   `help:"Print JSON." json:"-"`
}

// exported says what a bundle holds.
type exported struct {
	Bundle     string `json:"bundle"`
	Ledger     string `json:"ledger"`
	Size       int64  `json:"size"`
	Checkpoint string `json:"checkpoint"`
}

// Run is the command.
func (c *exportCmd) Run(ctx context.Context) error {
	var done exported
	if err := operate(ctx, c.dataFlags, c, &done); err != nil {
		return err
	}
	return printResult(c.JSON, done, func(w io.Writer) {
		fmt.Fprintf(w, "%d events of %s are in %s\nverify them with: ledger-verify %s\n\n%s", done.Size, done.Ledger, done.Bundle, done.Bundle, done.Checkpoint)
	})
}

func (c *exportCmd) name() string { return "export" }

func (c *exportCmd) do(ctx context.Context, in *Instance, report progress) (any, error) {
	checkpoint, err := in.Ledgers.Checkpoint(ctx, c.Tenant)
	if err != nil {
		return nil, err
	}
	stated, err := chain.ParseCheckpoint(chain.Record{Note: checkpoint}.Text())
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(c.Out, 0o700); err != nil {
		return nil, fmt.Errorf("the bundle needs a folder of its own that does not exist yet: %w", err)
	}
	bundle := chain.NewBundleWriter(func(name string) (io.WriteCloser, error) { return createBuffered(filepath.Join(c.Out, name)) })
	for stored, err := range in.Ledgers.Records(ctx, c.Tenant, 0) {
		if err != nil {
			return nil, err
		}
		if stored.Seq == stated.Size {
			break
		}
		if err := bundle.Append(stored.Record); err != nil {
			return nil, err
		}
		report(stored.Seq+1, stated.Size)
	}
	if err := bundle.Close(checkpoint); err != nil {
		return nil, err
	}
	return exported{Bundle: c.Out, Ledger: stated.Origin, Size: stated.Size, Checkpoint: string(checkpoint)}, nil
}

// buffered is a file that is written in large pieces.
type buffered struct {
	*bufio.Writer
	file *os.File
}

func createBuffered(path string) (*buffered, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &buffered{bufio.NewWriterSize(file, 256<<10), file}, nil
}

// Close writes what is buffered.
func (b *buffered) Close() error { return errors.Join(b.Flush(), b.file.Close()) }
