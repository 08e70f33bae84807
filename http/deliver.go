package http

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"whocomply/domain/ledger"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

// DelivererOptions are what a Deliverer rests on.
type DelivererOptions struct {
	Ledgers Ledgers
	Models  *projections.DB
	Vault   *webhook.Vault
	Guard   webhook.Guard
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Now     func() time.Time

	Sole   bool           // no other process can have the database, so what is leased is free
	Limits webhook.Limits // DefaultLimits if zero
	Report time.Duration  // how often outcomes are entered in the ledgers; 10 s if zero

	KeepAttempts time.Duration // how long the log has what ended well; for ever if zero

	Lookup Lookup         // the system's resolver if nil
	Roots  *x509.CertPool // the system's if nil
	Pause  func(attempt int, chance float64, asked time.Duration) time.Duration
}

// Deliverer delivers what is in the outbox to webhooks.
//
//	deliver.go           leases, and which endpoints are served
//	deliver_endpoint.go  what one endpoint is sent next
//	deliver_outcome.go   what follows from an answer: done, tried again, given up
//	deliver_notice.go    events as bodies, and their signatures
//	deliver_send.go      one attempt
//	deliver_slots.go     fairness between tenants
//	deliver_record.go    what was attempted, made durable in batches
//	deliver_report.go    outcomes as evidence in the ledgers
//	deliver_prune.go     the log's end: attempts that are old
//
// Each endpoint has a goroutine of its own that alone decides what it is sent: at most a few events
// are under way to it at once, one where order matters, so that one that hangs holds up nobody
// else. An event counts as delivered once that is recorded; before, a crash has it delivered again,
// under the same id.
//
// The log keeps attempts for a set time, and those for ever whose delivery waits, failed or is not in the
// ledger yet: what can still be sent or replayed knows what became of it. Of older ones the ledger's own
// summary remains.
//
// Nothing is sent before the outbox has come to where the ledger was when the process started: a
// database that is built anew does not know yet what was delivered.
type Deliverer struct {
	DelivererOptions
	sender  *sender
	slots   *slots
	kept    *projections.Deliveries
	record  *recorder
	notices noticeCache
	metrics deliveryMetrics
	sending sync.WaitGroup

	mu        sync.Mutex
	endpoints map[int64]*endpointRun
	ends      map[int64]projections.OutboxEnd // of endpoints that are not served by this process
}

const (
	maxUnderWay  = 256
	leaseFor     = 30 * time.Second
	leaseRenewal = 10 * time.Second
	lookAgain    = time.Second // for what other processes wrote
	reportEvery  = 10 * time.Second
)

// NewDeliverer makes a deliverer. It delivers while Run runs.
func NewDeliverer(o DelivererOptions) *Deliverer {
	if o.Limits == (webhook.Limits{}) {
		o.Limits = webhook.DefaultLimits
	}
	if o.Lookup == nil {
		o.Lookup = lookupSystem
	}
	if o.Pause == nil {
		o.Pause = webhook.Pause
	}
	if o.Report == 0 {
		o.Report = reportEvery
	}
	d := &Deliverer{
		DelivererOptions: o, slots: newSlots(maxUnderWay), kept: projections.NewDeliveries(o.Models, rand.Text()),
		metrics: newDeliveryMetrics(o.Metrics), endpoints: map[int64]*endpointRun{}, ends: map[int64]projections.OutboxEnd{},
	}
	d.sender = newSender(&d.Guard, o.Lookup, o.Roots)
	d.record = newRecorder(d)
	return d
}

