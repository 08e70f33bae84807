package monitoring

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"whocomply/domain"
)

// The limits of exchange rates.
const (
	maxRates   = 200                 // in one table
	maxRateAge = 92 * 24 * time.Hour // of a table, before the event
)

// rateTable is the rates of one base and day, in their last version.
type rateTable struct {
	Rates
	day time.Time
}

// RateTables lists the tables as they are now, newest first.
func (r *Reference) RateTables() []Rates {
	all := make([]Rates, len(r.rates))
	for i, t := range r.rates {
		all[i] = t.Rates
	}
	return all
}

// table finds the place of a table among those there are.
func (r *Reference) table(day time.Time, base domain.Currency) (at int, found bool) {
	return slices.BinarySearchFunc(r.rates, &rateTable{Rates: Rates{Base: base}, day: day}, func(t, o *rateTable) int {
		if !t.day.Equal(o.day) {
			return o.day.Compare(t.day)
		}
		return strings.Compare(string(t.Base), string(o.Base))
	})
}

// RatesOf gives the table of a base and day as it is now.
func (r *Reference) RatesOf(base domain.Currency, date string) (Rates, bool) {
	day, err := time.Parse(time.DateOnly, date)
	if at, found := r.table(day, base); err == nil && found {
		return r.rates[at].Rates, true
	}
	return Rates{}, false
}

// withRates gives the reference with a table in its new version.
func (r *Reference) withRates(rates Rates) *Reference {
	day, _ := time.Parse(time.DateOnly, rates.Date) // checked when it was stated
	next := &Reference{lists: r.lists, rates: slices.Clone(r.rates)}
	at, found := next.table(day, rates.Base)
	if !found {
		next.rates = slices.Insert(next.rates, at, nil)
	}
	next.rates[at] = &rateTable{rates, day}
	return next
}

func checkRates(r Rates) error {
	if !r.Base.Valid() {
		return domain.InvalidField("base", "must be an ISO 4217 code such as EUR")
	}
	if err := domain.CheckText("date", r.Date, len(time.DateOnly), true); err != nil {
		return err
	}
	if err := domain.CheckDate("date", r.Date); err != nil {
		return err
	}
	if len(r.Rates) == 0 || len(r.Rates) > maxRates {
		return domain.InvalidField("rates", "must be 1 to %d", maxRates)
	}
	for _, currency := range slices.Sorted(maps.Keys(r.Rates)) {
		switch {
		case !currency.Valid():
			return domain.InvalidField("rates", "names %q, which is no ISO 4217 code", currency)
		case currency == r.Base:
			return domain.InvalidField("rates."+string(currency), "is the base itself")
		case r.Rates[currency].Sign() <= 0:
			return domain.InvalidField("rates."+string(currency), "must be more than 0")
		}
	}
	for field, text := range map[string]string{"source": r.Source, "change_reason": r.ChangeReason} {
		if err := domain.CheckText(field, text, maxDescription, false); err != nil {
			return err
		}
	}
	return nil
}

// digest is the lower-case hex SHA-256 of the line "whocomply/reference-rates@v1", the base and the
// date, and a line "<currency> <rate>" for each, in order of currency.
func (r *Rates) digest() string {
	text := fmt.Appendf(nil, "whocomply/reference-rates@v1\n%s\n%s\n", r.Base, r.Date)
	for _, currency := range slices.Sorted(maps.Keys(r.Rates)) {
		text = fmt.Appendf(text, "%s %s\n", currency, r.Rates[currency])
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// rate gives how much of the currency one unit of the base is; false if the table does not say.
func (t *rateTable) rate(c domain.Currency) (domain.Decimal, bool) {
	if c == t.Base {
		return domain.DecimalFromInt(1), true
	}
	rate, known := t.Rates.Rates[c]
	return rate, known
}

// rateFor finds the newest table up to a time that knows both currencies, with their rates.
func (r *Reference) rateFor(at time.Time, from, to domain.Currency) (t *rateTable, of, in domain.Decimal, err error) {
	first, _ := r.table(at.UTC().Truncate(24*time.Hour), "")
	for _, t := range r.rates[first:] {
		if at.Sub(t.day) > maxRateAge {
			break
		}
		of, knowsFrom := t.rate(from)
		in, knowsTo := t.rate(to)
		if knowsFrom && knowsTo {
			return t, of, in, nil
		}
	}
	return nil, of, in, fmt.Errorf("there is no reference rate from %s to %s for %s", from, to, at.UTC().Format(time.DateOnly))
}

// converted gives an amount in another currency, rounded half to even to its minor unit.
func converted(amount, of, in domain.Decimal, to domain.Currency) (domain.Decimal, error) {
	over := new(big.Int).Mul(scaled(new(big.Int), amount), scaled(new(big.Int), in))
	over.Mul(over, power(to.Decimals()))
	under := new(big.Int).Mul(scaled(new(big.Int), of), power(decimal.MaxScale))
	whole, rest := new(big.Int).QuoRem(over, under, new(big.Int))
	half := rest.Lsh(rest, 1).Cmp(under)
	if half > 0 || half == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	sign := ""
	if amount.Sign() < 0 {
		sign = "-"
	}
	digits := whole.String()
	if n := to.Decimals(); n > 0 {
		if len(digits) <= n {
			digits = strings.Repeat("0", n-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	result, err := domain.ParseDecimal(sign + digits)
	if err != nil {
		return result, errTooLong
	}
	return result, nil
}
