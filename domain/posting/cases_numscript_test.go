package posting_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// numscriptCase is a script's postings on starting balances. A positive balance is what the account
// has: a credit balance of a liability, to us.
type numscriptCase struct {
	Postings []struct {
		Source, Destination, Asset, Color string
		Amount                            jsonNumber
	} `json:"expect.postings"`
	Balances []numscriptBalance
	End      []numscriptBalance `json:"expect.endBalances"`
}

type numscriptBalance struct {
	Account, Asset, Color string
	Amount                jsonNumber
}

// jsonNumber is a number as it is written.
type jsonNumber string

// UnmarshalJSON keeps the text.
func (n *jsonNumber) UnmarshalJSON(text []byte) error {
	*n = jsonNumber(text)
	return nil
}

// standIns are currencies without decimals for assets that are none of ISO 4217.
var standIns = map[string]domain.Currency{"COIN": "JPY", "GEM": "KRW", "A": "ISK", "B": "CLP"}

func runNumscript(t *testing.T, line []byte) map[string]error {
	var row struct {
		Name, Script string
		Spec         struct {
			Balances  []numscriptBalance
			TestCases []numscriptCase
		}
	}
	read(t, line, &row)
	results := map[string]error{}
	for i, c := range row.Spec.TestCases {
		c.Balances = append(c.Balances, row.Spec.Balances...)
		name := fmt.Sprintf("%s#%d", row.Name, i)
		results[name] = c.run(newBook(t, name), row.Script)
	}
	return results
}

func (c *numscriptCase) run(b *book, script string) error {
	if len(c.Postings) == 0 {
		return cannot("no postings are expected")
	}
	n := numscript{b, strings.Contains(script, "overdraft"), map[string]string{}, map[string]domain.Decimal{}, map[string]domain.Currency{}}
	var opening, all []posting.Entry
	for _, start := range c.Balances {
		from, to := "(opening)", start.Account
		amount, negative := strings.CutPrefix(string(start.Amount), "-")
		if negative {
			from, to = to, from
		}
		entries, err := n.move(from, to, jsonNumber(amount), start.Asset, start.Color)
		if err != nil {
			return err
		}
		if amount != "0" {
			opening = append(opening, entries...)
		}
	}
	for _, p := range c.Postings {
		entries, err := n.move(p.Source, p.Destination, p.Amount, p.Asset, p.Color)
		if err != nil {
			return err
		}
		if p.Amount == "0" {
			return cannot("a posting of nothing")
		}
		all = append(all, entries...)
	}
	if len(opening) > 0 {
		b.post(true, opening...)
	}
	b.post(true, all...)
	n.check(c.End)
	return nil
}

// numscript is the books of a case, and what it leads to by another method.
type numscript struct {
	*book
	overdrafts bool                       // the script allows some
	scales     map[string]string          // of assets
	want       map[string]domain.Decimal  // net by account
	bounded    map[string]domain.Currency // accounts that must not pay more than they have
}

// move gives the entries that move an amount, on accounts that are opened where they are not yet.
func (n *numscript) move(from, to string, number jsonNumber, asset, color string) ([]posting.Entry, error) {
	code, scale, _ := strings.Cut(asset, "/")
	if known, seen := n.scales[code]; color != "" || seen && known != scale {
		return nil, cannot("colour %q, or scales of %s", color, code)
	}
	n.scales[code] = scale
	amount, currency, err := numscriptAmount(code, scale, number)
	if err != nil {
		return nil, err
	}
	for id, change := range map[string]domain.Decimal{from + " " + asset: amount, to + " " + asset: amount.Neg()} {
		constraint := posting.NoConstraint
		if !n.overdrafts && !strings.HasPrefix(id, "world ") && !strings.HasPrefix(id, "(opening) ") {
			constraint, n.bounded[id] = posting.NoDebitBalance, currency
		}
		n.open(id, "liability", currency, constraint)
		if n.want[id], err = n.want[id].Add(change); err != nil {
			return nil, err
		}
	}
	return pays(from+" "+asset, to+" "+asset, amount, currency), nil
}

// check wants the balances that the postings lead to, those that the case states, and no account to
// be able to pay more than it has.
func (n *numscript) check(ends []numscriptBalance) {
	for id, net := range n.want {
		if got := n.net(id); got.Cmp(net) != 0 {
			n.Errorf("%s: %s has %s, want %s", n.name, id, got.Neg(), net.Neg())
		}
	}
	for _, end := range ends {
		code, scale, _ := strings.Cut(end.Asset, "/")
		number, negative := strings.CutPrefix(string(end.Amount), "-")
		amount, _, err := numscriptAmount(code, scale, jsonNumber(number))
		if negative {
			amount = amount.Neg()
		}
		if got := n.net(end.Account + " " + end.Asset).Neg(); err != nil || got.Cmp(amount) != 0 {
			n.Errorf("%s: %s ends with %s, want %s", n.name, end.Account, got, amount)
		}
	}
	for id, currency := range n.bounded {
		more, err := n.net(id).Neg().Add(domain.DecimalFromInt(1))
		if err != nil {
			n.Fatal(err)
		}
		till := "(till) " + string(currency)
		n.open(till, "asset", currency, "")
		n.post(false, pays(id, till, more, currency)...)
	}
}

// numscriptAmount gives a number of an asset's smallest units in a currency with as many decimals, or
// in whole units of one.
func numscriptAmount(code, scale string, n jsonNumber) (domain.Decimal, domain.Currency, error) {
	currency := domain.Currency(code)
	if !currency.Valid() {
		currency = standIns[code]
	}
	if currency == "" || scale != "" && scale != strconv.Itoa(currency.Decimals()) {
		return domain.Decimal{}, "", cannot("asset %s with the scale %q", code, scale)
	}
	text := string(n)
	if scale != "" {
		for len(text) <= currency.Decimals() {
			text = "0" + text
		}
		text = text[:len(text)-currency.Decimals()] + "." + text[len(text)-currency.Decimals():]
	}
	amount, err := domain.ParseDecimal(text)
	if err == nil {
		amount, err = amount.Rescale(currency.Decimals())
	}
	if err != nil {
		return amount, currency, cannot("%v", err)
	}
	return amount, currency, nil
}
