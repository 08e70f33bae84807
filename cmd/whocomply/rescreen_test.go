package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// shownRun is a run as a read tells it.
type shownRun struct {
	ID         string
	Status     string
	Cause      string
	Scope      string
	Customers  int
	Screened   int
	Changed    int
	Population string
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at"`
}

// runs waits until so many runs have ended, and gives all, the newest first.
func (c *client) runs(ended int) (runs []shownRun) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		c.want(http.StatusOK, "GET", c.tenantPath("/screening/runs?limit=100"), nil).read(&runs)
		done := 0
		for _, run := range runs {
			if run.Status != "running" {
				done++
			}
		}
		if done >= ended && done == len(runs) {
			return runs
		}
	}
	c.t.Fatalf("there are not %d runs that ended: %+v", ended, runs)
	return nil
}

// TestCustomersAreScreenedAgain publishes versions of a list while customers are known, and kills the
// server when a run was asked for: each run comes to its end, reaches whom it should, and proves it.
func TestCustomersAreScreenedAgain(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	const customers = 40
	for i := range customers {
		c.made(c.customer(fmt.Sprint("c-", i), fmt.Sprintf("Zorblat%c Quimfeld%c", 'a'+i%26, 'a'+i/26)))
	}
	c.made(c.customer("listed", "Abbas Raad Mizban")) // whom nobody lists yet
	publish := func(entries string) {
		p.run("list", "import", "--list", "house", "--format", "whocomply-csv", "--category", "internal", "--allow-smaller", "a test", "--file", writeLines(t, "id,name,entity_type", entries))
	}
	publish("1,Somebody Unheard Of,individual")
	first := c.runs(1)[0]
	if first.Cause != "change" || first.Customers != customers+1 || first.Changed != 0 || len(first.Population) != 64 {
		t.Errorf("first list: %+v", first)
	}
	publish("1,Somebody Unheard Of,individual\n2,Abbas Raad Mizban,individual")
	second := c.runs(2)[0]
	if second.Scope != "changes" || second.Customers != customers+1 || second.Screened != 1 || second.Changed != 1 || second.Population != first.Population {
		t.Errorf("second version: %+v", second)
	}
	shown := func(id string) (who struct {
		Screening struct {
			Hits       []struct{ Name string }
			Rescreened struct {
				RunID string `json:"run_id"`
			}
		}
		OpenAlerts []string `json:"open_alerts"`
	},
	) {
		s.caughtUp()
		c.want(http.StatusOK, "GET", c.tenantPath("/customers/%s", id), nil).read(&who)
		return who
	}
	if who := shown("listed"); len(who.Screening.Hits) != 1 || len(who.OpenAlerts) != 1 {
		t.Errorf("newly listed: %+v", who)
	}
	if who := shown("c-1"); len(who.Screening.Hits) != 0 || who.Screening.Rescreened.RunID != second.ID {
		t.Errorf("out of reach: %+v, want run %s", who, second.ID)
	}
	c.want(http.StatusCreated, "POST", c.tenantPath("/screening/runs"), map[string]string{"reason": "the examiner asked"})
	s.kill()
	s = p.serve()
	c = c.on(s)
	third := c.runs(3)[0]
	if third.Cause != "requested" || third.Status != "completed" || third.Scope != "full" || third.Screened != customers+1 || third.Changed != 0 {
		t.Errorf("after the kill: %+v", third)
	}
	s.stop()
}
