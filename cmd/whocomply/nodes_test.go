package main

import (
	"encoding/json"
	"fmt"
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

// TestChangesReachTheOtherNode changes on one node what decisions rest on, and asks the other one.
func TestChangesReachTheOtherNode(t *testing.T) {
	t.Parallel()
	store := esdbtest.Start(t)
	first := node(t, store.URL(), nil)
	c := first.tenant()
	a := c.on(first.serve())
	b := c.on(node(t, store.URL(), first).serve())
	a.made(a.customer("c-1", "Zorblat Quimfeld"))
	b.awaitCustomer("c-1")
	reaches := func(what string, there func() bool) {
		t.Helper()
		began := time.Now()
		for !there() {
			if time.Since(began) > patience {
				t.Fatalf("%s does not reach the other node", what)
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Logf("%s: in force after %d ms", what, time.Since(began).Milliseconds())
	}

	issued := must[keyIssued](first, "key", "create", "--tenant", "acme", "--name", "next", "--scopes", "customers:read")
	next := *b
	next.key = issued.APIKey
	read := func(status int) func() bool {
		return func() bool {
			got, err := next.call(http.MethodGet, next.tenantPath("/customers"), nil)
			return err == nil && got.status == status
		}
	}
	reaches("a key", read(http.StatusOK))
	must[object](first, "key", "revoke", "--tenant", "acme", "--key", issued.KeyID)
	reaches("its end", read(http.StatusUnauthorized))

	a.want(http.StatusCreated, "POST", a.tenantPath("/monitoring-rules"), object{
		"name": "Any", "event_types": []string{"transaction.*"}, "condition": "transaction.amount > 1", "severity": "low", "score": 1, "change_reason": "a test",
	})
	events := 0
	reaches("a rule", func() bool {
		events++
		var decided struct {
			RulesFired []object `json:"rules_fired"`
		}
		b.made(b.event(fmt.Sprint("e-", events), "c-1")).read(&decided)
		return len(decided.RulesFired) == 1
	})

	first.run("list", "import", "--list", "house", "--format", "whocomply-csv", "--category", "internal", "--file", writeLines(t, "id,name,entity_type", "1,Abbas Raad Mizban,individual"))
	pushes := 0
	push := func() (id string, made *reply) {
		pushes++
		id = fmt.Sprint("p-", pushes)
		return id, b.made(b.customer(id, "Abbas Raad Mizban"))
	}
	reaches("a list", func() bool {
		var shown struct{ Screening struct{ Hits []object } }
		_, made := push()
		made.read(&shown)
		return len(shown.Screening.Hits) == 1
	})

	a.want(http.StatusCreated, "POST", a.tenantPath("/risk-models"), object{
		"name": "retail", "factors": []object{{"factor": "pep", "weight": 20, "levels": object{"listed": 20}}}, "bands": object{"medium": 25, "high": 50},
		"floors":   []object{{"factor": "sanctions", "level": "open", "rating": "high"}, {"factor": "sanctions", "level": "confirmed", "rating": "prohibited"}},
		"edd_from": "high",
	})
	a.want(http.StatusOK, "POST", a.tenantPath("/risk-models/retail@1/adopt"), object{"reason": "a test"})
	reaches("a risk model", func() bool {
		var rated struct{ Model string }
		id, made := push()
		b.awaitStatus(http.StatusOK, fmt.Sprintf("/customers/%s/risk-view?min_seq=%d", id, made.receipt().Seq)).read(&rated)
		return rated.Model == "retail@1"
	})
}
