package monitoring

import (
	"errors"
	"fmt"
	"math/big"

	"cel.dev/cel-go/common/types/ref"
	"github.com/govalues/decimal"

	"whocomply/domain"
)

var errEmpty = errors.New("the window is empty: guard it with count() > 0 &&")

// errTooLong says that a sum does not fit a decimal.
var errTooLong = fmt.Errorf("the result needs more than %d digits", decimal.MaxPrec)

// cutAt is how many digits after the point stddev and ratio_to give; further ones are cut off.
const cutAt = 6

// tally is what some events come to.
type tally struct {
	count         int
	first, last   int64
	sum, min, max domain.Decimal
	overflow      bool // the sum does not fit a decimal
}

func (t *tally) add(e *entry) {
	t.join(&tally{count: 1, first: e.at, last: e.at, sum: e.amount, min: e.amount, max: e.amount})
}

// join adds what other events come to. In which order does not matter.
func (t *tally) join(o *tally) {
	if t.count == 0 {
		*t = *o
		return
	}
	t.count, t.first, t.last = t.count+o.count, min(t.first, o.first), max(t.last, o.last)
	sum, err := t.sum.Add(o.sum)
	t.sum, t.overflow = sum, t.overflow || o.overflow || err != nil
	if o.min.Cmp(t.min) < 0 {
		t.min = o.min
	}
	if o.max.Cmp(t.max) > 0 {
		t.max = o.max
	}
}

// total is what a window comes to. Its amounts are those of transactions.
type total struct {
	tally
	currency word
	other    word // a second currency; none if there is one only
}

func (t *total) addEntry(e *entry) {
	t.note(e.kind)
	t.add(e)
}

func (t *total) addKind(k *kindTally) {
	t.note(k.kind)
	t.join(&k.tally)
}

func (t *total) note(k *kind) {
	switch currency := k.words[currencyWord]; {
	case !k.transaction:
	case t.currency == none:
		t.currency = currency
	case currency != t.currency:
		t.other = currency
	}
}

// check says why there is no result: amounts of two currencies have none in common.
func (t *total) check() error {
	if t.other != none {
		return fmt.Errorf("amounts in %s and in %s have no sum: add currency(…)", t.currency.Value(), t.other.Value())
	}
	if t.overflow {
		return errTooLong
	}
	return nil
}

// result gives a result by its name. A sum of nothing is 0; the others have no value then.
func (t *total) result(name string) (ref.Val, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	switch {
	case name == "sum":
		return number(t.sum), nil
	case t.count == 0:
		return nil, errEmpty
	case name == "min":
		return number(t.min), nil
	case name == "max":
		return number(t.max), nil
	}
	mean, err := t.sum.Quo(domain.DecimalFromInt(int64(t.count)))
	if err != nil {
		return nil, errTooLong
	}
	return number(mean), nil
}

// deviation gives the standard deviation of the sample; 0 of fewer than two.
func (s *scan) deviation() (ref.Val, error) {
	var n int64
	sum, squares, x := new(big.Int), new(big.Int), new(big.Int)
	t := s.total()
	if err := t.check(); err != nil {
		return nil, err
	}
	s.each(func(e *entry) {
		scaled(x, e.amount)
		sum.Add(sum, x)
		squares.Add(squares, x.Mul(x, x))
		n++
	}, nil)
	if n < 2 {
		return whole(0), nil
	}
	variance := new(big.Int).Mul(squares, big.NewInt(n))
	variance.Sub(variance, sum.Mul(sum, sum))
	variance.Div(variance, big.NewInt(n*(n-1)))
	root := variance.Sqrt(variance)
	return cutOff(root.Div(root, power(decimal.MaxScale-cutAt)))
}

// ratioTo gives the sum per unit of time in relation to that of another window.
func (s *scan) ratioTo(base *scan) (ref.Val, error) {
	mine, theirs := s.total(), base.total()
	if err := errors.Join(mine.check(), theirs.check()); err != nil {
		return nil, err
	}
	if mine.count > 0 && theirs.count > 0 && mine.currency != theirs.currency {
		return nil, fmt.Errorf("amounts in %s and in %s have no ratio: add currency(…)", mine.currency.Value(), theirs.currency.Value())
	}
	if theirs.sum.Sign() == 0 {
		return nil, errByZero
	}
	over, under := scaled(new(big.Int), mine.sum), scaled(new(big.Int), theirs.sum)
	over.Mul(over, big.NewInt(int64(base.window.from-base.window.to)))
	under.Mul(under, big.NewInt(int64(s.window.from-s.window.to)))
	over.Mul(over, power(cutAt))
	return cutOff(over.Div(over, under))
}

// scaled sets x to the amount as a whole number of its smallest possible part.
func scaled(x *big.Int, amount domain.Decimal) *big.Int {
	x.SetUint64(amount.Coefficient())
	return x.Mul(x, power(decimal.MaxScale-amount.Scale()))
}

var powers = func() (p [decimal.MaxScale + 1]*big.Int) {
	for i := range p {
		p[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return p
}()

func power(n int) *big.Int { return powers[n] }

// cutOff gives a whole number of millionths.
func cutOff(x *big.Int) (ref.Val, error) {
	if !x.IsInt64() {
		return nil, errTooLong
	}
	d, err := decimal.New(x.Int64(), cutAt)
	if err != nil {
		return nil, errTooLong
	}
	parsed, err := domain.ParseDecimal(d.String())
	return number(parsed), err
}
