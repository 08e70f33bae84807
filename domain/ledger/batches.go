package ledger

import (
	"whocomply/domain"
	"whocomply/domain/screening"
)

// StartBatch wants names to be looked for, in the background. Its reply is the *screening.BatchStanding.
func StartBatch(cmd screening.StartBatch) Command { return &startBatch{cmd: cmd} }

type startBatch struct {
	cmd   screening.StartBatch
	batch *screening.Batch
}

// Idempotency is what the command was made with.
func (c *startBatch) Idempotency() domain.Idempotency { return domain.IdempotencyOf(c.cmd.Idem) }

func (c *startBatch) check(domain.Meta) (err error) {
	c.batch, err = screening.NewBatch(c.cmd)
	return err
}

func (c *startBatch) look(*State) bool { return false }

func (c *startBatch) prepare(domain.Meta) error { return nil }

func (c *startBatch) decide(t *turn) (any, error) {
	events, err := t.state.Screening.DecideStartBatch(t.meta, c.batch)
	if err != nil {
		return nil, err
	}
	t.emit(events...)
	return t.state.Screening.Batch(events[0].(screening.BatchStarted).BatchID), nil
}

// AdvanceBatch records what was found of some rows. Its reply is nil.
func AdvanceBatch(cmd screening.BatchAdvanced) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideAdvanceBatch(cmd)
		return events, nil, err
	}}
}

// CancelBatch stops a batch. Its reply is nil.
func CancelBatch(cmd screening.CancelBatch) Command {
	return &simple{idem: domain.IdempotencyOf(cmd.Idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Screening.DecideCancelBatch(cmd)
		return events, nil, err
	}}
}
