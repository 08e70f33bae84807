// Package webhook receives deliveries: it verifies that one is ours and new, and reads it.
//
//	event, err := webhook.Receive(secrets, r) // in an http.Handler
//
// Answer 2xx once the event is safe with you, and any other status to get it again. An event may come
// more than once, under the same ID: keep those you have seen. Sequence numbers have no gaps, and each
// event names the one before, so that a missing one is noticed at once and can be had by
// client.PullEvents or a replay.
package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Tolerance is how far the time of a delivery may be from now.
const Tolerance = 5 * time.Minute

// maxBody bounds what is read of a delivery.
const maxBody = 4 << 20

// ErrNotOurs says that a delivery has no signature that fits, or is not of now.
var ErrNotOurs = errors.New("the webhook is not verified")

// Event is what a delivery tells.
type Event struct {
	Type         string         `json:"event"`
	ID           string         `json:"event_id"`
	Time         time.Time      `json:"timestamp"`
	Data         jsontext.Value `json:"data"`
	Ledger       Ledger         `json:"ledger"`
	Subscription Subscription   `json:"subscription"`
}

// Ledger is the record that an event rests on.
type Ledger struct {
	Ledger string `json:"ledger"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`  // leaf hash, padded Base64
	Proof  string `json:"proof"` // path of the inclusion proof
}

// Subscription is where an event stands among those of the webhook.
type Subscription struct {
	WebhookID string `json:"webhook_id"`
	Sequence  int64  `json:"sequence"`
	Previous  string `json:"previous_event_id"` // empty for the first
}

// Receive reads and verifies a delivery. Any of the secrets may fit: give both while one is rotated.
// A secret is whsec_…, one of your own, or whpk_…, the public key of v1a.
func Receive(secrets []string, r *http.Request) (e Event, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return e, err
	}
	if err := Verify(secrets, r.Header, body, time.Now()); err != nil {
		return e, err
	}
	return e, json.Unmarshal(body, &e)
}

// Verify says whether a delivery is signed by one of the secrets and not older or newer than Tolerance.
func Verify(secrets []string, header http.Header, body []byte, now time.Time) error {
	id, stamp := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" {
		return fmt.Errorf("%w: a header is missing", ErrNotOurs)
	}
	if at := time.Unix(seconds, 0); now.Sub(at) > Tolerance || at.Sub(now) > Tolerance {
		return fmt.Errorf("%w: it is of another time", ErrNotOurs)
	}
	content := []byte(id + "." + stamp + "." + string(body))
	for signature := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
		version, text, _ := strings.Cut(signature, ",")
		given, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			continue
		}
		for _, secret := range secrets {
			if fits(version, secret, given, content) {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: no signature fits", ErrNotOurs)
}

func fits(version, secret string, given, content []byte) bool {
	if public, asymmetric := strings.CutPrefix(secret, "whpk_"); asymmetric {
		key, err := base64.StdEncoding.DecodeString(public)
		return version == "v1a" && err == nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, content, given)
	}
	if version != "v1" {
		return false
	}
	text := strings.TrimPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		key = []byte(text)
	}
	h := hmac.New(sha256.New, key)
	h.Write(content)
	return hmac.Equal(h.Sum(nil), given)
}
