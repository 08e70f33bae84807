package risk_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/risk"
)

var at = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

// plain gives the inputs that weigh nothing.
func plain() risk.Inputs {
	return risk.Inputs{At: at, ProfileSeq: 7, Countries: []string{"DK", "", "SE"}, Industry: "shipping", KYCStatus: "verified"}
}

func alert(kind string, severity domain.Severity) risk.Alert {
	return risk.Alert{Kind: kind, Severity: severity, Seq: 9}
}

func confirmed(kind string) risk.Alert {
	return risk.Alert{Kind: kind, Severity: domain.High, Seq: 8, Confirmed: true}
}

// standard1 rates by standard@1.
func standard1(in risk.Inputs) risk.Rating { return risk.Shipped()[0].Rate(in) }

// TestFactors weighs one thing at a time.
func TestFactors(t *testing.T) {
	const customer, found = 7, 9 // positions of the profile and of an alert
	geography := func(score int, reason string) risk.Factor {
		return risk.Factor{Factor: "geography", Weight: 30, Score: score, Reason: reason, Seq: customer}
	}
	identification := func(score int, reason string) risk.Factor {
		return risk.Factor{Factor: "identification", Weight: 15, Score: score, Reason: reason, Seq: customer}
	}
	exposed := func(name string) risk.Factor {
		return risk.Factor{Factor: "industry", Weight: 15, Score: 15, Reason: name + " is a cash-intensive or otherwise exposed industry", Seq: customer}
	}
	behaviour := func(score int, reason string) risk.Factor {
		return risk.Factor{Factor: "behaviour", Weight: 30, Score: score, Reason: reason, Seq: found}
	}
	for _, tc := range []struct {
		name   string
		change func(in *risk.Inputs)
		want   risk.Factor // the zero value: none
	}{
		{"nothing", func(*risk.Inputs) {}, risk.Factor{}},
		{"call for action", func(in *risk.Inputs) { in.Countries = []string{"DK", "IR"} }, geography(30, "IR is a high-risk jurisdiction subject to a call for action (FATF)")},
		{"increased monitoring", func(in *risk.Inputs) { in.Countries = []string{"", "VN"} }, geography(15, "VN is a jurisdiction under increased monitoring (FATF)")},
		{"the worse country", func(in *risk.Inputs) { in.Countries = []string{"VN", "KP"} }, geography(30, "KP is a high-risk jurisdiction subject to a call for action (FATF)")},
		{"letters of two neighbours", func(in *risk.Inputs) { in.Countries = []string{"RK", "PM"} }, risk.Factor{}},
		{"business", func(in *risk.Inputs) { in.Business = true }, risk.Factor{Factor: "customer_type", Weight: 5, Score: 5, Reason: "a business", Seq: customer}},
		{"industry", func(in *risk.Inputs) { in.Industry = "casino" }, exposed("casino")},
		{"industry in words", func(in *risk.Inputs) { in.Industry = "Money-Service business" }, exposed("Money-Service business")},
		{"industry in the plural", func(in *risk.Inputs) { in.Industry = "Precious metals" }, exposed("Precious metals")},
		{"rejected", func(in *risk.Inputs) { in.KYCStatus = "rejected" }, identification(15, "identity checks were rejected")},
		{"expired", func(in *risk.Inputs) { in.KYCStatus = "expired" }, identification(10, "identity checks have expired")},
		{"expired by now", func(in *risk.Inputs) { in.KYCExpires = at }, identification(10, "identity checks have expired")},
		{"expires in a moment", func(in *risk.Inputs) { in.KYCExpires = at.Add(time.Microsecond) }, risk.Factor{}},
		{"pending", func(in *risk.Inputs) { in.KYCStatus = "pending" }, identification(5, "identity is not verified")},
		{"not stated", func(in *risk.Inputs) { in.KYCStatus = "" }, identification(5, "identity is not verified")},
		{"declared", func(in *risk.Inputs) { in.PEPDeclared = true }, risk.Factor{Factor: "pep", Weight: 30, Score: 30, Reason: "declared politically exposed", Seq: customer}},
		{"pep alert", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("pep", domain.High)} }, risk.Factor{Factor: "pep", Weight: 30, Score: 30, Reason: "an open alert on a list of politically exposed persons", Seq: found}},
		{"sanctions alert", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("sanctions", domain.Critical)} }, risk.Factor{Factor: "sanctions", Weight: 60, Score: 60, Reason: "an open alert on a sanctions list", Seq: found}},
		{"media alert", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("adverse_media", domain.Medium)} }, risk.Factor{Factor: "adverse_media", Weight: 20, Score: 20, Reason: "an open alert on adverse media", Seq: found}},
		{"internal alert", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("internal_list", domain.High)} }, risk.Factor{Factor: "internal_list", Weight: 30, Score: 30, Reason: "an open alert on a list of the institution", Seq: found}},
		{"confirmed pep", func(in *risk.Inputs) { in.Alerts = []risk.Alert{confirmed("pep")} }, risk.Factor{Factor: "pep", Weight: 30, Score: 30, Reason: "a confirmed match on a list of politically exposed persons", Seq: 8}},
		{"a confirmed one counts before an open one", func(in *risk.Inputs) {
			in.Alerts = []risk.Alert{alert("sanctions", domain.Critical), confirmed("sanctions")}
		}, risk.Factor{Factor: "sanctions", Weight: 60, Score: 60, Reason: "a confirmed match on a sanctions list", Seq: 8}},
		{"monitoring, low", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("monitoring", domain.Low)} }, behaviour(5, "1 open monitoring alert")},
		{"monitoring, critical", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("monitoring", domain.Critical)} }, behaviour(20, "1 open monitoring alert")},
		{"monitoring, many", func(in *risk.Inputs) { in.Alerts = slices.Repeat([]risk.Alert{alert("monitoring", domain.High)}, 3) }, behaviour(30, "3 open monitoring alerts")},
		{"a rule that failed", func(in *risk.Inputs) { in.Alerts = []risk.Alert{alert("system", domain.Medium)} }, risk.Factor{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in, want := plain(), []risk.Factor{}
			tc.change(&in)
			if tc.want.Factor != "" {
				want = append(want, tc.want)
			}
			if r := standard1(in); !reflect.DeepEqual(r.Factors, want) || r.Score != tc.want.Score || r.Model != "standard@1" {
				t.Errorf("rating %+v,\nwant %+v", r, want)
			}
		})
	}
}

