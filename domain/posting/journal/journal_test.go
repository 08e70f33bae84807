package journal_test

import (
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/posting"
	"whocomply/domain/posting/journal"
)

func accounts() []posting.Account {
	return []posting.Account{
		{Ref: "acc_1", ID: "cash", Name: "Cash, [till]", Type: "asset", Currency: "EUR"},
		{Ref: "acc_2", ID: "Ann: 1", Name: "Ann \"A\" \\ B", Type: "liability", Currency: "EUR", CustomerID: "cus_1"},
		{Ref: "acc_3", ID: "円", Name: "Yen", Type: "income", Currency: "JPY"},
	}
}

func entry(account, direction, amount string, currency domain.Currency) posting.Entry {
	n, err := domain.ParseDecimal(amount)
	if err != nil {
		panic(err)
	}
	return posting.Entry{Account: account, Direction: direction, Amount: n, Currency: currency}
}

func postings() []journal.Posting {
	at := time.Date(2026, 1, 31, 23, 30, 0, 0, time.FixedZone("", -3600))
	recorded := time.Date(2026, 2, 2, 9, 0, 0, 1000, time.UTC)
	eur := []posting.Entry{entry("cash", "debit", "1.50", "EUR"), entry("Ann: 1", "credit", "1.50", "EUR")}
	yen := []posting.Entry{entry("円", "debit", "100", "JPY"), entry("円", "credit", "100", "JPY")}
	return []journal.Posting{
		{Posting: posting.Posting{Ref: "pst_1", ID: "p,1", Status: "posted", EffectiveAt: at, Description: "(Rent)\n; \"May\"", Entries: eur}, Seq: 4, RecordedAt: recorded},
		{Posting: posting.Posting{Ref: "pst_2", ID: "p2", Status: "voided", EffectiveAt: at, Entries: eur}, Seq: 5, RecordedAt: recorded},
		{Posting: posting.Posting{Ref: "pst_3", ID: "p3", Status: "pending", EffectiveAt: at, Reverses: "p,1", Entries: yen}, Seq: 6, RecordedAt: recorded},
	}
}

func each(all []journal.Posting, failure error) iter.Seq2[journal.Posting, error] {
	return func(yield func(journal.Posting, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
		if failure != nil {
			yield(journal.Posting{}, failure)
		}
	}
}

const inHledger = `; The books of acme as recorded up to position 6 of its ledger, as far as it takes effect up to 2026-03-01T00:00:00Z.

commodity 1000.00 EUR
commodity 1000. JPY

account assets:cash
    ; id: cash
    ; ref: acc_1
    ; name: Cash%2C %5Btill%5D

account liabilities:Ann%3A%201
    ; id: Ann: 1
    ; ref: acc_2
    ; name: Ann "A" \ B
    ; customer_id: cus_1

account income:円
    ; id: 円
    ; ref: acc_3
    ; name: Yen

2026-02-01 * () (Rent) , "May"
    ; posting_id: p%2C1
    ; ref: pst_1
    ; seq: 4
    ; effective_at: 2026-02-01T00:30:00Z
    ; recorded_at: 2026-02-02T09:00:00.000001Z
    assets:cash  1.50 EUR
    liabilities:Ann%3A%201  -1.50 EUR

2026-02-01 !
    ; posting_id: p3
    ; ref: pst_3
    ; seq: 6
    ; effective_at: 2026-02-01T00:30:00Z
    ; recorded_at: 2026-02-02T09:00:00.000001Z
    ; reverses: p%2C1
    income:円  100 JPY
    income:円  -100 JPY
`

const inBeancount = `; The books of acme as recorded up to position 6 of its ledger, as far as it takes effect up to 2026-03-01T00:00:00Z.

1900-01-01 commodity EUR
  decimals: 2
1900-01-01 commodity JPY
  decimals: 0

1900-01-01 open Assets:X-cash EUR
  id: "cash"
  ref: "acc_1"
  name: "Cash, [till]"

1900-01-01 open Liabilities:Ann-3A-201 EUR
  id: "Ann: 1"
  ref: "acc_2"
  name: "Ann \"A\" \\ B"
  customer_id: "cus_1"

1900-01-01 open Income:X--E5-86-86 JPY
  id: "円"
  ref: "acc_3"
  name: "Yen"

2026-02-01 * "(Rent) ; \"May\""
  posting_id: "p,1"
  ref: "pst_1"
  seq: 4
  effective_at: "2026-02-01T00:30:00Z"
  recorded_at: "2026-02-02T09:00:00.000001Z"
  Assets:X-cash  1.50 EUR
  Liabilities:Ann-3A-201  -1.50 EUR

2026-02-01 ! ""
  posting_id: "p3"
  ref: "pst_3"
  seq: 6
  effective_at: "2026-02-01T00:30:00Z"
  recorded_at: "2026-02-02T09:00:00.000001Z"
  reverses: "p,1"
  Income:X--E5-86-86  100 JPY
  Income:X--E5-86-86  -100 JPY
`

func TestWrite(t *testing.T) {
	head := journal.Head{Ledger: "acme", Seq: 6, Effective: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	for format, want := range map[string]string{journal.Hledger: inHledger, journal.Beancount: inBeancount} {
		var out strings.Builder
		if err := journal.Write(&out, format, head, accounts(), each(postings(), nil)); err != nil || out.String() != want {
			t.Errorf("%s: error %v\n%s", format, err, out.String())
		}
		broken := errors.New("no more")
		if err := journal.Write(&out, format, head, accounts(), each(postings(), broken)); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", format, err)
		}
	}
	if err := journal.Write(&strings.Builder{}, "ledger", head, nil, each(nil, nil)); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("another language: %v", err)
	}
}

// TestNames shows that accounts with different ids have different names in every language.
func TestNames(t *testing.T) {
	id := rapid.Custom(func(t *rapid.T) string {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("aXx2D-_ :;%é円E5")), 1, 6, -1).Draw(t, "id")
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := id.Draw(t, "a"), id.Draw(t, "b")
		for _, format := range []string{journal.Hledger, journal.Beancount} {
			if (named(t, format, a) == named(t, format, b)) != (a == b) {
				t.Fatalf("%s: %q and %q are both %s", format, a, b, named(t, format, a))
			}
		}
	})
}

// named gives the name of an account, as it stands in a posting.
func named(t *rapid.T, format, id string) string {
	var out strings.Builder
	p := journal.Posting{Posting: posting.Posting{Status: "posted", Entries: []posting.Entry{entry(id, "debit", "1", "JPY")}}}
	err := journal.Write(&out, format, journal.Head{}, []posting.Account{{ID: id, Type: "asset", Currency: "JPY"}}, each([]journal.Posting{p}, nil))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return strings.TrimSuffix(strings.TrimSpace(lines[len(lines)-1]), "  1 JPY")
}
