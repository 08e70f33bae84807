package http

import (
	"errors"
	"net/http"
	"time"

	"whocomply/domain/posting/journal"
	"whocomply/projections"
)

// getJournal answers with the books in a language of plain-text accounting, as recorded up to as_of
// and as far as they take effect up to effective_at. It is written while it is read: however long
// the books are, a part of them is in memory.
func (s *Server) getJournal(c *call) error {
	var by struct {
		Format      string `query:"format"`
		EffectiveAt string `query:"effective_at"`
	}
	values, err := c.query(&by, asOfParam)
	if err != nil {
		return err
	}
	if err := journal.CheckFormat(by.Format); err != nil {
		return err
	}
	head := journal.Head{Ledger: c.caller.slug}
	if head.Effective, err = instant("effective_at", by.EffectiveAt); err != nil {
		return err
	}
	if err := c.await(values, projections.Accounts); err != nil {
		return err
	}
	if head.Seq, err = c.asOf(values, projections.Accounts); err != nil {
		return err
	}
	if head.Seq < 0 {
		head.Seq = s.Models.Position(c.caller.slug, projections.Accounts)
		c.at(head.Seq)
	}
	out := &stream{call: c, mediaType: typeText}
	return out.end(s.Models.WriteJournal(c.Context(), out, by.Format, head))
}

// stream is an answer that is sent while it is made.
type stream struct {
	*call
	mediaType []string
	begun     bool
}

// Write sends a part. The server's limit of time is for each part, not for the whole.
func (s *stream) Write(p []byte) (int, error) {
	w := s.echo.Response().Writer
	if !s.begun {
		s.begun, s.status = true, http.StatusOK
		h := w.Header()
		h["Cache-Control"], h["X-Content-Type-Options"], h["Content-Type"] = noStore, noSniff, s.mediaType
		w.WriteHeader(http.StatusOK)
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return w.Write(p)
}

// end gives the error if nothing was sent yet. After that the connection is cut, so that nobody takes
// a part for the whole.
func (s *stream) end(err error) error {
	if err == nil || !s.begun {
		return err
	}
	s.server.Log.ErrorContext(s.Context(), "answer cut short", "request_id", s.id, "error", err)
	panic(http.ErrAbortHandler)
}