// TestRatings shows bands, flags and grounds for EDD.
func TestRatings(t *testing.T) {
	const listed, found, exposed = "possible match on a sanctions list", "confirmed match on a sanctions list", "politically exposed person"
	sanctions, pep, media, internal := alert("sanctions", domain.Critical), alert("pep", domain.High), alert("adverse_media", domain.Medium), alert("internal_list", domain.High)
	for _, tc := range []struct {
		name   string
		change func(in *risk.Inputs)
		score  int
		rating string
		edd    []string
	}{
		{"nothing", func(*risk.Inputs) {}, 0, risk.Low, nil},
		{"just low", func(in *risk.Inputs) { in.Industry, in.KYCStatus = "casino", "expired" }, 25, risk.Low, nil},
		{"just medium", func(in *risk.Inputs) { in.Industry, in.KYCStatus = "casino", "rejected" }, 30, risk.Medium, nil},
		{"pep is medium with EDD", func(in *risk.Inputs) { in.PEPDeclared = true }, 30, risk.Medium, []string{exposed}},
		{"pep by alert", func(in *risk.Inputs) { in.Alerts = []risk.Alert{pep} }, 30, risk.Medium, []string{exposed}},
		{"pep counts once", func(in *risk.Inputs) { in.PEPDeclared, in.Alerts = true, []risk.Alert{pep, pep} }, 30, risk.Medium, []string{exposed}},
		{"high-risk country is medium with EDD", func(in *risk.Inputs) { in.Countries = []string{"KP"} }, 30, risk.Medium, []string{"high-risk jurisdiction KP"}},
		{"just not high", func(in *risk.Inputs) { in.Alerts, in.Business, in.Industry = []risk.Alert{internal}, true, "arms" }, 50, risk.Medium, nil},
		{"just high", func(in *risk.Inputs) { in.Alerts, in.KYCStatus = []risk.Alert{internal, media}, "expired" }, 60, risk.High, []string{"composite score 60"}},
		{"sanctions hit", func(in *risk.Inputs) { in.Alerts = []risk.Alert{sanctions} }, 60, risk.High, []string{listed}},
		{"confirmed sanctions hit", func(in *risk.Inputs) { in.Alerts = []risk.Alert{confirmed("sanctions")} }, 60, risk.Prohibited, []string{found}},
		{"confirmed and open", func(in *risk.Inputs) { in.Alerts = []risk.Alert{sanctions, confirmed("sanctions"), pep} }, 90, risk.Prohibited, []string{found, exposed}},
		{"confirmed pep", func(in *risk.Inputs) { in.Alerts = []risk.Alert{confirmed("pep")} }, 30, risk.Medium, []string{exposed}},
		{"confirmed entry of one's own", func(in *risk.Inputs) { in.Alerts = []risk.Alert{confirmed("internal_list")} }, 30, risk.Medium, nil},
		{"all of it", func(in *risk.Inputs) {
			*in = risk.Inputs{At: at, Countries: []string{"IR"}, Business: true, Industry: "crypto", PEPDeclared: true, Alerts: []risk.Alert{sanctions, media, internal}}
		}, 100, risk.High, []string{listed, exposed, "high-risk jurisdiction IR"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := plain()
			tc.change(&in)
			r := standard1(in)
			if r.Score != tc.score || r.Rating != tc.rating || !slices.Equal(r.EDDReasons, tc.edd) || r.EDDRequired != (tc.edd != nil) {
				t.Errorf("rating %+v", r)
			}
			if r.SanctionsFlag != (slices.Contains(tc.edd, listed) || slices.Contains(tc.edd, found)) || r.PEPFlag != slices.Contains(tc.edd, exposed) {
				t.Errorf("flags %v and %v", r.SanctionsFlag, r.PEPFlag)
			}
		})
	}
}

