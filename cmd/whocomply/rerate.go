package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/risk"
)

// How the rerater goes about it.
const (
	rerateRest  = 500 * time.Millisecond // between two looks at what is due, and after a failure
	rerateLook  = 100                    // customers looked at while a state is held, some 1 ms
	rerateSome  = 100                    // customers rated by one command
	rerateCheck = time.Minute            // between two looks at whom a model has not rated yet
	rerateEase  = 3                      // times as long as a round of tenants took, nobody is looked at
)

// rerater rates customers anew whom nothing happens to and whose rating is another all the same: a model
// or a list that it names came into force, an override or an identity check expires. Tenants take turns,
// some customers each. What is done is in the ledger: whom a killed process left is found by looking at
// everybody after the next start. Of several nodes on one database, the one that applies events to the
// read models does it.
type rerater struct {
	in    *Instance
	every time.Duration // between looks at everybody; 0 for none but the first

	due    dueLedgers
	passes map[string]*ratingPass // by tenant
}

// ratingPass is a look at all customers of a tenant under way.
type ratingPass struct {
	left  []string // not looked at yet, by our ids; nil before the first step
	rated int
	rest  time.Time // until which nothing is tried, after a failure
}

func newRerater(in *Instance, every time.Duration) *rerater {
	return &rerater{in: in, every: every, passes: map[string]*ratingPass{}}
}

// grown says what was appended to a ledger. It never blocks.
func (r *rerater) grown(slug string, events []domain.Envelope) {
	for _, e := range events {
		switch event := e.Event.(type) {
		case risk.ModelAdopted:
			r.due.add(slug)
		case monitoring.ListSet:
			if event.List.Kind == "countries" { // models name no others
				r.due.add(slug)
			}
		}
	}
}

// run works until ctx ends. Every tenant is looked at once at the beginning.
func (r *rerater) run(ctx context.Context) {
	tick, check := time.NewTicker(rerateRest), time.NewTicker(rerateCheck)
	defer tick.Stop()
	defer check.Stop()
	var again <-chan time.Time
	if r.every > 0 {
		ticker := time.NewTicker(r.every)
		defer ticker.Stop()
		again = ticker.C
	}
	r.wakeAll(ctx)
	for {
		start, ease := time.Now(), (<-chan time.Time)(nil)
		if r.in.Runner.Leads() && r.turn(ctx) {
			ease = time.After(rerateEase * time.Since(start))
		}
		select {
		case <-ctx.Done():
			return
		case <-ease:
		case <-tick.C:
		case <-check.C:
			r.check(ctx)
		case <-again:
			r.wakeAll(ctx)
		}
	}
}

func (r *rerater) wakeAll(ctx context.Context) {
	for _, slug := range r.in.tenants(ctx) {
		r.due.add(slug)
	}
}

// check finds tenants whose model came into force unseen: on another node, before this one had their ledgers
// in memory.
func (r *rerater) check(ctx context.Context) {
	if !r.in.Runner.Leads() {
		return
	}
	for _, slug := range r.in.tenants(ctx) {
		if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
			if s.Unrated() > 0 {
				r.due.add(slug)
			}
			return nil
		}); err != nil {
			r.warn(ctx, slug, err)
		}
	}
}

// turn lets every tenant that has customers to be looked at go one step on, and reports whether there is
// more to do at once.
func (r *rerater) turn(ctx context.Context) (more bool) {
	for _, slug := range r.due.take() {
		if r.passes[slug] == nil {
			r.passes[slug] = &ratingPass{}
		} else { // whom it has looked at already is looked at again behind it
			r.due.add(slug)
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(r.passes)) {
		p := r.passes[slug]
		if time.Now().Before(p.rest) {
			continue
		}
		switch done, err := r.step(ctx, slug, p); {
		case err != nil:
			r.warn(ctx, slug, err)
			p.rest = time.Now().Add(rerateRest)
		case done:
			delete(r.passes, slug)
		default:
			more = true
		}
	}
	return more && ctx.Err() == nil
}

// step looks at some customers of a tenant, and rates those anew whose rating is another.
func (r *rerater) step(ctx context.Context, slug string, p *ratingPass) (done bool, err error) {
	var some, outdated []string
	if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		if p.left == nil {
			p.left = s.Customers.IDs()
		}
		some = p.left[:min(rerateLook, len(p.left))]
		outdated = s.Outdated(some, time.Now())
		return nil
	}); err != nil {
		return false, err
	}
	for now := range slices.Chunk(outdated, rerateSome) {
		if _, err := r.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.RateCustomers(now)); err != nil {
			return false, err
		}
		p.rated += len(now)
	}
	if p.left = p.left[len(some):]; len(p.left) > 0 {
		return false, nil
	}
	if p.rated > 0 {
		r.in.log.InfoContext(ctx, "customers rated anew", "ledger", slug, "customers", p.rated)
	}
	return true, nil
}

// warn says what goes wrong, unless it is the end of the process.
func (r *rerater) warn(ctx context.Context, slug string, err error) {
	if ctx.Err() == nil {
		r.in.log.WarnContext(ctx, "customers are not all rated anew yet", "ledger", slug, "error", err)
	}
}
