package monitoring_test

import (
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// ledgerOf is what windows rest on, fed as a ledger feeds it.
type pastOf struct{ *monitoring.Histories }

// paid records a payment some time before noon.
func (p pastOf) paid(t testing.TB, before time.Duration, sum, currency string, change ...func(*monitoring.Input)) {
	in := payment(t, before, sum, currency, change...)
	p.Record(&in)
}

func payment(t testing.TB, before time.Duration, sum, currency string, change ...func(*monitoring.Input)) monitoring.Input {
	in := deposit(t)
	in.Event.OccurredAt = noon.Add(-before)
	in.Transaction.Amount, in.Transaction.Currency = amount(t, sum), domain.Currency(currency)
	for _, c := range change {
		c(&in)
	}
	return in
}

func out(in *monitoring.Input)  { in.Transaction.Direction = "out" }
func wire(in *monitoring.Input) { in.Transaction.Channel = "wire" }
func to(name string) func(*monitoring.Input) {
	return func(in *monitoring.Input) {
		in.Transaction.Counterparty = monitoring.Counterparty{Account: name, Country: "DE"}
	}
}

func of(customer string) func(*monitoring.Input) {
	return func(in *monitoring.Input) { in.Customer.ID = customer }
}

const day = 24 * time.Hour

// somePast is what TestWindows looks back on, at noon, with 1000.00 EUR in cash that came in.
func somePast(t testing.TB) pastOf {
	p := pastOf{monitoring.NewHistories()}
	p.paid(t, 0, "1.00", "EUR")               // of the same time, recorded before
	p.paid(t, 30*time.Minute, "10.00", "EUR") // cash in
	p.paid(t, 2*time.Hour, "20.50", "EUR", out, wire, to("A"))
	p.paid(t, 100*day, "3000", "EUR", to("A"))
	p.paid(t, 8*day, "100.00", "EUR", out, to("B")) // late
	p.paid(t, day, "40.00", "EUR", to("C"))         // on the border: outside of the last 24 hours
	p.paid(t, -time.Minute, "7", "EUR")             // later than the event at hand
	p.paid(t, time.Hour, "5", "EUR", of("cus_2"))
	return p
}

func TestWindows(t *testing.T) {
	p := somePast(t)
	for condition, want := range map[string]bool{
		`customer.last("24h").count() == 4`:                                                                true,
		`customer.last("24h").earlier().count() == 3`:                                                      true,
		`customer.last("1441m").count() == 5`:                                                              true,
		`customer.last("24h").sum() == 1031.50`:                                                            true,
		`customer.last("24h").direction("in").sum() == 1011`:                                               true,
		`customer.last("24h").direction(["in", "out"]).channel("cash").sum() == 1011`:                      true,
		`customer.last("24h").channel(["cash", "wire"]).avg() == 257.875`:                                  true,
		`customer.last("400d").min() == 1 && customer.last("400d").max() == 3000`:                          true,
		`customer.last("30d").at_least(10).below(100).count() == 3`:                                        true,
		`customer.last("30d").at_most(10).count() == 2`:                                                    true,
		`customer.last("30d").at_least(transaction.amount * 0.1).count() == 2`:                             true,
		`customer.last("30d").multiple_of(20).count() == 3`:                                                true,
		`customer.between("10d", "1d").count() == 2`:                                                       true,
		`customer.between("400d", "0m").earlier().count() == 6`:                                            true,
		`customer.last("400d").counterparties() == 4 && customer.last("400d").countries() == 2`:            true,
		`customer.last("400d").channels() == 2 && customer.last("400d").currencies() == 1`:                 true,
		`customer.last("30d").days() == 3`:                                                                 true,
		`customer.last("400d").first_seen() == event.occurred_at - duration("2400h")`:                      true,
		`customer.last("400d").earlier().last_seen() == event.occurred_at`:                                 true,
		`customer.last("30d").same_counterparty().count() == 3`:                                            true,
		`customer.last("30d").type("transaction.created").count() == 6`:                                    true,
		`customer.last("30d").type("session.opened").count() == 0`:                                         true,
		`customer.last("30d").country(transaction.counterparty.country).count() == 3`:                      true,
		`counterparty.last("24h").customers() == 2 && account.last("24h").customers() == 2`:                true,
		`customer.last("1d").direction("in").ratio_to(customer.between("9d", "1d").direction("in")) > 202`: true, // 1011 a day against 40 in 8 days
		`customer.last("2h").direction("in").stddev() == 574.192476`:                                       true, // of 1, 10 and 1000
		`customer.last("24h").direction("in").sum() >= 0.9 * customer.last("24h").direction("out").sum()`:  true,
		`["in", "out"].exists(d, customer.last("24h").direction(d).sum() > 1000)`:                          true,
	} {
		in := payment(t, 0, "1000.00", "EUR")
		in.Past = p.Of(monitoring.NewRuleSet(rule(condition)), &in)
		if got, reason := evaluate(condition, in); got != want || reason != "" {
			t.Errorf("%s: %v %s", condition, got, reason)
		}
	}
}

// TestWindowsFail wants what cannot be known to be said, and never to pass.
func TestWindowsFail(t *testing.T) {
	p := somePast(t)
	p.paid(t, 3*time.Hour, "12", "USD")
	for condition, want := range map[string]string{
		`customer.last("24h").sum() > 0`: "amounts in USD and in EUR have no sum",
		`customer.last("24h").currency("EUR").ratio_to(customer.last("24h").currency("USD")) > 1`: "amounts in EUR and in USD have no ratio",
		`customer.last("24h").channel("card").avg() > 0`:                                          "the window is empty",
		`customer.last("24h").channel("card").last_seen() > event.occurred_at`:                    "the window is empty",
		`customer.last("24h").currency("EUR").ratio_to(customer.last("24h").currency("GBP")) > 1`: "division by zero",
		`device.last("24h").customers() > 1`:                                                      "the event names no device",
		`customer.last("24h").same_device().count() > 1`:                                          "the event names no device",
		`customer.last("24h").currency(event.data.count).count() > 1`:                             "takes a text",
	} {
		in := payment(t, 0, "1000.00", "EUR")
		in.Past = p.Of(monitoring.NewRuleSet(rule(condition)), &in)
		if got, reason := evaluate(condition, in); got || !strings.Contains(reason, want) {
			t.Errorf("%s: %v %q, want %q", condition, got, reason, want)
		}
	}
}

// TestWindowsRefused wants what cannot be meant to be refused when a rule is made, with its place.
func TestWindowsRefused(t *testing.T) {
	for condition, want := range map[string]string{
		`customer.last("401d").count() > 1`:                                       `condition at 1:15: the length of a window`,
		`customer.last("1 day").count() > 1`:                                      `condition at 1:15: the length of a window`,
		`customer.last(event.type).count() > 1`:                                   `condition at 1:20: the length of a window`,
		`customer.last("0m").count() > 1`:                                         `a window ends at least a minute after`,
		`customer.between("1d", "1d").count() > 1`:                                `a window ends at least a minute after`,
		`customer.last("1d").direction("outt").count() > 1`:                       `direction is "in" or "out"`,
		`customer.last("1d").channel([]).count() > 1`:                             "an empty list admits nothing",
		`customer.last("1d").direction(["in", "o"]).count() > 1`:                  `direction is "in" or "out"`,
		`customer.last("1d") == customer.last("2d")`:                              "a window has no value of its own",
		`(risk.pep_flag ? customer.last("1d") : customer.last("2d")).count() > 1`: "a window has no value of its own",
		`customer.last("1d").count`:                                               "count",
		`customer.last("1d").channel(5).count() > 1`:                              "cannot be applied",
		`customer.last("1d").sum() > "5"`:                                         "cannot be applied",
		`event.last("1d").sum() > 5`:                                              "cannot be applied",
		`counterparty.name == ""`:                                                 "undefined field 'name'",
		`account == account`:                                                      "account has no value of its own",
	} {
		_, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: rule(condition)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", condition, err, want)
		}
	}
}

// TestWindowsRecorded wants the record of a decision to name what it took from the past.
func TestWindowsRecorded(t *testing.T) {
	p := somePast(t)
	r := rule(`transaction.direction == "in" && customer.last("24h").direction("in").currency(transaction.currency).sum() > 1000 || customer.last("7d").count() > 100`)
	set := monitoring.NewRuleSet(r)
	in := payment(t, 0, "1000.00", "EUR")
	in.Past = p.Of(set, &in)
	fired := set.Evaluate(in).Fired
	if len(fired) != 1 || len(fired[0].Windows) != 1 {
		t.Fatalf("%+v", fired)
	}
	want := domain.WindowValue{Window: `customer.last("24h").direction("in").currency(transaction.currency).sum()`, Value: "1011.00"}
	if got := fired[0].Windows[0]; got != want {
		t.Errorf("%+v", got)
	}
	if got, want := fired[0].Explanation, `Rule: transaction.direction = "in", transaction.currency = "EUR", `+want.Window+" = 1011.00"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
