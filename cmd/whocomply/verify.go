package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"whocomply/domain"
	"whocomply/domain/chain"
	"whocomply/eventstore"
)

// verifyCmd checks the live ledgers as an auditor would check their bundles.
type verifyCmd struct {
	dataFlags `json:"-"`
	Tenant    string `help:"Slug of one ledger; all if not given."`
	JSON      bool   `help:"Print JSON: an array of reports." json:"-"`
}

// Run is the command. It exits as ledger-verify does, with the worst of the verdicts.
func (c *verifyCmd) Run(ctx context.Context) error {
	var reports []chain.Report
	if err := operate(ctx, c.dataFlags, c, &reports); err != nil {
		return err
	}
	code := 0
	for _, r := range reports {
		code = max(code, r.Verdict.ExitCode())
	}
	err := printResult(c.JSON, reports, func(w io.Writer) {
		for _, r := range reports {
			fmt.Fprintf(w, "%-10s %s: %d events, %d signatures, root %s\n", r.Verdict, r.Ledger, r.Size, r.Signatures, r.Root)
			switch {
			case r.FirstBadSeq != nil:
				fmt.Fprintf(w, "           %s at seq %d: %s\n", r.Reason, *r.FirstBadSeq, r.Detail)
			case r.Detail != "":
				fmt.Fprintf(w, "           %s: %s\n", r.Reason, r.Detail)
			}
		}
	})
	if err == nil && code != 0 {
		return exitError{fmt.Errorf("a ledger is not intact; export it before anything else is changed, and compare with a backup"), code}
	}
	return err
}

func (c *verifyCmd) name() string { return "verify" }

func (c *verifyCmd) do(ctx context.Context, in *Instance, report progress) (any, error) {
	slugs, err := in.slugs(ctx, c.Tenant)
	if err != nil {
		return nil, err
	}
	reports := []chain.Report{}
	for _, slug := range slugs {
		r, err := in.audit(ctx, slug, report)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// audit checks one ledger, and what its store says of it.
func (in *Instance) audit(ctx context.Context, slug string, report progress) (chain.Report, error) {
	damage := in.Ledgers.Damage(ctx, slug)
	size, err := in.size(ctx, slug)
	if err != nil && damage == nil {
		return chain.Report{}, err
	}
	auditor := chain.Auditor{Ledger: in.Ledgers.Name(slug), Progress: func(done int64) { report(done, size) }}
	r, err := auditor.Audit(ctx, records(in.Ledgers.Records(ctx, slug, 0)))
	if damage == nil {
		damage = err
	}
	if !errors.Is(damage, eventstore.ErrDamaged) {
		return r, damage
	}
	at, what := r.Size, damage.Error()
	if d, placed := errors.AsType[*eventstore.DamageError](damage); placed {
		at, what = d.Seq, d.Hazard
	}
	r.Ledger, r.Verdict, r.Reason, r.FirstBadSeq, r.Detail = in.Ledgers.Name(slug), chain.Tampered, chain.CodeStore, &at, what
	return r, nil
}

// size is the number of events of a ledger that is there.
func (in *Instance) size(ctx context.Context, slug string) (int64, error) {
	size, err := in.Ledgers.Size(ctx, slug)
	if err == nil && size == 0 {
		err = domain.Errorf(domain.Unknown, "there is no such tenant")
	}
	return size, err
}

// slugs gives one ledger, or all.
func (in *Instance) slugs(ctx context.Context, one string) ([]string, error) {
	if one != "" {
		return []string{one}, nil
	}
	return in.Ledgers.Slugs(ctx)
}

// records gives stored records without their places, to be kept; the audit checks the seq each states.
func records(stored iter.Seq2[eventstore.Stored, error]) iter.Seq2[chain.Record, error] {
	return func(yield func(chain.Record, error) bool) {
		for s, err := range stored {
			if !yield(s.Clone(), err) {
				return
			}
		}
	}
}
