package ledger

import (
	"whocomply/domain"
	"whocomply/domain/screening"
)

// StartBatch has names looked for, in the background. Its reply is the *screening.BatchStanding.
func StartBatch(batch *screening.Batch) Command {
	return &simple{idem: batch.Idempotency(), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideStartBatch(t.meta, batch)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, t.state.Screening.Batch(events[0].(screening.BatchStarted).BatchID), nil
	}}
}

// AdvanceBatch records what was found of some rows. Its reply is nil.
func AdvanceBatch(cmd screening.BatchAdvanced) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideAdvanceBatch(cmd)
		return events, nil, err
	}}
}

// CancelBatch stops a batch. Its reply is what the batch came to, a string.
func CancelBatch(cmd screening.CancelBatch) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideCancelBatch(cmd)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, t.state.Screening.BatchOutcome(cmd.ID), nil
	}}
}
