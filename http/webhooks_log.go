package http

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"whocomply/domain"
	"whocomply/domain/webhook"
	"whocomply/projections"
)

func (s *Server) deliveryRoutes() []route {
	const one = tenants + "/webhooks/:id"
	return []route{
		{"GET", one + "/deliveries", "webhooks:read", s.listDeliveries},
		{"GET", one + "/deliveries/:sequence", "webhooks:read", s.getDelivery},
		{"GET", one + "/attempts", "webhooks:read", s.listAttempts},
		{"GET", one + "/events", "webhooks:read", s.pullEvents},
		{"GET", one + "/explain", "webhooks:read", s.explainWebhook},
	}
}

const sinceUntil = "created"

func (s *Server) listDeliveries(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if _, err := c.endpoint(id); err != nil {
		return err
	}
	var filter struct {
		Status       string `query:"status" validate:"omitempty,oneof=delivered undelivered retrying queued held skipped"`
		EventType    string `query:"event_type"`
		EventID      string `query:"event_id"`
		CustomerID   string `query:"customer_id"`
		CreatedSince string `query:"created_since"`
		CreatedUntil string `query:"created_until"`
	}
	return list(c, projections.Outbox, &filter, func(ctx context.Context, p projections.Page) ([]projections.Delivery, int64, error) {
		f := projections.DeliveryFilter{Status: filter.Status, Type: filter.EventType, EventID: filter.EventID, CustomerID: filter.CustomerID}
		var err error
		if f.Since, f.Until, err = period(sinceUntil, filter.CreatedSince, filter.CreatedUntil); err != nil {
			return nil, 0, err
		}
		return s.Models.Deliveries(ctx, c.caller.slug, id, f, p)
	})
}

func (s *Server) getDelivery(c *call) error {
	return one(c, projections.Outbox, func(ctx context.Context, slug, id string) (d projections.Delivery, err error) {
		sequence, err := c.sequence()
		if err != nil {
			return d, err
		}
		return s.Models.Delivery(ctx, slug, id, sequence)
	})
}

// sequence gives the sequence number in the path.
func (c *call) sequence() (int64, error) {
	text, err := c.param("sequence")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, errNoResource
	}
	return n, nil
}

// listAttempts shows the log of one webhook, or with the id "test" that of tests.
func (s *Server) listAttempts(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	if id != "test" {
		if _, err := c.endpoint(id); err != nil {
			return err
		}
	}
	var filter struct {
		Outcome      string `query:"outcome" validate:"omitempty,oneof=delivered failed undelivered"`
		Error        string `query:"error" validate:"omitempty,oneof=dns blocked connect tls timeout reset redirect status ledger"`
		CreatedSince string `query:"created_since"`
		CreatedUntil string `query:"created_until"`
	}
	return list(c, projections.Outbox, &filter, func(ctx context.Context, p projections.Page) ([]projections.Attempt, int64, error) {
		f := projections.AttemptFilter{Outcome: filter.Outcome, Error: filter.Error}
		var err error
		if f.Since, f.Until, err = period(sinceUntil, filter.CreatedSince, filter.CreatedUntil); err != nil {
			return nil, 0, err
		}
		return s.Models.Attempts(ctx, c.caller.slug, id, f, p)
	})
}

