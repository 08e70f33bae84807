package projections_test

import (
	"slices"
	"testing"
	"time"

	"whocomply/domain/webhook"
	"whocomply/projections"
)

// TestPrune removes of the log what is old and was delivered, a few at a time, and nothing that still counts.
func TestPrune(t *testing.T) {
	source := newMemory()
	m := openNew(t, source)
	m.reach(t, "acme", source.put("acme", webhook.Created{Webhook: webhook.Subscription{ID: "w", Events: []string{"customer.*"}}},
		pushed("1", 1, ""), pushed("2", 1, ""), pushed("3", 1, ""), pushed("4", 1, ""), pushed("5", 1, ""), pushed("6", 1, "")))
	key := must[[]projections.OutboxEnd](t)(m.OutboxEnds(t.Context()))[0].Key
	kept := projections.NewDeliveries(m.DB, "one")
	defer kept.Close()
	now := time.Now()
	ago := func(days int) int64 { return now.AddDate(0, 0, -days).UnixMicro() }
	lost, err := kept.Record([]projections.Attempt{
		{Key: key, ID: ago(120), Sequence: 1, Number: 1, Outcome: projections.Failed, Due: now},
		{Key: key, ID: ago(119), Sequence: 1, Number: 2, Outcome: projections.Delivered},
		{Key: key, ID: ago(118), Sequence: 2, Number: 1, Outcome: projections.Undelivered},
		{Key: key, ID: ago(117), Sequence: 3, Number: 1, Outcome: projections.Failed, Due: now},
		{Key: key, ID: ago(116), Sequence: 4, Number: 1, Outcome: projections.Delivered},
		{Key: key, ID: ago(115), Sequence: 2, Replay: 9, Number: 1, Outcome: projections.Delivered},
		{Key: key, ID: ago(80), Sequence: 5, Number: 1, Outcome: projections.Delivered},
	}, nil)
	if err != nil || len(lost) > 0 {
		t.Fatal(lost, err)
	}
	must[int64](t)(kept.RecordTest("acme", projections.Attempt{ID: ago(100), Outcome: projections.Delivered}))
	one := func(n int64) webhook.Span { return webhook.Span{First: n, Last: n} }
	m.reach(t, "acme", source.put("acme", webhook.DeliveriesReported{Reports: []webhook.Report{{WebhookID: "w", Outcomes: []webhook.Outcome{
		{Span: one(1), Outcome: "delivered"},
		{Span: one(2), Outcome: "undelivered"},
		{Span: one(5), Outcome: "delivered"},
		{Span: one(2), Replay: 9, Outcome: "delivered"},
	}}}}))

	before := now.AddDate(0, 0, -90)
	var passes []int
	for at := int64(0); len(passes) == 0 || passes[len(passes)-1] == 4; {
		upTo, looked, err := kept.Prune(t.Context(), key, at, before, 4)
		if err != nil {
			t.Fatal(err)
		}
		at, passes = upTo, append(passes, looked)
	}
	if !slices.Equal(passes, []int{4, 2}) {
		t.Errorf("passes look through %v attempts, want 4 and 2", passes)
	}
	left, total, err := m.Attempts(t.Context(), "acme", "w", projections.AttemptFilter{}, projections.Page{Limit: 10})
	var sequences []int64
	for _, a := range left {
		sequences = append(sequences, a.Sequence)
	}
	if err != nil || total != 4 || !slices.Equal(sequences, []int64{5, 4, 3, 2}) {
		t.Errorf("attempts of %v are left, want of 5 (new), 4 (not in the ledger), 3 (tried again) and 2 (undelivered): %v", sequences, err)
	}
	if _, looked, err := kept.Prune(t.Context(), projections.TestsKey("acme"), 0, before, 4); err != nil || looked != 1 {
		t.Errorf("%d tests, %v", looked, err)
	}
	if _, total, err := m.Attempts(t.Context(), "acme", "test", projections.AttemptFilter{}, projections.Page{Limit: 10}); err != nil || total != 0 {
		t.Errorf("%d tests are left, %v", total, err)
	}
	if due := must[[]projections.Due](t)(m.FreshDue(t.Context(), key, 0, 6, false)); len(due) != 1 || due[0].Sequence != 6 {
		t.Errorf("due are %+v, want 6 alone", due)
	}
	if d, err := m.Delivery(t.Context(), "acme", "w", 1); err != nil || d.Status != "delivered" || len(d.Log) != 0 {
		t.Errorf("what was pruned is %+v, %v", d, err)
	}
}
