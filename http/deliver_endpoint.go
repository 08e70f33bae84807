package http

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"whocomply/domain/webhook"
	"whocomply/projections"
)

// endpointRun serves one endpoint. All but told is its own goroutine's.
type endpointRun struct {
	d        *Deliverer
	slug, id string
	gate     int64 // position that the outbox must reach before anything is sent

	mu   sync.Mutex // guards told
	told projections.OutboxEnd
	wake chan struct{}
	done chan outcome

	way      projections.Way
	end      projections.OutboxEnd
	endpoint *webhook.Endpoint
	keys     webhook.Keys
	shown    string
	pace     *rate.Limiter

	fresh, replays lane
	retries        []projections.Due
	nextRetry      time.Time            // when to look for what is to be tried again
	settled        int64                // sequence number up to which the outbox may hold what was tried before
	busy           map[string]time.Time // in order: what must wait for something under way (zero) or for a retry
	underWay       map[item]bool
	unwritten      map[item]uint64 // tickets of what came of retries, as far as the last reading may not show it
	shownUpTo      uint64          // ticket up to which the last reading of retries shows it
	turn           int
	readOn         bool // the events read so far all wait
}

// outcome is what an attempt came to.
type outcome struct {
	due  projections.Due
	kind int // lane it came from
	answered
}

// The queues that an endpoint is served from.
const (
	fromFresh = iota
	fromRetries
	fromReplays
	queues
)

const (
	windowWide = 4   // attempts under way to one endpoint
	readAhead  = 128 // events of one endpoint read at a time
	lookLater  = time.Minute
)

func newEndpointRun(d *Deliverer, way projections.Way, end projections.OutboxEnd, gate int64) *endpointRun {
	e := &endpointRun{
		d: d, slug: end.Ledger, id: end.ID, gate: gate, told: end, wake: make(chan struct{}, 1), done: make(chan outcome, windowWide),
		way: way, busy: map[string]time.Time{}, underWay: map[item]bool{}, unwritten: map[item]uint64{},
	}
	e.fresh.next, e.replays.next = way.Fresh, way.Replayed
	return e
}

// tell says how far the endpoint's events go now.
func (e *endpointRun) tell(end projections.OutboxEnd) {
	e.mu.Lock()
	e.told = end
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// extend says how far the endpoint's events go at least: what was read a while ago may be less than
// what was told since.
func (e *endpointRun) extend(end projections.OutboxEnd) {
	e.mu.Lock()
	told := e.told
	e.mu.Unlock()
	more := told
	more.Last, more.Replays, more.Skipped = max(told.Last, end.Last), max(told.Replays, end.Replays), max(told.Skipped, end.Skipped)
	if more != told {
		e.tell(more)
	}
}

// run serves the endpoint until ctx ends or it is no longer this process's, and then waits for what is
// under way.
func (e *endpointRun) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		pause := e.step(ctx)
		if e.end.Deleted || ctx.Err() != nil {
			break
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
		case <-e.wake:
		case o := <-e.done:
			e.finish(ctx, o)
		case <-timer.C:
		}
	}
	for len(e.underWay) > 0 {
		e.finish(ctx, <-e.done)
	}
}

// step starts all that may be started, and says when to look again.
func (e *endpointRun) step(ctx context.Context) time.Duration {
	if at := e.d.Models.Position(e.slug, projections.Outbox); at < e.gate {
		return 50 * time.Millisecond
	}
	e.gate = -1
	ready, err := e.refresh(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		e.d.Log.ErrorContext(ctx, "a webhook cannot be served now", "ledger", e.slug, "webhook", e.id, "error", err)
		return 5 * time.Second
	case !ready:
		return 10 * time.Millisecond
	}
	if e.endpoint == nil || !e.endpoint.Active {
		return lookLater
	}
	for ctx.Err() == nil {
		now := e.d.Now()
		if wait := e.mayStart(now); wait > 0 {
			return wait
		}
		due, kind, wait := e.choose(ctx, now)
		if wait > 0 {
			return wait
		}
		e.start(ctx, due, kind)
	}
	return 0
}

// refresh takes in how far the endpoint's events go, and the subscription as it stands. ready is false
// while the outbox does not show yet what the ledger says of the subscription.
func (e *endpointRun) refresh(ctx context.Context) (ready bool, err error) {
	e.mu.Lock()
	e.end = e.told
	e.mu.Unlock()
	endpoint, err := e.d.endpointOf(ctx, e.slug, e.id)
	if err != nil || endpoint == nil {
		e.endpoint = nil
		return err == nil, err
	}
	if e.endpoint == nil || e.endpoint.Seq != endpoint.Seq {
		if e.d.Models.Position(e.slug, projections.Outbox) < endpoint.Seq {
			return false, nil
		}
		if err := e.change(ctx, endpoint); err != nil {
			return false, err
		}
	}
	if e.keys.Previous != "" && !e.d.Now().Before(endpoint.Until) {
		e.keys, e.shown, err = e.d.keys(e.slug, endpoint)
	}
	e.endpoint = endpoint
	return true, err
}

