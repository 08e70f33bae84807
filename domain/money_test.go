package domain_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"whocomply/domain"
)

func number(t rapid.TB, s string) domain.Decimal {
	t.Helper()
	d, err := domain.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rational(t rapid.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is not a number", s)
	}
	return r
}

// decimals draws decimal numbers as people write them, of up to 19 digits.
var decimals = rapid.Custom(func(t *rapid.T) string {
	digits := rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})`).Draw(t, "whole")
	room := 19 - len(strings.TrimPrefix(strings.TrimPrefix(digits, "-"), "0"))
	if n := rapid.IntRange(0, room).Draw(t, "decimals"); n > 0 {
		digits += "." + rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), n, n, -1).Draw(t, "fraction")
	}
	return digits
})

func TestParseDecimal(t *testing.T) {
	for _, tc := range []struct {
		text, want string // want is empty for what is refused
	}{
		{"0", "0"},
		{"-0.00", "0.00"},
		{"1200.50", "1200.50"},
		{"-1200.50", "-1200.50"},
		{"9999999999999999999", "9999999999999999999"},
		{"0.0000000000000000001", "0.0000000000000000001"},
		{"99999999999999999999", ""},
		{"1.0000000000000000001", ""},
		{"0.00000000000000000001", ""},
		{"", ""},
		{"-", ""},
		{"--1", ""},
		{"+1", ""},
		{"01", ""},
		{"00", ""},
		{".5", ""},
		{"5.", ""},
		{"1.2.3", ""},
		{"1.-2", ""},
		{"1,200", ""},
		{"1_200", ""},
		{" 1", ""},
		{"1e3", ""},
		{"1E3", ""},
		{"0x1", ""},
		{"Infinity", ""},
		{"NaN", ""},
		{"١٢", ""},
	} {
		t.Run(tc.text, func(t *testing.T) {
			switch d, err := domain.ParseDecimal(tc.text); {
			case tc.want == "" && err == nil:
				t.Errorf("read as %s", d)
			case tc.want != "" && (err != nil || d.String() != tc.want):
				t.Errorf("read as %s, error %v, want %s", d, err, tc.want)
			}
		})
	}
}

// FuzzParseDecimal holds the parser against math/big: what it reads it gives back in the same
// words, a sign before zero aside, and it stands for the same number.
func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-0.00", "1200.50", "-9999999999999999999", "0.0000000000000000001", "1e3", "+1", "01", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := domain.ParseDecimal(s)
		if err != nil {
			return
		}
		if got := d.String(); got != s && (d.Sign() != 0 || "-"+got != s) {
			t.Fatalf("%q was read as %s", s, got)
		}
		if rational(t, s).Cmp(rational(t, d.String())) != 0 {
			t.Fatalf("%q is not %s", s, d)
		}
	})
}

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := decimals.Draw(t, "x")
		x := number(t, text)
		raw, err := json.Marshal(x)
		if err != nil || string(raw) != `"`+x.String()+`"` {
			t.Fatalf("%s in JSON is %s, error %v", x, raw, err)
		}
		var back domain.Decimal
		if err := json.Unmarshal(raw, &back); err != nil || back != x {
			t.Fatalf("%s came back as %s, error %v", x, back, err)
		}
		if _, fraction, _ := strings.Cut(text, "."); x.Scale() != len(fraction) {
			t.Fatalf("%s has the scale %d", text, x.Scale())
		}
		if want := rational(t, text); x.Sign() != want.Sign() || x.Neg().Sign() != -want.Sign() || x.Abs().Cmp(x) < 0 {
			t.Fatalf("%s: sign %d, negated %s, absolute %s", text, x.Sign(), x.Neg(), x.Abs())
		}
	})
}

// TestArithmetic shows that sums and products are exact or refused, and that what they give can
// be written and read again.
func TestArithmetic(t *testing.T) {
	exact := 0
	rapid.Check(t, func(t *rapid.T) {
		x, y := number(t, decimals.Draw(t, "x")), number(t, decimals.Draw(t, "y"))
		a, b := rational(t, x.String()), rational(t, y.String())
		if x.Cmp(y) != a.Cmp(b) {
			t.Fatalf("%s and %s compare as %d", x, y, x.Cmp(y))
		}
		sum, sumErr := x.Add(y)
		product, productErr := x.Mul(y)
		for _, result := range []struct {
			got  domain.Decimal
			err  error
			want *big.Rat
		}{{sum, sumErr, new(big.Rat).Add(a, b)}, {product, productErr, new(big.Rat).Mul(a, b)}} {
			if result.err != nil {
				continue
			}
			exact++
			if rational(t, result.got.String()).Cmp(result.want) != 0 {
				t.Fatalf("%s and %s gave %s, want %s", x, y, result.got, result.want.FloatString(38))
			}
			if number(t, result.got.String()) != result.got {
				t.Fatalf("%s does not come back", result.got)
			}
		}
		scale := rapid.IntRange(0, 19).Draw(t, "scale")
		if z, err := x.Rescale(scale); err == nil && (z.Scale() != scale || z.Cmp(x) != 0) {
			t.Fatalf("%s with %d decimals is %s", x, scale, z)
		}
	})
	if exact == 0 {
		t.Error("no result was exact")
	}
}

// TestArithmeticFits shows that what fits in 19 digits is not refused.
func TestArithmeticFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Int64Range(-2e9, 2e9).Draw(t, "x"), rapid.Int64Range(-2e9, 2e9).Draw(t, "y")
		cents := number(t, "0.01")
		a, errA := domain.DecimalFromInt(x).Mul(cents)
		b, errB := domain.DecimalFromInt(y).Mul(cents)
		sum, errSum := a.Add(b)
		product, errProduct := a.Mul(b)
		if err := errors.Join(errA, errB, errSum, errProduct); err != nil {
			t.Fatal(err)
		}
		if sum.Scale() != 2 || rational(t, sum.String()).Cmp(big.NewRat(x+y, 100)) != 0 || rational(t, product.String()).Cmp(big.NewRat(x*y, 10000)) != 0 {
			t.Fatalf("%s and %s: sum %s, product %s", a, b, sum, product)
		}
	})
}

func TestQuo(t *testing.T) {
	for _, tc := range []struct{ x, y, want string }{
		{"1", "4", "0.25"},
		{"1", "3", "0.3333333333333333333"},
		{"2", "3", "0.6666666666666666667"},
		{"1", "0", ""},
	} {
		got, err := number(t, tc.x).Quo(number(t, tc.y))
		if (err != nil) != (tc.want == "") || err == nil && (got.String() != tc.want || number(t, got.String()) != got) {
			t.Errorf("%s/%s = %s, error %v, want %s", tc.x, tc.y, got, err, tc.want)
		}
	}
}

func TestDecimalLimits(t *testing.T) {
	most, least := number(t, "9999999999999999999"), number(t, "0.0000000000000000001")
	_, sum := most.Add(number(t, "1"))
	_, finer := most.Add(least)
	_, product := most.Mul(number(t, "2"))
	_, tiny := least.Mul(number(t, "0.1"))
	_, lost := number(t, "1.25").Rescale(1)
	_, wide := most.Rescale(1)
	for name, err := range map[string]error{"sum": sum, "finer sum": finer, "product": product, "tiny product": tiny, "lost digits": lost, "too wide": wide} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if number(t, "1.0").Cmp(number(t, "1.00")) != 0 {
		t.Error("1.0 differs from 1.00")
	}
}

// TestDecimalJSON shows that only a string in plain notation is an amount.
func TestDecimalJSON(t *testing.T) {
	const wrongType = `amount must be a decimal in a string, such as "1200.50"`
	for _, tc := range []struct{ raw, want string }{
		{`{"amount":"1200.50","currency":"EUR"}`, ""},
		{`{"amount":1200.5,"currency":"EUR"}`, wrongType},
		{`{"amount":1200,"currency":"EUR"}`, wrongType},
		{`{"amount":true,"currency":"EUR"}`, wrongType},
		{`{"amount":{},"currency":"EUR"}`, wrongType},
		{`{"amount":"12e2","currency":"EUR"}`, `amount "12e2" is not a decimal number such as "1200.50"`},
		{`{"amount":"1,200","currency":"EUR"}`, `amount "1,200" is not a decimal number such as "1200.50"`},
		{`{"amount":"","currency":"EUR"}`, `amount "" is not a decimal number such as "1200.50"`},
		{`{"amount":"12345678901234567890","currency":"EUR"}`, `amount "12345678901234567890" has more than 19 digits`},
	} {
		t.Run(tc.raw, func(t *testing.T) {
			var m domain.Money
			err := json.Unmarshal([]byte(tc.raw), &m)
			if err != nil {
				err = domain.Malformed(err)
			}
			if tc.want == "" {
				if raw, again := json.Marshal(m); err != nil || again != nil || string(raw) != tc.raw {
					t.Errorf("came back as %s, errors %v, %v", raw, err, again)
				}
				return
			}
			wantError(t, err, domain.Invalid, "amount", tc.want)
		})
	}
}

func TestCheckMoney(t *testing.T) {
	for _, tc := range []struct{ field, amount, currency, wrong, message string }{
		{"", "1200.50", "EUR", "", ""},
		{"", "1200.500", "EUR", "", ""},
		{"", "1200.501", "EUR", "amount", "amount has more than the 2 decimals of EUR"},
		{"", "1", "JPY", "", ""},
		{"", "1.00", "JPY", "", ""},
		{"", "1.5", "JPY", "amount", "amount has more than the 0 decimals of JPY"},
		{"", "1.005", "KWD", "", ""},
		{"", "1.0005", "KWD", "amount", "amount has more than the 3 decimals of KWD"},
		{"", "1.0005", "CLF", "", ""},
		{"fee", "1.00005", "UYW", "fee.amount", "fee.amount has more than the 4 decimals of UYW"},
		{"fee", "1", "", "fee.currency", "fee.currency must be an ISO 4217 code such as EUR"},
		{"", "1", "eur", "currency", "currency must be an ISO 4217 code such as EUR"},
		{"", "1", "DEM", "currency", "currency must be an ISO 4217 code such as EUR"},
		{"", "1", "EURO", "currency", "currency must be an ISO 4217 code such as EUR"},
		{"", "1", "R U", "currency", "currency must be an ISO 4217 code such as EUR"},
	} {
		t.Run(tc.currency+" "+tc.amount, func(t *testing.T) {
			err := domain.CheckMoney(tc.field, domain.Money{Amount: number(t, tc.amount), Currency: domain.Currency(tc.currency)})
			wantError(t, err, domain.Invalid, tc.wrong, tc.message)
		})
	}
}
