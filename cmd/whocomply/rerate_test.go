package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"whocomply/eventstore/esdbtest"
)

// retailModel weighs countries alone, by a list of the institution's own.
var retailModel = object{
	"name": "retail", "factors": []object{{"factor": "geography", "weight": 40, "levels": object{"call_for_action": 40, "monitored": 20}}},
	"bands": object{"medium": 20, "high": 40}, "lists": object{"call_for_action": "fatf_black", "monitored": "watched"}, "edd_from": "high",
	"floors": []object{{"factor": "sanctions", "level": "open", "rating": "high"}, {"factor": "sanctions", "level": "confirmed", "rating": "prohibited"}},
}

// watch states the list that retailModel names.
func (c *client) watch(status int, countries ...string) {
	c.t.Helper()
	c.want(status, "POST", c.tenantPath("/reference-lists"), object{"name": "watched", "kind": "countries", "values": countries})
}

// stateRetail states retailModel, which nobody has adopted yet, and its list.
func (c *client) stateRetail() {
	c.t.Helper()
	c.watch(http.StatusCreated, "VN")
	c.want(http.StatusCreated, "POST", c.tenantPath("/risk-models"), retailModel)
}

func (c *client) adopt(model string) {
	c.t.Helper()
	c.want(http.StatusOK, "POST", c.tenantPath("/risk-models/%s/adopt", model), object{"reason": "a test"})
}

// ratingProgress is how far a model in force has come.
type ratingProgress struct{ Done, Total int }

func (c *client) ratedBy(model string) ratingProgress {
	c.t.Helper()
	var shown struct {
		Live     bool
		Progress ratingProgress
	}
	c.want(http.StatusOK, "GET", c.tenantPath("/risk-models/%s", model), nil).read(&shown)
	if !shown.Live {
		c.t.Fatalf("%s is not in force", model)
	}
	return shown.Progress
}

// awaitRated waits until a model in force has rated so many customers.
func (c *client) awaitRated(model string, customers int) ratingProgress {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if p := c.ratedBy(model); p.Done >= customers {
			return p
		}
	}
	c.t.Fatalf("%s has rated %+v, want %d", model, c.ratedBy(model), customers)
	return ratingProgress{}
}

// shownRating is a customer's rating, and the model that made it.
type shownRating struct{ Rating, Model string }

// awaitRating waits until a customer's rating is shown as it is wanted.
func (c *client) awaitRating(id string, is func(r shownRating) bool) {
	c.t.Helper()
	var rated shownRating
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got, err := c.call(http.MethodGet, c.tenantPath("/customers/%s/risk-view", id), nil)
		if err != nil {
			c.t.Fatal(err)
		}
		if got.status != http.StatusOK { // not shown yet
			continue
		}
		if got.read(&rated); is(rated) {
			return
		}
	}
	c.t.Fatalf("the rating of %s stays %+v", id, rated)
}

// TestAdoptionsAreCarriedToTheirEnd kills the server right behind the adoption of a model, and in the middle of
// the ratings by another: after the next start each model rates whom it had not reached.
func TestAdoptionsAreCarriedToTheirEnd(t *testing.T) {
	t.Parallel()
	const customers = 1000
	p := newProgram(t)
	c := p.tenant()
	lines := make([]string, customers)
	for i := range lines {
		text, err := json.Marshal(c.customer(fmt.Sprint("c-", i), fmt.Sprintf("Zorblat%c Quimfeld%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)).body)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(text)
	}
	if done := must[imported](p, "import", "--kind", "customers", "--tenant", "acme", "--file", writeLines(t, lines...)); done.Recorded != customers {
		t.Fatalf("imported %+v", done)
	}
	s := p.serve()
	c = c.on(s)
	c.stateRetail()
	cut := 0
	for _, kill := range []struct {
		model string
		after int // customers rated by it
	}{{"retail@1", 0}, {"standard@2", 150}} {
		c.adopt(kill.model)
		c.awaitRated(kill.model, kill.after)
		s.kill()
		p.serving = []string{"--no-deliver"} // nobody is rated while it is looked at
		s = p.serve()
		left := c.on(s).ratedBy(kill.model)
		t.Logf("%s: the kill leaves %+v", kill.model, left)
		if left.Done < customers {
			cut++
		}
		if left.Total != customers || left.Done < kill.after-100 { // what is shown first of all may not be durable
			t.Errorf("%s: after %d it is %+v", kill.model, kill.after, left)
		}
		s.kill()
		p.serving = nil
		s = p.serve()
		c = c.on(s)
		c.awaitRated(kill.model, customers)
		for _, id := range []string{"c-0", "c-500", "c-999"} {
			c.awaitRating(id, func(r shownRating) bool { return r.Model == kill.model })
		}
	}
	if cut == 0 {
		t.Error("all were rated before the server could be killed")
	}
	s.stop()
}

// TestListsChangeRatings changes the list that the model in force names: nothing happens to the customer, and
// the rating says so.
func TestListsChangeRatings(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	s := p.serve()
	c = c.on(s)
	c.stateRetail()
	c.adopt("retail@1")
	c.made(c.customer("c-1", "Zorblat Quimfeld"))
	c.awaitRating("c-1", func(r shownRating) bool { return r == shownRating{"low", "retail@1"} })
	c.watch(http.StatusOK, "DE", "VN")
	c.awaitRating("c-1", func(r shownRating) bool { return r == shownRating{"medium", "retail@1"} })
	s.stop()
}

// TestAdoptionsReachTheRater adopts a model on a node that rates nobody: the one that does has read of it.
func TestAdoptionsReachTheRater(t *testing.T) {
	t.Parallel()
	store := esdbtest.Start(t)
	first := node(t, store.URL(), nil)
	c := first.tenant()
	first.serving = []string{"--no-deliver"}
	a := c.on(first.serve())
	b := c.on(node(t, store.URL(), first).serve())
	a.stateRetail()
	a.made(a.customer("c-1", "Zorblat Quimfeld"))
	b.awaitCustomer("c-1")
	a.adopt("retail@1")
	if p := a.awaitRated("retail@1", 1); p != (ratingProgress{1, 1}) {
		t.Errorf("rated %+v", p)
	}
}

// TestTimeChangesRatings lets an identity check expire: nothing happens to the customer, and the rating
// says so.
func TestTimeChangesRatings(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	c := p.tenant()
	p.serving = append(p.serving, "--rerate-every", "50ms")
	s := p.serve()
	c = c.on(s)
	push := c.customer("c-1", "Zorblat Quimfeld")
	push.body["kyc"] = object{"status": "verified", "expires_at": time.Now().Add(6 * time.Second).UTC().Format(time.RFC3339Nano)}
	seq := c.made(push).receipt().Seq
	var view struct {
		Factors []struct{ Factor, Reason string }
	}
	identified := func() string {
		c.awaitStatus(http.StatusOK, fmt.Sprintf("/customers/c-1/risk-view?min_seq=%d", seq)).read(&view)
		for _, f := range view.Factors {
			if f.Factor == "identification" {
				return f.Reason
			}
		}
		return ""
	}
	if reason := identified(); reason != "" {
		t.Errorf("while the check is valid: %q", reason)
	}
	for deadline := time.Now().Add(patience); identified() == ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the check has expired and the rating does not say so")
		}
	}
	s.stop()
}
