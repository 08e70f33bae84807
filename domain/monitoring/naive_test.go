package monitoring_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

// seen is one window and result of the differential test, in the language and by hand.
type seen struct {
	condition string
	from, to  time.Duration
	of        int // which subject
	subject   func(*monitoring.Input) string
	admits    func(past, now *monitoring.Input) bool
	earlier   bool
	result    func([]*monitoring.Input) string
}

func byCustomer(in *monitoring.Input) string     { return in.Customer.ID }
func byAccount(in *monitoring.Input) string      { return in.Transaction.Account }
func byCounterparty(in *monitoring.Input) string { return in.Transaction.Counterparty.Account }
func all(_, _ *monitoring.Input) bool            { return true }

// cents is an amount of the test's as a whole number.
func cents(in *monitoring.Input) int64 { return int64(in.Transaction.Amount.Coefficient()) }

func exactSum(past []*monitoring.Input) string {
	sum := int64(0)
	for _, in := range past {
		sum += cents(in)
	}
	return fmt.Sprintf("%d.%02d", sum/100, sum%100)
}

func count(past []*monitoring.Input) string { return fmt.Sprint(len(past)) }

func different(key func(*monitoring.Input) string) func([]*monitoring.Input) string {
	return func(past []*monitoring.Input) string {
		keys := map[string]bool{}
		for _, in := range past {
			keys[key(in)] = true
		}
		return fmt.Sprint(len(keys))
	}
}

func deviation(past []*monitoring.Input) string {
	n := int64(len(past))
	if n < 2 {
		return "0"
	}
	sum, squares := int64(0), int64(0)
	for _, in := range past {
		sum, squares = sum+cents(in), squares+cents(in)*cents(in)
	}
	v := new(big.Int).Mul(big.NewInt(squares), big.NewInt(n))
	v.Sub(v, new(big.Int).Mul(big.NewInt(sum), big.NewInt(sum))).Mul(v, big.NewInt(1e8)).Quo(v, big.NewInt(n*(n-1)))
	return new(big.Rat).SetFrac(v.Sqrt(v), big.NewInt(1e6)).FloatString(6)
}

var differential = []seen{
	{`customer.last("5m").count()`, 5 * time.Minute, 0, 0, byCustomer, all, false, count},
	{`customer.last("24h").direction("in").sum()`, day, 0, 0, byCustomer, func(p, _ *monitoring.Input) bool { return p.Transaction.Direction == "in" }, false, exactSum},
	{`customer.last("400d").earlier().channel(["cash", "atm"]).sum()`, 400 * day, 0, 0, byCustomer, func(p, _ *monitoring.Input) bool {
		return p.Transaction.Channel == "cash" || p.Transaction.Channel == "atm"
	}, true, exactSum},
	{`customer.between("40d", "7d").at_least(100).below(5000).count()`, 40 * day, 7 * day, 0, byCustomer, func(p, _ *monitoring.Input) bool {
		return p.Transaction.Amount.Cmp(whole(100)) >= 0 && p.Transaction.Amount.Cmp(whole(5000)) < 0
	}, false, count},
	{`customer.last("90d").counterparties()`, 90 * day, 0, 0, byCustomer, all, false, different(byCounterparty)},
	{`customer.last("30d").stddev()`, 30 * day, 0, 0, byCustomer, all, false, deviation},
	{`account.last("7d").customers()`, 7 * day, 0, 1, byAccount, all, false, different(byCustomer)},
	{`counterparty.last("365d").direction("out").sum()`, 365 * day, 0, 2, byCounterparty, func(p, _ *monitoring.Input) bool { return p.Transaction.Direction == "out" }, false, exactSum},
	{`customer.last("60d").same_counterparty().country(transaction.counterparty.country).sum()`, 60 * day, 0, 0, byCustomer, func(p, n *monitoring.Input) bool {
		return byCounterparty(p) == byCounterparty(n) && p.Transaction.Counterparty.Country == n.Transaction.Counterparty.Country
	}, false, exactSum},
}

func whole(n int64) domain.Decimal { return domain.DecimalFromInt(n) }

