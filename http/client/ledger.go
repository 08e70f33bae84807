package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Record is a record of the ledger, byte for byte what was committed to.
type Record struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	Note    string `json:"note"`
	Salt    string `json:"salt"`
	Payload string `json:"payload"`
}

// Proof shows to whoever has the ledger's key that an event is in it.
type Proof struct {
	Seq        int64    `json:"seq"`
	Hash       string   `json:"hash"` // leaf hash of the event, padded base64
	Note       string   `json:"note"` // C2SP signed note of the event
	Size       int64    `json:"size"` // events in the tree of the checkpoint
	Root       string   `json:"root"`
	Path       []string `json:"path"`       // from the leaf up to the root
	Checkpoint string   `json:"checkpoint"` // C2SP tlog-checkpoint, signed
	Proof      string   `json:"proof"`      // all of it as C2SP tlog-proof, for ledger-verify --proof
}

// Records reads a part of the ledger, from a position on; at most 100 records.
func (c *Client) Records(ctx context.Context, from int64, limit int) (Page[Record], error) {
	return list[Record](ctx, c, List{Limit: limit, Filter: url.Values{"from": {strconv.FormatInt(from, 10)}}}, "ledger", "events")
}

// Record reads a record of the ledger.
func (c *Client) Record(ctx context.Context, seq int64) (Record, error) {
	return get[Record](ctx, c, "ledger", "events", strconv.FormatInt(seq, 10))
}

// Prove has an event of the ledger proved.
func (c *Client) Prove(ctx context.Context, seq int64) (Proof, error) {
	return get[Proof](ctx, c, "ledger", "events", strconv.FormatInt(seq, 10), "proof")
}

// Redecided is a decision that was made again, on what the ledger held right before it.
type Redecided struct {
	Seq         int64  `json:"seq"`
	EventID     string `json:"event_id"`
	Identical   bool   `json:"identical"`
	Differences []struct {
		Seq      int64          `json:"seq"`
		Type     string         `json:"type"`
		Path     string         `json:"path"` // JSON pointer into the event
		Recorded jsontext.Value `json:"recorded"`
		Replayed jsontext.Value `json:"replayed"`
	} `json:"differences"`
}

// ReplayEvent has the decision on an event made again, by your event_id.
func (c *Client) ReplayEvent(ctx context.Context, eventID string) (Redecided, error) {
	return get[Redecided](ctx, c, "events", eventID, "replay")
}

// ReplayRecord has the decision that a record of the ledger states made again.
func (c *Client) ReplayRecord(ctx context.Context, seq int64) (Redecided, error) {
	return get[Redecided](ctx, c, "ledger", "events", strconv.FormatInt(seq, 10), "replay")
}

// Checkpoint reads the signed end of the ledger, a C2SP tlog-checkpoint.
func (c *Client) Checkpoint(ctx context.Context) ([]byte, error) {
	return c.bytes(ctx, c.tenant("ledger", "checkpoint"))
}

// Tile reads a hash tile or an entry bundle by its C2SP tlog-tiles path, such as tile/0/000.p/23.
func (c *Client) Tile(ctx context.Context, path string) ([]byte, error) {
	return c.bytes(ctx, c.tenant(append([]string{"ledger"}, strings.Split(path, "/")...)...))
}

// bytes reads what is no JSON, once.
func (c *Client) bytes(ctx context.Context, path string) ([]byte, error) {
	r := request{method: http.MethodGet, path: path}
	req, err := c.prepare(ctx, r, "", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Del("Min-Ledger-Seq") // there is nothing to wait for
	resp, err := c.options.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 300 {
		return nil, errors.Join(failed(r, resp, text), err)
	}
	return text, err
}
