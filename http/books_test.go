package http_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/ledger"
	"whocomply/domain/posting"
)

// clerk keeps random books in a house, and remembers what was booked so as to add it up by another
// method.
type clerk struct {
	*house
	r        *rand.Rand
	accounts []posting.OpenAccount
	opened   map[string]int64 // position by account
	made     []*booked
}

// booked is a posting that was taken.
type booked struct {
	posting.Posting
	seq     int64
	settled int64           // position; 0 if it was not
	posted  []posting.Entry // what counts once it is settled; nil if it was voided
	undone  bool
}

func newClerk(h *house, seed uint64) *clerk {
	h.t.Helper()
	c := &clerk{house: h, r: rand.New(rand.NewPCG(seed, 7)), opened: map[string]int64{}}
	for i, currency := range []domain.Currency{"EUR", "JPY", "KWD", "CLF"} {
		for j, kind := range []string{"asset", "liability", "equity", "income", "expense", "liability"} {
			a := posting.OpenAccount{ID: fmt.Sprintf("%s; %s  (%d:%d)", kind, strings.ToLower(string(currency)), i, j), Name: "Kontó \"" + kind + "\"", Type: kind, Currency: currency}
			if j == 5 {
				a.Constraint = posting.NoDebitBalance
			}
			c.accounts = append(c.accounts, a)
			c.opened[a.ID] = c.open(a)
		}
	}
	return c
}

func (c *clerk) open(a posting.OpenAccount) int64 {
	c.t.Helper()
	o, err := c.execute(&ledger.OpenAccount{OpenAccount: a})
	c.must(err)
	return o.Receipt.Seq
}

func (c *clerk) execute(cmd ledger.Command) (ledger.Outcome, error) {
	return c.ledgers.Execute(c.t.Context(), "acme", "test", cmd)
}

// twice carries out a command twice: the second time adds nothing. It reports whether it was taken.
func (c *clerk) twice(cmd func() ledger.Command) (ledger.Outcome, bool) {
	c.t.Helper()
	o, err := c.execute(cmd())
	if err != nil && domain.CodeOf(err) != domain.Invalid && domain.CodeOf(err) != domain.Conflict {
		c.t.Fatal(err)
	}
	size := c.size()
	if again, errAgain := c.execute(cmd()); c.size() != size || domain.CodeOf(errAgain) != domain.CodeOf(err) || err == nil && again.Receipt != o.Receipt {
		c.t.Fatalf("again: %d events more, receipt %+v, first %+v; error %v, first %v", c.size()-size, again.Receipt, o.Receipt, errAgain, err)
	}
	return o, err == nil
}

// step books something at random.
func (c *clerk) step() {
	c.t.Helper()
	var b *booked
	if len(c.made) > 0 {
		b = c.made[c.r.IntN(len(c.made))]
	}
	switch n := c.r.IntN(10); {
	case n < 6 || b == nil:
		c.record()
	case n < 8 && b.Status == posting.Pending && b.settled == 0:
		c.settle(b)
	case !b.undone && (b.Status == posting.Posted || b.posted != nil):
		c.reverse(b)
	}
}

func (c *clerk) record() {
	cmd := posting.Record{
		ID: fmt.Sprintf("p,%d)", len(c.made)), EffectiveAt: c.day(), Description: "Rent; (May)  \"x\" | é",
		Status: []string{posting.Posted, posting.Pending}[c.r.IntN(2)],
	}
	for range 1 + c.r.IntN(3) {
		first := 6 * c.r.IntN(4)
		from, to := c.accounts[first+c.r.IntN(6)], c.accounts[first+c.r.IntN(6)]
		amount := c.amount(from.Currency)
		cmd.Entries = append(cmd.Entries, posting.Entry{Account: from.ID, Direction: posting.Debit, Amount: amount, Currency: from.Currency},
			posting.Entry{Account: to.ID, Direction: posting.Credit, Amount: amount, Currency: from.Currency})
	}
	o, taken := c.twice(func() ledger.Command { return &ledger.RecordPosting{Record: cmd} })
	if taken {
		c.made = append(c.made, &booked{Posting: posting.Posting{ID: cmd.ID, Status: cmd.Status, EffectiveAt: cmd.EffectiveAt, Entries: cmd.Entries}, seq: o.Receipt.Seq})
	}
}

