package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// deliveryKills names how often the server is killed while it delivers, twice in every run of the
// tests; events there are 400 for each kill.
const deliveryKills = "WHOCOMPLY_DELIVERY_KILLS"

// slowly is how long the receiver takes over an event, so that there is always something under way when the
// server is killed.
const slowly = 8 * time.Millisecond

// inbox is a receiver that keeps what it gets by event.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string]string // by id
	order  map[int64]string  // id by sequence number
	count  int               // with repetitions
	faults []string
}

func newInbox(t *testing.T) *inbox {
	in := &inbox{bodies: map[string]string{}, order: map[int64]string{}}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var event struct {
			Event        string
			Subscription struct{ Sequence int64 }
		}
		if err == nil {
			err = json.Unmarshal(body, &event)
		}
		id := r.Header.Get("Webhook-Id")
		in.mu.Lock()
		in.count++
		if before, again := in.bodies[id]; err != nil || again && before != string(body) {
			in.faults = append(in.faults, fmt.Sprintf("%s: %v, %s and before %s", id, err, body, before))
		}
		if before := in.order[event.Subscription.Sequence]; before != "" && before != id {
			in.faults = append(in.faults, fmt.Sprintf("sequence %d is of %s and %s", event.Subscription.Sequence, before, id))
		}
		in.bodies[id], in.order[event.Subscription.Sequence] = string(body), id
		in.mu.Unlock()
		time.Sleep(slowly)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(in.Close)
	return in
}

func (in *inbox) size() (distinct, count int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.bodies), in.count
}

// TestKillWhileDelivering kills the server at random moments of the delivery of many events. At the end the
// receiver has all of them, each under one id with one body and one sequence number, and a rebuild of
// the read models sends nothing again.
func TestKillWhileDelivering(t *testing.T) {
	t.Parallel()
	kills := 2
	if text := os.Getenv(deliveryKills); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	in := newInbox(t)
	p := newProgram(t)
	p.serving = []string{"--webhook-allow", fmt.Sprintf("127.0.0.1/32:%d", in.Listener.Addr().(*net.TCPAddr).Port)}
	c := p.tenant()
	s := p.serve()
	var hook struct{ ID string }
	c.on(s).want(http.StatusCreated, "POST", c.tenantPath("/webhooks"), object{"url": in.URL, "events": []string{"account.opened"}}).read(&hook)
	const each = 400
	for round := range kills {
		openAccounts(t, c.on(s), round, each)
		if t.Failed() {
			t.Fatalf("the server said:\n%s", s.stderr)
		}
		time.Sleep(rand.N(300 * time.Millisecond))
		s.kill()
		s = p.serve()
	}
	want := kills * each
	for end := time.Now().Add(2 * patience); ; time.Sleep(20 * time.Millisecond) {
		if got, _ := in.size(); got >= want {
			break
		}
		if time.Now().After(end) {
			got, _ := in.size()
			t.Fatalf("%d events arrived, want %d", got, want)
		}
	}
	c.on(s).recorded(hook.ID)
	s.stop()
	distinct, count := in.size()
	must[rebuilt](p, "rebuild")
	s = p.serve()
	s.caughtUp()
	openAccounts(t, c.on(s), kills, 1)
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if got, _ := in.size(); got > distinct || time.Now().After(end) {
			break
		}
	}
	s.stop()
	after, all := in.size()
	t.Logf("%d kills, %d events, %d deliveries", kills, distinct, count)
	if distinct != want || after != want+1 || all != count+1 {
		t.Errorf("%d events and %d deliveries; after a rebuild and one event more %d and %d", distinct, count, after, all)
	}
	for n := range int64(want + 1) {
		if in.order[n+1] == "" {
			t.Errorf("sequence %d is missing", n+1)
		}
	}
	for _, fault := range in.faults {
		t.Error(fault)
	}
}

// recorded returns when every event of a webhook is recorded as delivered: one that arrived a moment
// before a kill and was not is sent again.
func (c *client) recorded(id string) {
	c.t.Helper()
	var hook struct {
		Stats struct {
			Waiting  int `json:"waiting_deliveries"`
			Retrying int `json:"retrying_deliveries"`
		}
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		c.want(http.StatusOK, "GET", c.tenantPath("/webhooks/%s", id), nil).read(&hook)
		switch {
		case hook.Stats.Waiting+hook.Stats.Retrying == 0:
			return
		case time.Now().After(end):
			c.t.Fatalf("not all is recorded: %+v", hook)
		}
	}
}

// openAccounts opens accounts of a round at once.
func openAccounts(t *testing.T, c *client, round, n int) {
	t.Helper()
	var group sync.WaitGroup
	for part := range 8 {
		group.Go(func() {
			for i := part; i < n; i += 8 {
				if got, err := c.write(c.account(fmt.Sprintf("%d-%d", round, i))); err != nil || got.status != http.StatusCreated {
					t.Errorf("account %d of round %d: %v", i, round, err)
					return
				}
			}
		})
	}
	group.Wait()
}
