package projections

import (
	"context"
	"time"
)

// ended narrows to attempts of which nothing hangs any more: tests, and those whose delivery the ledger says
// was made. What waits, is tried again or was never delivered keeps its attempts, and so does what the
// ledger does not tell yet.
const ended = " AND (sequence = 0 OR COALESCE((SELECT CASE WHEN r.last >= webhook_attempts.sequence THEN r.outcome ELSE '' END FROM outbox_reports r " +
	"WHERE r.webhook = webhook_attempts.webhook AND r.replay = webhook_attempts.replay AND r.first <= webhook_attempts.sequence " +
	"ORDER BY r.first DESC LIMIT 1), '') = 'delivered')"

// Prune looks through the attempts of a webhook after one and before a time, the oldest first and at most so
// many, and removes those of which nothing hangs. It says up to which attempt it has looked, and how many
// those were.
func (d *Deliveries) Prune(ctx context.Context, key, after int64, before time.Time, limit int) (upTo int64, looked int, err error) {
	old := func(row scanner) (struct{}, error) { return struct{}{}, row.Scan(&upTo, &looked) }
	_, err = one(ctx, d.db, "attempts", old, "SELECT COALESCE(MAX(id), 0), COUNT(*) FROM "+
		"(SELECT id FROM webhook_attempts WHERE webhook = ? AND id > ? AND id < ? ORDER BY id LIMIT ?) a", key, after, micros(before), limit)
	if err != nil || looked == 0 {
		return after, 0, err
	}
	return upTo, looked, d.within(func(w *writer) error {
		_, err := w.exec("DELETE FROM webhook_attempts WHERE webhook = ? AND id > ? AND id <= ?"+ended, key, after, upTo)
		return err
	})
}

// TestsKey is the webhook under which the tests of a ledger's endpoints are kept.
func TestsKey(ledger string) int64 { return webhookKey(ledger, "test") }
