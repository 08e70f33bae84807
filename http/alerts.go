package http

import (
	"context"

	"whocomply/domain"
	"whocomply/projections"
)

func (s *Server) alertRoutes() []route {
	return []route{
		{"GET", tenants + "/alerts", "alerts:read", s.listAlerts},
		{"GET", tenants + "/alerts/:id", "alerts:read", s.getAlert},
	}
}

func (s *Server) listAlerts(c *call) error {
	var filter struct {
		Status     string          `query:"status" validate:"omitempty,oneof=open in_review escalated resolved dismissed"`
		Severity   domain.Severity `query:"severity" validate:"omitempty,oneof=low medium high critical"`
		Kind       string          `query:"kind" validate:"omitempty,oneof=sanctions pep adverse_media internal_list monitoring system"`
		CustomerID string          `query:"customer_id"`
	}
	return list(c, projections.Alerts, &filter, func(ctx context.Context, p projections.Page) ([]projections.Alert, int64, error) {
		return s.Models.Alerts(ctx, c.caller.slug, projections.AlertFilter(filter), p)
	})
}

func (s *Server) getAlert(c *call) error { return one(c, projections.Alerts, s.Models.Alert) }
