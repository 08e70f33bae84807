package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
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

// Import takes in a file of at most 16 MiB, a JSON object a line. It returns at the end of the file
// and is not repeated by itself: after an error, the same file again goes on where it was cut. The
// HTTP client of the options must have the patience.
func (c *Client) Import(ctx context.Context, kind string, file io.Reader) (i Import, err error) {
	r := request{method: http.MethodPost, path: c.tenant("imports"), query: map[string][]string{"kind": {kind}}, write: true}
	req, err := c.prepare(ctx, r, "", nil)
	if err != nil {
		return i, err
	}
	req.Body, req.ContentLength = io.NopCloser(file), -1
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := c.options.HTTP.Do(req)
	if err != nil {
		return i, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 300 {
		return i, errors.Join(failed(r, resp, text), err)
	}
	var answer envelope
	if err == nil {
		c.remember(r, resp.Header)
		err = json.Unmarshal(text, &answer)
	}
	if err != nil {
		return i, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return i, decode(answer.Data, &i)
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
