package http

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"whocomply/domain"
)

// Codes of this room, beside those of domain.
const (
	internal         domain.Code = "internal"
	tooLarge         domain.Code = "too_large"
	unsupportedMedia domain.Code = "unsupported_media_type"
	notAllowed       domain.Code = "method_not_allowed"
	tooMany          domain.Code = "too_many_requests"
)

// statuses maps each code to its status, once.
var statuses = map[domain.Code]int{
	domain.Invalid:     http.StatusBadRequest,
	domain.Unsigned:    http.StatusUnauthorized,
	domain.Forbidden:   http.StatusForbidden,
	domain.Unknown:     http.StatusNotFound,
	notAllowed:         http.StatusMethodNotAllowed,
	domain.Conflict:    http.StatusConflict,
	tooLarge:           http.StatusRequestEntityTooLarge,
	unsupportedMedia:   http.StatusUnsupportedMediaType,
	tooMany:            http.StatusTooManyRequests,
	internal:           http.StatusInternalServerError,
	undelivered:        http.StatusBadGateway,
	domain.Unavailable: http.StatusServiceUnavailable,
}

// statusOf gives the status of a code; one that is not mapped is our fault.
func statusOf(code domain.Code) int { return cmp.Or(statuses[code], http.StatusInternalServerError) }

// failure is the envelope of an error.
type failure struct {
	Status    string      `json:"status"` // error
	Message   string      `json:"message"`
	Code      domain.Code `json:"code"`
	Field     string      `json:"field,omitempty"`
	RequestID string      `json:"request_id"`
	Data      any         `json:"data,omitempty"`
}

var errNoResource = domain.Errorf(domain.Unknown, "there is nothing at this address")

// tellable gives an error in the words that the caller may hear. One that the caller cannot act on
// is logged and hidden.
func (c *call) tellable(err error) *domain.Error {
	answer, known := errors.AsType[*domain.Error](err)
	switch {
	case known && statusOf(answer.Code) != http.StatusInternalServerError:
		return answer
	case c.Context().Err() != nil:
		return domain.Errorf(domain.Unavailable, "the request ended before it was answered")
	}
	c.logFailure(err)
	return domain.Errorf(internal, "something went wrong on our side; tell us the request id")
}

// fail answers with an error.
func (c *call) fail(err error) {
	answer := c.tellable(err)
	h := c.echo.Response().Header()
	switch answer.Code {
	case domain.Unsigned:
		h.Set("WWW-Authenticate", "Bearer")
	case domain.Unavailable:
		h.Set("Retry-After", "1")
	}
	err = c.envelope(statusOf(answer.Code), failure{
		Status: "error", Message: answer.Message, Code: answer.Code, Field: answer.Field, RequestID: c.id,
	})
	if err != nil { // A message that is not UTF-8, which no error of ours is.
		c.status = http.StatusInternalServerError
		c.logFailure(err)
		c.echo.Response().Writer.WriteHeader(c.status)
	}
}

func (c *call) logFailure(err error) {
	attrs := []slog.Attr{
		slog.String("request_id", c.id), slog.String("method", c.Method), slog.String("route", c.echo.Path()), slog.Any("error", err),
	}
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	c.server.Log.LogAttrs(c.Context(), slog.LevelError, "request failed", attrs...)
}

// panicError is a panic of a handler.
type panicError struct {
	value any
	stack []byte
}

// Error says what the panic was about.
func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// unmatched answers what no route does: 404, or 405 with the header Allow.
func (s *Server) unmatched(err error, ec echo.Context) {
	problem := error(errNoResource)
	if e, ok := errors.AsType[*echo.HTTPError](err); ok && e.Code == http.StatusMethodNotAllowed {
		problem = domain.Errorf(notAllowed, "%s is not allowed here; %s is", ec.Request().Method, ec.Response().Header().Get("Allow"))
	}
	s.lost.answer(ec, func(*call) error { return problem })
}
