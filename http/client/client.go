// Package client calls the REST API from Go, as openapi.yaml states it.
//
//	client.go  a client, requests, retries, errors
//	api.go     one method per operation
//	types.go   what is sent and answered
//	books.go   the same of accounts and postings
//
// Customers over time, imports, API keys, shared lists and the ledger have files of their own.
//
// # Retries
//
// A request that can be repeated is: a read, and a write that the API knows again by the caller's
// own id (external_id, event_id, posting_id, account id) or by an Idempotency-Key, which the client
// makes where the body has no id. It is sent again, at most Options.Attempts times in all, after
// 429 and 503, waiting as long as Retry-After says, and after an answer that did not come. All
// other failures are returned at once. The context ends waiting too.
//
// # Reading what was written
//
// A client remembers the highest Ledger-Seq of its own writes and asks for it in reads, so that it
// reads what it wrote.
//
// Amounts are decimals in strings; times are RFC 3339.
package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Options say where the API is and who calls.
type Options struct {
	Address  string       // such as https://compliance.example, without /api/v1
	Tenant   string       // slug
	Key      string       // wc_<key id>.<secret>
	HTTP     *http.Client // one with a timeout of 30 s if nil
	Attempts int          // of a request in all; 5 if zero
}

// Client calls the API for one tenant. All its methods may be called at once.
type Client struct {
	options Options
	wrote   atomic.Int64 // highest Ledger-Seq of a write, plus one
}

// How long to wait before the next attempt where no answer says it; it doubles each time.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 5 * time.Second
	timeout    = 30 * time.Second
	attempts   = 5
	maxAnswer  = 64 << 20
)

// New makes a client. It connects when it is first used.
func New(o Options) *Client {
	o.Address = strings.TrimRight(o.Address, "/")
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: timeout}
	}
	if o.Attempts == 0 {
		o.Attempts = attempts
	}
	return &Client{options: o}
}

// Error is an answer of the API that is not a success.
type Error struct {
	Status    int    // of HTTP
	Code      string // as in the catalogue of errors, such as not_found
	Message   string
	Field     string // the wrong field, if any
	RequestID string
}

// Error says the message, the code and the request id.
func (e *Error) Error() string {
	return fmt.Sprintf("%s (%d %s, request %s)", e.Message, e.Status, e.Code, e.RequestID)
}

// CodeOf gives the code of the first *Error that err wraps, or "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// request is one operation being called.
type request struct {
	method, path string
	query        url.Values
	body         any
	lines        []byte // instead of body: NDJSON, or what media says
	media        string
	write, keyed bool // keyed: the body has no id of its own
}

// envelope is what every answer is wrapped in.
type envelope struct {
	Data       jsontext.Value `json:"data"`
	Pagination Pagination     `json:"pagination"`
	Message    string         `json:"message"`
	Code       string         `json:"code"`
	Field      string         `json:"field"`
	RequestID  string         `json:"request_id"`
}

// tenant gives the path of a resource of the tenant; the parts are escaped.
func (c *Client) tenant(parts ...string) string {
	var path strings.Builder
	path.WriteString("/api/v1/tenants/" + url.PathEscape(c.options.Tenant))
	for _, part := range parts {
		path.WriteString("/" + url.PathEscape(part))
	}
	return path.String()
}

// call sends a request until it is answered, and reads the data of a success.
func call[T any](ctx context.Context, c *Client, r request) (data T, err error) {
	answer, err := c.send(ctx, r)
	if err != nil || len(answer.Data) == 0 {
		return data, err
	}
	if err := json.Unmarshal(answer.Data, &data); err != nil {
		return data, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return data, nil
}

func (c *Client) send(ctx context.Context, r request) (envelope, error) {
	body := r.lines
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body, json.OmitZeroStructFields(true)); err != nil {
			return envelope{}, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
	}
	key := ""
	if r.keyed {
		key = keyFor(ctx)
	}
	pause := firstPause
	for attempt := 1; ; attempt++ {
		answer, wait, err := c.once(ctx, r, key, body)
		if err == nil || wait < 0 || attempt >= c.options.Attempts {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, errors.Join(ctx.Err(), err)
		case <-time.After(max(wait, pause)):
		}
		pause = min(2*pause, maxPause)
	}
}

// once sends a request. After a failure, wait is how long to wait before the next attempt at
// least, and negative if there should be none.
func (c *Client) once(ctx context.Context, r request, key string, body []byte) (answer envelope, wait time.Duration, err error) {
	req, err := c.prepare(ctx, r, key, body)
	if err != nil {
		return answer, -1, err
	}
	resp, err := c.options.HTTP.Do(req)
	if err != nil {
		return answer, 0, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer, 0, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	if resp.StatusCode == http.StatusNoContent {
		c.remember(r, resp.Header)
		return answer, 0, nil
	}
	if resp.StatusCode >= 300 {
		return answer, retryAfter(resp), failed(r, resp, text)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, -1, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	c.remember(r, resp.Header)
	return answer, 0, nil
}

// failed gives an answer that is no success as an error. One of something in between is not ours and
// says its status alone.
func failed(r request, resp *http.Response, text []byte) error {
	var answer envelope
	failure := &Error{Status: resp.StatusCode, Message: resp.Status}
	if json.Unmarshal(text, &answer) == nil && answer.Message != "" {
		failure = &Error{resp.StatusCode, answer.Code, answer.Message, answer.Field, answer.RequestID}
	}
	return fmt.Errorf("%s %s: %w", r.method, r.path, failure)
}

func (c *Client) prepare(ctx context.Context, r request, key string, body []byte) (*http.Request, error) {
	address := c.options.Address + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.options.Key)
	switch {
	case r.lines != nil:
		req.Header.Set("Content-Type", cmp.Or(r.media, "application/x-ndjson"))
	case body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if next := c.wrote.Load(); next > 0 && !r.write {
		req.Header.Set("Min-Ledger-Seq", strconv.FormatInt(next-1, 10))
	}
	return req, nil
}

// remember keeps the position that later reads must show.
func (c *Client) remember(r request, header http.Header) {
	seq, err := strconv.ParseInt(header.Get("Ledger-Seq"), 10, 64)
	if err != nil || !r.write {
		return
	}
	for next := c.wrote.Load(); next <= seq; next = c.wrote.Load() {
		if c.wrote.CompareAndSwap(next, seq+1) {
			return
		}
	}
}

func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return -1
	}
	seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// keyInContext is where WithIdempotencyKey keeps a key.
type keyInContext struct{}

// WithIdempotencyKey has a write whose body has no id of its own sent under key, so that it can be
// repeated by a later run of the program too. Without it the client makes a key for each call.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, keyInContext{}, key)
}

// keyFor gives the Idempotency-Key of a write.
func keyFor(ctx context.Context) string {
	if key, stated := ctx.Value(keyInContext{}).(string); stated {
		return key
	}
	return rand.Text()
}
