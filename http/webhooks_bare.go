package http

import (
	"net/http"
	"strings"
	"time"

	"whocomply/domain/webhook"
)

// The two other shapes. Their bodies have no envelope, the tenant is the API key's, and all of the
// tenant's subscriptions are shown, whatever shape they were made in.
func (s *Server) bareWebhookRoutes() []route {
	const bare = api + "/webhooks/"
	return []route{
		{"POST", bare, "webhooks:write", s.createBareWebhook},
		{"GET", bare, "webhooks:read", s.listBareWebhooks},
		{"GET", bare + ":id/", "webhooks:read", s.getBareWebhook},
		{"PATCH", bare + ":id/", "webhooks:write", s.patchBareWebhook},
		{"DELETE", bare + ":id/", "webhooks:write", s.deleteBareWebhook},
		{"POST", bare + "test/", "webhooks:write", s.testBareWebhook},
		{"POST", "/api/webhooks", "webhooks:write", s.createPlainWebhook},
		{"GET", "/api/webhooks", "webhooks:read", s.listPlainWebhooks},
		{"DELETE", "/api/webhooks/:id", "webhooks:write", s.deleteWebhook},
	}
}

// bareWebhook is a subscription as /api/v1/webhooks/ shows it.
type bareWebhook struct {
	ID              string         `json:"id"`
	EventType       string         `json:"event_type"` // several are divided by commas
	WebhookURL      string         `json:"webhook_url"`
	IsActive        bool           `json:"is_active"`
	Description     string         `json:"description"`
	Filters         webhookFilters `json:"filters"`
	CreatedAt       string         `json:"created_at"`
	UpdatedAt       string         `json:"updated_at,omitempty"` // only where one is asked for
	Stats           bareStats      `json:"stats"`
	LastTriggeredAt *string        `json:"last_triggered_at"` // null: never
}

type bareStats struct {
	Total      int64 `json:"total_deliveries"`
	Successful int64 `json:"successful_deliveries"`
	Failed     int64 `json:"failed_deliveries"`
}

// bareTime writes times as that shape does.
func bareTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

func eventTypeOf(events []string) string {
	if len(events) == 1 && events[0] == webhook.All {
		return "all"
	}
	return strings.Join(events, ",")
}

func (s *Server) answerBare(c *call, e *webhook.Endpoint) (b bareWebhook, err error) {
	stats, err := s.Models.WebhookStats(c.Context(), c.caller.slug, e.ID)
	b = bareWebhook{
		ID: e.ID, EventType: eventTypeOf(e.Events), WebhookURL: e.URL, IsActive: e.Active, Description: e.Description,
		Filters: webhookFilters{e.Filter}, CreatedAt: bareTime(e.CreatedAt), Stats: bareStats{stats.Total, stats.Delivered, stats.Undelivered},
	}
	if !stats.LastAttempt.IsZero() {
		at := bareTime(stats.LastAttempt)
		b.LastTriggeredAt = &at
	}
	return b, err
}

func (s *Server) createBareWebhook(c *call) error {
	made, err := s.subscribe(c)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if made.secret == "" {
		status = http.StatusOK
	}
	c.at(made.outcome.Last)
	return c.envelope(status, struct {
		ID         string `json:"id"`
		EventType  string `json:"event_type"`
		WebhookURL string `json:"webhook_url"`
		SecretKey  string `json:"secret_key,omitempty"`
		Message    string `json:"message"`
	}{made.endpoint.ID, eventTypeOf(made.endpoint.Events), made.endpoint.URL, made.secret, "Webhook created successfully"})
}

func (s *Server) listBareWebhooks(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	all, err := s.endpoints(c, values)
	if err != nil {
		return err
	}
	answer := struct {
		Webhooks []bareWebhook `json:"webhooks"`
	}{[]bareWebhook{}}
	for _, e := range all {
		b, err := s.answerBare(c, e)
		if err != nil {
			return err
		}
		answer.Webhooks = append(answer.Webhooks, b)
	}
	return c.envelope(http.StatusOK, answer)
}

func (s *Server) getBareWebhook(c *call) error {
	e, err := c.named()
	if err != nil {
		return err
	}
	b, err := s.answerBare(c, e)
	if err != nil {
		return err
	}
	b.UpdatedAt = bareTime(e.UpdatedAt)
	return c.envelope(http.StatusOK, b)
}

// said is an answer in words.
type said struct {
	Message string `json:"message"`
	ID      string `json:"id,omitempty"`
}

func (s *Server) patchBareWebhook(c *call) error {
	changed, err := s.change(c)
	if err != nil {
		return err
	}
	c.at(changed.outcome.Last)
	return c.envelope(http.StatusOK, said{"Webhook updated", changed.endpoint.ID})
}

func (s *Server) deleteBareWebhook(c *call) error {
	outcome, err := c.unsubscribe()
	if err != nil {
		return err
	}
	c.at(outcome.Last)
	return c.envelope(http.StatusOK, said{Message: "Webhook deleted successfully"})
}

func (s *Server) testBareWebhook(c *call) error {
	tested, err := s.test(c)
	if err != nil {
		return err
	}
	if !tested.Success {
		return c.envelope(http.StatusBadGateway, tested)
	}
	return c.envelope(http.StatusOK, tested)
}

// plainWebhook is a subscription as /api/webhooks shows it.
type plainWebhook struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Events    []string  `json:"events"`
	IsActive  bool      `json:"is_active"`
	CreatedAt time.Time `json:"created_at"`
	Secret    string    `json:"secret,omitempty"` // only of one that was just made
}

func (s *Server) createPlainWebhook(c *call) error {
	made, err := s.subscribe(c)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if made.secret == "" {
		status = http.StatusOK
	}
	c.at(made.outcome.Last)
	e := made.endpoint
	return c.envelope(status, plainWebhook{e.ID, e.URL, e.Events, e.Active, e.CreatedAt, made.secret})
}

func (s *Server) listPlainWebhooks(c *call) error {
	values, err := c.query(nil)
	if err != nil {
		return err
	}
	all, err := s.endpoints(c, values)
	if err != nil {
		return err
	}
	answer := struct {
		Webhooks []plainWebhook `json:"webhooks"`
	}{[]plainWebhook{}}
	for _, e := range all {
		answer.Webhooks = append(answer.Webhooks, plainWebhook{ID: e.ID, URL: e.URL, Events: e.Events, IsActive: e.Active, CreatedAt: e.CreatedAt})
	}
	return c.envelope(http.StatusOK, answer)
}
