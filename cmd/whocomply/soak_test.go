package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/domain/chain"
	"whocomply/eventstore"
	"whocomply/eventstore/esdbtest"
)

// soakEnv says for how long nodes write together, such as 60s; 8 s if it is not set.
const soakEnv = "WHOCOMPLY_SOAK"

const soakWriters = 64 // of each node

func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := cmp.Or(os.Getenv(soakEnv), "8s")
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s: %v", soakEnv, err)
	}
	return d
}

// cluster is two nodes of one installation.
type cluster struct {
	t        *testing.T
	store    *esdbtest.Server
	programs [2]*program
	servers  [2]*server
	client   *client
}

// newCluster starts two nodes on a store from which answers are expected within a second, with a
// tenant, a customer and two accounts.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, store: esdbtest.Start(t)}
	url := c.store.URL() + "&defaultDeadline=1000"
	c.programs[0] = node(t, url, nil)
	c.client = c.programs[0].tenant()
	c.programs[1] = node(t, url, c.programs[0])
	for i, p := range c.programs {
		c.servers[i] = p.serve()
	}
	on := c.client.on(c.servers[0])
	for _, w := range []write{on.customer("c-0", "Ann Example"), on.account("a"), on.account("b")} {
		on.made(w)
	}
	c.client.on(c.servers[1]).awaitCustomer("c-0")
	return c
}

// contest is clients that write to the nodes. A write that was not acknowledged is repeated, at the other
// node, until it is.
type contest struct {
	cluster *cluster
	bases   [2]atomic.Pointer[string] // addresses of the nodes
	stopped chan struct{}
	group   sync.WaitGroup

	mu      sync.Mutex
	done    []accepted
	refused int // answers 503
	broken  int // no answer
}

// accepted is a write that was acknowledged.
type accepted struct {
	acknowledged
	node  int
	at    time.Time
	took  time.Duration // repetitions included
	tries int
}

// load starts clients.
func (c *cluster) load(writers int) *contest {
	l := &contest{cluster: c, stopped: make(chan struct{})}
	for i, s := range c.servers {
		l.bases[i].Store(&s.address)
	}
	for i := range c.servers {
		for n := range writers {
			l.group.Go(func() { l.write(i, fmt.Sprintf("%d/%d", i, n)) })
		}
	}
	return l
}

func (l *contest) write(home int, name string) {
	c := l.cluster.client
	for i := 0; ; i++ {
		select {
		case <-l.stopped:
			return
		default:
		}
		id := fmt.Sprintf("%s/%d", name, i)
		w := [...]write{c.event(id, "c-0"), c.posting(id, "a", "b"), c.customer(id, "Customer "+id)}[i%3]
		if !l.settle(home, w) {
			return
		}
	}
}

// settle has a write acknowledged by whichever node does.
func (l *contest) settle(home int, w write) bool {
	began := time.Now()
	for tries := 1; time.Since(began) < 2*patience; tries++ {
		at := (home + tries - 1) % len(l.bases)
		c := *l.cluster.client
		c.base = *l.bases[at].Load()
		got, err := c.write(w)
		l.mu.Lock()
		switch {
		case err != nil:
			l.broken++
		case got.status == http.StatusServiceUnavailable:
			if l.refused++; got.header.Get("Retry-After") == "" {
				l.cluster.t.Errorf("refused without Retry-After: %s", got.body)
			}
		case got.status != http.StatusCreated && got.status != http.StatusOK:
			l.cluster.t.Errorf("%s: %d: %s\n%s", w.path, got.status, got.body, l.cluster.servers[at].stderr.line(`"request failed"`))
			l.mu.Unlock()
			return false
		default:
			l.done = append(l.done, accepted{acknowledged{w, got.receipt()}, at, time.Now(), time.Since(began), tries})
			l.mu.Unlock()
			return true
		}
		l.mu.Unlock()
		time.Sleep(50*time.Millisecond + rand.N(50*time.Millisecond))
	}
	l.cluster.t.Errorf("%s %v is not acknowledged after %v", w.path, w.body, time.Since(began))
	return false
}

// stop lets the writes under way be acknowledged and gives all there were.
func (l *contest) stop() []accepted {
	close(l.stopped)
	l.group.Wait()
	return l.done
}

