package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"whocomply/domain"
	"whocomply/domain/access"
	"whocomply/domain/customer"
	"whocomply/domain/ledger"
	"whocomply/domain/screening"
)

// How the rescreener goes about it.
const (
	rescreenRest  = 500 * time.Millisecond // lists that change more often are waited for
	rescreenChunk = 2000                   // customers looked at between two looks at the lists
	advanceEvery  = 5 * time.Second        // how much work a killed process does again
)

// rescreener screens the customers of every tenant again when the lists in force change, when
// somebody asks for it, and when it is time. What it does is in the ledger: a run that a killed process
// left is taken up where it was last said to be. Of several nodes on one database, the one that applies
// events to the read models does it.
//
// While the process lives it knows the lists that all customers were last screened on, so that a change
// of them reaches only whom it can touch. After a start with other lists than the last run's it knows
// the versions and not the contents, and looks at everybody.
type rescreener struct {
	in    *Instance
	every time.Duration // between full runs; 0 for none

	due   dueLedgers
	known map[string]*screening.Lists // that a tenant's customers were all screened on
	began time.Time
}

func newRescreener(in *Instance, every time.Duration) *rescreener {
	return &rescreener{in: in, every: every, known: map[string]*screening.Lists{}, began: time.Now()}
}

// grown says what was appended to a ledger. It never blocks.
func (r *rescreener) grown(slug string, events []domain.Envelope) {
	for _, e := range events {
		switch e.Event.(type) {
		case screening.Published, screening.Adopted, screening.EntryAdded, screening.EntryRemoved, screening.Subscribed, screening.Unsubscribed, screening.RunStarted:
			r.due.add(slug)
			return
		}
	}
}

// take gives the tenants that may have something to do. What the operator publishes is for all.
func (r *rescreener) take(ctx context.Context) []string {
	due := r.due.take()
	if slices.Contains(due, access.System) {
		due = append(due, r.in.tenants(ctx)...)
		slices.Sort(due)
	}
	return slices.DeleteFunc(slices.Compact(due), func(slug string) bool { return slug == access.System })
}

// tenants gives all tenants, as far as they can be read.
func (in *Instance) tenants(ctx context.Context) []string {
	slugs, err := in.Ledgers.Slugs(ctx)
	if err != nil {
		in.log.WarnContext(ctx, "not all tenants are known", "error", err)
	}
	return slices.DeleteFunc(slugs, func(slug string) bool { return slug == access.System })
}

// run works until ctx ends. Every tenant is looked at once at the beginning: a list may have been
// published, or a run left behind, while no process was there.
func (r *rescreener) run(ctx context.Context) {
	tick := time.NewTicker(rescreenRest)
	defer tick.Stop()
	due, schedule := r.in.tenants(ctx), time.NewTicker(time.Minute)
	defer schedule.Stop()
	for {
		for _, slug := range due {
			if !r.in.Runner.Leads() { // another node does it, or this one once it leads
				r.due.add(slug)
				continue
			}
			if err := r.tenant(ctx, slug); err != nil && ctx.Err() == nil {
				r.in.log.WarnContext(ctx, "customers are not screened again yet", "ledger", slug, "error", err)
				r.due.add(slug)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			due = r.take(ctx)
		case <-schedule.C:
			due = r.in.tenants(ctx)
		}
	}
}

// tenant does what there is to do for a tenant: runs that have not ended, and then what is due.
func (r *rescreener) tenant(ctx context.Context, slug string) error {
	for {
		var run *screening.RunStanding
		if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
			run = s.Screening.Unfinished()
			return nil
		}); err != nil {
			return err
		}
		if run == nil {
			started, err := r.start(ctx, slug)
			if err != nil || started == nil {
				return err
			}
			run = started
		}
		if err := r.carry(ctx, slug, run); err != nil {
			return err
		}
	}
}

// start begins a run if customers are behind the lists in force, or if it is time for a full one.
func (r *rescreener) start(ctx context.Context, slug string) (*screening.RunStanding, error) {
	// A command, unlike a look, waits until the lists that are published are adopted.
	if _, err := r.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.AdvanceRun(screening.RunAdvanced{})); err != nil {
		return nil, err
	}
	cmd := screening.StartRun{}
	if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		switch {
		case s.Behind():
			cmd.Cause, cmd.Scope = screening.RunOnChange, screening.ScopeFull
			if changes, known := s.Lists().Changes(r.known[slug]); known {
				cmd.Scope, cmd.Changes = screening.ScopeChanges, changes
			}
		case r.every > 0 && s.Customers.Len() > 0 && time.Since(latest(r.began, s.Screening.LastFull())) > r.every:
			cmd.Cause, cmd.Scope = screening.RunScheduled, screening.ScopeFull
		default:
			r.known[slug] = s.Lists()
		}
		return nil
	}); err != nil || cmd.Cause == "" {
		return nil, err
	}
	outcome, err := r.in.Ledgers.Execute(ctx, slug, operatorActor, ledger.StartRun(cmd))
	if err != nil {
		return nil, err
	}
	run, _ := outcome.Reply.(*screening.RunStanding)
	return run, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// progressed is a run under way.
