package ledger_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain"
	"whocomply/domain/activity"
	"whocomply/domain/ledger"
	"whocomply/domain/monitoring"
	"whocomply/domain/posting"
)

// bank gives a desk with customers Ann and Bob, an account of each type for Ann, a deposit for Bob, and
// the institution's own cash.
func bank(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, "acme")
	d.must(t, push(person("ann", "Ann Larsen")))
	d.must(t, push(person("bob", "Bob Olsen")))
	for _, kind := range []string{"asset", "liability", "equity", "income", "expense"} {
		d.must(t, &ledger.OpenAccount{OpenAccount: posting.OpenAccount{ID: "ann-" + kind, Name: "Ann", Type: kind, Currency: "EUR", CustomerID: "ann"}})
	}
	d.must(t, &ledger.OpenAccount{OpenAccount: posting.OpenAccount{ID: "bob", Name: "Bob", Type: "liability", Currency: "EUR", CustomerID: "bob"}})
	d.must(t, &ledger.OpenAccount{OpenAccount: posting.OpenAccount{ID: "cash", Name: "Cash", Type: "asset", Currency: "EUR"}})
	return d
}

func ruleOn(condition string, types ...string) ledger.Command {
	return ledger.CreateRule(monitoring.CreateRule{Rule: monitoring.Rule{
		Name: "Rule", EventTypes: types, Condition: condition, Severity: domain.High, Score: 30,
	}})
}

// transfer moves an amount from an account that is debited to one that is credited.
func transfer(t *testing.T, id, amount, from, to string) *ledger.RecordPosting {
	return &ledger.RecordPosting{Record: posting.Record{ID: id, EffectiveAt: opened, Entries: []posting.Entry{
		{Account: from, Direction: posting.Debit, Amount: number(t, amount), Currency: "EUR"},
		{Account: to, Direction: posting.Credit, Amount: number(t, amount), Currency: "EUR"},
	}}}
}

// told writes what was decided on the movements of a posting: customer, account, direction, amount,
// how many rules fired, how many alerts were raised.
func told(d *desk, reply any) string {
	var all []string
	for _, e := range reply.(ledger.Booked).Moved {
		m, who := e.Moved(), d.state.Customers.Find(e.CustomerID).Profile.ExternalID
		all = append(all, fmt.Sprint(who, " ", m.Account, " ", m.Direction, " ", m.Amount, " ", len(e.Decision.Monitoring.Fired), " ", len(e.Decision.Alerts)))
	}
	return strings.Join(all, ", ")
}

// TestMovements shows which way a posting goes for the customer, and what is not decided at all.
func TestMovements(t *testing.T) {
	d := bank(t)
	before := len(d.stored)
	if _, reply := d.must(t, transfer(t, "0", "5", "cash", "ann-liability")); told(d, reply) != "" || len(d.stored) != before+1 {
		t.Errorf("without a rule: %s", told(d, reply))
	}
	d.must(t, ruleOn("true", "transaction.*"))
	if _, reply := d.must(t, transfer(t, "1", "5", "cash", "ann-liability")); told(d, reply) != "" {
		t.Errorf("with a rule on other events: %s", told(d, reply))
	}
	d.must(t, ruleOn("transaction.amount > 100", "posting.recorded"))
	for i, row := range []struct{ amount, from, to, want string }{
		{"5", "cash", "ann-liability", "ann ann-liability in 5.00 0 0"},
		{"5", "ann-liability", "cash", "ann ann-liability out 5.00 0 0"},
		{"5", "cash", "ann-asset", "ann ann-asset in 5.00 0 0"},
		{"5", "ann-asset", "cash", "ann ann-asset out 5.00 0 0"},
		{"5", "cash", "ann-equity", "ann ann-equity in 5.00 0 0"},
		{"5", "ann-liability", "ann-income", "ann ann-liability out 5.00 0 0, ann ann-income out 5.00 0 0"},
		{"5", "ann-expense", "ann-liability", "ann ann-expense in 5.00 0 0, ann ann-liability in 5.00 0 0"},
		{"100.01", "ann-liability", "bob", "ann ann-liability out 100.01 1 1, bob bob in 100.01 1 1"},
		{"100", "cash", "cash", ""},
	} {
		if _, reply := d.must(t, transfer(t, fmt.Sprint("p-", i), row.amount, row.from, row.to)); told(d, reply) != row.want {
			t.Errorf("%s from %s to %s: %s, want %s", row.amount, row.from, row.to, told(d, reply), row.want)
		}
	}
	split := transfer(t, "split", "60", "cash", "ann-liability")
	split.Entries = append(split.Entries, transfer(t, "", "50", "cash", "ann-liability").Entries...)
	if _, reply := d.must(t, split); told(d, reply) != "ann ann-liability in 110.00 1 1" {
		t.Errorf("in two entries: %s", told(d, reply))
	}
}

