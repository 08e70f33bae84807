package http

import (
	"cmp"
	"context"
	"slices"
	"time"

	"whocomply/domain/ledger"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

// maxReported bounds the attempts that one report covers.
const maxReported = 20_000

// reports enters outcomes in the ledgers, and removes from the log what is old, every now and then until ctx ends.
func (d *Deliverer) reports(ctx context.Context) {
	tick := time.NewTicker(d.Report)
	defer tick.Stop()
	old := pruner{d, map[int64]int64{}}
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.report(ctx)
			if n%pruneEach == 0 {
				old.pass(ctx)
			}
		}
	}
}

// report enters in each ledger what became of the deliveries of its webhooks since the report before. The
// ledger says how far that one went, so that nothing is reported twice and nothing is left out.
func (d *Deliverer) report(ctx context.Context) {
	d.mu.Lock()
	runs := map[string][]projections.OutboxEnd{}
	for key, run := range d.endpoints {
		runs[run.slug] = append(runs[run.slug], projections.OutboxEnd{Key: key, ID: run.id})
	}
	d.mu.Unlock()
	for slug, ends := range runs {
		if err := d.reportOf(ctx, slug, ends); err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "outcomes of deliveries were not entered in the ledger yet", "ledger", slug, "error", err)
		}
	}
}

func (d *Deliverer) reportOf(ctx context.Context, slug string, ends []projections.OutboxEnd) error {
	var cmd webhook.ReportDeliveries
	for _, end := range ends {
		endpoint, err := d.endpointOf(ctx, slug, end.ID)
		if err != nil {
			return err
		}
		if endpoint == nil {
			continue
		}
		attempts, err := d.Models.FinalAttempts(ctx, end.Key, endpoint.Reported, maxReported)
		if err != nil {
			return err
		}
		if len(attempts) > 0 {
			cmd.Reports = append(cmd.Reports, webhook.Report{WebhookID: end.ID, UpTo: attempts[len(attempts)-1].ID, Outcomes: outcomesOf(attempts)})
		}
	}
	if len(cmd.Reports) == 0 {
		return nil
	}
	slices.SortFunc(cmd.Reports, func(a, b webhook.Report) int { return cmp.Compare(a.WebhookID, b.WebhookID) })
	_, err := d.Ledgers.Execute(ctx, slug, "system", ledger.ReportDeliveries(cmd))
	return err
}

// outcomesOf sums up final attempts as runs of sequence numbers with the same outcome.
func outcomesOf(attempts []projections.Attempt) (outcomes []webhook.Outcome) {
	attempts = slices.Clone(attempts) // whose order tells how far the report goes
	slices.SortFunc(attempts, func(a, b projections.Attempt) int {
		return cmp.Or(cmp.Compare(a.Replay, b.Replay), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.ID, b.ID))
	})
	for _, a := range attempts {
		at := time.UnixMicro(a.ID).UTC()
		if end := len(outcomes) - 1; end >= 0 {
			run := &outcomes[end]
			if run.Replay == a.Replay && run.Outcome == a.Outcome && (run.Last == a.Sequence-1 || run.Last == a.Sequence) {
				run.Last = a.Sequence
				if at.Before(run.Begun) {
					run.Begun = at
				}
				if at.After(run.Ended) {
					run.Ended = at
				}
				continue
			}
		}
		outcomes = append(outcomes, webhook.Outcome{
			Span: webhook.Span{First: a.Sequence, Last: a.Sequence}, Replay: a.Replay, Outcome: a.Outcome, Begun: at, Ended: at,
		})
	}
	return outcomes
}