// pulledEvent is an event as it is delivered: the body is a text, byte for byte what a delivery holds, and
// the headers sign it at the time of the answer.
type pulledEvent struct {
	Sequence int64             `json:"sequence"`
	EventID  string            `json:"event_id"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
}

// pullEvents lets a receiver fetch what it would have been sent, or was. Sequence numbers have no gaps,
// so that the number after which to begin is the offset of a page.
func (s *Server) pullEvents(c *call) error {
	values, err := c.query(nil, "after", "limit")
	if err != nil {
		return err
	}
	after, err := number(values, "after", 0, 0, maxSeq)
	if err != nil {
		return err
	}
	limit, err := number(values, "limit", defaultLimit, 1, maxLimit)
	if err != nil {
		return err
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	e, err := c.endpoint(id)
	if err != nil {
		return err
	}
	if err := c.await(values, projections.Outbox); err != nil {
		return err
	}
	due, total, err := s.Models.Feed(c.Context(), c.caller.slug, id, after, int(limit))
	if err != nil {
		return err
	}
	keys, shown, err := s.Deliverer.keys(c.caller.slug, e)
	if err != nil {
		return err
	}
	s.Deliverer.prefetch(c.Context(), c.caller.slug, due)
	answer := make([]pulledEvent, 0, len(due))
	for _, item := range due {
		body, err := s.Deliverer.compose(c.Context(), c.caller.slug, e, item, shown)
		if err != nil {
			return err
		}
		headers := map[string]string{}
		for _, h := range webhook.Sign(keys, item.EventID, s.Now(), body) {
			headers[h.Name] = h.Value
		}
		answer = append(answer, pulledEvent{item.Sequence, item.EventID, headers, string(body)})
	}
	return c.page(answer, projections.Page{Limit: int(limit), Offset: int(after)}, total)
}

// explanation says why an event of the ledger did or did not go to a webhook.
type explanation struct {
	Seq       int64                 `json:"ledger_seq"`
	EventType string                `json:"event_type,omitempty"` // empty: nobody is told about it
	EventID   string                `json:"event_id,omitempty"`
	Matches   bool                  `json:"matches"` // as the subscription stands now
	Reason    string                `json:"reason"`
	Delivery  *projections.Delivery `json:"delivery,omitempty"` // what became of it, if it has a sequence number
}

func (s *Server) explainWebhook(c *call) error {
	values, err := c.query(nil, "seq")
	if err != nil {
		return err
	}
	seq, err := number(values, "seq", -1, 0, maxSeq)
	if err != nil || seq < 0 {
		return domain.InvalidField("seq", "must be the position of an event in the ledger")
	}
	id, err := c.param("id")
	if err != nil {
		return err
	}
	e, err := c.endpoint(id)
	if err != nil {
		return err
	}
	if err := c.reach(projections.Outbox, seq); err != nil {
		return err
	}
	x := explanation{Seq: seq}
	n, err := s.Deliverer.notice(c.Context(), c.caller.slug, seq)
	switch {
	case domain.CodeOf(err) == domain.Unknown:
		if _, err := s.Ledgers.Events(c.Context(), c.caller.slug, []int64{seq}); err != nil {
			return err
		}
		x.Reason = "receivers are not told about events of this kind"
	case err != nil:
		return err
	default:
		if err := s.explain(c, &x, e, n); err != nil {
			return err
		}
	}
	return c.ok(http.StatusOK, x)
}

func (s *Server) explain(c *call, x *explanation, e *webhook.Endpoint, n *webhook.Notice) error {
	filter, err := webhook.Compile(e.Filter)
	if err != nil {
		return err
	}
	verdict := webhook.Judge(&e.Subscription, filter, n)
	x.EventType, x.EventID, x.Matches, x.Reason = n.Type, n.ID, verdict.Matched, verdict.Why
	if x.Seq < e.From {
		x.Reason += "; it was there before the webhook, see POST …/backfill"
	}
	found, _, err := s.Models.Deliveries(c.Context(), c.caller.slug, e.ID, projections.DeliveryFilter{EventID: n.ID}, projections.Page{Limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	x.Delivery = &found[0]
	return nil
}

// tested is what came of a test.
type tested struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
	LogID   int64  `json:"log_id"`
	Status  *int   `json:"http_status_code"` // null: there was no answer
}

// testTimeout bounds a test: its sender waits.
const testTimeout = 15 * time.Second

// test delivers a synthetic event while the caller waits, in the way of all deliveries. It is signed with
// the secret of the webhook that it is for, or of one with the same URL, or else with one of its own.
func (s *Server) test(c *call) (t tested, err error) {
	var in struct {
		WebhookURL string `json:"webhook_url"`
		URL        string `json:"url"`
		WebhookID  string `json:"webhook_id"`
	}
	if err := c.decode(&in); err != nil {
		return t, err
	}
	e, keys, shown, err := s.testee(c, in.WebhookID, in.URL+in.WebhookURL)
	if err != nil {
		return t, err
	}
	field := "webhook_url"
	if in.URL != "" {
		field = "url"
	}
	if e.URL == "" {
		return t, domain.InvalidField(field, "is required")
	}
	if err := s.Deliverer.sender.check(c.Context(), field, e.URL); err != nil {
		return t, err
	}
	kind, _ := webhook.TypeOf(webhook.TypeTest)
	n := webhook.Notice{Type: kind.Name, ID: newWebhookID(), Time: s.Now(), Object: kind.Name, Data: kind.Example}
	body, err := e.Render(&n, webhook.Place{}, shown)
	if err != nil {
		return t, err
	}
	if err := s.Deliverer.slots.acquire(c.Context(), c.caller.slug); err != nil {
		return t, err
	}
	a := s.Deliverer.sender.post(c.Context(), e.URL, webhook.Sign(keys, n.ID, s.Now(), body), body, testTimeout)
	s.Deliverer.slots.release(c.caller.slug)
	return s.keepTest(c.caller.slug, a)
}

// testee gives what a test is sent as.
func (s *Server) testee(c *call, id, address string) (e *webhook.Endpoint, keys webhook.Keys, shown string, err error) {
	all, err := s.endpoints(c, nil)
	if err != nil {
		return nil, keys, "", err
	}
	for _, e := range all {
		if id == "" && e.URL == address || id != "" && e.ID == id {
			keys, shown, err = s.Deliverer.keys(c.caller.slug, e)
			return e, keys, shown, err
		}
	}
	if id != "" {
		return nil, keys, "", errNoWebhook
	}
	e = &webhook.Endpoint{Subscription: webhook.Subscription{URL: address, Format: webhook.Standard}}
	keys.Secret, _, err = s.newSecret(c.caller.slug, "test", "")
	return e, keys, "", err
}

func (s *Server) keepTest(slug string, a answered) (t tested, err error) {
	attempt := projections.Attempt{ID: s.Now().UnixMicro(), Status: a.status, Took: a.took, Error: a.failed, Response: a.response, Outcome: projections.Delivered}
	t = tested{Success: a.failed == "", Message: "Test webhook delivered successfully"}
	if a.status != 0 {
		t.Status = &a.status
	}
	if !t.Success {
		attempt.Outcome = projections.Undelivered
		t.Message = "Test webhook delivery failed: " + a.failed
		if a.status != 0 {
			t.Message = "Test webhook delivery failed: HTTP " + strconv.Itoa(a.status) + ": " + http.StatusText(a.status)
		}
	}
	t.LogID, err = s.Deliverer.kept.RecordTest(slug, attempt)
	return t, err
}
