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
	payment.Metadata = jsontext.Value(`{ "batch": 12345678901234567890, "end_to_end_id": "E2E-1" }`)
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
			if raw, err := catalog.Encode(nil, made[kind]); err != nil || string(raw) != string(golden) {
				t.Errorf("decided %s\nwant    %s\nerror %v", raw, golden, err)
			}
			event, err := catalog.Decode(kind, golden)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := catalog.Encode(nil, event); err != nil || string(raw) != string(golden) {
				t.Errorf("read as %s\nwant    %s\nerror %v", raw, golden, err)
			}
		})
	}
}

// TestGoldenPart holds the storage format of a posting.settled with its optional member.
func TestGoldenPart(t *testing.T) {
	const golden = `{"ref":"pst_1","posting_id":"p2","status":"posted","after":[` +
		`{"account":"cash","posted":{"debits":"0.00","credits":"2.50"},"pending":{"debits":"0.00","credits":"0.00"}},` +
		`{"account":"yen","posted":{"debits":"2.50","credits":"0.00"},"pending":{"debits":"0.00","credits":"0.00"}}],` +
		`"idempotency":{"key":"settlement/p2","digest":"1eb6d24e5f8f9f6c8a5e3b6d7c8f9a0b"},"entries":[` +
		`{"account":"yen","direction":"debit","amount":"2.50","currency":"EUR"},{"account":"cash","direction":"credit","amount":"2.50","currency":"EUR"}]}`
	catalog, err := domain.NewCatalog(posting.Events()...)
	if err != nil {
		t.Fatal(err)
	}
	event, err := catalog.Decode(posting.Settled{}.Kind(), []byte(golden))
	if err != nil {
		t.Fatal(err)
	}
	if part := event.(posting.Settled).Entries; len(part) != 2 || part[1] != credit("cash", "2.50") {
		t.Errorf("part %+v", part)
	}
	if raw, err := catalog.Encode(nil, event); err != nil || string(raw) != golden {
		t.Errorf("read as %s\nwant    %s\nerror %v", raw, golden, err)
	}
}
