package posting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/posting"
)

func TestOpenAccountInput(t *testing.T) {
	for _, tc := range []struct {
		name           string
		change         func(*posting.OpenAccount)
		field, message string
	}{
		{"good", func(*posting.OpenAccount) {}, "", ""},
		{"no id", func(c *posting.OpenAccount) { c.ID = "" }, "id", "id is required"},
		{"long id", func(c *posting.OpenAccount) { c.ID = strings.Repeat("x", 129) }, "id", "id is longer than 128 bytes"},
		{"control character", func(c *posting.OpenAccount) { c.ID = "a\x00" }, "id", "id contains the control character U+0000"},
		{"not UTF-8", func(c *posting.OpenAccount) { c.Name = "a\xff" }, "name", "name is not valid UTF-8"},
		{"no name", func(c *posting.OpenAccount) { c.Name = "" }, "name", "name is required"},
		{"type", func(c *posting.OpenAccount) { c.Type = "debt" }, "type", "type must be asset, liability, equity, income or expense"},
		{"currency", func(c *posting.OpenAccount) { c.Currency = "EUX" }, "currency", "currency must be an ISO 4217 code such as EUR"},
		{"customer", func(c *posting.OpenAccount) { c.CustomerID = "\n" }, "customer_id", "customer_id contains the unprintable character U+000A"},
		{"constraint", func(c *posting.OpenAccount) { c.Constraint = "some" }, "constraint", "constraint must be none, no_debit_balance or no_credit_balance"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := posting.OpenAccount{ID: "cash", Name: "Cash", Type: "asset", Currency: "EUR", CustomerID: "cus_1"}
			tc.change(&cmd)
			_, err := posting.New().DecideOpenAccount(meta(), cmd)
			wantError(t, err, domain.Invalid, tc.field, tc.message)
		})
	}
}

func TestRecordInput(t *testing.T) {
	yen := posting.Entry{Account: "yen", Direction: posting.Credit, Amount: amount("7"), Currency: "JPY"}
	for _, tc := range []struct {
		name           string
		change         func(*posting.Record)
		field, message string
	}{
		{"good", func(*posting.Record) {}, "", ""},
		{"no id", func(c *posting.Record) { c.ID = "" }, "posting_id", "posting_id is required"},
		{"status", func(c *posting.Record) { c.Status = "voided" }, "status", "status must be posted or pending"},
		{"no value date", func(c *posting.Record) { c.EffectiveAt = time.Time{} }, "effective_at", "effective_at is required"},
		{"old", func(c *posting.Record) { c.EffectiveAt = at.AddDate(-127, 0, 0) }, "effective_at", "effective_at is before the year 1900"},
		{"a year ahead", func(c *posting.Record) { c.EffectiveAt = at.AddDate(0, 0, 366) }, "", ""},
		{"too far ahead", func(c *posting.Record) { c.EffectiveAt = at.AddDate(0, 0, 366).Add(time.Microsecond) }, "effective_at", "effective_at is more than 366 days ahead"},
		{"description", func(c *posting.Record) { c.Description = strings.Repeat("é", 251) }, "description", "description is longer than 500 bytes"},
		{"one entry", func(c *posting.Record) { c.Entries = c.Entries[:1] }, "entries", "entries must be 2 to 200, not 1"},
		{"201 entries", func(c *posting.Record) { c.Entries = slices.Repeat(c.Entries[:1], 201) }, "entries", "entries must be 2 to 200, not 201"},
		{"200 entries", func(c *posting.Record) { c.Entries = slices.Repeat(c.Entries, 100) }, "", ""},
		{"no account", func(c *posting.Record) { c.Entries[1].Account = "" }, "entries[1].account", "entries[1].account is required"},
		{"unknown account", func(c *posting.Record) { c.Entries[1].Account = "x" }, "entries[1].account", `entries[1].account is not an account: "x"`},
		{"direction", func(c *posting.Record) { c.Entries[1].Direction = "in" }, "entries[1].direction", "entries[1].direction must be debit or credit"},
		{"currency", func(c *posting.Record) { c.Entries[0].Currency = "eur" }, "entries[0].currency", "entries[0].currency must be an ISO 4217 code such as EUR"},
		{"decimals", func(c *posting.Record) { c.Entries[1].Amount = amount("7.001") }, "entries[1].amount", "entries[1].amount has more than the 2 decimals of EUR"},
		{"zero", func(c *posting.Record) { c.Entries[0].Amount = amount("0.00") }, "entries[0].amount", "entries[0].amount must be more than 0"},
		{"negative", func(c *posting.Record) { c.Entries[0].Amount = amount("-7") }, "entries[0].amount", "entries[0].amount must be more than 0"},
		{"too large", func(c *posting.Record) { c.Entries[0].Amount = amount("123456789012345678") }, "entries[0].amount", "entries[0].amount is too large"},
		{"unbalanced", func(c *posting.Record) { c.Entries[1].Amount = amount("6.99") }, "entries", "entries do not balance in EUR: debits are 7.00, credits are 6.99"},
		{"balanced across currencies only", func(c *posting.Record) { c.Entries[1] = yen }, "entries", "entries do not balance in EUR: debits are 7.00, credits are 0.00"},
		{"overflowing sum", func(c *posting.Record) {
			c.Entries[0].Amount = amount("99999999999999999.99")
			c.Entries = append(c.Entries, debit("cash", "0.01"))
		}, "entries", "entries add up to more than 19 digits in EUR"},
		{"currency of the account", func(c *posting.Record) { c.Entries[1].Account = "yen" }, "entries[1].currency", "entries[1].currency must be JPY, the currency of the account"},
		{"metadata array", func(c *posting.Record) { c.Metadata = jsontext.Value(`[]`) }, "metadata", "metadata must be a JSON object"},
		{"metadata cut", func(c *posting.Record) { c.Metadata = jsontext.Value(`{"a":`) }, "metadata", "metadata must be a JSON object with unique names in valid UTF-8"},
		{"metadata twice", func(c *posting.Record) { c.Metadata = jsontext.Value(`{"a":1,"a":2}`) }, "metadata", "metadata must be a JSON object with unique names in valid UTF-8"},
		{"metadata size", func(c *posting.Record) {
			c.Metadata = jsontext.Value(`{"a":"` + strings.Repeat("x", 16<<10) + `"}`)
		}, "metadata", "metadata is longer than 16384 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := given(t, books()...)
			cmd := record("p1", debit("cash", "7"), credit("deposit", "7"))
			tc.change(&cmd)
			events, err := s.DecideRecord(meta(), cmd)
			wantError(t, err, domain.Invalid, tc.field, tc.message)
			if (err == nil) != (len(events) == 1) {
				t.Errorf("%d events with error %v", len(events), err)
			}
		})
	}
}

