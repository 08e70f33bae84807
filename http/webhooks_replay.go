package http

import (
	"context"
	"net/http"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

func (s *Server) replayRoutes() []route {
	const one = tenants + "/webhooks/:id"
	return []route{
		{"POST", tenants + "/webhooks/test", "webhooks:write", s.testWebhook},
		{"POST", one + "/replay", "webhooks:write", s.replayWebhook},
		{"POST", one + "/deliveries/:sequence/replay", "webhooks:write", s.replayDelivery},
		{"POST", one + "/backfill", "webhooks:write", s.backfillWebhook},
	}
}

// undelivered is the code of a test that did not arrive.
const undelivered domain.Code = "undelivered"

func (s *Server) testWebhook(c *call) error {
	tested, err := s.test(c)
	if err != nil {
		return err
	}
	if tested.Success {
		return c.ok(http.StatusOK, tested)
	}
	return c.envelope(http.StatusBadGateway, failure{
		Status: "error", Message: tested.Message, Code: undelivered, RequestID: c.id, Data: tested,
	})
}

// replayRequest says which deliveries are made once more.
type replayRequest struct {
	First     int64  `json:"from_sequence"` // 1 if left out
	Last      int64  `json:"to_sequence"`   // included; the newest if left out
	Status    string `json:"status" validate:"omitempty,oneof=delivered undelivered retrying queued held skipped"`
	EventType string `json:"event_type"`
	Since     string `json:"created_since"`
	Until     string `json:"created_until"`
}

// replayAnswer says what is replayed.
type replayAnswer struct {
	WebhookID string         `json:"webhook_id"`
	Replay    int64          `json:"replay"` // its number: attempts name it
	Count     int64          `json:"count"`
	Sequences []webhook.Span `json:"sequences"`
	Receipt   ledger.Receipt `json:"receipt"`
}

// maxReplayed bounds the deliveries of one replay.
const maxReplayed = 10_000

func (s *Server) replayWebhook(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if _, err := c.endpoint(id); err != nil {
		return err
	}
	in := replayRequest{First: 1, Last: maxSeq}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := s.check(&in); err != nil {
		return err
	}
	if in.First < 1 || in.Last < in.First {
		return domain.InvalidField("from_sequence", "must be 1 or more, and not beyond to_sequence")
	}
	f := projections.DeliveryFilter{Status: in.Status, Type: in.EventType}
	if f.Since, f.Until, err = period(sinceUntil, in.Since, in.Until); err != nil {
		return err
	}
	spans, err := s.Models.Sequences(c.Context(), c.caller.slug, id, f, in.First, in.Last, maxReplayed+1)
	if err != nil {
		return err
	}
	return c.replay(id, "webhooks.replay", in, spans)
}

func (s *Server) replayDelivery(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	sequence, err := c.sequence()
	if err != nil {
		return err
	}
	if _, err := s.Models.Delivery(c.Context(), c.caller.slug, id, sequence); err != nil {
		return err
	}
	return c.replay(id, "webhooks.replay", sequence, []webhook.Span{{First: sequence, Last: sequence}})
}

func (c *call) replay(id, route string, content any, spans []webhook.Span) error {
	answer := replayAnswer{WebhookID: id, Sequences: spans}
	for _, span := range spans {
		answer.Count += span.Last - span.First + 1
	}
	if answer.Count > maxReplayed {
		return domain.Errorf(domain.Invalid, "these are more than %d deliveries; narrow them", maxReplayed)
	}
	idem, err := c.idempotency(route, struct{ ID, Body any }{id, content})
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.ReplayWebhook(webhook.Replay{WebhookID: id, Sequences: spans, Idem: idem}))
	if err != nil {
		return err
	}
	answer.Replay, answer.Receipt = outcome.Receipt.Seq, outcome.Receipt
	if outcome.Repeat { // what was asked for the first time
		first, err := c.find(idem.Key)
		if err != nil {
			return err
		}
		answer.Sequences, answer.Count = first.Event.(webhook.ReplayRequested).Sequences, 0
		for _, span := range answer.Sequences {
			answer.Count += span.Last - span.First + 1
		}
	}
	return c.wrote(!outcome.Repeat, outcome, answer)
}

// backfillAnswer says what was given to a webhook.
type backfillAnswer struct {
	WebhookID string         `json:"webhook_id"`
	FromSeq   int64          `json:"from_seq"`
	Count     int            `json:"count"`
	Receipt   ledger.Receipt `json:"receipt"`
}

const (
	backfillChunk = 500     // records read at a time
	maxScanned    = 200_000 // records of one backfill
)

func (s *Server) backfillWebhook(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	var in struct {
		FromSeq int64 `json:"from_seq"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	e, err := c.endpoint(id)
	if err != nil {
		return err
	}
	if in.FromSeq < 0 || in.FromSeq > e.From {
		return domain.InvalidField("from_seq", "must be from 0 to %d", e.From)
	}
	if e.From-in.FromSeq > maxScanned {
		return domain.InvalidField("from_seq", "lies more than %d records back; give a later one", maxScanned)
	}
	past, err := s.past(c.Context(), c.caller.slug, e, in.FromSeq)
	if err != nil {
		return err
	}
	idem, err := c.idempotency("webhooks.backfill", struct{ ID, Body any }{id, in})
	if err != nil {
		return err
	}
	outcome, err := c.execute(ledger.BackfillWebhook(webhook.Backfill{WebhookID: id, From: in.FromSeq, To: e.From, Events: past, Idem: idem}))
	if err != nil {
		return err
	}
	return c.wrote(!outcome.Repeat && len(past) > 0, outcome, backfillAnswer{id, in.FromSeq, len(past), outcome.Receipt})
}

// past finds the events from a position up to where a webhook is told from that match it.
func (s *Server) past(ctx context.Context, slug string, e *webhook.Endpoint, from int64) (past []webhook.Past, err error) {
	filter, err := webhook.Compile(e.Filter)
	if err != nil {
		return nil, err
	}
	for ; from < e.From; from += backfillChunk {
		var seqs []int64
		for seq := from; seq < min(from+backfillChunk, e.From); seq++ {
			seqs = append(seqs, seq)
		}
		events, err := s.Ledgers.Events(ctx, slug, seqs)
		if err != nil {
			return nil, err
		}
		for i := range events {
			n, told, err := projections.NoticeOf(&events[i])
			if err != nil {
				return nil, err
			}
			if told && webhook.Judge(&e.Subscription, filter, &n).Matched {
				past = append(past, webhook.Past{Seq: n.Seq, EventID: n.ID, Type: n.Type, Customer: n.Customer, RecordedAt: n.Time})
			}
		}
		if len(past) > webhook.MaxBackfill {
			break // refused by the decision
		}
	}
	return past, nil
}