// deliveryMetrics are what is counted of deliveries. Endpoints are not named: they are the tenants' own.
type deliveryMetrics struct {
	attempts *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newDeliveryMetrics(r *prometheus.Registry) deliveryMetrics {
	m := deliveryMetrics{
		prometheus.NewCounterVec(prometheus.CounterOpts{Name: "whocomply_webhook_attempts_total", Help: "Attempts to deliver to webhooks."}, []string{"outcome", "error"}),
		prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "whocomply_webhook_attempt_seconds", Help: "Time of an attempt, the answer included.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	r.MustRegister(m.attempts, m.seconds)
	return m
}

// Refuse keeps deliveries from an address that this process itself listens on. It is called before Run.
func (d *Deliverer) Refuse(own net.Addr) {
	if tcp, ok := own.(*net.TCPAddr); ok {
		d.Guard.Own = append(d.Guard.Own, uint16(tcp.Port))
	}
}

// Run delivers until ctx ends, then lets what is under way finish, and records it.
func (d *Deliverer) Run(ctx context.Context) error {
	if d.Sole {
		if err := d.kept.Seize(); err != nil {
			return err
		}
	}
	recording, stopRecording := context.WithCancel(context.WithoutCancel(ctx))
	var recorder sync.WaitGroup
	recorder.Go(func() { d.record.run(recording) })
	d.sending.Go(func() { d.reports(ctx) })
	d.watch(ctx)
	d.sending.Wait()
	stopRecording()
	recorder.Wait()
	d.report(context.WithoutCancel(ctx))
	if err := d.kept.Release(); err != nil {
		d.Log.ErrorContext(ctx, "leases of webhooks were not ended; they will end by themselves", "error", err)
	}
	return d.kept.Close()
}

// watch keeps endpoints told of what is new for them, and leased, until ctx ends.
func (d *Deliverer) watch(ctx context.Context) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	var claim time.Time // when leases are seen to again
	for {
		if now := time.Now(); !now.Before(claim) && d.look(ctx, true) {
			claim = now.Add(leaseRenewal)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.Models.Posted():
			if d.takeMoved(d.Models.TakeMoved()) {
				claim = time.Time{}
			}
		case <-tick.C:
			if !d.look(ctx, false) {
				claim = time.Time{}
			}
		}
	}
}

// takeMoved tells endpoints what they have new. It reports whether there are some that are not served yet.
func (d *Deliverer) takeMoved(ends []projections.OutboxEnd) (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, end := range ends {
		run := d.endpoints[end.Key]
		switch {
		case run != nil:
			run.tell(end)
		case !end.Deleted:
			more = more || d.ends[end.Key].Key == 0
			d.ends[end.Key] = end
		}
		if end.Deleted {
			delete(d.ends, end.Key)
			delete(d.endpoints, end.Key)
		}
	}
	return more
}

// extend takes in how far all webhooks go. It reports whether there are some that are new.
func (d *Deliverer) extend(ends []projections.OutboxEnd) (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, end := range ends {
		if run := d.endpoints[end.Key]; run != nil {
			run.extend(end)
			continue
		}
		more = more || d.ends[end.Key].Key == 0
		d.ends[end.Key] = end
	}
	return more
}

// look reads how far all webhooks go, and renews and takes leases where that is asked for. It reports whether
// there is nothing more that asks for it.
func (d *Deliverer) look(ctx context.Context, claim bool) bool {
	ends, err := d.Models.OutboxEnds(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "the outbox cannot be read", "error", err)
		}
		return !claim
	}
	if more := d.extend(ends); !claim || len(ends) == 0 {
		return !more
	}
	keys := make([]int64, 0, len(ends))
	byKey := map[int64]projections.OutboxEnd{}
	for _, end := range ends {
		keys = append(keys, end.Key)
		byKey[end.Key] = end
	}
	ways, err := d.kept.Claim(keys, d.Now(), leaseFor)
	if err != nil {
		d.Log.ErrorContext(ctx, "endpoints of webhooks cannot be leased", "error", err)
		return false
	}
	for _, way := range ways {
		if end, known := byKey[way.Key]; known {
			d.serve(ctx, way, end)
		}
	}
	return true
}

// serve starts serving an endpoint, unless it is served.
func (d *Deliverer) serve(ctx context.Context, way projections.Way, end projections.OutboxEnd) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.endpoints[way.Key] != nil {
		return
	}
	gate, err := d.Ledgers.Size(ctx, end.Ledger)
	if err != nil {
		return // looked at again with the leases
	}
	run := newEndpointRun(d, way, end, gate-1)
	d.endpoints[way.Key] = run
	delete(d.ends, way.Key)
	d.sending.Go(func() { run.run(ctx) })
}

// lose stops serving endpoints that have become another process's.
func (d *Deliverer) lose(keys []int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range keys {
		if run := d.endpoints[key]; run != nil {
			run.tell(projections.OutboxEnd{Key: key, Deleted: true})
			delete(d.endpoints, key)
		}
	}
}

// endpointOf gives a subscription as the ledger has it, or nil.
func (d *Deliverer) endpointOf(ctx context.Context, slug, id string) (endpoint *webhook.Endpoint, err error) {
	err = d.Ledgers.View(ctx, slug, func(s *ledger.State) error {
		endpoint = s.Webhooks.Endpoint(id)
		return nil
	})
	return endpoint, err
}

// disable stops an endpoint that cannot be delivered to. Its events are held.
func (d *Deliverer) disable(ctx context.Context, run *endpointRun, reason string) {
	cmd := webhook.Disable{WebhookID: run.id, Reason: reason, Since: run.way.Since.UTC().Truncate(time.Microsecond), Failures: run.way.Failures}
	d.Log.WarnContext(ctx, "webhook disabled", "ledger", run.slug, "webhook", run.id, "reason", reason)
	d.sending.Go(func() {
		if _, err := d.Ledgers.Execute(context.WithoutCancel(ctx), run.slug, "system", ledger.DisableWebhook(cmd)); err != nil {
			d.Log.ErrorContext(ctx, "a webhook was not disabled", "ledger", run.slug, "webhook", run.id, "error", err)
		}
	})
}

// chance spreads retries.
func chance() float64 { return mathrand.Float64() }
