package posting_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"whocomply/domain"
	"whocomply/domain/posting"
)

// ledgerCLI books a journal and compares a report of balances. A debit is positive; an account that
// has several currencies is one account per currency.
type ledgerCLI struct {
	*book
	only     string   // the account that the report is limited to
	accounts []string // "name currency"
	due      []posting.Entry
	open     string // the account without an amount
}

var (
	cliEntry  = regexp.MustCompile(`^\s+([^\s(\[<;=].*?)(?:\s{2,}(\S.*?))?\s*(?:;.*)?$`)
	cliHeader = regexp.MustCompile(`^\d{4}[-/]\d\d[-/]\d\d( .*)?$`)
	cliAmount = regexp.MustCompile(`^(?:(\$)(-?[\d,]+(?:\.\d+)?)|(-?[\d,]+(?:\.\d+)?)(?: ([A-Z]{3}))?)$`)
	cliOption = regexp.MustCompile(`^(bal|balance)( --(empty|flat|no-total|dc|strict|check-payees|force-color|depth \d|sort[= ]-?\w+))*( [A-Z]\w+)?$`)
	cliLine   = regexp.MustCompile(`^(\s*(?:\$-?[\d,.]+|-?[\d,.]+ [A-Z]{3}|0)){1,3}(?:  (\s*)(\S.*))?$`)
)

func runLedgerCLI(t *testing.T, line []byte) map[string]error {
	var row struct{ Command, Expected, File, Journal string }
	read(t, line, &row)
	name := strings.TrimPrefix(row.File, "test/baseline/") + " " + row.Command
	if !cliOption.MatchString(row.Command) {
		return map[string]error{name: cannot("%s", row.Command)}
	}
	b := &ledgerCLI{book: newBook(t, name), only: strings.TrimSpace(cliOption.FindStringSubmatch(row.Command)[4])}
	for line := range strings.Lines(row.Journal + "\n\n") {
		if err := b.read(strings.TrimRight(line, "\n")); err != nil {
			return map[string]error{name: err}
		}
	}
	if b.n == 0 {
		return map[string]error{name: cannot("nothing is booked")}
	}
	return map[string]error{name: b.report(row.Expected, strings.Contains(row.Command, "--dc"))}
}

// read takes in a line of a journal.
func (b *ledgerCLI) read(line string) error {
	word, _, _ := strings.Cut(line, " ")
	switch {
	case strings.TrimSpace(line) == "":
		return b.flush()
	case strings.HasPrefix(strings.TrimSpace(line), ";"), slices.Contains([]string{"account", "commodity", "payee", "tag"}, word), strings.HasPrefix(line, "    alias "):
		return nil
	case cliHeader.MatchString(line) && !strings.Contains(line, "="):
		return b.flush()
	}
	found := cliEntry.FindStringSubmatch(line)
	if found == nil {
		return cannot("the line %q", line)
	}
	if found[2] == "" {
		if b.open != "" {
			return cannot("two entries without an amount")
		}
		b.open = found[1]
		return nil
	}
	amount, currency, ok := cliMoney(found[2])
	if !ok {
		return cannot("the amount %q", found[2])
	}
	if amount.Sign() != 0 {
		b.due = append(b.due, b.entry(found[1], amount, currency))
	}
	return nil
}

// entry debits an account with an amount, or credits it if that is negative.
func (b *ledgerCLI) entry(account string, amount domain.Decimal, currency domain.Currency) posting.Entry {
	id := account + " " + string(currency)
	if !slices.Contains(b.accounts, id) {
		b.accounts = append(b.accounts, id)
		b.book.open(id, "asset", currency, "")
	}
	direction := posting.Debit
	if amount.Sign() < 0 {
		direction = posting.Credit
	}
	return posting.Entry{Account: id, Direction: direction, Amount: amount.Abs(), Currency: currency}
}

