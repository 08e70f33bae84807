package posting_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// TestContent shows that a posting_id is bound to the JSON of the posting, with free-form members in order:
// ledgers hold digests of it for ever.
func TestContent(t *testing.T) {
	amount := domain.DecimalOf(125_000, 2)
	cmd, err := posting.Record{
		ID: "p-1", EffectiveAt: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC), Description: `rent "May"`, Metadata: jsontext.Value(`{"b": 1, "a": [2]}`),
		Entries: []posting.Entry{{Account: "x", Direction: posting.Debit, Amount: amount, Currency: "EUR"}, {Account: "y", Direction: posting.Credit, Amount: amount, Currency: "EUR"}},
	}.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(cmd.Posting(), json.Deterministic(true), jsontext.ReorderRawObjects(true))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(written)
	if want := hex.EncodeToString(sum[:16]); cmd.Idempotency().Digest != want {
		t.Errorf("digest %s, want %s of %s", cmd.Idempotency().Digest, want, written)
	}
}
