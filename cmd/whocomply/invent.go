package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// inventCmd writes files for import: customers, and events of theirs spread over a year. The same
// flags give the same files, byte for byte.
type inventCmd struct {
	Out       string `help:"Folder for customers.ndjson and events.ndjson." required:"" type:"path"`
	Customers int    `help:"How many customers." default:"10000"`
	Events    int    `help:"How many events." default:"1000000"`
}

// inventedFrom is when the first invented event occurred.
var inventedFrom = time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)

// Run is the command.
func (c *inventCmd) Run(ctx context.Context) error {
	if c.Customers < 1 || c.Events < 0 {
		return errors.New("there must be a customer, and no fewer events than none")
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	err := writeInvented(ctx, filepath.Join(c.Out, "customers.ndjson"), c.Customers, func(i int) any { return inventCustomer(r, i) })
	if err != nil {
		return err
	}
	step := 365 * 24 * time.Hour / time.Duration(max(1, c.Events))
	return writeInvented(ctx, filepath.Join(c.Out, "events.ndjson"), c.Events, func(i int) any {
		return c.inventEvent(r, inventedFrom.Add(time.Duration(i)*step))
	})
}

// inventEvent makes an event of a customer who has one account and deals with others' accounts.
func (c *inventCmd) inventEvent(r *rand.Rand, at time.Time) benchEvent {
	e := inventEvent(r, "", c.Customers, at)
	e.Data.Transaction.Account = "account of " + e.CustomerID
	e.Data.Transaction.Counterparty.Account = "account of " + customerID(r.IntN(5*c.Customers))
	return e
}

// writeInvented writes n things to a file, a line each, with their number for the serial mark.
func writeInvented(ctx context.Context, path string, n int, invent func(i int) any) error {
	file, err := createBuffered(path)
	if err != nil {
		return err
	}
	for i := 0; i < n && err == nil; i++ {
		if err = ctx.Err(); err == nil {
			err = writeLine(file, invent(i), i)
		}
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func writeLine(to io.Writer, thing any, serial int) error {
	text, err := json.Marshal(thing)
	if err == nil {
		_, err = io.WriteString(to, strings.ReplaceAll(string(text), serialMark, strconv.Itoa(serial))+"\n")
	}
	return err
}
