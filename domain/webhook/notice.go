package webhook

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Notice is what receivers are told of one event of the ledger, before it is put in the form that
// an endpoint wants.
type Notice struct {
	Type     string
	ID       string // see EventID
	Time     time.Time
	Object   string // what it is about: alert, customer, …
	ObjectID string // our id of that
	Customer string // our id of the customer, or empty
	Data     jsontext.Value

	Ledger string // "<origin>/<slug>"; empty for a test
	Seq    int64
	Hash   [32]byte
}

// The payload formats.
const (
	Standard  = "standard"
	Thin      = "thin"     // ids of ours alone: no personal data
	IComply   = "icomply"  // with a secret in the body, for receivers made for it
	Templated = "template" // as the subscription's template says
)

// Place is where a notice stands among those of one endpoint.
type Place struct {
	WebhookID string
	Sequence  int64  // 1, 2, … without gaps
	Previous  string // id of the event before; empty for the first
}

// body is what all formats but the templated one have in common.
type body struct {
	Event        string         `json:"event"`
	EventID      string         `json:"event_id"`
	Timestamp    string         `json:"timestamp"`
	Data         jsontext.Value `json:"data"`
	Ledger       *ledgerPlace   `json:"ledger,omitempty"`
	Subscription *subscribed    `json:"subscription,omitempty"`
}

// ledgerPlace ties a notice to the signed ledger.
type ledgerPlace struct {
	Ledger string `json:"ledger"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`  // leaf hash, padded Base64
	Proof  string `json:"proof"` // path of the inclusion proof
}

type subscribed struct {
	WebhookID string  `json:"webhook_id"`
	Sequence  int64   `json:"sequence"`
	Previous  *string `json:"previous_event_id"` // null for the first
}

// thinData is the data of the format thin.
type thinData struct {
	Object   string `json:"object"`
	ID       string `json:"id"`
	Customer string `json:"customer_id,omitempty"`
}

// icomply is the body of the format icomply, which the members of the others follow.
type icomply struct {
	ID           string         `json:"id"` // the sequence number
	Event        string         `json:"event"`
	EventType    string         `json:"eventType"`
	Data         jsontext.Value `json:"data"`
	Created      string         `json:"creationTimeUtc"`
	Secret       string         `json:"secret"`
	EventID      string         `json:"event_id"`
	Ledger       *ledgerPlace   `json:"ledger,omitempty"`
	Subscription *subscribed    `json:"subscription,omitempty"`
}

// Render gives the body of a delivery: the same bytes each time. secret is what the formats
// icomply and template show of one.
func (w *Subscription) Render(n *Notice, p Place, secret string) ([]byte, error) {
	b, err := bodyOf(w.Format, n, p)
	if err != nil {
		return nil, err
	}
	switch w.Format {
	case IComply:
		return json.Marshal(icomply{
			strconv.FormatInt(p.Sequence, 10), pascal(n.Type), strings.NewReplacer(".", "-", "_", "-").Replace(n.Type), b.Data,
			n.Time.UTC().Format("2006-01-02T15:04:05.0000000Z"), secret, b.EventID, b.Ledger, b.Subscription,
		}, json.Deterministic(true))
	case Templated:
		raw, err := json.Marshal(b, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		return fill(w.Template, raw, secret)
	}
	return json.Marshal(b, json.Deterministic(true))
}

func bodyOf(format string, n *Notice, p Place) (b body, err error) {
	b = body{Event: n.Type, EventID: n.ID, Timestamp: n.Time.UTC().Format(time.RFC3339Nano), Data: n.Data}
	if format == Thin {
		if b.Data, err = json.Marshal(thinData{n.Object, n.ObjectID, n.Customer}); err != nil {
			return b, err
		}
	}
	if n.Ledger != "" {
		slug := n.Ledger[strings.LastIndexByte(n.Ledger, '/')+1:]
		b.Ledger = &ledgerPlace{
			n.Ledger, n.Seq, base64.StdEncoding.EncodeToString(n.Hash[:]),
			"/api/v1/tenants/" + slug + "/ledger/events/" + strconv.FormatInt(n.Seq, 10) + "/proof",
		}
	}
	if p.WebhookID != "" {
		b.Subscription = &subscribed{WebhookID: p.WebhookID, Sequence: p.Sequence}
		if p.Previous != "" {
			b.Subscription.Previous = &p.Previous
		}
	}
	return b, nil
}

// pascal writes alert.created as AlertCreated.
func pascal(kind string) string {
	var name strings.Builder
	for word := range strings.FieldsFuncSeq(kind, func(r rune) bool { return r == '.' || r == '_' || r == '-' }) {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
