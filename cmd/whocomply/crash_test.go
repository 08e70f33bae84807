package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/domain/chain"
	"whocomply/domain/ledger"
)

// Size of the test of crashes.
const (
	crashRounds  = 25
	crashClients = 8
	crashWrites  = 120 // acknowledged at most before a kill
)

// acknowledged is a write and the receipt of it.
type acknowledged struct {
	write
	receipt ledger.Receipt
}

// TestKill kills the server at random moments while clients write. After each restart every
// acknowledged write is there, once, where its receipt says.
func TestKill(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	first := p.serve()
	for _, w := range []write{c.customer("c-0", "Ann Example"), c.account("a"), c.account("b")} {
		c.on(first).made(w)
	}
	first.kill()
	var last, all []acknowledged
	for round := range crashRounds {
		s := p.serve()
		checkThere(t, c.on(s), last)
		last = writeUntilKilled(t, c.on(s), s, round)
		all = append(all, last...)
		if round%5 == 0 { // a crash while starting
			early := p.launch()
			time.Sleep(rand.N(300 * time.Millisecond))
			early.kill()
		}
	}
	s := p.serve()
	checkThere(t, c.on(s), all)
	checkOnce(t, all)
	s.caughtUp()
	s.stop()
	t.Logf("%d writes acknowledged, %d rounds", len(all), crashRounds)
	for _, r := range must[[]chain.Report](p, "verify") {
		if r.Verdict != chain.Intact {
			t.Errorf("ledger %s is %s: %s", r.Ledger, r.Verdict, r.Detail)
		}
	}
	checkRebuild(p)
}

// writeUntilKilled has clients write until the server is killed, and gives what was acknowledged.
func writeUntilKilled(t *testing.T, c *client, s *server, round int) []acknowledged {
	t.Helper()
	var count atomic.Int64
	enough := make(chan struct{})
	limit := 1 + rand.Int64N(crashWrites)
	mine := make([][]acknowledged, crashClients)
	var group sync.WaitGroup
	for n := range mine {
		group.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d/%d/%d", round, n, i)
				w := [...]write{c.event(id, "c-0"), c.posting(id, "a", "b"), c.customer(id, "Customer "+id)}[i%3]
				got, err := c.write(w)
				if err != nil {
					return // the server is gone: whether this was written nobody knows
				}
				if got.status != http.StatusCreated {
					t.Errorf("round %d: %s: %d: %s", round, w.path, got.status, got.body)
					return
				}
				mine[n] = append(mine[n], acknowledged{w, got.receipt()})
				if count.Add(1) == limit {
					close(enough)
				}
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(patience):
		t.Error("too few writes are acknowledged")
	}
	time.Sleep(rand.N(5 * time.Millisecond))
	s.kill()
	group.Wait()
	return slices.Concat(mine...)
}

// checkThere looks for each write where its receipt says, and repeats it.
func checkThere(t *testing.T, c *client, writes []acknowledged) {
	t.Helper()
	var group sync.WaitGroup
	for n := range crashClients {
		group.Go(func() {
			for i := n; i < len(writes); i += crashClients {
				c.checkOne(writes[i])
			}
		})
	}
	group.Wait()
}

func (c *client) checkOne(w acknowledged) {
	c.t.Helper()
	got, err := c.call("GET", c.tenantPath("/ledger/events/%d", w.receipt.Seq), nil)
	if err != nil {
		c.t.Error(err)
		return
	}
	var record struct{ Hash string }
	if got.read(&record); got.status != http.StatusOK || record.Hash != w.receipt.Hash {
		c.t.Errorf("event %d: %d, hash %s, the receipt says %s", w.receipt.Seq, got.status, record.Hash, w.receipt.Hash)
	}
	again, err := c.write(w.write)
	if err != nil {
		c.t.Error(err)
		return
	}
	if again.status != http.StatusOK || again.receipt() != w.receipt {
		c.t.Errorf("%v again: %d, receipt %+v, first %+v", w.body, again.status, again.receipt(), w.receipt)
	}
}

// checkOnce wants a record of its own for each write.
func checkOnce(t *testing.T, all []acknowledged) {
	t.Helper()
	if len(all) < crashRounds {
		t.Errorf("only %d writes were acknowledged", len(all))
	}
	seen := map[int64]bool{}
	for _, w := range all {
		if seen[w.receipt.Seq] {
			t.Errorf("two writes are event %d", w.receipt.Seq)
		}
		seen[w.receipt.Seq] = true
	}
}
