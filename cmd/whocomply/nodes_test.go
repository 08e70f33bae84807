package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"whocomply/eventstore/esdbtest"
)

// node gives the program with a data directory of its own, on a store that it shares, and with the
// signing key of another.
func node(t *testing.T, url string, other *program) *program {
	t.Helper()
	p := newProgram(t)
	p.flags = []string{"--eventstore", url}
	if other == nil {
		return p
	}
	key, err := os.ReadFile(filepath.Join(other.data, keyFile))
	if err == nil {
		err = os.MkdirAll(p.data, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(p.data, keyFile), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// awaitCustomer returns when the server shows a customer that another process pushed.
func (c *client) awaitCustomer(id string) {
	c.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		answer, err := c.call(http.MethodGet, c.tenantPath("/customers/%s", id), nil)
		if err == nil && answer.status == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("customer %s is not known: %v %v", id, answer, err)
		}
	}
}

func TestNodesShareAStore(t *testing.T) {
	store := esdbtest.Start(t)
	first := node(t, store.URL(), nil)
	c := first.tenant()
	a := c.on(first.serve())
	b := c.on(node(t, store.URL(), first).serve())
	a.made(a.customer("c-1", "Ann Example"))
	b.awaitCustomer("c-1")
	b.made(b.customer("c-2", "Bea Example"))
	a.awaitCustomer("c-2")
	a.made(a.event("e-1", "c-2"))
}

func TestLedgersMoveToAnotherStore(t *testing.T) {
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c.on(s).made(c.customer("c-1", "Ann Example"))
	s.stop()
	store := esdbtest.Start(t)
	move := func() (done []ledgerCopied) {
		t.Helper()
		argv := p.argv("ledger", "copy", "--from", p.data, "--to", store.URL(), "--json")
		ran := runLine(t, argv[:8]) // without --data
		if err := json.Unmarshal([]byte(ran.stdout), &done); ran.code != 0 || err != nil {
			t.Fatalf("exit code %d, %v: %s", ran.code, err, ran.stderr)
		}
		return done
	}
	first := move()
	if len(first) != 2 || first[0].Copied == 0 || first[1].Ledger != "whocomply.localhost/system" {
		t.Fatalf("copied %+v", first)
	}
	if again := move(); again[0].Copied != 0 || again[0].Root != first[0].Root {
		t.Errorf("the second run copied %+v after %+v", again, first)
	}
	moved := c.on(node(t, store.URL(), p).serve())
	moved.made(c.customer("c-2", "Bea Example"))
	moved.awaitCustomer("c-1")
}
