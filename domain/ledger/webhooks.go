package ledger

import (
	"whocomply/domain"
	"whocomply/domain/webhook"
)

// CreateWebhook subscribes an endpoint. Its reply is a *webhook.Endpoint.
func CreateWebhook(cmd webhook.Create) Command {
	return subscribed(cmd.Webhook.ID, cmd.Idem, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideCreate(cmd) })
}

// ChangeWebhook states a subscription anew. Its reply is a *webhook.Endpoint.
func ChangeWebhook(cmd webhook.Change) Command {
	return subscribed(cmd.Webhook.ID, nil, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideChange(cmd) })
}

// RotateWebhookSecret puts another secret in force. Its reply is a *webhook.Endpoint.
func RotateWebhookSecret(cmd webhook.Rotate) Command {
	return subscribed(cmd.WebhookID, cmd.Idem, func(s *webhook.State, m domain.Meta) ([]domain.Event, error) { return s.DecideRotate(m, cmd) })
}

// DisableWebhook stops an endpoint. Its reply is a *webhook.Endpoint.
func DisableWebhook(cmd webhook.Disable) Command {
	return subscribed(cmd.WebhookID, nil, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideDisable(cmd) })
}

// EnableWebhook starts an endpoint again. Its reply is a *webhook.Endpoint.
func EnableWebhook(cmd webhook.Enable) Command {
	return subscribed(cmd.WebhookID, nil, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideEnable(cmd) })
}

// DeleteWebhook ends a subscription. Its reply is nil.
func DeleteWebhook(cmd webhook.Delete) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Webhooks.DecideDelete(cmd)
		return events, nil, err
	}}
}

// ReplayWebhook asks for events to be sent once more. Its reply is a *webhook.Endpoint.
func ReplayWebhook(cmd webhook.Replay) Command {
	return subscribed(cmd.WebhookID, cmd.Idem, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideReplay(cmd) })
}

// BackfillWebhook gives a subscription events from before it was there. Its reply is a *webhook.Endpoint.
func BackfillWebhook(cmd webhook.Backfill) Command {
	return subscribed(cmd.WebhookID, cmd.Idem, func(s *webhook.State, _ domain.Meta) ([]domain.Event, error) { return s.DecideBackfill(cmd) })
}

// ReportDeliveries enters in the ledger what became of deliveries. Its reply is a
// webhook.DeliveriesReported, or nil if the ledger knew it.
func ReportDeliveries(cmd webhook.ReportDeliveries) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := t.state.Webhooks.DecideReport(cmd)
		return events, first(events), err
	}}
}

// subscribed is a command on one subscription.
func subscribed(id string, idem *domain.Idempotency, decide func(*webhook.State, domain.Meta) ([]domain.Event, error)) Command {
	return &simple{idem: domain.IdempotencyOf(idem), do: func(t *turn) ([]domain.Event, any, error) {
		events, err := decide(t.state.Webhooks, t.meta)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, t.state.Webhooks.Endpoint(id), nil
	}}
}