// change takes in a subscription that differs from the one before, if there was one.
func (e *endpointRun) change(ctx context.Context, endpoint *webhook.Endpoint) (err error) {
	end, err := e.d.Models.OutboxEnd(ctx, e.slug, e.id)
	if err != nil {
		return err
	}
	if e.endpoint == nil { // the outbox says all by now that was there before
		e.settled = end.Last
	}
	if e.fresh.next < end.Skipped {
		if err := e.d.kept.Abandon(end.Key, end.Skipped); err != nil {
			return err
		}
		e.fresh = lane{next: end.Skipped}
		e.way.Fresh = end.Skipped
		e.d.record.add(e.way)
	}
	e.extend(end)
	if e.keys, e.shown, err = e.d.keys(e.slug, endpoint); err != nil {
		return err
	}
	e.pace = nil
	if endpoint.RateLimit > 0 {
		e.pace = rate.NewLimiter(rate.Limit(endpoint.RateLimit), max(1, endpoint.RateLimit/10))
	}
	if e.endpoint != nil && !e.endpoint.Active && endpoint.Active { // it is given another chance
		e.way.Succeeded()
	}
	if e.endpoint == nil || e.endpoint.Active != endpoint.Active || e.endpoint.Ordering != endpoint.Ordering {
		e.nextRetry = time.Time{}
		return e.queueUp(ctx, endpoint)
	}
	return nil
}

// queueUp finds what holds up others where order matters: all that waits to be tried again.
func (e *endpointRun) queueUp(ctx context.Context, endpoint *webhook.Endpoint) error {
	clear(e.busy)
	if endpoint.Ordering == webhook.Unordered {
		return nil
	}
	waiting, _, err := e.d.Models.RetriesDue(ctx, e.end.Key, e.d.Now().Add(1000*time.Hour), 100_000)
	for _, due := range waiting {
		if key := orderKey(endpoint, due); key != "" {
			e.busy[key] = e.d.Now().Add(time.Hour)
		}
	}
	return err
}

// orderKey names what must be delivered one after the other; empty: nothing.
func orderKey(e *webhook.Endpoint, due projections.Due) string {
	switch e.Ordering {
	case webhook.FIFO:
		return "all"
	case webhook.PerCustomer:
		return due.Customer
	}
	return ""
}

// mayStart says how long nothing may be started, 0 if something may.
func (e *endpointRun) mayStart(now time.Time) time.Duration {
	window := windowWide
	if e.way.Probing(e.d.Limits) || e.endpoint.Ordering == webhook.FIFO {
		window = 1
	}
	if len(e.underWay) >= window {
		return lookLater
	}
	if e.d.record.behind() {
		return 100 * time.Millisecond
	}
	if e.way.Open(now) {
		return max(time.Millisecond, e.way.Until.Sub(now))
	}
	if e.pace != nil {
		r := e.pace.ReserveN(now, 1)
		defer r.CancelAt(now)
		return r.DelayFrom(now)
	}
	return 0
}

// choose takes what is sent next: what is to be tried again and what is new in turns, replays where
// there is neither. It says how long to wait if there is nothing.
func (e *endpointRun) choose(ctx context.Context, now time.Time) (due projections.Due, kind int, wait time.Duration) {
	if err := e.fill(ctx, now); err != nil {
		if ctx.Err() == nil {
			e.d.Log.ErrorContext(ctx, "the outbox of a webhook cannot be read", "ledger", e.slug, "webhook", e.id, "error", err)
		}
		return due, 0, 5 * time.Second
	}
	order := [...]int{fromRetries, fromFresh, fromReplays}
	if e.turn++; e.turn%2 == 0 {
		order = [...]int{fromFresh, fromRetries, fromReplays}
	}
	for _, kind := range order {
		if due, found := e.pick(kind); found {
			return due, kind, 0
		}
	}
	if e.mayReadOn() {
		return e.choose(ctx, now)
	}
	wait = lookLater
	if !e.nextRetry.IsZero() {
		wait = min(wait, max(time.Millisecond, e.nextRetry.Sub(now)))
	}
	return due, 0, wait
}

// mayReadOn reports whether there may be something further on for customers who need not wait.
func (e *endpointRun) mayReadOn() bool {
	e.readOn = e.endpoint.Ordering == webhook.PerCustomer && e.fresh.next < e.end.Last && len(e.fresh.buffer) < 16*readAhead
	return e.readOn
}

