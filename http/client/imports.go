package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Import is a file that is being taken in, or was.
type Import struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`   // customers, events or postings
	Status     string    `json:"status"` // running, complete or stopped
	Digest     string    `json:"digest"` // SHA-256 of the file
	Bytes      int64     `json:"bytes"`
	Lines      int64     `json:"lines"` // done
	Recorded   int64     `json:"recorded"`
	Repeated   int64     `json:"repeated"`
	Rejected   int64     `json:"rejected"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"` // zero while it is running
	Receipt    *Receipt  `json:"receipt"`     // of a write
}

// Reject is a line of a file that was not taken in.
type Reject struct {
	Line   int64  `json:"line"` // from 1
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// Import takes in a file of at most 16 MiB, a JSON object a line, and returns at its end. That may
// take longer than the HTTP client of the options waits: the same file again goes on where it was
// cut. Lines that are rejected are no error; Rejects tells them.
func (c *Client) Import(ctx context.Context, kind string, file []byte) (Import, error) {
	return call[Import](ctx, c, request{
		method: http.MethodPost, path: c.tenant("imports"), query: url.Values{"kind": {kind}}, lines: file, write: true,
	})
}

// ImportOf reads how far an import has come.
func (c *Client) ImportOf(ctx context.Context, id string) (Import, error) {
	return get[Import](ctx, c, "imports", id)
}

// Imports lists imports, newest first.
func (c *Client) Imports(ctx context.Context, l List) (Page[Import], error) {
	return list[Import](ctx, c, l, "imports")
}

// Rejects lists the lines that an import did not take in.
func (c *Client) Rejects(ctx context.Context, id string, l List) (Page[Reject], error) {
	return list[Reject](ctx, c, l, "imports", id, "rejects")
}
