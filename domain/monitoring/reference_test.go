package monitoring_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// knowing gives a state with a list of keywords, one of countries, and rates of two days.
func knowing(t testing.TB) *monitoring.State {
	t.Helper()
	s := monitoring.New()
	do := func(events []domain.Event, err error) {
		t.Helper()
		if err != nil || len(events) != 1 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		apply(s, events)
	}
	do(s.DecideList(meta(1), monitoring.SetList{List: monitoring.ReferenceList{Name: "words", Kind: "keywords", Values: []string{"Bitcoin", "western  Union", "bitcoin"}}}))
	do(s.DecideList(meta(2), monitoring.SetList{List: monitoring.ReferenceList{Name: "havens", Kind: "countries", Values: []string{"VG", "KY"}}}))
	for _, r := range []monitoring.Rates{
		{Base: "EUR", Date: "2026-03-01", Rates: rates(t, "USD", "1.25", "JPY", "160.5")},
		{Base: "EUR", Date: "2026-02-27", Rates: rates(t, "USD", "2", "GBP", "0.8")},
		{Base: "USD", Date: "2026-03-03", Rates: rates(t, "GBP", "0.5")},
	} {
		do(s.DecideRates(meta(3), monitoring.SetRates{Rates: r}))
	}
	return s
}

func rates(t testing.TB, pairs ...string) map[domain.Currency]domain.Decimal {
	m := map[domain.Currency]domain.Decimal{}
	for i := 0; i < len(pairs); i += 2 {
		m[domain.Currency(pairs[i])] = amount(t, pairs[i+1])
	}
	return m
}

// with makes a rule of a condition in the state and gives what it says of an event.
func with(t testing.TB, s *monitoring.State, condition string, in monitoring.Input) domain.Monitored {
	t.Helper()
	r := rule(condition)
	events, err := s.DecideCreate(meta(9), monitoring.CreateRule{Rule: r})
	if err != nil {
		t.Fatal(err)
	}
	apply(s, events)
	got := s.RuleSet().Evaluate(in)
	apply(s, []domain.Event{monitoring.Deleted{RuleID: events[0].(monitoring.Set).Rule.ID}})
	return got
}

func TestListsAndRates(t *testing.T) {
	s := knowing(t)
	for _, tc := range []struct {
		condition string
		currency  domain.Currency
		reference string
		want      string // the explanation, or why it failed, or "" if it does not hold
		rests     string
	}{
		{`transaction.counterparty.country in lists.havens`, "EUR", "", `Rule: transaction.counterparty.country = "KY", lists.havens = version 1 of 2 values`, "havens 1"},
		{`transaction.counterparty.country in lists.fatf_grey || transaction.counterparty.country in lists.fatf_black`, "EUR", "", "", "fatf_grey 0, fatf_black 0"},
		{`has(lists.havens) && !has(lists.nowhere) && transaction.amount < 0`, "EUR", "", "", ""},
		{`size(lists.words) == 2 && lists.words.exists(w, w == "western union")`, "EUR", "", "Rule: lists.words = version 1 of 2 values", "words 1"},
		{`mentions(transaction.reference, lists.words)`, "EUR", "my BITCOIN-wallet", `Rule: transaction.reference = "my BITCOIN-wallet", lists.words = version 1 of 2 values`, "words 1"},
		{`mentions(transaction.reference, lists.words)`, "EUR", "sent by Western Union, thanks", `Rule: transaction.reference = "sent by Western Union, thanks", lists.words = version 1 of 2 values`, "words 1"},
		{`mentions(transaction.reference, lists.words)`, "EUR", "the union of western bitcoins", "", "words 1"},
		{`mentions(transaction.reference, ["bitcoin"])`, "EUR", "bitcoin", "mentions takes a text and one of the reference lists", ""},
		{`convert(transaction.amount, transaction.currency, "EUR") >= 9600`, "USD", "", `Rule: transaction.amount = 12000.00, transaction.currency = "USD", convert(transaction.amount, transaction.currency, "EUR") = 9600.00`, "EUR 2026-03-01 1"},
		{`convert(transaction.amount, transaction.currency, "EUR") > 9600`, "USD", "", "", "EUR 2026-03-01 1"},
		{`convert(transaction.amount, transaction.currency, "EUR") == transaction.amount`, "EUR", "", `Rule: transaction.amount = 12000.00, transaction.currency = "EUR", convert(transaction.amount, transaction.currency, "EUR") = 12000.00`, ""},
		{`convert(transaction.amount, "GBP", "USD") == 30000`, "GBP", "", `Rule: transaction.amount = 12000.00, convert(transaction.amount, "GBP", "USD") = 30000.00`, "EUR 2026-02-27 1"},
		{`convert(transaction.amount, "JPY", "USD") == 93.46`, "JPY", "", `Rule: transaction.amount = 12000.00, convert(transaction.amount, "JPY", "USD") = 93.46`, "EUR 2026-03-01 1"},
		{`convert(transaction.amount, transaction.currency, "EUR") > 1`, "IDR", "", "there is no reference rate from IDR to EUR for 2026-03-02", ""},
		{`convert(transaction.amount * 8000000000000, "EUR", "JPY") > 1`, "EUR", "", "more than 19 digits", "EUR 2026-03-01 1"},
		{`customer.last("1d").country(lists.havens).count() > 0`, "EUR", "", `Rule: lists.havens = version 1 of 2 values, customer.last("1d").country(lists.havens).count() = 1`, "havens 1"},
	} {
		in := deposit(t)
		in.Transaction.Currency, in.Transaction.Reference = tc.currency, tc.reference
		got := with(t, s, tc.condition, in)
		said := ""
		if len(got.Failed) > 0 {
			said = got.Failed[0].Reason
		}
		if len(got.Fired) > 0 {
			said = got.Fired[0].Explanation
		}
		if len(got.Failed) > 0 && tc.want != "" && strings.Contains(said, tc.want) {
			said = tc.want
		}
		var rests []string
		for _, r := range got.References {
			rests = append(rests, r.Name+" "+string(rune('0'+r.Version)))
			if len(r.Digest) != 64 {
				t.Errorf("%s: digest %q", tc.condition, r.Digest)
			}
		}
		if said != tc.want || strings.Join(rests, ", ") != tc.rests {
			t.Errorf("%s in %s\nsays  %s, resting on %v\nwant  %s, resting on %s", tc.condition, tc.currency, said, rests, tc.want, tc.rests)
		}
	}
}