type progressed struct {
	*rescreener
	slug       string
	run        *screening.RunStanding
	population *ledger.Population
	digest     string
	reach      *screening.Reach // nil in a full run
	tally      screening.Tally
	said       time.Time
}

// carry carries a run to its end.
func (r *rescreener) carry(ctx context.Context, slug string, run *screening.RunStanding) error {
	p := progressed{rescreener: r, slug: slug, run: run, tally: run.Tally, said: time.Now()}
	if err := r.in.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		p.population = s.Population()
		return nil
	}); err != nil {
		return err
	}
	if p.population.Lists == nil {
		return fmt.Errorf("the lists of %s are not loaded", slug)
	}
	p.digest = p.population.Sort()
	if run.Scope == screening.ScopeChanges {
		p.reach = p.population.Lists.Reach(run.Changes)
	}
	outcome, err := p.all(ctx)
	if err != nil {
		return err
	}
	return p.end(ctx, outcome)
}

// all looks at the customers from where the run was on.
func (p *progressed) all(ctx context.Context) (outcome string, err error) {
	customers := p.population.Customers
	from, _ := slices.BinarySearchFunc(customers, p.run.Through, func(c *customer.Customer, id string) int {
		if c.ID <= id {
			return -1
		}
		return 1
	})
	for from < len(customers) {
		to := min(from+rescreenChunk, len(customers))
		var cases []ledger.Case
		var now *screening.Lists
		if err := p.in.Ledgers.View(ctx, p.slug, func(s *ledger.State) error {
			cases, now = s.Cases(customers[from:to]), s.Lists()
			return nil
		}); err != nil {
			return "", err
		}
		if now == nil || !slices.Equal(now.Versions(), p.run.Lists) {
			return screening.RunSuperseded, nil
		}
		if err := p.chunk(ctx, cases); err != nil {
			return "", err
		}
		from = to
		if err := p.advance(ctx, customers[to-1].ID); err != nil {
			return "", err
		}
	}
	return screening.RunDone, nil
}

// chunk looks at some customers on all cores, and has those screened again for whom something differs.
func (p *progressed) chunk(ctx context.Context, cases []ledger.Case) error {
	var screened, changed atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	part := max(1, (len(cases)+cores-1)/cores)
	for some := range slices.Chunk(cases, part) {
		group.Go(func() error {
			for i := range some {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if !some[i].Touched(p.reach) {
					continue
				}
				screened.Add(1)
				if !some[i].Differs(p.population.Lists) {
					continue
				}
				outcome, err := p.in.Ledgers.Execute(ctx, p.slug, operatorActor, &ledger.RescreenCustomer{ID: some[i].Customer.ID})
				if err != nil {
					return err
				}
				if is, _ := outcome.Reply.(bool); is {
					changed.Add(1)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	p.tally.Customers += len(cases)
	p.tally.Screened += int(screened.Load())
	p.tally.Changed += int(changed.Load())
	return nil
}

// advance says now and then how far the run has come.
func (p *progressed) advance(ctx context.Context, through string) error {
	if time.Since(p.said) < advanceEvery {
		return nil
	}
	p.said = time.Now()
	_, err := p.in.Ledgers.Execute(ctx, p.slug, operatorActor, ledger.AdvanceRun(screening.RunAdvanced{RunID: p.run.ID, Tally: p.tally, Through: through}))
	return err
}

func (p *progressed) end(ctx context.Context, outcome string) error {
	lists := p.population.Lists
	end := screening.RunEnded{
		RunID: p.run.ID, Outcome: outcome, Lists: p.run.Lists, Matcher: lists.Matcher(), Stale: lists.Stale(time.Now()), Tally: p.tally, Population: p.digest,
	}
	if _, err := p.in.Ledgers.Execute(ctx, p.slug, operatorActor, ledger.EndRun(end)); err != nil {
		return err
	}
	if outcome == screening.RunDone {
		p.known[p.slug] = lists
	}
	p.in.log.InfoContext(ctx, "customers screened again", "ledger", p.slug, "run", p.run.ID, "outcome", outcome, "customers", p.tally.Customers,
		"screened", p.tally.Screened, "changed", p.tally.Changed)
	return nil
}
