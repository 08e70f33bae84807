package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"whocomply/domain/ledger"
)

// replayDecision makes one decision again, with the rules, lists, rates, model and history of its moment.
type replayDecision struct {
	Tenant  string
	EventID string
}

var errNotIdentical = errors.New("the decision made again is another")

// again is the command with --decision. It ends with 1 if the decision made again is another.
func (c *replayCmd) again(ctx context.Context) error {
	var told ledger.Replayed
	if err := operate(ctx, c.dataFlags, &replayDecision{c.Tenant, c.Decision}, &told); err != nil {
		return err
	}
	if err := printResult(c.JSON, told, func(w io.Writer) { printReplayed(w, &told) }); err != nil {
		return err
	}
	if !told.Identical {
		return exitError{errNotIdentical, 1}
	}
	return nil
}

func printReplayed(w io.Writer, told *ledger.Replayed) {
	verdict := "identical"
	if !told.Identical {
		verdict = "DIFFERENT"
	}
	fmt.Fprintf(w, "%s: %s %s, event %d of the ledger, recorded %s\nrules %s, model %s\n", verdict, told.EventType, told.EventID, told.Seq, told.RecordedAt, told.RuleSet, told.Model)
	for _, l := range told.Lists {
		fmt.Fprintf(w, "watchlist %s version %d %s\n", l.List, l.Version, l.Digest)
	}
	for _, r := range told.References {
		fmt.Fprintf(w, "%s %s version %d %s\n", r.Kind, r.Name, r.Version, r.Digest)
	}
	for _, d := range told.Differences {
		fmt.Fprintf(w, "event %d %s%s\n  recorded %s\n  replayed %s\n", d.Seq, d.Type, d.Path, d.Recorded, d.Replayed)
	}
}

func (c *replayDecision) name() string { return "replay-decision" }

func (c *replayDecision) do(ctx context.Context, in *Instance, _ progress) (any, error) {
	at, err := in.Ledgers.Find(ctx, c.Tenant, "event/"+c.EventID)
	if err != nil {
		return nil, err
	}
	return in.Ledgers.Replay(ctx, c.Tenant, at.Seq)
}