// by hand looks at everything that was ever recorded of the subject.
func (s *seen) byHand(past []*monitoring.Input, now *monitoring.Input) string {
	var in []*monitoring.Input
	for _, p := range append(past, now) {
		at := now.Event.OccurredAt
		if p == now && (s.earlier || s.to > 0) || !p.Event.OccurredAt.After(at.Add(-s.from)) || p.Event.OccurredAt.After(at.Add(-s.to)) || !s.admits(p, now) {
			continue
		}
		in = append(in, p)
	}
	return s.result(in)
}

// few gives one of n, and one of them more often than all others.
func few(r *rand.Rand, n int) int {
	if r.IntN(50) == 0 {
		return 0
	}
	return r.IntN(n)
}

// random gives events that come late, in ties, and long after each other.
func random(r *rand.Rand, i int, clock *time.Time) monitoring.Input {
	if r.IntN(3) > 0 { // else a tie
		*clock = clock.Add(time.Duration(r.IntN(1800)) * time.Second)
	}
	at := *clock
	switch r.IntN(10) {
	case 0:
		at = at.Add(-time.Duration(r.IntN(30*24)) * time.Hour)
	case 1, 2:
		at = at.Add(-time.Duration(r.IntN(180)) * time.Minute)
	}
	value, _ := domain.ParseDecimal(fmt.Sprintf("%d.%02d", r.Int64N(10_000), r.Int64N(100)))
	return monitoring.Input{
		Event:    monitoring.Event{ID: fmt.Sprint(i), Type: "transaction.created", OccurredAt: at},
		Customer: monitoring.Customer{ID: fmt.Sprint("cus_", few(r, 1000))},
		Transaction: &monitoring.Transaction{
			Amount: value, Currency: "EUR", Direction: []string{"in", "out"}[r.IntN(2)], Channel: []string{"cash", "atm", "online"}[r.IntN(3)],
			Account: fmt.Sprint("a", few(r, 1500)), Counterparty: monitoring.Counterparty{
				Account: fmt.Sprint("c", few(r, 800)), Country: []string{"DE", "FR"}[r.IntN(2)],
			},
		},
	}
}

// TestIncrementalIsNaive holds 100,000 random events, late ones and ties among them, against
// windows that are computed anew from everything, exactly.
func TestIncrementalIsNaive(t *testing.T) {
	const events, checkEvery = 100_000, 4
	set := differentialSet()
	past, naive := monitoring.NewHistories(), map[string][]*monitoring.Input{}
	r, clock := rand.New(rand.NewPCG(7, 7)), noon
	checked := 0
	for i := range events {
		in := random(r, i, &clock)
		if i%checkEvery == 0 {
			sameWindows(t, past, set, naive, in)
			checked += len(differential)
		}
		past.Record(&in)
		for of, subject := range []func(*monitoring.Input) string{byCustomer, byAccount, byCounterparty} {
			key := fmt.Sprint(of, subject(&in))
			naive[key] = append(naive[key], &in)
		}
	}
	t.Logf("%d events over %s, %d windows compared", events, clock.Sub(noon), checked)
}

func sameNumber(a, b string) bool {
	x, errX := domain.ParseDecimal(a)
	y, errY := domain.ParseDecimal(b)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

// TestHistoryIsBounded trims what no window can reach, and says so to a window that would.
func TestHistoryIsBounded(t *testing.T) {
	p := pastOf{monitoring.NewHistories()}
	for i := range 3000 {
		p.paid(t, time.Duration(3000-i)*day, "1", "EUR")
	}
	set := monitoring.NewRuleSet(rule(`customer.last("400d").count() > 0`))
	for before, want := range map[time.Duration]string{0: "", 30 * day: "", 300 * day: "no longer kept"} {
		in := payment(t, before, "1", "EUR")
		in.Past = p.Of(set, &in)
		result := set.Evaluate(in)
		if want == "" && (len(result.Fired) != 1 || !strings.HasPrefix(result.Fired[0].Windows[0].Value, "40")) || want != "" && (len(result.Failed) != 1 || !strings.Contains(result.Failed[0].Reason, want)) {
			t.Errorf("%s before: %+v", before, result)
		}
	}
}
