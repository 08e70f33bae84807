package monitoring_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

// TestDecimals holds that numbers are what is written.
func TestDecimals(t *testing.T) {
	for condition, want := range map[string]bool{
		`0.1 + 0.2 == 0.3`:                           true,
		`0.1 + 0.2 > 0.3`:                            false,
		`1.10 == 1.1 && 1 == 1.00`:                   true,
		`0.1 * 3 == 0.3`:                             true,
		`1.1 * 1.1 == 1.21`:                          true,
		`100 * 1.15 == 115`:                          true,
		`4.35 * 100 == 435`:                          true,
		`10 / 4 == 2.5`:                              true,
		`1 / 3 * 3 == 1`:                             false, // 19 digits of a third
		`-5.5 + 5.5 == 0`:                            true,
		`- 5.5 == -(5.5)`:                            true,
		`-(-(5)) == 5`:                               true,
		`5 - 7 == -2`:                                true,
		`10000 % 1000 == 0`:                          true,
		`10000.01 % 1000 == 0.01`:                    true,
		`-7 % 3 == -1 && 7 % -3 == 1`:                true,
		`9999999999999999.99 % 0.07 == 0`:            true,
		`1234567890123.456789 == 1234567890123.4567`: false,
		`9007199254740993.0 == 9007199254740992.0`:   false, // the same double
		`9007199254740993 > 9007199254740992`:        true,
		`0.3 == 0.30000000000000004`:                 false,
		`1234567890123456.789 > 1234567890123456.78`: true,
		`decimal("0.10") == 0.1`:                     true,
		`decimal("9999999999999999999") > 5`:         true,
		`5u == 5 && 0x10 == 16`:                      true,
		`"a" in {"a": 1} && {"a": 1.50}["a"] == 1.5`: true,
		`[1, 2.5, 3][1] == 2.5`:                      true,
		`transaction.amount >= 12000`:                true,
		`transaction.amount >= 12000.01`:             false,
		`12000 == transaction.amount`:                true,
		`transaction.amount in [9000, 12000.000]`:    true,
		`transaction.amount % 1000 == 0`:             true,
		`transaction.amount * 0.1 == 1200`:           true,
		`transaction.amount / 2 - 1 == 5999`:         true,
		`transaction.amount + risk.score == 12042`:   true,
		`[10, 9.99].all(x, x < transaction.amount)`:  true,
		`[1, 1, 2].exists_one(x, x == 2)`:            true,
	} {
		if fired, reason := evaluate(condition, deposit(t)); fired != want || reason != "" {
			t.Errorf("%s: %t %s, want %t", condition, fired, reason, want)
		}
	}
}

// TestNumbersOfData reads JSON numbers as they are written.
func TestNumbersOfData(t *testing.T) {
	for written, want := range map[string]string{
		"0": "0", "-0": "0", "1.50": "1.5", "12e-1": "1.2", "1E+3": "1000", "1.5e3": "1500", "150e-1": "15", "1e-7": "0.0000001",
		"-2.5E-2": "-0.025", "0e40": "0", "0.00012e4": "1.2", "9999999999999999999": `decimal("9999999999999999999")`,
	} {
		in := deposit(t)
		in.Event.Data = jsontext.Value(`{"n":` + written + `}`)
		if fired, reason := evaluate(`event.data.n == `+want, in); !fired {
			t.Errorf("%s is not %s: %s", written, want, reason)
		}
	}
	for _, written := range []string{"1e19", "1e400", "1e-20", "1.00000000000000000000", "1e99999999999999999999"} {
		in := deposit(t)
		in.Event.Data = jsontext.Value(`{"n":` + written + `}`)
		if fired, reason := evaluate(`event.data.n > 0`, in); fired || !strings.Contains(reason, "does not fit") {
			t.Errorf("%s: %t %s", written, fired, reason)
		}
	}
}

// TestAgainstRationals compares operators on decimals with math/big.
func TestAgainstRationals(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) string {
		n, scale := rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "n"), rapid.IntRange(0, 5).Draw(t, "scale")
		return new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
	})
	rapid.Check(t, func(t *rapid.T) {
		x, y := number.Draw(t, "x"), number.Draw(t, "y")
		if rapid.Bool().Draw(t, "same") {
			y = x + "0"
			if !strings.Contains(x, ".") {
				y = x + ".0"
			}
		}
		a, _ := new(big.Rat).SetString(x)
		b, _ := new(big.Rat).SetString(y)
		sum, difference, product := new(big.Rat).Add(a, b), new(big.Rat).Sub(a, b), new(big.Rat).Mul(a, b)
		rest := "0"
		if b.Sign() != 0 {
			quotient := new(big.Rat).Quo(a, b)
			whole := new(big.Rat).SetInt(new(big.Int).Quo(quotient.Num(), quotient.Denom()))
			rest = new(big.Rat).Sub(a, whole.Mul(whole, b)).FloatString(6)
		}
		in := login(&testing.T{})
		in.Event.Data = jsontext.Value(`{"x":` + x + `,"y":` + y + `}`)
		for condition, want := range map[string]bool{
			"%s < %s": a.Cmp(b) < 0, "%s <= %s": a.Cmp(b) <= 0, "%s > %s": a.Cmp(b) > 0, "%s >= %s": a.Cmp(b) >= 0,
			"%s == %s": a.Cmp(b) == 0, "%s != %s": a.Cmp(b) != 0,
			"%s + %s == " + sum.FloatString(6): true, "%s - %s == " + difference.FloatString(6): true,
			"%s * %s == " + literal(product): true, "%s %% %s == " + rest: b.Sign() != 0,
		} {
			for _, operands := range [][2]any{{x, y}, {"event.data.x", y}, {x, "event.data.y"}, {"event.data.x", "event.data.y"}} {
				text := fmt.Sprintf(condition, operands[0], operands[1])
				fired, reason := evaluate(text, in)
				if b.Sign() == 0 && strings.Contains(text, "%") && strings.HasSuffix(reason, "division by zero") {
					continue
				}
				if fired != want || reason != "" {
					t.Fatalf("%s: %t %s, want %t", text, fired, reason, want)
				}
			}
		}
	})
}

// literal writes a product of numbers of at most 9 digits with at most 19 digits.
func literal(r *big.Rat) string {
	s := strings.TrimRight(r.FloatString(12), "0")
	return strings.TrimSuffix(s, ".")
}
