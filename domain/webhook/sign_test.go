package webhook_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

// vectors are signatures that others have made.
type vectors struct {
	Sign []struct {
		Name, Scheme, Secret, ID string
		Timestamp                int64
		SecretKey                string `json:"secret_key"`
		PublicKey                string `json:"public_key"`
		Payload                  string
		Repeat                   string `json:"payload_repeat"`
		Count                    int    `json:"payload_count"`
		Signature                string
	}
	SecretFormat []struct {
		Case   string
		Secret string
		Valid  bool
	} `json:"secret_format"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "webhooks", "vectors.json"))
	if err == nil {
		err = json.Unmarshal(raw, &v, json.MatchCaseInsensitiveNames(true))
	}
	if err != nil || len(v.Sign) == 0 {
		t.Fatal(err)
	}
	return v
}

func TestSignaturesOfOthers(t *testing.T) {
	for _, v := range readVectors(t).Sign {
		t.Run(v.Name, func(t *testing.T) {
			body := v.Payload
			if v.Repeat != "" {
				body = strings.Repeat(v.Repeat, v.Count)
			}
			keys := webhook.Keys{Secret: v.Secret}
			if v.Scheme == "ed25519" {
				raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(v.SecretKey, "whsk_"))
				if err != nil {
					t.Fatal(err)
				}
				keys = webhook.Keys{Secret: "any secret", Ed25519: ed25519.PrivateKey(raw)}
				if public := webhook.PublicKey(keys.Ed25519); public != v.PublicKey {
					t.Errorf("public key %s, want %s", public, v.PublicKey)
				}
			}
			got := header(webhook.Sign(keys, v.ID, time.Unix(v.Timestamp, 0), []byte(body)), webhook.HeaderSignature)
			if !strings.Contains(" "+got+" ", " "+v.Signature+" ") {
				t.Errorf("signature %s, want %s", got, v.Signature)
			}
		})
	}
}

func header(headers []webhook.Header, name string) string {
	for _, h := range headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// TestRotationSignsWithBoth wants each secret's own signature while two are valid.
func TestRotationSignsWithBoth(t *testing.T) {
	at, body := time.Unix(1614265330, 0), []byte(`{"a":1}`)
	both := webhook.Sign(webhook.Keys{Secret: "new-secret", Previous: "old-secret"}, "id", at, body)
	old := webhook.Sign(webhook.Keys{Secret: "old-secret"}, "id", at, body)
	if got, want := header(both, webhook.HeaderSignature), header(old, webhook.HeaderSignature); !strings.HasSuffix(got, " "+want) {
		t.Errorf("%s does not end with %s", got, want)
	}
	if header(both, webhook.HeaderComplyCube+"-Previous") != header(old, webhook.HeaderComplyCube) {
		t.Error("the previous secret's body signature is missing")
	}
}

func vault(t *testing.T, fill byte) *webhook.Vault {
	t.Helper()
	master := make([]byte, webhook.MasterSize)
	master[0] = fill
	v, err := webhook.NewVault(master)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSecretsOpenWhereTheyWereSealed(t *testing.T) {
	v := vault(t, 1)
	sealed := v.Seal([12]byte{1}, "acme", "id-1", "your-secret")
	if strings.Contains(sealed, "your-secret") {
		t.Error("the secret can be read")
	}
	for _, row := range []struct {
		name       string
		vault      *webhook.Vault
		ledger, id string
		sealed     string
		opens      bool
	}{
		{"as sealed", v, "acme", "id-1", sealed, true},
		{"another ledger", v, "rival", "id-1", sealed, false},
		{"another subscription", v, "acme", "id-2", sealed, false},
		{"another key", vault(t, 2), "acme", "id-1", sealed, false},
		{"changed", v, "acme", "id-1", sealed[:len(sealed)-4] + "AAA=", false},
		{"short", v, "acme", "id-1", "aes256gcm1:AAAA", false},
		{"plain", v, "acme", "id-1", "your-secret", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := row.vault.Open(row.ledger, row.id, row.sealed)
			if (err == nil) != row.opens || row.opens && got != "your-secret" {
				t.Errorf("opened %q, %v", got, err)
			}
		})
	}
	if a, b := v.Digest("one"), v.Digest("two"); a == b || a != v.Digest("one") {
		t.Error("digests do not tell secrets apart")
	}
}

func TestSecretFormat(t *testing.T) {
	for _, row := range []struct {
		secret string
		ok     bool
	}{
		{"whsec_A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0U1V2W3X4Y5Z6", true},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true},
		{webhook.NewSecret([32]byte{1}), true},
		{"your-secret", true},
		{"short", false},
		{"whsec_c2hvcnQ=", false},
		{"whsec_not base64 at all", false},
		{strings.Repeat("x", 257), false},
	} {
		if err := webhook.CheckSecret(row.secret); (err == nil) != row.ok || err != nil && domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: %v", row.secret, err)
		}
	}
}

func TestEventIDIsAUUIDOfItsULID(t *testing.T) {
	id := webhook.EventID("01KG9N1YNVEXM6YRVFDNR6RYD0")
	if id != webhook.EventID("01KG9N1YNVEXM6YRVFDNR6RYD0") || len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
		t.Errorf("id %s", id)
	}
	if next := webhook.EventID("01KG9N1YNVEXM6YRVFDNR6RYD1"); next <= id {
		t.Errorf("%s does not come after %s", next, id)
	}
}

func notice() *webhook.Notice {
	return &webhook.Notice{
		Type: "alert.created", ID: "019c135e-7abb-7767-8f63-6f6d70663da0", Time: time.Date(2026, 1, 31, 9, 0, 0, 171260300, time.UTC),
		Object: "alert", ObjectID: "alr_1", Customer: "cus_1", Data: jsontext.Value(`{"id":"alr_1","severity":"high","reasons":[{"text":"name \"x\""}]}`),
		Ledger: "bank.example/acme", Seq: 12,
	}
}

func TestRender(t *testing.T) {
	place := webhook.Place{WebhookID: "w-1", Sequence: 7, Previous: "p-1"}
	tail := `"ledger":{"ledger":"bank.example/acme","seq":12,"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",` +
		`"proof":"/api/v1/tenants/acme/ledger/events/12/proof"},"subscription":{"webhook_id":"w-1","sequence":7,"previous_event_id":"p-1"}}`
	head := `{"event":"alert.created","event_id":"019c135e-7abb-7767-8f63-6f6d70663da0","timestamp":"2026-01-31T09:00:00.1712603Z","data":`
	for _, row := range []struct {
		name, format, template, want string
	}{
		{"standard", webhook.Standard, "", head + string(notice().Data) + "," + tail},
		{"thin", webhook.Thin, "", head + `{"object":"alert","id":"alr_1","customer_id":"cus_1"},` + tail},
		{"icomply", webhook.IComply, "", `{"id":"7","event":"AlertCreated","eventType":"alert-created","data":` + string(notice().Data) +
			`,"creationTimeUtc":"2026-01-31T09:00:00.1712603Z","secret":"whs_1","event_id":"019c135e-7abb-7767-8f63-6f6d70663da0",` + tail},
		{
			"template", webhook.Templated,
			`{"text":"{{event}} {{data.severity}}: {{data.reasons}} {{data.none}}.","seq":"{{ledger.seq}}","all":["{{data.id}}",1],"key":"{{secret}}","open":"a{{"}`,
			`{"all":["alr_1",1],"key":"whs_1","open":"a","seq":12,"text":"alert.created high: [{\"text\":\"name \\\"x\\\"\"}] ."}`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := webhook.Subscription{Format: row.format, Template: jsontext.Value(row.template)}
			got, err := w.Render(notice(), place, "whs_1")
			if err != nil || string(got) != row.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, row.want)
			}
		})
	}
}