// fill reads into the queues that are empty.
func (e *endpointRun) fill(ctx context.Context, now time.Time) (err error) {
	for (len(e.fresh.buffer) == 0 || e.readOn) && e.fresh.next < e.end.Last {
		e.readOn = false
		upTo := min(e.fresh.next+readAhead, e.end.Last)
		due, err := e.d.Models.FreshDue(ctx, e.end.Key, e.fresh.next, upTo, e.fresh.next >= e.settled)
		if err != nil {
			return err
		}
		e.fresh.fill(due, upTo)
		e.d.prefetch(ctx, e.slug, due)
		e.follow()
	}
	for len(e.replays.buffer) == 0 && e.replays.next < e.end.Replays {
		upTo := min(e.replays.next+readAhead, e.end.Replays)
		due, err := e.d.Models.ReplaysDue(ctx, e.end.Key, e.replays.next, upTo)
		if err != nil {
			return err
		}
		e.replays.fill(due, upTo)
		e.d.prefetch(ctx, e.slug, due)
		e.follow()
	}
	if len(e.retries) == 0 && !now.Before(e.nextRetry) {
		e.shownUpTo = e.d.record.written.Load()
		if e.retries, e.nextRetry, err = e.d.Models.RetriesDue(ctx, e.end.Key, now, readAhead); err != nil {
			return err
		}
		if e.nextRetry.IsZero() {
			e.nextRetry = now.Add(lookLater)
		}
		for this, ticket := range e.unwritten {
			if ticket <= e.shownUpTo {
				delete(e.unwritten, this)
			} else if soon := now.Add(10 * time.Millisecond); soon.Before(e.nextRetry) {
				e.nextRetry = soon
			}
		}
	}
	return nil
}

// follow has it recorded that there was nothing to do in what was read.
func (e *endpointRun) follow() {
	fresh, replayed := e.fresh.done(), e.replays.done()
	if fresh > e.way.Fresh || replayed > e.way.Replayed {
		e.way.Fresh, e.way.Replayed = fresh, replayed
		e.d.record.add(e.way)
	}
}

// pick takes the first of a queue that need not wait for another one.
func (e *endpointRun) pick(kind int) (due projections.Due, found bool) {
	queue := e.queue(kind)
	held := map[string]bool{}
	for i, due := range *queue {
		key := orderKey(e.endpoint, due)
		if kind == fromReplays {
			key = ""
		}
		until, busy := e.busy[key]
		free := key == "" || !held[key] && (!busy || kind == fromRetries && !until.IsZero())
		if key != "" {
			held[key] = true
		}
		this := item{due.Sequence, due.Replay}
		if kind == fromRetries && (e.underWay[this] || e.unwritten[this] > e.shownUpTo) {
			free = false // it was read before what came of it was recorded
		}
		if free {
			*queue = append((*queue)[:i:i], (*queue)[i+1:]...)
			return due, true
		}
	}
	if kind == fromRetries {
		*queue = (*queue)[:0] // read again when the time has come
	}
	return due, false
}

func (e *endpointRun) queue(kind int) *[]projections.Due {
	switch kind {
	case fromFresh:
		return &e.fresh.buffer
	case fromReplays:
		return &e.replays.buffer
	}
	return &e.retries
}

// start makes an attempt beside everything else.
func (e *endpointRun) start(ctx context.Context, due projections.Due, kind int) {
	if e.pace != nil {
		e.pace.AllowN(e.d.Now(), 1)
	}
	if key := orderKey(e.endpoint, due); key != "" && kind != fromReplays {
		e.busy[key] = time.Time{}
	}
	e.underWay[item{due.Sequence, due.Replay}] = true
	endpoint, keys, shown := e.endpoint, e.keys, e.shown
	go func() {
		e.done <- outcome{due, kind, e.d.attempt(ctx, e.slug, endpoint, keys, shown, due)}
	}()
}

// attempt makes one attempt. It does not end with ctx once it has begun: whoever received the event
// should be recorded as such.
func (d *Deliverer) attempt(ctx context.Context, slug string, e *webhook.Endpoint, keys webhook.Keys, shown string, due projections.Due) answered {
	if err := d.slots.acquire(ctx, slug); err != nil {
		return answered{failed: notBegun}
	}
	defer d.slots.release(slug)
	ctx = context.WithoutCancel(ctx)
	body, err := d.compose(ctx, slug, e, due, shown)
	if err != nil {
		d.Log.ErrorContext(ctx, "an event cannot be delivered", "ledger", slug, "webhook", e.ID, "seq", due.Seq, "error", err)
		return answered{failed: failedLedger}
	}
	return d.sender.post(ctx, e.URL, webhook.Sign(keys, due.EventID, d.Now(), body), body, time.Duration(e.TimeoutMS)*time.Millisecond)
}

// notBegun is an attempt that was not made because the process ends.
const notBegun = "not begun"