// TestSameContent shows which differences a repetition may have.
func TestSameContent(t *testing.T) {
	first := pending("p1", debit("cash", "7"), credit("deposit", "7"))
	first.Metadata = jsontext.Value(`{"b":1.0,"a":"é"}`)
	for _, tc := range []struct {
		name   string
		change func(*posting.Record)
		same   bool
	}{
		{"nothing", func(*posting.Record) {}, true},
		{"decimals", func(c *posting.Record) { c.Entries[1].Amount = amount("7.00") }, true},
		{"time zone", func(c *posting.Record) { c.EffectiveAt = at.In(time.FixedZone("", 3600)) }, true},
		{"order of metadata", func(c *posting.Record) { c.Metadata = jsontext.Value(`{ "a":"\u00e9", "b":1.0 }`) }, true},
		{"number in metadata", func(c *posting.Record) { c.Metadata = jsontext.Value(`{"b":1,"a":"é"}`) }, false},
		{"metadata", func(c *posting.Record) { c.Metadata = nil }, false},
		{"description", func(c *posting.Record) { c.Description = "x" }, false},
		{"instant", func(c *posting.Record) { c.EffectiveAt = at.Add(time.Microsecond) }, false},
		{"order of entries", func(c *posting.Record) { slices.Reverse(c.Entries) }, false},
		{"status", func(c *posting.Record) { c.Status = "" }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := given(t, append(books(), first)...)
			again := first
			again.Entries, again.Metadata = slices.Clone(first.Entries), first.Metadata.Clone()
			tc.change(&again)
			for range 2 { // as a pending and as a voided posting
				events, err := s.DecideRecord(meta(), again)
				if len(events) != 0 {
					t.Errorf("recorded again: %+v", events)
				}
				if tc.same {
					wantError(t, err, "", "", "")
				} else {
					wantError(t, err, domain.Conflict, "posting_id", "posting_id was used before with other content")
				}
				if s.Pending("p1") != nil {
					apply(t, s, posting.Void{ID: "p1"})
				}
			}
		})
	}
}

// TestPrepareCopies shows that a prepared command shares nothing with what it was made from.
func TestPrepareCopies(t *testing.T) {
	cmd := record("p1", debit("cash", "7"), credit("deposit", "7"))
	cmd.Metadata = jsontext.Value(`{"b":1,"a":2}`)
	prepared, err := cmd.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Entries[0].Account, cmd.Metadata[2] = "x", 'x'
	if prepared.Entries[0].Account != "cash" || string(prepared.Metadata) != `{"b":1,"a":2}` {
		t.Errorf("prepared changed to %+v", prepared)
	}
	again, err := prepared.Prepare()
	if err != nil || again.Idempotency() != prepared.Idempotency() || prepared.Idempotency().Key != "posting/p1" {
		t.Errorf("prepared twice: %+v, then %+v, error %v", prepared.Idempotency(), again.Idempotency(), err)
	}
}

// TestMetadataAsWritten shows that metadata are kept as they were written but for the space between, an
// empty object too.
func TestMetadataAsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"": "", ` { } `: "{}", `{ "b": 1.0, "a": { "d": null, "c": 1e2 } }`: `{"b":1.0,"a":{"d":null,"c":1e2}}`,
	} {
		cmd := record("p1", debit("cash", "7"), credit("deposit", "7"))
		cmd.Metadata = jsontext.Value(text)
		prepared, err := cmd.Prepare()
		if err != nil || string(prepared.Metadata) != want {
			t.Errorf("%q: metadata %q, error %v", text, prepared.Metadata, err)
		}
	}
}
