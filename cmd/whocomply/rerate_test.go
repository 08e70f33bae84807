package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

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
