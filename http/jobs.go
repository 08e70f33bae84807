package http

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// Bounds of the background jobs, so that one tenant's do not keep another's waiting for more than one.
const (
	openBacktests = 3  // of a tenant, queued or running
	keptBacktests = 20 // of a tenant
)

// What becomes of a job.
const (
	jobQueued    = "queued"
	jobRunning   = "running"
	jobDone      = "done"
	jobFailed    = "failed"
	jobCancelled = "cancelled"
)

// backtest is one job. It lives in memory: what it tells can be had again from the ledger.
type backtest struct {
	slug  string
	id    string
	size  int64
	trial monitoring.Trial
	done  atomic.Int64 // records gone through

	mu     sync.Mutex // guards told
	told   backtestTold
	cancel context.CancelFunc
}

// backtestTold is a job as a caller sees it.
type backtestTold struct {
	ID           string          `json:"id"`
	Status       string          `json:"status"`
	RuleID       string          `json:"rule_id,omitempty"`
	From         time.Time       `json:"from,omitzero"`
	To           time.Time       `json:"to,omitzero"`
	BudgetPerDay float64         `json:"budget_per_day,omitzero"`
	Sweep        *sweepRequest   `json:"sweep,omitempty"`
	StartedBy    string          `json:"started_by"`
	CreatedAt    time.Time       `json:"created_at"`
	FinishedAt   time.Time       `json:"finished_at,omitzero"`
	Progress     jobProgress     `json:"progress"` // in records of the ledger
	Error        string          `json:"error,omitempty"`
	WithinBudget *bool           `json:"within_budget,omitempty"` // of a rule without a sweep
	Result       *backtestResult `json:"result,omitempty"`
}

// jobProgress is how far something that runs in the background has come.
type jobProgress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// within says whether alerts keep to the budget, if one was stated.
func (t *backtestTold) within(perDay float64) *bool {
	if t.BudgetPerDay == 0 {
		return nil
	}
	fits := perDay <= t.BudgetPerDay
	return &fits
}

func newJobID() string { return "bkt_" + rand.Text() }

// shown gives the job as it is now.
func (b *backtest) shown() backtestTold {
	b.mu.Lock()
	defer b.mu.Unlock()
	told := b.told
	told.ID, told.Progress = b.id, jobProgress{b.done.Load(), b.size}
	return told
}

// open reports whether the job is queued or running.
func (b *backtest) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told.Status == jobQueued || b.told.Status == jobRunning
}

func (b *backtest) become(status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told.Status = status
}

// finish keeps what came of the job.
func (b *backtest) finish(result backtestResult, err error, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told.FinishedAt, b.told.Status = now, jobDone
	switch known, isKnown := errors.AsType[*domain.Error](err); {
	case err == nil:
		b.told.Result = &result
		if len(result.Sweep) == 0 && len(result.Rules) > 0 {
			b.told.WithinBudget = b.told.within(result.Rules[0].PerDay)
		}
	case errors.Is(err, context.Canceled):
		b.told.Status = jobCancelled
	case isKnown:
		b.told.Status, b.told.Error = jobFailed, known.Message
	default:
		b.told.Status, b.told.Error = jobFailed, "the ledger could not be read to its end"
	}
}

// backtests are the jobs of all tenants.
type backtests struct {
	now    func() time.Time
	log    func(slug, id string, err error)
	places chan struct{} // a place for each job that may run

	mu       sync.Mutex
	byTenant map[string][]*backtest // oldest first
	ended    bool
	running  sync.WaitGroup
}

func newBacktests(now func() time.Time, places int, log func(slug, id string, err error)) *backtests {
	return &backtests{now: now, log: log, places: make(chan struct{}, places), byTenant: map[string][]*backtest{}}
}

// start takes in a job and lets it run when there is room.
func (all *backtests) start(b *backtest, ledgers Ledgers) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.ended {
		return domain.Errorf(domain.Unavailable, "the process is ending: try again")
	}
	mine := all.byTenant[b.slug]
	open := 0
	for _, other := range mine {
		if other.open() {
			open++
		}
	}
	if open >= openBacktests {
		return domain.Errorf(tooMany, "%d backtests are under way: wait for one, or cancel it", open)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.told.Status = cancel, jobQueued
	mine = append(slices.Clone(mine), b)
	for len(mine) > keptBacktests {
		at := slices.IndexFunc(mine, func(o *backtest) bool { return !o.open() })
		mine = slices.Delete(mine, at, at+1)
	}
	all.byTenant[b.slug] = mine
	all.running.Go(func() {
		defer cancel()
		all.carryOut(ctx, b, ledgers)
	})
	return nil
}

func (all *backtests) carryOut(ctx context.Context, b *backtest, ledgers Ledgers) {
	select {
	case all.places <- struct{}{}:
	case <-ctx.Done():
		b.finish(backtestResult{}, ctx.Err(), all.now().UTC())
		return
	}
	defer func() { <-all.places }()
	b.become(jobRunning)
	result, err := b.run(ctx, ledgers)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil && ctx.Err() == nil {
		all.log(b.slug, b.id, err)
	}
	b.finish(result, err, all.now().UTC())
}

// inTurn does something in the turn of a job.
func (all *backtests) inTurn(ctx context.Context, do func() (any, error)) (any, error) {
	select {
	case all.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-all.places }()
	return do()
}

// of lists a tenant's jobs, newest first.
func (all *backtests) of(slug string) []*backtest {
	all.mu.Lock()
	defer all.mu.Unlock()
	mine := slices.Clone(all.byTenant[slug])
	slices.Reverse(mine)
	return mine
}

// find gives a tenant's job, or nil.
func (all *backtests) find(slug, id string) *backtest {
	for _, b := range all.of(slug) {
		if b.id == id {
			return b
		}
	}
	return nil
}

// remove cancels a job and forgets it.
func (all *backtests) remove(b *backtest) {
	b.cancel()
	all.mu.Lock()
	defer all.mu.Unlock()
	all.byTenant[b.slug] = slices.DeleteFunc(slices.Clone(all.byTenant[b.slug]), func(o *backtest) bool { return o == b })
}

// end cancels all jobs and waits for them.
func (all *backtests) end() {
	all.mu.Lock()
	all.ended = true
	for _, mine := range all.byTenant {
		for _, b := range mine {
			b.cancel()
		}
	}
	all.mu.Unlock()
	all.running.Wait()
}
