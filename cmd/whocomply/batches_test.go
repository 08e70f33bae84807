package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// shownBatch is a batch of names as a read tells it.
type shownBatch struct {
	ID, Status          string
	Rows, Done, Refused int
	Screened            int
	WithHits            int `json:"with_hits"`
	NoHit               int `json:"no_hit"`
}

// batch waits until a batch is as it is wanted.
func (c *client) batch(id string, is func(b shownBatch) bool) (b shownBatch) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		c.want(http.StatusOK, "GET", c.tenantPath("/screening/batches/%s", id), nil).read(&b)
		if is(b) {
			return b
		}
	}
	c.t.Fatalf("the batch stays %+v", b)
	return b
}

// TestBatchesAreGoneOnWith kills the server in the middle of a batch, twice: each row is looked for once,
// and what was found is the same after a rebuild.
func TestBatchesAreGoneOnWith(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	p.run("list", "import", "--list", "house", "--format", "whocomply-csv", "--category", "internal", "--file", writeLines(t, "id,name,entity_type", "1,Abbas Raad Mizban,individual"))
	const rows = 10_000 // as many as there may be
	names := make([]object, rows)
	for i := range names {
		names[i] = object{"ref": fmt.Sprint("r-", i), "name": fmt.Sprintf("Zorblat%c Quimfeld%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)}
		switch i % 2000 {
		case 7:
			names[i]["name"] = "Mizban, Abbas Raad"
		case 8:
			names[i]["name"] = "?"
		}
	}
	var begun shownBatch
	made := c.want(http.StatusCreated, "POST", c.tenantPath("/screening/batches"), object{"rows": names}, "Idempotency-Key", "k")
	made.read(&begun)
	c.awaitStatus(http.StatusOK, fmt.Sprintf("/screening/batches/%s?min_seq=%d", begun.ID, made.receipt().Seq))
	cut := 0
	for done := 0; cut < 2; cut++ {
		if b := c.batch(begun.ID, func(b shownBatch) bool { return b.Done > done || b.Status != "running" }); b.Status != "running" {
			break
		} else {
			done = b.Done
		}
		s.kill()
		s = p.serve()
		c = c.on(s)
	}
	b := c.batch(begun.ID, func(b shownBatch) bool { return b.Status != "running" })
	if b != (shownBatch{begun.ID, "completed", rows, rows, 5, rows - 5, 5, rows - 10}) {
		t.Errorf("after %d kills: %+v", cut, b)
	}
	if cut == 0 {
		t.Error("the batch was at its end before the server could be killed")
	}
	again := c.want(http.StatusOK, "POST", c.tenantPath("/screening/batches"), object{"rows": names}, "Idempotency-Key", "k")
	again.read(&begun)
	if begun.ID != b.ID {
		t.Errorf("sent again it is %s, not %s", begun.ID, b.ID)
	}
	c.want(http.StatusConflict, "POST", c.tenantPath("/screening/batches"), object{"rows": names[1:]}, "Idempotency-Key", "k")
	results := func() string {
		return string(c.want(http.StatusOK, "GET", c.tenantPath("/screening/batches/%s/results?limit=12", b.ID), nil).body)
	}
	live := results()
	s.stop()
	if got := p.run("rebuild", "--projection", "batches"); got.code != 0 {
		t.Fatalf("rebuild: %s", got.stderr)
	}
	s = p.serve()
	c = c.on(s)
	s.caughtUp()
	if rebuilt := results(); rebuilt != live {
		t.Errorf("rebuilt\n%s\nlive\n%s", rebuilt, live)
	}
	s.stop()
}
