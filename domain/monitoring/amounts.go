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
	count       int
	first, last int64
	sum         sum
	min, max    figure
}

// figure is an amount as entries have it.
type figure struct {
	amount uint64
	scale  scale
}

// decimal gives the amount.
func (f figure) decimal() domain.Decimal {
	d := domain.DecimalOf(f.amount, int(f.scale&^negative))
	if f.scale&negative != 0 {
		return d.Neg()
	}
	return d
}

func (f figure) less(o figure) bool {
	if f.scale == o.scale && f.scale&negative == 0 {
		return f.amount < o.amount
	}
	return f.decimal().Cmp(o.decimal()) < 0
}

// sum adds amounts up. As long as they have the same scale it is one addition each.
type sum struct {
	whole    domain.Decimal
	run      uint64 // what is to be added to whole
	scale    scale  // of run; never negative
	overflow bool   // it does not fit a decimal
}

// maxRun is as far as a run goes; a decimal of any scale can hold it.
const maxRun = 1 << 62

func (s *sum) add(f figure) {
	if f.scale == s.scale && f.amount <= maxRun-s.run {
		s.run += f.amount
		return
	}
	s.settle()
	if f.scale&negative == 0 && f.amount <= maxRun {
		s.run, s.scale = f.amount, f.scale
		return
	}
	s.plus(f.decimal())
}

// settle makes whole all there is.
func (s *sum) settle() {
	s.plus(figure{s.run, s.scale}.decimal())
	s.run, s.scale = 0, 0
}

func (s *sum) plus(d domain.Decimal) {
	whole, err := s.whole.Add(d)
	s.whole, s.overflow = whole, s.overflow || err != nil
}

func (t *tally) add(e *entry) {
	f := e.figure()
	if t.count == 0 {
		t.first, t.last, t.min, t.max = e.at, e.at, f, f
	}
	t.count++
	t.first, t.last = min(t.first, e.at), max(t.last, e.at)
	t.sum.add(f)
	t.widen(f, f)
}

// join adds what other events come to, which must be settled. In which order does not matter.
func (t *tally) join(o *tally) {
	if t.count == 0 {
		*t = *o
		return
	}
	t.count, t.first, t.last = t.count+o.count, min(t.first, o.first), max(t.last, o.last)
	t.sum.overflow = t.sum.overflow || o.sum.overflow
	t.sum.settle()
	t.sum.plus(o.sum.whole)
	t.widen(o.min, o.max)
}

func (t *tally) widen(low, high figure) {
	if low.less(t.min) {
		t.min = low
	}
	if t.max.less(high) {
		t.max = high
	}
}

// total is what a window comes to. Its amounts are those of transactions.
type total struct {
	tally
	currency string
	other    string // a second currency; empty if there is one only
}

func (t *total) note(k *kind) {
	switch currency := k.words[currencyWord]; {
	case !k.transaction:
	case t.currency == "":
		t.currency = currency
	case currency != t.currency:
		t.other = currency
	}
}

// check says why there is no result: amounts of two currencies have none in common.
func (t *total) check() error {
	if t.other != "" {
		return fmt.Errorf("amounts in %s and in %s have no sum: add currency(…)", t.currency, t.other)
	}
	if t.sum.settle(); t.sum.overflow {
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
		return number(t.sum.whole), nil
	case t.count == 0:
		return nil, errEmpty
	case name == "min":
		return number(t.min.decimal()), nil
	case name == "max":
		return number(t.max.decimal()), nil
	}
	mean, err := t.sum.whole.Quo(domain.DecimalFromInt(int64(t.count)))
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
	s.each(func(e *entry, _ *kind) {
		scaled(x, e.figure().decimal())
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
		return nil, fmt.Errorf("amounts in %s and in %s have no ratio: add currency(…)", mine.currency, theirs.currency)
	}
	if theirs.sum.whole.Sign() == 0 {
		return nil, errByZero
	}
	over, under := scaled(new(big.Int), mine.sum.whole), scaled(new(big.Int), theirs.sum.whole)
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
