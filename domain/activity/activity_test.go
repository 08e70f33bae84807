package activity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

const payment = `{"transaction":{"id":"t-1","amount":"9500.00","currency":"EUR","direction":"out","counterparty":{"name":"Borealis Trading","country":"CY"}},"device":{"os":"x"}}`

func input() activity.Input {
	return activity.Input{EventID: "evt-1", EventType: "transaction.created", OccurredAt: at, Customer: "c-1", Data: jsontext.Value(payment)}
}

// with gives data whose transaction has one member replaced or added.
func with(member, value string) jsontext.Value {
	members := map[string]string{"id": `"t-1"`, "amount": `"1"`, "currency": `"EUR"`, "direction": `"in"`}
	members[member] = value
	var text []string
	for name, value := range members {
		if value != "" {
			text = append(text, `"`+name+`":`+value)
		}
	}
	return jsontext.Value(`{"transaction":{` + strings.Join(text, ",") + `}}`)
}

// TestCheck gives each field its wrong forms; want is what follows the field's name.
func TestCheck(t *testing.T) {
	const notObject, tr = "must be an object", "data.transaction."
	long := `"` + strings.Repeat("x", 513) + `"`
	data := func(member, value string) func(*activity.Input) {
		return func(in *activity.Input) { in.Data = with(member, value) }
	}
	raw := func(text string) func(*activity.Input) {
		return func(in *activity.Input) { in.Data = jsontext.Value(text) }
	}
	for _, tc := range []struct {
		name        string
		change      func(in *activity.Input)
		field, want string
	}{
		{"as it is", func(*activity.Input) {}, "", ""},
		{"no event_id", func(in *activity.Input) { in.EventID = "" }, "event_id", "is required"},
		{"long event_id", func(in *activity.Input) { in.EventID = strings.Repeat("x", 129) }, "event_id", "is longer than 128 bytes"},
		{"no event_type", func(in *activity.Input) { in.EventType = "" }, "event_type", "is required"},
		{"long event_type", func(in *activity.Input) { in.EventType = strings.Repeat("x", 65) }, "event_type", "is longer than 64 bytes"},
		{"event_type in capitals", func(in *activity.Input) { in.EventType = "Transaction.Created" }, "event_type", "must be a dotted name such as transaction.created"},
		{"event_type with an empty word", func(in *activity.Input) { in.EventType = "transaction." }, "event_type", "must be a dotted name such as transaction.created"},
		{"event_type as a pattern", func(in *activity.Input) { in.EventType = "transaction.*" }, "event_type", "must be a dotted name such as transaction.created"},
		{"no occurred_at", func(in *activity.Input) { in.OccurredAt = time.Time{} }, "occurred_at", "is required: an RFC 3339 time such as 2026-01-31T09:00:00Z"},
		{"a little ahead", func(in *activity.Input) { in.OccurredAt = at.Add(5 * time.Minute) }, "", ""},
		{"ahead", func(in *activity.Input) { in.OccurredAt = at.Add(5*time.Minute + 1) }, "occurred_at", "is more than 5m0s in the future"},
		{"long ago", func(in *activity.Input) { in.OccurredAt = at.AddDate(-30, 0, 0) }, "", ""},
		{"no customer_id", func(in *activity.Input) { in.Customer = "" }, "customer_id", "is required"},
		{"no data", raw(""), "data", "is required: a JSON object"},
		{"array as data", raw("[]"), "data", "must be a JSON object"},
		{"null as data", raw("null"), "data", "must be a JSON object"},
		{"half of data", raw(`{"transaction":`), "data", "must be a JSON object with unique names in valid UTF-8"},
		{"long data", raw(`{"x":"` + strings.Repeat("x", 64<<10) + `"}`), "data", "is longer than 65536 bytes"},
		{"no transaction", raw(`{"x":1}`), "data.transaction", "is required for the event type transaction.created"},
		{"null as transaction", raw(`{"transaction":null}`), "data.transaction", "is required for the event type transaction.created"},
		{"text as transaction", raw(`{"transaction":"t-1"}`), "data.transaction", notObject},
		{"transaction of another event", func(in *activity.Input) {
			in.EventType, in.Data = "customer.login", jsontext.Value(`{"transaction":"t-1"}`)
		}, "", ""},
		{"free members", data("batch", "7"), "", ""},
		{"no id", data("id", ""), tr + "id", "is required"},
		{"number as id", data("id", "1"), tr + "id", "must be a string"},
		{"no amount", data("amount", ""), tr + "amount", "is required"},
		{"null as amount", data("amount", "null"), tr + "amount", "is required"},
		{"nothing paid", data("amount", `"0"`), "", ""},
		{"number as amount", data("amount", "1.5"), tr + "amount", `must be a decimal in a string, such as "1200.50"`},
		{"exponent", data("amount", `"1e3"`), tr + "amount", `"1e3" is not a decimal number such as "1200.50"`},
		{"negative amount", data("amount", `"-1"`), tr + "amount", "must not be negative"},
		{"tenths of a cent", data("amount", `"1.001"`), tr + "amount", "has more than the 2 decimals of EUR"},
		{"no currency", data("currency", ""), tr + "currency", "must be an ISO 4217 code such as EUR"},
		{"no such currency", data("currency", `"EURO"`), tr + "currency", "must be an ISO 4217 code such as EUR"},
		{"no direction", data("direction", ""), tr + "direction", "is required: in or out"},
		{"other direction", data("direction", `"debit"`), tr + "direction", "must be in or out"},
		{"channel", data("channel", long), tr + "channel", "is longer than 512 bytes"},
		{"method", data("method", long), tr + "method", "is longer than 512 bytes"},
		{"purpose", data("purpose", long), tr + "purpose", "is longer than 512 bytes"},
		{"account", data("account", long), tr + "account", "is longer than 512 bytes"},
		{"reference", data("reference", `"\u0000"`), tr + "reference", "contains the control character U+0000"},
		{"text as counterparty", data("counterparty", `"B"`), tr + "counterparty", notObject},
		{"counterparty.name", data("counterparty", `{"name":`+long+`}`), tr + "counterparty.name", "is longer than 512 bytes"},
		{"counterparty.account", data("counterparty", `{"account":`+long+`}`), tr + "counterparty.account", "is longer than 512 bytes"},
		{"counterparty.bank", data("counterparty", `{"bank":`+long+`}`), tr + "counterparty.bank", "is longer than 512 bytes"},
		{"counterparty.country", data("counterparty", `{"country":"cy"}`), tr + "counterparty.country", "must be an ISO 3166-1 alpha-2 code such as DE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := input()
			tc.change(&in)
			tx, err := in.Check(at)
			if tc.want == "" {
				if err != nil || (tx != nil) != strings.HasPrefix(in.EventType, "transaction.") {
					t.Fatalf("transaction %+v, error %v", tx, err)
				}
				return
			}
			e, ok := errors.AsType[*domain.Error](err)
			if want := tc.field + " " + tc.want; !ok || e.Code != domain.Invalid || e.Field != tc.field || e.Message != want {
				t.Fatalf("error %#v,\nwant %s", err, want)
			}
		})
	}
}