// flush books the transaction that was read, with what the entry without an amount makes up for.
func (b *ledgerCLI) flush() error {
	if b.open != "" {
		sums := map[domain.Currency]domain.Decimal{}
		var order []domain.Currency
		for _, e := range b.due {
			amount := e.Amount
			if e.Direction == posting.Debit {
				amount = amount.Neg()
			}
			sum, err := sums[e.Currency].Add(amount)
			if err != nil {
				return err
			}
			if sums[e.Currency] = sum; !slices.Contains(order, e.Currency) {
				order = append(order, e.Currency)
			}
		}
		for _, currency := range order {
			b.due = append(b.due, b.entry(b.open, sums[currency], currency))
		}
	}
	if len(b.due) > 0 {
		b.post(true, b.due...)
	}
	b.due, b.open = nil, ""
	return nil
}

// cliMoney reads $-1,000.00, 20 GBP or 0.
func cliMoney(text string) (amount domain.Decimal, currency domain.Currency, ok bool) {
	found := cliAmount.FindStringSubmatch(text)
	if found == nil {
		return amount, "", false
	}
	n, currency := found[2]+found[3], domain.Currency(found[4])
	if found[1] == "$" {
		currency = "USD"
	}
	amount, err := domain.ParseDecimal(strings.ReplaceAll(n, ",", ""))
	return amount, currency, err == nil && (currency.Valid() || amount.Sign() == 0)
}

var cliMoneys = regexp.MustCompile(`\$-?[\d,.]+|-?[\d,.]+ [A-Z]{3}|\b0\b`)

// report compares each line of a report, and the total below the rule: amounts, each of a currency,
// and an account indented below the one that it is part of.
func (b *ledgerCLI) report(expected string, columns bool) error {
	var path []string
	var amounts []string
	for line := range strings.Lines(expected) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "__ERROR__") {
			break
		}
		if strings.Trim(line, "- ") == "" {
			path = nil
			continue
		}
		found := cliLine.FindStringSubmatch(line)
		if found == nil {
			return cannot("the line %q", line)
		}
		name, indent := found[3], len(found[2])/2
		head := strings.TrimSuffix(line, name)
		amounts = append(amounts, cliMoneys.FindAllString(head, -1)...)
		if name == "" && !strings.Contains(expected[strings.LastIndex(expected, "---")+1:], line) {
			continue // the account follows
		}
		if name != "" {
			path = append(path[:min(indent, len(path))], name)
			b.compare(strings.Join(path, ":"), amounts, columns)
		} else {
			b.compare("", amounts, columns)
		}
		amounts = nil
	}
	return nil
}

// compare holds the sums of an account and of all below it against those of a report; of all accounts
// that it is of if the name is empty.
func (b *ledgerCLI) compare(name string, amounts []string, columns bool) {
	sums := map[domain.Currency][3]domain.Decimal{}
	for _, id := range b.accounts {
		if within := cmp.Or(name, b.only); within != "" && !strings.HasPrefix(id, within+" ") && !strings.HasPrefix(id, within+":") {
			continue
		}
		a := b.state.Account(id)
		sum := sums[a.Account.Currency]
		for i, n := range []domain.Decimal{a.Balance.Posted.Debits, a.Balance.Posted.Credits, b.net(id)} {
			var err error
			if sum[i], err = sum[i].Add(n); err != nil {
				b.Fatal(err)
			}
		}
		sums[a.Account.Currency] = sum
	}
	var got, want []string
	for currency, sum := range sums {
		first := 2
		if columns {
			first = 0
		}
		for _, n := range sum[first:] {
			if n.Sign() != 0 || columns {
				got = append(got, fmt.Sprint(n, " ", currency))
			}
		}
	}
	for _, text := range amounts {
		amount, currency, ok := cliMoney(text)
		if currency == "" {
			currency = "USD"
		}
		if amount, err := amount.Rescale(currency.Decimals()); ok && err == nil && (amount.Sign() != 0 || columns) {
			want = append(want, fmt.Sprint(amount, " ", currency))
		}
	}
	if !columns {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		b.Errorf("%s: %q has %v, the report says %v", b.name, name, got, want)
	}
}