func TestListsThatAreNot(t *testing.T) {
	s := knowing(t)
	for condition, want := range map[string]string{
		`"DE" in lists.nowhere`:         "condition at 1:9: there is no reference list nowhere",
		`"DE" in lists`:                 "cannot be applied to (string, lists)",
		`lists.havens`:                  "must be true or false",
		`[1].exists(lists, lists == 1)`: "lists is taken",
		`"DE" in lists.Havens`:          "undefined field 'Havens'",
	} {
		_, err := s.DecideCreate(meta(1), monitoring.CreateRule{Rule: rule(condition)})
		if domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", condition, err)
		}
	}
}

func TestListsAreChecked(t *testing.T) {
	for name, tc := range map[string]struct {
		list  monitoring.ReferenceList
		field string
	}{
		"capitals":        {monitoring.ReferenceList{Name: "Havens", Kind: "countries"}, "name"},
		"no kind":         {monitoring.ReferenceList{Name: "a"}, "kind"},
		"no country":      {monitoring.ReferenceList{Name: "a", Kind: "countries", Values: []string{"DE", "XX"}}, "values[1]"},
		"an empty word":   {monitoring.ReferenceList{Name: "a", Kind: "keywords", Values: []string{" - "}}, "values[0]"},
		"a long word":     {monitoring.ReferenceList{Name: "a", Kind: "keywords", Values: []string{strings.Repeat("x", 101)}}, "values[0]"},
		"too many":        {monitoring.ReferenceList{Name: "a", Kind: "keywords", Values: make([]string, 5001)}, "values"},
		"no date":         {monitoring.ReferenceList{Name: "a", Kind: "keywords", AsOf: "soon"}, "as_of"},
		"of another kind": {monitoring.ReferenceList{Name: "fatf_grey", Kind: "keywords"}, "kind"},
	} {
		_, err := monitoring.New().DecideList(meta(1), monitoring.SetList{List: tc.list})
		if e, ok := err.(*domain.Error); !ok || e.Field != tc.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRatesAreChecked(t *testing.T) {
	for name, tc := range map[string]struct {
		rates monitoring.Rates
		field string
	}{
		"no base":     {monitoring.Rates{Date: "2026-01-30", Rates: rates(t, "USD", "1")}, "base"},
		"no date":     {monitoring.Rates{Base: "EUR", Rates: rates(t, "USD", "1")}, "date"},
		"a time":      {monitoring.Rates{Base: "EUR", Date: "2026-1-3", Rates: rates(t, "USD", "1")}, "date"},
		"no rates":    {monitoring.Rates{Base: "EUR", Date: "2026-01-30"}, "rates"},
		"no currency": {monitoring.Rates{Base: "EUR", Date: "2026-01-30", Rates: rates(t, "EURO", "1")}, "rates"},
		"itself":      {monitoring.Rates{Base: "EUR", Date: "2026-01-30", Rates: rates(t, "EUR", "1")}, "rates.EUR"},
		"nothing":     {monitoring.Rates{Base: "EUR", Date: "2026-01-30", Rates: rates(t, "USD", "0")}, "rates.USD"},
	} {
		_, err := monitoring.New().DecideRates(meta(1), monitoring.SetRates{Rates: tc.rates})
		if e, ok := err.(*domain.Error); !ok || e.Field != tc.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVersions states the same again, which is no event, and something else, which is.
func TestListAndRateVersions(t *testing.T) {
	s := knowing(t)
	same, err := s.DecideList(meta(4), monitoring.SetList{List: monitoring.ReferenceList{Name: "havens", Kind: "countries", Values: []string{"KY", "VG", "KY"}, ChangeReason: "again"}})
	if err != nil || len(same) != 0 {
		t.Errorf("the same list: %v, %v", same, err)
	}
	other, err := s.DecideList(meta(4), monitoring.SetList{List: monitoring.ReferenceList{Name: "fatf_black", Kind: "countries", Values: []string{"KP"}, AsOf: "2026-06-01"}})
	if err != nil || len(other) != 1 || other[0].(monitoring.ListSet).List.Version != 1 || other[0].(monitoring.ListSet).List.Author != "key_1" {
		t.Fatalf("a list of one's own: %v, %v", other, err)
	}
	before := s.RuleSet()
	apply(s, other)
	if l, _ := s.RuleSet().Reference().List("fatf_black"); len(l.Values) != 1 || s.RuleSet() == before || s.RuleSet().Digest() != before.Digest() {
		t.Errorf("in force: %+v", l)
	}
	if l, _ := before.Reference().List("fatf_black"); len(l.Values) != 3 {
		t.Errorf("what was in force before has changed: %+v", l)
	}
	again := monitoring.Rates{Base: "EUR", Date: "2026-03-01", Rates: rates(t, "USD", "1.25", "JPY", "160.5")}
	if events, err := s.DecideRates(meta(5), monitoring.SetRates{Rates: again}); err != nil || len(events) != 0 {
		t.Errorf("the same rates: %v, %v", events, err)
	}
	again.Rates = rates(t, "USD", "1.26")
	events, err := s.DecideRates(meta(5), monitoring.SetRates{Rates: again})
	if err != nil || len(events) != 1 || events[0].(monitoring.RatesSet).Rates.Version != 2 {
		t.Fatalf("other rates: %v, %v", events, err)
	}
	apply(s, events)
	if tables := s.RuleSet().Reference().RateTables(); len(tables) != 3 || tables[0].Base != "USD" || tables[1].Version != 2 || tables[2].Date != "2026-02-27" {
		t.Errorf("tables: %+v", tables)
	}
}

// TestConversion holds conversions against exact fractions.
func TestConversion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		decimal := func(name string) domain.Decimal {
			d, err := domain.ParseDecimal(rapid.StringMatching(`[1-9][0-9]{0,6}(\.[0-9]{1,6})?`).Draw(t, name))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		x, of, in := decimal("amount"), decimal("of"), decimal("in")
		to := rapid.SampledFrom([]domain.Currency{"USD", "JPY", "KWD"}).Draw(t, "to")
		s := monitoring.New()
		events, err := s.DecideRates(meta(1), monitoring.SetRates{Rates: monitoring.Rates{Base: "EUR", Date: "2026-03-02", Rates: map[domain.Currency]domain.Decimal{"GBP": of, to: in}}})
		if err != nil {
			t.Fatal(err)
		}
		apply(s, events)
		exact := new(big.Rat).Mul(rat(x), new(big.Rat).Quo(rat(in), rat(of)))
		want := halfEven(exact, to.Decimals())
		made, err := s.DecideCreate(meta(2), monitoring.CreateRule{Rule: rule(`convert(` + x.String() + `, "GBP", "` + string(to) + `") == decimal(event.data.want)`)})
		if err != nil {
			t.Fatal(err)
		}
		apply(s, made)
		event := monitoring.Input{Event: monitoring.Event{ID: "e", Type: "x", OccurredAt: noon, Data: []byte(`{"want":"` + want + `"}`)}}
		if got := s.RuleSet().Evaluate(event); len(got.Fired) != 1 {
			t.Fatalf("%s of %s to %s in %s: want %s: %+v", x, of, in, to, want, got)
		}
	})
}

func rat(d domain.Decimal) *big.Rat {
	r, _ := new(big.Rat).SetString(d.String())
	return r
}

// halfEven writes a fraction with some decimals, rounded half to even.
func halfEven(r *big.Rat, decimals int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	if half := rest.Lsh(rest, 1).Cmp(scaled.Denom()); half > 0 || half == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(whole, scale).FloatString(decimals)
}