func TestTransaction(t *testing.T) {
	in := input()
	tx, err := in.Check(at)
	if err != nil {
		t.Fatal(err)
	}
	if tx.ID != "t-1" || tx.Amount.String() != "9500.00" || tx.Currency != "EUR" || tx.Direction != "out" || *tx.Counterparty != (activity.Counterparty{Name: "Borealis Trading", Country: "CY"}) {
		t.Errorf("transaction %+v", tx)
	}
}

// TestIdempotency shows that an event is known by its id and compared by all that was stated.
func TestIdempotency(t *testing.T) {
	base := input()
	base.Data = domain.StoredJSON(base.Data)
	first := base.Idempotency()
	if first.Key != "event/evt-1" {
		t.Errorf("key %s", first.Key)
	}
	for _, tc := range []struct {
		name   string
		change func(in *activity.Input)
		same   bool
	}{
		{"again", func(*activity.Input) {}, true},
		{"space in the data", func(in *activity.Input) { in.Data = jsontext.Value(strings.ReplaceAll(payment, ",", " , ")) }, true},
		{"other order of the data", func(in *activity.Input) {
			in.Data = jsontext.Value(`{"device":{"os":"x"},` + strings.TrimSuffix(strings.TrimPrefix(payment, "{"), `,"device":{"os":"x"}}`) + `}`)
		}, true},
		{"other data", func(in *activity.Input) { in.Data = jsontext.Value(strings.Replace(payment, "9500.00", "9500.01", 1)) }, false},
		{"other type", func(in *activity.Input) { in.EventType = "transaction.settled" }, false},
		{"other time", func(in *activity.Input) { in.OccurredAt = at.Add(1) }, false},
		{"other customer", func(in *activity.Input) { in.Customer = "c-2" }, false},
	} {
		in := input()
		tc.change(&in)
		in.Data = domain.StoredJSON(in.Data)
		if got := in.Idempotency(); got.Key != first.Key || (got == first) != tc.same {
			t.Errorf("%s: %v, first %v", tc.name, got, first)
		}
	}
}

func TestDecideRecord(t *testing.T) {
	in := input()
	cmd := activity.Record{Input: in, CustomerID: "cus_1", Idem: in.Idempotency(), Decision: activity.Decision{Alerts: []string{"alr_1"}}}
	recorded := activity.DecideRecord(cmd)
	if recorded.Subject() != "cus_1" || recorded.Idempotency() != cmd.Idem || recorded.EventID != "evt-1" || recorded.Decision.Alerts[0] != "alr_1" {
		t.Errorf("recorded %+v", recorded)
	}
}
