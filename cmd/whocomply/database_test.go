package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whocomply/eventstore/esdbtest"
	"whocomply/projections/projectionstest"
)

// keepWriting has clients write until stop is called, which gives how many writes were acknowledged.
// All must be.
func (c *client) keepWriting(clients int) (stop func() int64) {
	var count atomic.Int64
	var group sync.WaitGroup
	ended := make(chan struct{})
	for n := range clients {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-ended:
					return
				default:
				}
				id := fmt.Sprintf("%s/%d/%d", c.t.Name(), n, i)
				w := [...]write{c.event(id, "c-0"), c.posting(id, "a", "b"), c.customer(id, "Customer "+id)}[i%3]
				if got, err := c.write(w); err != nil || got.status != http.StatusCreated {
					c.t.Errorf("%s: %+v, %v", w.path, got, err)
					return
				}
				count.Add(1)
			}
		})
	}
	return func() int64 {
		close(ended)
		group.Wait()
		return count.Load()
	}
}

// TestKilledPostgreSQL kills the database of the read models while clients write. Writes go on as if
// nothing were; reads say that they cannot be answered; afterwards the read models are what a rebuild
// makes of the ledger.
func TestKilledPostgreSQL(t *testing.T) {
	t.Parallel()
	postgres := projectionstest.Start(t)
	p := newProgram(t)
	p.flags = []string{"--database", postgres.Database(t)}
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	for _, w := range []write{c.customer("c-0", "Ann Example"), c.account("a"), c.account("b")} {
		c.made(w)
	}
	there := c.made(c.event("first", "c-0")).header.Get("Ledger-Seq")
	c.awaitStatus(http.StatusOK, "/customers/c-0", "Min-Ledger-Seq", there)
	stop := c.keepWriting(4)
	for range 2 {
		postgres.Kill(t)
		c.awaitStatus(http.StatusServiceUnavailable, "/customers/c-0")
		time.Sleep(500 * time.Millisecond)
		postgres.Restart(t)
		back := time.Now()
		c.awaitStatus(http.StatusOK, "/customers/c-0")
		t.Logf("reads are answered %v after the database is back", time.Since(back).Round(time.Millisecond))
	}
	t.Logf("%d writes were acknowledged meanwhile", stop())
	last := c.made(c.event("last", "c-0"))
	c.awaitStatus(http.StatusOK, "/customers/c-0", "Min-Ledger-Seq", last.header.Get("Ledger-Seq"))
	s.caughtUp()
	s.stop()
	checkRebuild(p)
}

// awaitStatus returns when a read is answered with a status.
func (c *client) awaitStatus(status int, path string, headers ...string) *reply {
	c.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		got, err := c.call(http.MethodGet, c.tenantPath("%s", path), nil, headers...)
		if err == nil && got.status == status {
			return got
		}
		if err != nil || time.Now().After(end) || !slices.Contains([]int{http.StatusOK, http.StatusServiceUnavailable}, got.status) {
			c.t.Fatalf("GET %s: %+v, %v; want %d", path, got, err, status)
		}
	}
}

// TestNodesShareReadModels reads on each of two nodes what the other has written, and then kills one.
func TestNodesShareReadModels(t *testing.T) {
	t.Parallel()
	store, database := esdbtest.Start(t), projectionstest.Database(t)
	first := node(t, store.URL(), nil)
	first.flags = append(first.flags, "--database", database)
	c := first.tenant()
	second := node(t, store.URL(), first)
	second.flags = append(second.flags, "--database", database)
	servers := []*server{first.serve(), second.serve()}
	nodes := []*client{c.on(servers[0]), c.on(servers[1])}
	for i := range 10 {
		written := nodes[i%2].made(nodes[i%2].customer(fmt.Sprint("c-", i), "Ann Example"))
		for _, node := range nodes {
			node.awaitStatus(http.StatusOK, fmt.Sprintf("/customers/c-%d", i), "Min-Ledger-Seq", written.header.Get("Ledger-Seq"))
			node.awaitStatus(http.StatusOK, fmt.Sprintf("/customers/c-%d/risk-view", i), "Min-Ledger-Seq", written.header.Get("Ledger-Seq"))
		}
	}
	servers[0].kill()
	killed := time.Now()
	written := nodes[1].made(nodes[1].customer("c-10", "Ann Example"))
	nodes[1].awaitStatus(http.StatusOK, "/customers/c-10", "Min-Ledger-Seq", written.header.Get("Ledger-Seq"))
	t.Logf("the other node shows a write %v after the kill", time.Since(killed).Round(time.Millisecond))
	servers[1].caughtUp()
	servers[1].stop()
	checkRebuild(second)
}

// database is where the program's read models are.
func (p *program) database() string {
	flags := dataFlags{Data: p.data}
	if at := slices.Index(p.flags, "--database"); at >= 0 {
		flags.Database = p.flags[at+1]
	}
	database, err := flags.database()
	if err != nil {
		p.t.Fatal(err)
	}
	return database
}

// TestDatabaseFlag refuses what is no database, without telling what it was.
func TestDatabaseFlag(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"host=x password=s3cret", "mysql://ann:s3cret@host/x", "postgres://ann:s3cret@127.0.0.1:1/x"} {
		p := newProgram(t)
		p.flags = []string{"--database", database}
		if got := p.run("tenant", "create", "--slug", "acme", "--name", "Acme"); got.code == 0 || strings.Contains(got.stdout+got.stderr, "s3cret") {
			t.Errorf("%s: exit code %d: %s", database, got.code, got.stderr)
		}
	}
}