var inputs = rapid.Custom(func(t *rapid.T) risk.Inputs {
	severities := []domain.Severity{domain.Low, domain.Medium, domain.High, domain.Critical}
	kinds := []string{"sanctions", "pep", "adverse_media", "internal_list", "monitoring", "system"}
	return risk.Inputs{
		At: at, ProfileSeq: 7,
		Countries:   rapid.SliceOfN(rapid.SampledFrom([]string{"", "DK", "VN", "IR"}), 0, 3).Draw(t, "countries"),
		Business:    rapid.Bool().Draw(t, "business"),
		Industry:    rapid.SampledFrom([]string{"", "shipping", "pawn shop"}).Draw(t, "industry"),
		PEPDeclared: rapid.Bool().Draw(t, "pep"),
		KYCStatus:   rapid.SampledFrom([]string{"", "pending", "verified", "rejected", "expired"}).Draw(t, "kyc"),
		KYCExpires:  rapid.SampledFrom([]time.Time{{}, at, at.AddDate(1, 0, 0)}).Draw(t, "expires"),
		Alerts: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) risk.Alert {
			return risk.Alert{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Severity: rapid.SampledFrom(severities).Draw(t, "severity"), Seq: rapid.Int64Range(8, 99).Draw(t, "seq"), Confirmed: rapid.Bool().Draw(t, "confirmed")}
		}), 0, 6).Draw(t, "alerts"),
	}
})

// TestRateProperties shows that a rating is its inputs' alone, explains its score, and that what
// is added never lowers it.
func TestRateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := inputs.Draw(t, "in")
		r := standard1(in)
		if again := standard1(in); !reflect.DeepEqual(r, again) {
			t.Fatalf("the same inputs gave %+v and %+v", r, again)
		}
		sum := 0
		for _, f := range r.Factors {
			sum += f.Score
			if f.Score <= 0 || f.Score > f.Weight || f.Reason == "" || f.Seq < in.ProfileSeq {
				t.Fatalf("factor %+v", f)
			}
		}
		if r.Score != min(sum, 100) || r.EDDRequired != (len(r.EDDReasons) > 0) {
			t.Fatalf("score %d of %d, EDD %v for %v", r.Score, sum, r.EDDRequired, r.EDDReasons)
		}
		want := risk.Low
		switch {
		case slices.ContainsFunc(in.Alerts, func(a risk.Alert) bool { return a.Kind == "sanctions" && a.Confirmed }):
			want = risk.Prohibited
		case r.Score >= 60 || r.SanctionsFlag:
			want = risk.High
		case r.Score >= 30:
			want = risk.Medium
		}
		if r.Rating != want {
			t.Fatalf("%d is %s, want %s", r.Score, r.Rating, want)
		}
		if (r.Rating == risk.High || r.Rating == risk.Prohibited) && !r.EDDRequired {
			t.Fatalf("a rating of %s without EDD", r.Rating)
		}
		in.Alerts = append(slices.Clone(in.Alerts), alert(rapid.SampledFrom([]string{"sanctions", "pep", "monitoring"}).Draw(t, "more"), domain.High))
		if more := standard1(in); more.Score < r.Score {
			t.Fatalf("another alert lowered %d to %d", r.Score, more.Score)
		}
	})
}

func TestDecideRating(t *testing.T) {
	s := risk.New()
	if s.Of("cus_1") != nil || s.Of("cus_1").Mark() != (domain.RiskMark{Rating: risk.Low}) {
		t.Error("a customer is rated before any rating")
	}
	rate := func(in risk.Inputs) int {
		events := s.DecideRating("cus_1", in)
		for _, event := range events {
			if about := event.(domain.Subject).Subject(); about != "cus_1" {
				t.Errorf("about %s", about)
			}
			s.Evolve(&domain.Envelope{Event: event})
		}
		return len(events)
	}
	in := plain()
	if first, again := rate(in), rate(in); first != 1 || again != 0 {
		t.Errorf("first rating %d events, again %d", first, again)
	}
	held := s.Of("cus_1")
	in.Industry = "arms dealer"
	if changed := rate(in); changed != 1 || held.Score != 0 || s.Of("cus_1").Mark() != (domain.RiskMark{Score: 15, Rating: risk.Low}) {
		t.Errorf("%d events; held %+v, now %+v", changed, held, s.Of("cus_1"))
	}
	in.ProfileSeq++ // the factor now rests on another record
	if moved := rate(in); moved != 1 || s.Of("cus_1").Factors[0].Seq != in.ProfileSeq {
		t.Errorf("%d events; now %+v", moved, s.Of("cus_1"))
	}
	if !strings.HasPrefix(s.Of("cus_1").Factors[0].Reason, "arms dealer ") || s.Of("cus_2") != nil {
		t.Errorf("factors %+v", s.Of("cus_1").Factors)
	}
}
