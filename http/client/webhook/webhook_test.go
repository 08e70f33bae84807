package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"whocomply/http/client/webhook"
)

type delivery struct {
	Name      string            `json:"name"`
	Secret    string            `json:"secret"`
	Previous  string            `json:"previous"`
	PublicKey string            `json:"public_key"`
	Time      int64             `json:"time"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
}

func deliveries(t *testing.T) (all []delivery) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "webhooks", "deliveries.json"))
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	return all
}

func (d delivery) header() http.Header {
	h := http.Header{}
	for name, value := range d.Headers {
		h.Set(name, value)
	}
	return h
}

// TestVerify takes what is ours and new, and nothing else.
func TestVerify(t *testing.T) {
	for _, d := range deliveries(t) {
		now := time.Unix(d.Time, 0)
		secrets := []string{d.Secret}
		if d.Previous != "" {
			secrets = append(secrets, d.Previous)
		}
		if d.PublicKey != "" {
			secrets = append(secrets, d.PublicKey)
		}
		for _, row := range []struct {
			name    string
			secrets []string
			harm    func(http.Header) (body string)
			now     time.Time
			ours    bool
		}{
			{"as sent", []string{d.Secret}, nil, now, true},
			{"each secret", secrets[len(secrets)-1:], nil, now, true},
			{"at the edge", secrets, nil, now.Add(webhook.Tolerance), true},
			{"old", secrets, nil, now.Add(webhook.Tolerance + time.Second), false},
			{"of the future", secrets, nil, now.Add(-webhook.Tolerance - time.Second), false},
			{"another secret", []string{"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "your-secret", "whpk_AAAA", "whpk_" + strings.Repeat("A", 43) + "="}, nil, now, false},
			{"no secret", nil, nil, now, false},
			{"changed body", secrets, func(http.Header) string { return d.Body + " " }, now, false},
			{"changed id", secrets, func(h http.Header) string { h.Set("Webhook-Id", "x"); return d.Body }, now, false},
			{"changed time", secrets, func(h http.Header) string { h.Set("Webhook-Timestamp", fmt.Sprint(d.Time+1)); return d.Body }, now, false},
			{"no id", secrets, func(h http.Header) string { h.Del("Webhook-Id"); return d.Body }, now, false},
			{"no time", secrets, func(h http.Header) string { h.Del("Webhook-Timestamp"); return d.Body }, now, false},
			{"no signature", secrets, func(h http.Header) string { h.Del("Webhook-Signature"); return d.Body }, now, false},
			{"empty signature", secrets, func(h http.Header) string { h.Set("Webhook-Signature", "v1,"); return d.Body }, now, false},
			{"cut signature", secrets, func(h http.Header) string {
				h.Set("Webhook-Signature", h.Get("Webhook-Signature")[:8])
				return d.Body
			}, now, false},
			{"others beside it", secrets, func(h http.Header) string {
				h.Set("Webhook-Signature", "v2,x v1,AAAA v1a,BBBB "+h.Get("Webhook-Signature"))
				return d.Body
			}, now, true},
		} {
			t.Run(d.Name+" "+row.name, func(t *testing.T) {
				h, body := d.header(), d.Body
				if row.harm != nil {
					body = row.harm(h)
				}
				err := webhook.Verify(row.secrets, h, []byte(body), row.now)
				if (err == nil) != row.ours || err != nil && !errors.Is(err, webhook.ErrNotOurs) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

// TestReceive signs with the library of Standard Webhooks and reads with ours.
func TestReceive(t *testing.T) {
	d := deliveries(t)[0]
	lib, err := standard.NewWebhook(d.Secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := lib.Sign("id", now, []byte(d.Body))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/hook", strings.NewReader(d.Body))
	r.Header.Set("Webhook-Id", "id")
	r.Header.Set("Webhook-Timestamp", fmt.Sprint(now.Unix()))
	r.Header.Set("Webhook-Signature", signature)
	e, err := webhook.Receive([]string{d.Secret}, r)
	if err != nil || e.Type != "alert.created" || e.Ledger.Seq != 12 || e.Subscription.Sequence != 1 || e.Subscription.Previous != "" {
		t.Errorf("event %+v, %v", e, err)
	}
}

// TestStandardWebhooks shows deliveries to the library that Standard Webhooks keeps for Go.
func TestStandardWebhooks(t *testing.T) {
	for _, d := range deliveries(t) {
		lib, err := standard.NewWebhook(d.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := lib.VerifyIgnoringTimestamp([]byte(d.Body), d.header()); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		if lib.Verify([]byte(d.Body), d.header()) == nil {
			t.Errorf("%s: an old delivery is taken", d.Name)
		}
		if lib.VerifyIgnoringTimestamp([]byte(d.Body+" "), d.header()) == nil {
			t.Errorf("%s: a changed body is taken", d.Name)
		}
	}
}

// FuzzVerify wants nothing to be ours that was not signed.
func FuzzVerify(f *testing.F) {
	f.Add("v1,AAAA", "1614265330", "id", "body")
	f.Fuzz(func(t *testing.T, signature, stamp, id, body string) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {signature}}
		if webhook.Verify([]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="}, h, []byte(body), time.Unix(1614265330, 0)) == nil {
			t.Error("taken")
		}
	})
}
