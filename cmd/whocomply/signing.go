package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"whocomply/eventstore"
)

// keyRotateSigningCmd gives the installation another signing key. Each ledger records the change in
// an event that both keys sign.
type keyRotateSigningCmd struct {
	dataFlags `json:"-"`
	JSON      bool `help:"Print JSON." json:"-"`
}

// Run is the command.
func (c *keyRotateSigningCmd) Run(ctx context.Context) error {
	var rotated []eventstore.Rotation
	if err := operate(ctx, c.dataFlags, c, &rotated); err != nil {
		return err
	}
	return printResult(c.JSON, rotated, func(w io.Writer) {
		for _, r := range rotated {
			fmt.Fprintf(w, "%s is signed by another key from event %d on:\n  %s\n", r.Ledger, r.Seq, r.Key)
		}
		fmt.Fprintf(w, "\nGive these keys to your auditors, and back up %s: the key of before signs nothing any more.\n", keyFile)
	})
}

func (c *keyRotateSigningCmd) name() string { return "key-rotate-signing" }

// do makes a key, has every ledger take it, and then puts it in the place of the one before. A crash
// on the way leaves both keys in the data directory, where ledgers find the one they want, and the
// command goes on where it was when it is called again.
func (c *keyRotateSigningCmd) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	next := in.flags.path(nextKeyFile)
	key, err := in.flags.readKey(next)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = in.flags.newKey(next)
	}
	if err != nil {
		return nil, err
	}
	rotated, err := in.Ledgers.RotateKey(ctx, operatorActor, key)
	if err != nil {
		return nil, fmt.Errorf("%w; call the command again to go on", err)
	}
	return rotated, renameDurably(next, in.flags.path(keyFile))
}

// renameDurably puts a file in the place of another in the same folder.
func renameDurably(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
