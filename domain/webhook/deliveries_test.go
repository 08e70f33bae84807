package webhook_test

import (
	"crypto/ed25519"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/webhook"
)

var update = flag.Bool("update", false, "write the golden file anew")

// delivery is one as a receiver gets it, for verifiers that others wrote and for the samples of ours.
type delivery struct {
	Name      string            `json:"name"`
	Secret    string            `json:"secret"`
	Previous  string            `json:"previous,omitempty"`
	PublicKey string            `json:"public_key,omitempty"`
	Time      int64             `json:"time"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
}

// TestDeliveries holds whole deliveries of every kind against testdata/webhooks/deliveries.json.
func TestDeliveries(t *testing.T) {
	at := time.Unix(1614265330, 0)
	seed := make([]byte, ed25519.SeedSize)
	var all []delivery
	for _, row := range []struct {
		name, format string
		keys         webhook.Keys
	}{
		{"standard", webhook.Standard, webhook.Keys{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
		{"documented secret", webhook.Thin, webhook.Keys{Secret: "whsec_A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0U1V2W3X4Y5Z6"}},
		{"rotated", webhook.Standard, webhook.Keys{Secret: webhook.NewSecret([32]byte{1}), Previous: webhook.NewSecret([32]byte{2})}},
		{"asymmetric too", webhook.Standard, webhook.Keys{Secret: webhook.NewSecret([32]byte{3}), Ed25519: ed25519.NewKeyFromSeed(seed)}},
		{"body secret", webhook.IComply, webhook.Keys{Secret: webhook.NewSecret([32]byte{4})}},
	} {
		n := notice()
		n.Data = jsontext.Value(`{"id":"alr_1","text":"Amalie Dahl-Østergård, 12 Tràng Tiền \u2028 \"x\""}`)
		w := webhook.Subscription{Format: row.format}
		body, err := w.Render(n, webhook.Place{WebhookID: "f67f165d-0d1e-4eb7-81e6-3494a260dcd4", Sequence: 1}, "whs_ef0dbc12345c418ab4a1cc4c888dea02")
		if err != nil {
			t.Fatal(err)
		}
		d := delivery{Name: row.name, Secret: row.keys.Secret, Previous: row.keys.Previous, Time: at.Unix(), Headers: map[string]string{}, Body: string(body)}
		if row.keys.Ed25519 != nil {
			d.PublicKey = webhook.PublicKey(row.keys.Ed25519)
		}
		for _, h := range webhook.Sign(row.keys, n.ID, at, body) {
			d.Headers[h.Name] = h.Value
		}
		all = append(all, d)
	}
	got, err := json.Marshal(all, json.Deterministic(true), jsontext.Multiline(true))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "testdata", "webhooks", "deliveries.json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("deliveries are not those of %s (%v)", path, err)
	}
}
