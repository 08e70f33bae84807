package domain

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
)

// Decimal is an exact decimal number of at most 19 digits, a lone 0 before the point not counted.
// In JSON it is a string such as "-1200.50": no exponent, no plus sign, no JSON number. The zero
// value is 0.
type Decimal struct {
	d decimal.Decimal
}

// ParseDecimal reads a decimal string. Trailing zeros are kept.
func ParseDecimal(s string) (Decimal, error) {
	if coefficient, scale, plain := plainDecimal(s); plain {
		return Decimal{decimal.MustNew(coefficient, scale)}, nil
	}
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if !isDigits(whole) || (dotted && !isDigits(fraction)) || (len(whole) > 1 && whole[0] == '0') {
		return Decimal{}, fmt.Errorf("%.40q is not a decimal number such as \"1200.50\"", s)
	}
	if len(strings.TrimPrefix(whole, "0"))+len(fraction) > decimal.MaxPrec {
		return Decimal{}, fmt.Errorf("%.40q has more than %d digits", s, decimal.MaxPrec)
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return Decimal{}, fmt.Errorf("%.40q is not a decimal number: %w", s, err)
	}
	return Decimal{d}, nil
}

// plainDecimal reads a number without sign that is right and has no more digits than an int64. It leaves all others.
func plainDecimal(s string) (coefficient int64, scale int, plain bool) {
	point := len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			coefficient = 10*coefficient + int64(c-'0')
		case c == '.' && point == len(s):
			point = i
		default:
			return 0, 0, false
		}
	}
	if scale = len(s) - point - 1; scale < 0 {
		scale = 0
	}
	whole := point > 0 && (point == 1 || s[0] != '0')
	return coefficient, scale, whole && point != len(s)-1 && len(s) <= 18
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// DecimalFromInt gives n as a decimal.
func DecimalFromInt(n int64) Decimal { return Decimal{decimal.MustNew(n, 0)} }

// DecimalOf gives coefficient/10^scale. It panics if that has more than 19 digits, or a scale that is not
// one of 0 to 19.
func DecimalOf(coefficient uint64, scale int) Decimal {
	if coefficient <= math.MaxInt64 {
		return Decimal{decimal.MustNew(int64(coefficient), scale)}
	}
	digits := "0" + strconv.FormatUint(coefficient, 10)
	return Decimal{decimal.MustParse(digits[:len(digits)-scale] + "." + digits[len(digits)-scale:])}
}

// String gives the number in plain notation, with the scale it was made with.
func (x Decimal) String() string { return x.d.String() }

// MarshalText gives the plain notation.
func (x Decimal) MarshalText() ([]byte, error) { return x.d.MarshalText() }

// UnmarshalText reads what ParseDecimal reads.
func (x *Decimal) UnmarshalText(text []byte) (err error) {
	*x, err = ParseDecimal(string(text))
	return err
}

// Scale is the number of digits after the point.
func (x Decimal) Scale() int { return x.d.Scale() }

// Coefficient is the number's digits without the point and the sign.
func (x Decimal) Coefficient() uint64 { return x.d.Coef() }

// Sign is -1, 0 or 1.
func (x Decimal) Sign() int { return x.d.Sign() }

// Cmp is -1, 0 or 1 as x is less than, equal to or more than y; 1.0 equals 1.00.
func (x Decimal) Cmp(y Decimal) int { return x.d.Cmp(y.d) }

// Neg is -x.
func (x Decimal) Neg() Decimal { return Decimal{x.d.Neg()} }

// Abs is x without its sign.
func (x Decimal) Abs() Decimal { return Decimal{x.d.Abs()} }

// Add gives the exact sum, or an error if it needs more than 19 digits.
func (x Decimal) Add(y Decimal) (Decimal, error) {
	sum, err := x.d.AddExact(y.d, max(x.d.Scale(), y.d.Scale()))
	return Decimal{sum}, err
}

// Mul gives the exact product, or an error if it needs more than 19 digits.
func (x Decimal) Mul(y Decimal) (Decimal, error) {
	product, err := x.d.MulExact(y.d, min(x.d.Scale()+y.d.Scale(), decimal.MaxScale))
	if err == nil && x.d.Scale()+y.d.Scale() > decimal.MaxScale {
		return Decimal{}, fmt.Errorf("product has more than %d digits after the point", decimal.MaxScale)
	}
	return Decimal{product}, err
}

// Quo gives x/y rounded half to even at 19 digits, or an error if y is zero.
func (x Decimal) Quo(y Decimal) (Decimal, error) {
	quotient, err := x.d.Quo(y.d)
	return Decimal{quotient}, err
}

// Rescale gives x with exactly the given scale, padding with zeros.
// It is an error if digits would be lost or do not fit.
func (x Decimal) Rescale(scale int) (Decimal, error) {
	if x.d.MinScale() > scale {
		return Decimal{}, fmt.Errorf("%s has more than %d decimals", x, scale)
	}
	y := x.d.Rescale(scale)
	if y.Scale() != scale {
		return Decimal{}, fmt.Errorf("%s does not fit with %d decimals", x, scale)
	}
	return Decimal{y}, nil
}

// Currency is an ISO 4217 alphabetic code.
type Currency string

// Decimals is the number of digits of the currency's minor unit, as ISO 4217 lists it.
func (c Currency) Decimals() int {
	switch {
	case strings.Contains(currencies0, string(c)):
		return 0
	case strings.Contains(currencies3, string(c)):
		return 3
	case strings.Contains(currencies4, string(c)):
		return 4
	}
	return 2
}

// Valid reports whether c is an active ISO 4217 code.
func (c Currency) Valid() bool {
	return len(c) == 3 && !strings.Contains(string(c), " ") &&
		(strings.Contains(currencies2, string(c)) || strings.Contains(currencies0, string(c)) ||
			strings.Contains(currencies3, string(c)) || strings.Contains(currencies4, string(c)))
}

// The active codes of ISO 4217 by the digits of their minor unit.
const (
	currencies0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	currencies2 = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF " +
		"CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD " +
		"HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU " +
		"MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG " +
		"SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST " +
		"XCD XCG YER ZAR ZMW ZWG"
	currencies3 = "BHD IQD JOD KWD LYD OMR TND"
	currencies4 = "CLF UYW"
)

// Money is an amount of one currency.
type Money struct {
	Amount   Decimal  `json:"amount"`
	Currency Currency `json:"currency"`
}

// CheckMoney says what is wrong with an amount as an input field: its currency must be one of
// ISO 4217, and the amount must have no more decimals than the currency's minor unit.
func CheckMoney(field string, m Money) error {
	prefix := ""
	if field != "" {
		prefix = field + "."
	}
	if !m.Currency.Valid() {
		return InvalidField(prefix+"currency", "must be an ISO 4217 code such as EUR")
	}
	if m.Amount.d.MinScale() > m.Currency.Decimals() {
		return InvalidField(prefix+"amount", "has more than the %d decimals of %s", m.Currency.Decimals(), m.Currency)
	}
	return nil
}