// awaitWrite gives how long after a moment a node acknowledges a write.
func (l *contest) awaitWrite(node int, since time.Time) time.Duration {
	l.cluster.t.Helper()
	for time.Since(since) < patience {
		l.mu.Lock()
		i := slices.IndexFunc(l.done, func(s accepted) bool { return s.node == node && s.at.Add(-s.took/time.Duration(s.tries)).After(since) })
		if i >= 0 {
			defer l.mu.Unlock()
			return l.done[i].at.Sub(since)
		}
		l.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	l.cluster.t.Fatalf("node %d acknowledges nothing", node)
	return 0
}

// TestTwoNodesWriteOneTenant has many clients of two nodes write to one tenant while the store's
// answers go wrong in every way. Nothing that was acknowledged is lost or there twice, and both nodes
// show the same, which is what their read models become when they are built again.
func TestTwoNodesWriteOneTenant(t *testing.T) {
	c := newCluster(t)
	random, faults := rand.New(rand.NewPCG(1, 2)), 0
	l, began := c.load(soakWriters), time.Now()
	for time.Since(began) < soakTime(t) {
		time.Sleep(time.Duration(random.IntN(600)) * time.Millisecond)
		c.store.Inject(esdbtest.Fault(random.IntN(esdbtest.Faults)))
		if faults++; random.IntN(4) == 0 {
			c.store.DropSubscriptions()
		}
	}
	lasted := time.Since(began)
	all := l.stop()
	report(t, l, lasted)
	t.Logf("%d faults; races lost: %d and %d", faults, c.servers[0].says("ledger gone back"), c.servers[1].says("ledger gone back"))
	for i := range c.servers {
		if n := acceptedBy(all, i); n < len(all)/10 {
			t.Errorf("node %d acknowledged only %d of %d writes", i, n, len(all))
		}
	}
	c.check(all)
}

func acceptedBy(all []accepted, node int) (n int) {
	for _, s := range all {
		if s.node == node {
			n++
		}
	}
	return n
}

// says gives how many lines of the server's log hold a text.
func (s *server) says(text string) int { return strings.Count(s.stderr.String(), text) }

// report logs what a load came to.
func report(t *testing.T, l *contest, lasted time.Duration) {
	t.Helper()
	took := make([]time.Duration, len(l.done))
	for i, s := range l.done {
		took[i] = s.took
	}
	slices.Sort(took)
	if len(took) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	t.Logf("%d writes acknowledged in %.1f s (%.0f/s; nodes %d and %d), %d answers 503, %d broken off; p50 %v, p99 %v, slowest %v",
		len(took), lasted.Seconds(), float64(len(took))/lasted.Seconds(), acceptedBy(l.done, 0), acceptedBy(l.done, 1), l.refused, l.broken,
		took[len(took)/2].Round(time.Millisecond), took[len(took)*99/100].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
}

// check ends the nodes in order and looks for every acknowledged write: in the one chain, once, where
// its receipt says, with nothing beside them.
func (c *cluster) check(all []accepted) {
	t := c.t
	t.Helper()
	for _, s := range c.servers {
		s.caughtUp()
		s.stop()
	}
	hashes, kinds := c.records()
	seen := map[int64]bool{}
	for _, w := range all {
		if seq := w.receipt.Seq; seen[seq] || hashes[seq] != w.receipt.Hash {
			t.Errorf("the receipt of %v says seq %d; lost, or there twice", w.body, seq)
		}
		seen[w.receipt.Seq] = true
	}
	if n := kinds["activity.recorded"] + kinds["posting.recorded"] + kinds["customer.pushed"]; n != len(all)+1 { // and c-0
		t.Errorf("the ledger holds %d writes, %d were acknowledged", n, len(all)+1)
	}
	var roots [2][]chain.Report
	for i, p := range c.programs {
		roots[i] = must[[]chain.Report](p, "verify")
		for _, r := range roots[i] {
			if r.Verdict != chain.Intact {
				t.Errorf("node %d: ledger %s is %s: %s", i, r.Ledger, r.Verdict, r.Detail)
			}
		}
		checkRebuild(p)
	}
	same := func(a, b chain.Report) bool { return a.Size == b.Size && a.Root == b.Root }
	if !slices.EqualFunc(roots[0], roots[1], same) {
		t.Errorf("one node verifies %+v, the other %+v", roots[0], roots[1])
	}
	if a, b := dump(c.programs[0]), dump(c.programs[1]); a != b {
		t.Errorf("the nodes' read models differ: %s", firstDifference(a, b))
	}
}

// records reads the tenant's ledger: the leaf hash at each position as receipts write it, and how
// many events there are of each kind.
func (c *cluster) records() (hashes map[int64]string, kinds map[string]int) {
	t := c.t
	t.Helper()
	store, err := eventstore.OpenESDB(context.WithoutCancel(t.Context()), c.store.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	hashes, kinds = map[int64]string{}, map[string]int{}
	for r, err := range store.Read(t.Context(), c.client.slug, 0) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Header()
		if err != nil {
			t.Fatal(err)
		}
		hash := chain.LeafHash(r.Text())
		hashes[r.Seq] = base64.StdEncoding.EncodeToString(hash[:])
		kinds[h.Type]++
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	return hashes, kinds
}

// TestNodesRecover kills each node and cuts the store off while clients write. Writes are refused or
// late, none is lost, and everything goes on by itself.
func TestNodesRecover(t *testing.T) {
	c := newCluster(t)
	l, began := c.load(8), time.Now()
	for i := range c.servers {
		l.awaitWrite(0, time.Now())
		l.awaitWrite(1, time.Now())
		killed := time.Now()
		c.servers[i].kill()
		other := l.awaitWrite(1-i, killed)
		started := time.Now()
		c.servers[i] = c.programs[i].serve()
		l.bases[i].Store(&c.servers[i].address)
		t.Logf("node %d killed: the other acknowledges after %v; started again, it does after %v",
			i, other.Round(time.Millisecond), l.awaitWrite(i, started).Round(time.Millisecond))
	}
	for _, cut := range []struct {
		name string
		harm func()
	}{
		{"its connections broken", c.store.DropConnections},
		{"out of reach for 3 s", func() { c.outage(3 * time.Second) }},
		{"out of reach for 8 s", func() { c.outage(8 * time.Second) }}, // longer than nodes have patience with it
	} {
		cut.harm()
		back := time.Now()
		a, b := l.awaitWrite(0, back), l.awaitWrite(1, back)
		t.Logf("store %s: the nodes acknowledge %v and %v after it is back", cut.name, a.Round(time.Millisecond), b.Round(time.Millisecond))
	}
	lasted := time.Since(began)
	all := l.stop()
	report(t, l, lasted)
	c.check(all)
}

// outage makes the store refuse connections for some time.
func (c *cluster) outage(d time.Duration) {
	c.t.Helper()
	c.store.Stop()
	time.Sleep(d)
	c.store.Restart(c.t)
}