// TestMovementIsDecidedInFull shows windows, alerts, rating and record of a posting's movement.
func TestMovementIsDecidedInFull(t *testing.T) {
	d := bank(t)
	d.must(t, entry("Borealis Trading Ltd"))
	d.must(t, ruleOn(`customer.last("24h").direction("in").channel("cash").sum() >= 10000 && transaction.counterparty.country == "CY"`, "posting.recorded"))
	deposit := func(id string) *ledger.RecordPosting {
		c := transfer(t, id, "4000", "cash", "ann-liability")
		c.Metadata = jsontext.Value(`{"channel":"cash","batch":7,"counterparty":{"name":"Borealis Trading Ltd","country":"CY","account":1},"purpose":["x"],"session":{"device_id":"d-1"}}`)
		return c
	}
	plain := transfer(t, "p-0", "4000", "cash", "ann-liability")
	plain.EffectiveAt = opened.Add(-48 * time.Hour)
	d.must(t, plain)
	d.must(t, deposit("p-1"))
	d.must(t, deposit("p-2"))
	events, reply := d.must(t, deposit("p-3"))
	if got := kinds(events); got != "posting.recorded activity.recorded alert.raised alert.raised" && got != "posting.recorded activity.recorded alert.raised alert.raised risk.rated" {
		t.Errorf("one append of %s", got)
	}
	booked := reply.(ledger.Booked)
	moved := booked.Moved[0]
	fired := moved.Decision.Monitoring.Fired
	if len(fired) != 1 || fired[0].Version != 1 || fired[0].Windows[0].Value != "12000.00" {
		t.Fatalf("fired %+v", fired)
	}
	if hits := moved.Decision.Screening.Hits; len(hits) != 1 || hits[0].Field != "data.transaction.counterparty.name" {
		t.Errorf("hits %+v", hits)
	}
	view := d.state.ViewCustomer("ann")
	if len(moved.Decision.Alerts) != 2 || moved.Decision.Risk.After != view.Rating.Mark() || view.Rating.Score == 0 {
		t.Errorf("decision %+v, rating %+v", moved.Decision, view.Rating)
	}
	if moved.EventID != booked.Posting.Ref+".0" || moved.EventType != "posting.recorded" || !moved.OccurredAt.Equal(opened) {
		t.Errorf("event %+v", moved.Input)
	}
	const data = `{"transaction":{"id":"p-3","amount":"4000.00","currency":"EUR","direction":"in","channel":"cash","counterparty":{"name":"Borealis Trading Ltd","country":"CY"},"account":"ann-liability"},` +
		`"posting":{"posting_id":"p-3","status":"posted","metadata":{"channel":"cash","batch":7,"counterparty":{"name":"Borealis Trading Ltd","country":"CY","account":1},"purpose":["x"],"session":{"device_id":"d-1"}}},"session":{"device_id":"d-1"}}`
	if string(moved.Data) != data {
		t.Errorf("data %s\nwant %s", moved.Data, data)
	}
	if events, _ := d.must(t, deposit("p-3")); len(events) > 0 {
		t.Errorf("again: %s", kinds(events))
	}
}

// TestMovementsOfWhatDoesNotStay follows a hold that is voided, a reversal, and a posting that takes
// effect later.
func TestMovementsOfWhatDoesNotStay(t *testing.T) {
	d := bank(t)
	d.must(t, ruleOn(`event.data.posting.status == "pending"`, "posting.recorded"))
	d.must(t, ruleOn(`!has(transaction.amount) && decimal(event.data.transaction.amount) > 4 && customer.last("1h").count() == 1`, "posting.reversed"))
	hold := transfer(t, "p-1", "5", "ann-liability", "cash")
	hold.Status = posting.Pending
	if _, reply := d.must(t, hold); told(d, reply) != "ann ann-liability out 5.00 1 1" {
		t.Errorf("held: %s", told(d, reply))
	}
	if events, _ := d.must(t, ledger.VoidPosting(posting.Void{ID: "p-1", Original: d.posting("p-1")})); kinds(events) != "posting.settled" {
		t.Errorf("voided: %s", kinds(events))
	}
	later := transfer(t, "p-2", "6", "bob", "cash")
	later.EffectiveAt = opened.Add(48 * time.Hour)
	_, reply := d.must(t, later)
	if moved := reply.(ledger.Booked).Moved; told(d, reply) != "bob bob out 6.00 0 0" || !moved[0].OccurredAt.Equal(d.now) {
		t.Errorf("later: %s, %+v", told(d, reply), moved)
	}
	back := &ledger.ReversePosting{Reverse: posting.Reverse{ID: "r-2", Reverses: "p-2", Original: d.posting("p-2")}}
	_, reply = d.must(t, back)
	if moved := reply.(ledger.Booked).Moved; told(d, reply) != "bob bob in 6.00 1 1" || moved[0].EventType != activity.PostingReversed || !moved[0].OccurredAt.Equal(d.now) {
		t.Errorf("reversed: %s, %+v", told(d, reply), moved)
	}
}

// TestPushedPostingEvent shows that nobody can push an event that a posting makes.
func TestPushedPostingEvent(t *testing.T) {
	d := bank(t)
	for _, name := range []string{activity.PostingRecorded, activity.PostingReversed} {
		c := payment("e-1", "5", "Shop")
		c.EventType, c.Customer = name, "ann"
		if _, _, err := d.carry(t, d.meta(), c); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