// day is some day of the last year or the next.
func (c *clerk) day() time.Time {
	return time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, c.r.IntN(600)-365)
}

func (c *clerk) amount(currency domain.Currency) domain.Decimal {
	n := domain.DecimalFromInt(1 + c.r.Int64N(100_000))
	for range currency.Decimals() {
		var err error
		tenth, _ := domain.ParseDecimal("0.1")
		n, err = n.Mul(tenth)
		c.must(err)
	}
	return n
}

func (c *clerk) settle(b *booked) {
	original := b.Posting
	if c.r.IntN(3) == 0 {
		o, taken := c.twice(func() ledger.Command { return ledger.VoidPosting(posting.Void{ID: b.ID, Original: &original}) })
		if taken {
			b.settled = o.Receipt.Seq
		}
		return
	}
	cmd, posted := posting.Post{ID: b.ID, Original: &original}, b.Entries
	if len(posted) > 2 && c.r.IntN(2) == 0 {
		posted = posted[2:]
		cmd.Entries = posted
	}
	if o, taken := c.twice(func() ledger.Command { return &ledger.PostPosting{Post: cmd} }); taken {
		b.settled, b.posted = o.Receipt.Seq, posted
	}
}

func (c *clerk) reverse(b *booked) {
	original := b.Posting
	cmd := posting.Reverse{ID: "r-" + b.ID, Reverses: b.ID, Original: &original, EffectiveAt: c.day()}
	o, taken := c.twice(func() ledger.Command { return &ledger.ReversePosting{Reverse: cmd} })
	if !taken {
		return
	}
	b.undone = true
	back := slices.Clone(b.moves())
	for i := range back {
		back[i].Direction = map[string]string{posting.Debit: posting.Credit, posting.Credit: posting.Debit}[back[i].Direction]
	}
	c.made = append(c.made, &booked{Posting: posting.Posting{ID: cmd.ID, Status: posting.Posted, EffectiveAt: cmd.EffectiveAt, Entries: back}, seq: o.Receipt.Seq, undone: true})
}

func (b *booked) moves() []posting.Entry {
	if b.posted != nil {
		return b.posted
	}
	return b.Entries
}

// row is what an account was debited and credited, posted and pending, in minor units.
type row [4]big.Int

// fold adds up what was known at a position and takes effect up to a time.
func (c *clerk) fold(seq int64, effective time.Time) map[string]*row {
	rows := map[string]*row{}
	for id, opened := range c.opened {
		if opened <= seq {
			rows[id] = &row{}
		}
	}
	for _, b := range c.made {
		if b.seq > seq || !effective.IsZero() && b.EffectiveAt.After(effective) {
			continue
		}
		entries, at := b.Entries, 0
		switch {
		case b.Status == posting.Pending && (b.settled == 0 || b.settled > seq):
			at = 2
		case b.Status == posting.Pending:
			entries = b.posted
		}
		for _, e := range entries {
			side := at
			if e.Direction == posting.Credit {
				side++
			}
			rows[e.Account][side].Add(&rows[e.Account][side], minor(e.Amount.String()))
		}
	}
	return rows
}

func minor(text string) *big.Int {
	n, ok := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
	if !ok {
		panic(text)
	}
	return n
}

// trial reads a trial balance whole.
func (c *clerk) trial(query url.Values) (totals []map[string]any, lines []map[string]any) {
	c.t.Helper()
	query = maps.Clone(query)
	for offset := 0; ; offset += 7 {
		query.Set("limit", "7")
		query.Set("offset", fmt.Sprint(offset))
		a := c.want(c.do("GET", acme+"/trial-balance?"+query.Encode(), "", "Min-Ledger-Seq", fmt.Sprint(c.size()-1)), http.StatusOK)
		var data struct{ Totals, Accounts []map[string]any }
		c.must(json.Unmarshal(a.Data, &data))
		lines = append(lines, data.Accounts...)
		if len(data.Accounts) < 7 {
			return data.Totals, lines
		}
	}
}

