package posting_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/oklog/ulid/v2"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// TestGoldens holds the storage format of each event, and the digests in it, against
// testdata/events: today's decisions give those bytes, and those bytes are read without loss.
func TestGoldens(t *testing.T) {
	catalog, err := domain.NewCatalog(posting.Events()...)
	if err != nil {
		t.Fatal(err)
	}
	payment := pending("payment-1", debit("cash", "1250.5"), credit("deposit", "1250.50"))
	payment.Description = "Salary \u201cJanuary\u201d"
	payment.Metadata = jsontext.Value(`{ "end_to_end_id": "E2E-1", "batch": 12345678901234567890 }`)
	cmds := []any{
		posting.OpenAccount{ID: "cash", Name: "Cash at bank", Type: "asset", Currency: "EUR"},
		posting.OpenAccount{
			ID: "deposit", Name: "Deposit", Type: "liability", Currency: "EUR",
			CustomerID: "cus_01KG0000000000000000000000", Constraint: posting.NoDebitBalance,
		},
		payment,
		posting.Post{ID: "payment-1"},
	}
	m, s, made := meta(), posting.New(), map[domain.Kind]domain.Event{}
	m.IDs = domain.NewIDs(ulid.MustParseStrict("01KG0000000000000000000000"))
	for _, cmd := range cmds {
		events, err := decide(s, m, cmd)
		if err != nil {
			t.Fatal(err)
		}
		s.Evolve(&domain.Envelope{Event: events[0]})
		made[events[0].Kind()] = events[0]
	}
	for _, kind := range catalog.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			golden, err := os.ReadFile(filepath.Join("..", "..", "testdata", "events", kind.Name+".v"+strconv.Itoa(kind.Version)+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := catalog.Encode(made[kind]); err != nil || string(raw) != string(golden) {
				t.Errorf("decided %s\nwant    %s\nerror %v", raw, golden, err)
			}
			event, err := catalog.Decode(kind, golden)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := catalog.Encode(event); err != nil || string(raw) != string(golden) {
				t.Errorf("read as %s\nwant    %s\nerror %v", raw, golden, err)
			}
		})
	}
}
