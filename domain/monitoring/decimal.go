package monitoring

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/govalues/decimal"

	"whocomply/domain"
)

// number is the one kind of number in a condition: an exact decimal.
type number domain.Decimal

// numberType is what the compiler calls decimal.
var numberType = cel.ObjectType("decimal", traits.ComparerType, traits.AdderType, traits.SubtractorType)

// numberFunctions are the operators that CEL does not dispatch to traits of a value by itself,
// and decimal(), which reads text as a number.
func numberFunctions() []cel.EnvOption {
	two := []*cel.Type{numberType, numberType}
	options := []cel.EnvOption{
		cel.Function("_+_", cel.Overload("add_decimal", two, numberType)),
		cel.Function("_-_", cel.Overload("subtract_decimal", two, numberType)),
		cel.Function("_*_", cel.Overload("multiply_decimal", two, numberType, cel.BinaryBinding(arithmetic(domain.Decimal.Mul)))),
		cel.Function("_/_", cel.Overload("divide_decimal", two, numberType, cel.BinaryBinding(arithmetic(quotient)))),
		cel.Function("_%_", cel.Overload("modulo_decimal", two, numberType, cel.BinaryBinding(arithmetic(remainder)))),
		cel.Function("-_", cel.Overload("negate_decimal", []*cel.Type{numberType}, numberType, cel.UnaryBinding(negated))),
		cel.Function("decimal",
			cel.Overload("string_to_decimal", []*cel.Type{cel.StringType}, numberType, cel.UnaryBinding(parsed)),
			cel.Overload("decimal_to_decimal", []*cel.Type{numberType}, numberType, cel.UnaryBinding(parsed))),
	}
	for operator, id := range map[string]string{"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"} {
		options = append(options, cel.Function(operator, cel.Overload(id+"_decimal", two, cel.BoolType)))
	}
	return options
}

// Add gives the exact sum, or an error if it needs more than 19 digits.
func (x number) Add(y ref.Val) ref.Val { return arithmetic(domain.Decimal.Add)(x, y) }

// Subtract gives the exact difference, or an error if it needs more than 19 digits.
func (x number) Subtract(y ref.Val) ref.Val { return arithmetic(difference)(x, y) }

// Compare gives -1, 0 or 1; 1.0 equals 1.00.
func (x number) Compare(y ref.Val) ref.Val {
	n, ok := y.(number)
	if !ok {
		return types.MaybeNoSuchOverloadErr(y)
	}
	switch domain.Decimal(x).Cmp(domain.Decimal(n)) {
	case -1:
		return types.IntNegOne
	case 1:
		return types.IntOne
	}
	return types.IntZero
}

// Equal reports whether y is the same number; 1.0 equals 1.00.
func (x number) Equal(y ref.Val) ref.Val {
	n, ok := y.(number)
	return types.Bool(ok && domain.Decimal(x).Cmp(domain.Decimal(n)) == 0)
}

// ConvertToNative gives the domain.Decimal.
func (x number) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[domain.Decimal]() {
		return domain.Decimal(x), nil
	}
	return nil, fmt.Errorf("a decimal is no %v", t)
}

// ConvertToType knows no other type.
func (x number) ConvertToType(t ref.Type) ref.Val {
	if t.TypeName() == numberType.TypeName() {
		return x
	}
	return types.NewErr("a decimal cannot be converted to %s", t.TypeName())
}

// Type is decimal.
func (x number) Type() ref.Type { return numberType }

// Value gives the domain.Decimal.
func (x number) Value() any { return domain.Decimal(x) }

// arithmetic makes an operator of two numbers; what has no exact result in 19 digits is an error.
func arithmetic(operate func(x, y domain.Decimal) (domain.Decimal, error)) func(x, y ref.Val) ref.Val {
	return func(x, y ref.Val) ref.Val {
		a, isNumber := x.(number)
		b, areNumbers := y.(number)
		if !isNumber || !areNumbers {
			return types.NewErr("no such overload")
		}
		result, err := operate(domain.Decimal(a), domain.Decimal(b))
		switch {
		case err == nil:
			return number(result)
		case errors.Is(err, errByZero):
			return types.WrapErr(err)
		}
		return types.NewErr("the result needs more than %d digits", decimal.MaxPrec)
	}
}

var errByZero = errors.New("division by zero")

func quotient(x, y domain.Decimal) (domain.Decimal, error) {
	if y.Sign() == 0 {
		return domain.Decimal{}, errByZero
	}
	return x.Quo(y)
}

func difference(x, y domain.Decimal) (domain.Decimal, error) { return x.Add(y.Neg()) }

// remainder of the division that is cut off to a whole number; it has the sign of x.
func remainder(x, y domain.Decimal) (domain.Decimal, error) {
	if y.Sign() == 0 {
		return domain.Decimal{}, errByZero
	}
	a, errA := decimal.Parse(x.String())
	b, errB := decimal.Parse(y.String())
	if err := errors.Join(errA, errB); err != nil {
		return domain.Decimal{}, err
	}
	_, rest, err := a.QuoRem(b)
	if err != nil {
		return domain.Decimal{}, err
	}
	return domain.ParseDecimal(rest.String())
}

func negated(x ref.Val) ref.Val {
	if n, ok := x.(number); ok {
		return number(domain.Decimal(n).Neg())
	}
	return types.MaybeNoSuchOverloadErr(x)
}

// parsed reads text as a number; a number stays what it is.
func parsed(x ref.Val) ref.Val {
	text, ok := x.(types.String)
	if !ok {
		return x
	}
	d, err := domain.ParseDecimal(string(text))
	if err != nil {
		return types.NewErr("%v", err)
	}
	return number(d)
}

// whole gives n as a number.
func whole(n int) ref.Val { return number(domain.DecimalFromInt(int64(n))) }

// plain writes a JSON number without an exponent: 12e-1 is 1.2. A number that a decimal of 19
// digits cannot hold is given back as it is.
func plain(s string) string {
	mantissa, exponent, found := strings.Cut(strings.ToLower(s), "e")
	if !found {
		return s
	}
	shift, err := strconv.Atoi(exponent)
	if err != nil || shift < -40 || shift > 40 {
		return s
	}
	digits, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	point := len(whole) + shift
	digits = whole + fraction
	if point < 1 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole = strings.TrimLeft(digits[:point-1], "0") + digits[point-1:point]
	if fraction = strings.TrimRight(digits[point:], "0"); fraction != "" {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}