// check holds the trial balance of a moment against the fold, and its columns against each other.
func (c *clerk) check(seq int64, effective time.Time) {
	c.t.Helper()
	query := url.Values{}
	if seq >= 0 {
		query.Set("as_of", fmt.Sprint(seq))
	} else {
		seq = c.size()
	}
	if !effective.IsZero() {
		query.Set("effective_at", effective.Format(time.RFC3339Nano))
	}
	want := c.fold(seq, effective)
	totals, lines := c.trial(query)
	if len(lines) != len(want) {
		c.t.Fatalf("%v: %d accounts, want %d", query, len(lines), len(want))
	}
	sums := map[string]*row{}
	for _, line := range lines {
		currency, have := line["currency"].(string), want[line["account"].(string)]
		if sums[currency] == nil {
			sums[currency] = &row{}
		}
		for i, text := range columns(line, "debits", "credits") {
			if minor(text).Cmp(&have[i]) != 0 {
				c.t.Fatalf("%v: %s: %v, want %v", query, line["account"], line, have)
			}
			sums[currency][i].Add(&sums[currency][i], minor(text))
		}
	}
	if len(totals) != len(sums) {
		c.t.Fatalf("%v: totals of %d currencies, want %d", query, len(totals), len(sums))
	}
	for _, total := range totals {
		for i, text := range columns(total, "debits", "credits") {
			if minor(text).Cmp(&sums[total["currency"].(string)][i]) != 0 {
				c.t.Fatalf("%v: %v does not add up", query, total)
			}
		}
		for _, pair := range [][]string{columns(total, "debits", "credits"), columns(total, "debit_balances", "credit_balances")} {
			if pair[0] != pair[1] || pair[2] != pair[3] {
				c.t.Fatalf("%v: debits and credits differ: %v", query, total)
			}
		}
	}
}

// columns gives two members of posted and of pending.
func columns(line map[string]any, first, second string) []string {
	posted, pending := line["posted"].(map[string]any), line["pending"].(map[string]any)
	return []string{posted[first].(string), posted[second].(string), pending[first].(string), pending[second].(string)}
}

// TestTrialBalance books at random, in several currencies, back-dated and ahead, with holds and
// reversals, and holds the trial balance of many moments against what was booked.
func TestTrialBalance(t *testing.T) {
	for seed := range uint64(2) {
		c := newClerk(openHouse(t, true), seed)
		for range 150 {
			c.step()
		}
		c.check(-1, time.Time{})
		first := slices.Min(slices.Collect(maps.Values(c.opened)))
		for range 20 {
			seq := first + c.r.Int64N(c.size()-first)
			c.check(seq, time.Time{})
			c.check(seq, c.day())
			c.check(-1, c.day())
		}
	}
}

// TestTrialBalanceOfManyDigits shows that totals may have more digits than an account has.
func TestTrialBalanceOfManyDigits(t *testing.T) {
	h := openHouse(t, true)
	var last *answer
	for i := range 3 {
		debit, credit := fmt.Sprint("d-", i), fmt.Sprint("c-", i)
		h.want(h.do("POST", acme+"/accounts", account(debit)), http.StatusCreated)
		h.want(h.do("POST", acme+"/accounts", account(credit)), http.StatusCreated)
		last = h.want(h.do("POST", acme+"/postings", postingOn(fmt.Sprint(i), "posted", "2026-01-10", entries("99999999999999999.99", debit, credit))), http.StatusCreated)
	}
	a := h.seen(last, "/trial-balance")
	for _, column := range []string{"debits", "credits", "debit_balances", "credit_balances"} {
		if got := a.get("/totals/0/posted/" + column); got != "299999999999999999.97" {
			t.Errorf("%s %s", column, got)
		}
	}
	if a := h.seen(last, "/trial-balance?currency=JPY"); a.get("/totals") != "[]" || a.get("/accounts") != "[]" {
		t.Errorf("of no account: %s", a.body)
	}
	for query, field := range map[string]string{"effective_at=x": "effective_at", "as_of=x": "as_of", "limit=0": "limit", "account=d-1": "account"} {
		if a := h.want(h.do("GET", acme+"/trial-balance?"+query, ""), http.StatusBadRequest); a.Field != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}
