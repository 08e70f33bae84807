package main

import (
	"context"
	"slices"
	"time"

	"whocomply/domain/ledger"
)

const (
	rerateSoon = time.Minute // after the start: an adoption of a model may have been broken off
	rerateLook = 500         // customers looked at while a state is held
	rerateSome = 100         // customers rated by one command
)

// rerater rates customers anew whom nothing happens to and whose rating is another all the same: an
// override or an identity check expires, or the process ended while a model came into force. Of several
// nodes on one database, the one that applies events to the read models does it.
type rerater struct {
	in    *Instance
	every time.Duration
}

func newRerater(in *Instance, every time.Duration) *rerater { return &rerater{in, every} }

// run works until ctx ends.
func (r *rerater) run(ctx context.Context) {
	if r.every <= 0 {
		return
	}
	for pause := min(rerateSoon, r.every); ; pause = r.every {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if !r.in.Runner.Leads() {
			continue
		}
		for _, slug := range r.in.tenants(ctx) {
			if err := r.tenant(ctx, slug); err != nil && ctx.Err() == nil {
				r.in.log.WarnContext(ctx, "customers are not all rated anew", "ledger", slug, "error", err)
			}
		}
	}
}

func (r *rerater) tenant(ctx context.Context, slug string) error {
	var ids []string
	if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		ids = s.Customers.IDs()
		return nil
	}); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, rerateLook) {
		var outdated []string
		if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
			outdated = s.Outdated(some, time.Now())
			return nil
		}); err != nil {
			return err
		}
		for now := range slices.Chunk(outdated, rerateSome) {
			if _, err := r.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.RateCustomers(now)); err != nil {
				return err
			}
		}
	}
	return nil
}
