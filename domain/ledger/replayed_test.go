package ledger_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/casework"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/screening"
)

// past yields stored envelopes.
func past(stored []domain.Envelope) iter.Seq2[domain.Envelope, error] {
	return func(yield func(domain.Envelope, error) bool) {
		for _, e := range stored {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// contents gives the shared lists that the desk has adopted at any time.
func (d *desk) contents(want []domain.ListVersion) (lists []*screening.List, err error) {
	for _, v := range want {
		if d.loaded[v] == nil {
			return nil, fmt.Errorf("no list %v", v)
		}
		lists = append(lists, d.loaded[v])
	}
	return lists, nil
}

// TestReplayDecision makes decisions of a past with many changes again, one at a time.
func TestReplayDecision(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	system, d := newDesk(t, "system"), newDesk(t, "acme")
	templates := monitoring.Catalogue()
	d.must(t, push(person("c-1", "Ann Larsen")))
	d.must(t, rule(`event.data.absent == 1`))
	var decisions []int64
	for i := range 400 {
		if i%20 == 0 {
			changeSomething(t, r, d, templates)
		}
		if i%100 == 0 {
			_, reply := system.must(t, publication("un", fmt.Sprint("Somebody ", r.IntN(9)), "Somebody Else"))
			d.must(t, d.adopt(system, *reply.(*screening.Publication)))
		}
		d.now = d.now.Add(time.Duration(r.IntN(300)) * time.Minute)
		c := payment(fmt.Sprint(i), fmt.Sprint(r.IntN(12_000)), fmt.Sprint("Somebody ", r.IntN(12)))
		c.OccurredAt = d.now.Add(-time.Duration(r.IntN(3)) * time.Hour)
		events, _ := d.must(t, c)
		decisions = append(decisions, events[0].Seq)
		if open := d.state.Alerts.OpenOf(events[0].Event.(activity.Recorded).CustomerID); len(open) > 0 && r.IntN(3) == 0 {
			d.must(t, ledger.ResolveAlert(casework.Resolve{Work: casework.Work{AlertID: open[0].ID, Reason: "seen"}, Outcome: casework.Handled}))
		}
	}
	for i := 0; i < len(decisions); i += 7 {
		at := d.stored[decisions[i]]
		got, err := ledger.ReplayDecision(&at, past(d.stored), d.contents)
		if err != nil || !got.Identical || len(got.Differences) > 0 || got.Seq != at.Seq || got.EventID != fmt.Sprint(i) || len(got.Compared) == 0 {
			t.Fatalf("decision %d: %+v %v", i, got, err)
		}
	}
}

// TestReplayShowsDifferences changes what was recorded, one place at a time.
func TestReplayShowsDifferences(t *testing.T) {
	d := newDesk(t, "acme")
	d.must(t, push(person("c-1", "Ann Larsen")))
	d.must(t, entry("Bob"))
	d.must(t, rule(`transaction.amount >= 100`))
	events, _ := d.must(t, payment("e-1", "200", "Bob"))
	d.must(t, payment("e-2", "200", "Bob"))
	seq := events[0].Seq
	altered := func(from, to string, n int) []domain.Envelope {
		stored := slices.Clone(d.stored)
		e := &stored[seq+int64(n)]
		raw := strings.Replace(string(d.encoded(t, e.Event)), from, to, 1)
		event, err := d.catalog.Decode(e.Event.Kind(), []byte(raw))
		if err != nil || raw == string(d.encoded(t, e.Event)) {
			t.Fatalf("altered to %s: %v", raw, err)
		}
		e.Event = event
		return stored
	}
	for _, tc := range []struct {
		name         string
		stored       []domain.Envelope
		path, is, to string
	}{
		{"score", altered(`"score":20,"fired"`, `"score":30,"fired"`, 0), "/decision/monitoring/score", "30", "20"},
		{"explanation", altered(`200`, `300`, 1), "", "", ""},
		{"severity of an alert", altered(`"severity":"high"`, `"severity":"low"`, 1), "/alert/severity", `"low"`, `"high"`},
		{"rating", altered(`"composite_score":`, `"composite_score":1`, 3), "/composite_score", "", ""},
	} {
		at := tc.stored[seq]
		got, err := ledger.ReplayDecision(&at, past(tc.stored), d.contents)
		if err != nil || got.Identical || len(got.Differences) == 0 {
			t.Errorf("%s: %+v %v", tc.name, got, err)
			continue
		}
		if f := got.Differences[0]; tc.path != "" && f.Path != tc.path || tc.is != "" && (string(f.Recorded) != tc.is || string(f.Replayed) != tc.to) {
			t.Errorf("%s: %+v", tc.name, f)
		}
	}
	missing := slices.Delete(slices.Clone(d.stored), int(seq)+2, int(seq)+3)
	at := missing[seq]
	if got, err := ledger.ReplayDecision(&at, past(missing), d.contents); err != nil || got.Identical {
		t.Errorf("an alert is missing: %+v %v", got, err)
	}
	other := slices.Clone(d.stored) // a rule that was another
	for i := range other {
		if set, isRule := other[i].Event.(monitoring.Set); isRule {
			set.Rule.Condition = `transaction.amount >= 1000`
			other[i].Event = set
		}
	}
	at = other[seq]
	if got, err := ledger.ReplayDecision(&at, past(other), d.contents); err != nil || got.Identical {
		t.Errorf("another rule: %+v %v", got, err)
	}
	push := d.stored[0]
	if _, err := ledger.ReplayDecision(&push, past(d.stored), d.contents); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("what is no decision: %v", err)
	}
	if _, err := ledger.ReplayDecision(&d.stored[seq], past(d.stored[:seq]), d.contents); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("beyond the end: %v", err)
	}
}

// TestReplayOfMovements makes decisions on the movements of postings again.
func TestReplayOfMovements(t *testing.T) {
	d := bank(t)
	d.must(t, ruleOn(`transaction.amount >= 50 || customer.last("1d").count() > 2`, "posting.*"))
	for i := range 6 {
		d.now = d.now.Add(time.Minute)
		d.must(t, transfer(t, fmt.Sprint(i), []string{"60", "5"}[i%2], "ann-liability", "bob"))
	}
	decisions := 0
	for i := range d.stored {
		if _, isDecision := d.stored[i].Event.(activity.Recorded); !isDecision {
			continue
		}
		decisions++
		if got, err := ledger.ReplayDecision(&d.stored[i], past(d.stored), d.contents); err != nil || !got.Identical {
			t.Errorf("event %d: %+v %v", i, got, err)
		}
	}
	if decisions != 12 {
		t.Errorf("%d decisions", decisions)
	}
}
