package http_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"whocomply/projections"

	web "whocomply/http"
)

// TestDeliveredOnce writes events while others are delivered, and wants each to arrive once.
func TestDeliveredOnce(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{})
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"]}`, r.URL))
	const events = 240
	var group sync.WaitGroup
	for part := range 8 {
		group.Go(func() {
			for n := part; n < events; n += 8 {
				h.do("POST", acme+"/customers", customerBody(fmt.Sprint("c-", n)))
			}
		})
	}
	group.Wait()
	h.eventually("all is recorded", func() bool { return h.hook(hk.ID).Stats.Delivered >= events })
	times := map[string]int{}
	for _, d := range r.all(t, events) {
		times[d.ID]++
	}
	for id, n := range times {
		if n > 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(times) != events {
		t.Errorf("%d events came, want %d", len(times), events)
	}
}

// TestRecordedOutOfOrder ends a process that had recorded attempts and not how far they brought the endpoint.
// The next one sends nothing again, and knows that nothing waits.
func TestRecordedOutOfOrder(t *testing.T) {
	h := openHouse(t, true)
	r := newReceiver(t, false)
	o := web.DelivererOptions{}
	o.Guard.Allowed = append(o.Guard.Allowed, r.allowed())
	h.deliverer = h.newDeliverer(o)
	h.Server = web.New(h.options(h.ledgers, slog.LevelDebug))
	hk := h.subscribe(fmt.Sprintf(`{"url":%q,"events":["customer.created"]}`, r.URL))
	h.push("c-1", "c-2", "c-3")
	h.reached(h.size() - 1)
	end, err := h.models.OutboxEnd(t.Context(), "acme", hk.ID)
	h.must(err)
	before := projections.NewDeliveries(h.models, "before")
	ways, err := before.Claim([]int64{end.Key}, time.Now(), time.Minute)
	h.must(err)
	var attempts []projections.Attempt
	for n := range end.Last {
		attempts = append(attempts, projections.Attempt{Key: end.Key, ID: n + 1, Sequence: n + 1, Number: 1, Status: http.StatusNoContent, Outcome: projections.Delivered})
	}
	ways[0].LastAttempt = end.Last
	_, err = before.Record(attempts, ways)
	h.must(err)
	h.must(before.Close())
	if waiting := h.hook(hk.ID).Stats.Waiting; waiting != 3 {
		t.Errorf("%d wait before, want 3", waiting)
	}
	h.deliver(h.deliverer)
	h.eventually("nothing waits", func() bool { return h.hook(hk.ID).Stats.Waiting == 0 })
	h.push("c-4")
	if got := r.all(t, 1)[0]; got.Subscription.Sequence != 4 {
		t.Errorf("sequence %d came, want 4 alone", got.Subscription.Sequence)
	}
}

// TestKeepAttempts lets the log forget what was delivered as soon as the ledger tells it. What is tried again
// stays in it.
func TestKeepAttempts(t *testing.T) {
	h, r := served(t, false, web.DelivererOptions{Report: 20 * time.Millisecond, KeepAttempts: time.Nanosecond})
	r.answer = func(_ int, w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/fails" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	good := h.subscribe(fmt.Sprintf(`{"url":"%s/good","events":["customer.created"]}`, r.URL))
	bad := h.subscribe(fmt.Sprintf(`{"url":"%s/fails","events":["customer.created"]}`, r.URL))
	h.push("c-1")
	h.eventually("it is delivered, and the attempt is gone", func() bool {
		return h.hook(good.ID).Stats.Delivered == 1 && len(h.attemptsOf(good.ID)) == 0
	})
	if d := readAs[[]struct{ Status string }](h, h.want(h.do("GET", acme+"/webhooks/"+good.ID+"/deliveries", ""), http.StatusOK)); len(d) != 1 || d[0].Status != "delivered" {
		t.Errorf("without the attempt the delivery is %+v", d)
	}
	h.eventually("the other failed", func() bool { return len(h.attemptsOf(bad.ID)) == 1 })
	h.push("c-2")
	h.eventually("it is delivered too", func() bool {
		return h.hook(good.ID).Stats.Delivered == 2 && len(h.attemptsOf(good.ID)) == 0
	})
	if log := h.attemptsOf(bad.ID); len(log) < 2 || log[0].Outcome != projections.Failed {
		t.Errorf("of what is tried again the log has %+v", log)
	}
}
