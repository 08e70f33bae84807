package risk_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/risk"
)

// lists are reference lists that say other things than those of October 2025.
var lists = map[string]risk.List{"fatf_black": {Version: 2, Values: []string{"KP"}}, "fatf_grey": {Version: 3, Values: []string{"IR", "DK"}}}

// TestStandard2 weighs what standard@1 does not.
func TestStandard2(t *testing.T) {
	model := risk.Shipped()[1]
	owner := func(business bool, countries ...string) []risk.Owner {
		return []risk.Owner{{Business: business, Countries: countries}}
	}
	for _, tc := range []struct {
		name   string
		change func(in *risk.Inputs)
		factor string // and score; empty: none
		score  int
		reason string
	}{
		{"nothing", func(in *risk.Inputs) { in.Countries = nil }, "", 0, ""},
		{"a list of one's own", func(*risk.Inputs) {}, "geography", 15, "DK is a jurisdiction under increased monitoring (list fatf_grey, version 3)"},
		{"a country moved to another list", func(in *risk.Inputs) { in.Countries = []string{"IR", "KP"} }, "geography", 30, "KP is a high-risk jurisdiction subject to a call for action (list fatf_black, version 2)"},
		{"a product", func(in *risk.Inputs) { in.Countries, in.Products = nil, []string{"savings", "crypto"} }, "product", 10, "crypto is an exposed product"},
		{"remote", func(in *risk.Inputs) { in.Countries, in.Delivery = nil, "remote" }, "delivery", 5, "taken on without being seen in person"},
		{"intermediary", func(in *risk.Inputs) { in.Countries, in.Delivery = nil, "intermediary" }, "delivery", 10, "taken on through an intermediary"},
		{"face to face", func(in *risk.Inputs) { in.Countries, in.Delivery = nil, "face_to_face" }, "", 0, ""},
		{"old checks", func(in *risk.Inputs) { in.Countries, in.KYCVerified = nil, at.AddDate(-6, 0, 0) }, "kyc_age", 10, "identity was verified on 2020-01-31, more than 1825 days ago"},
		{"fresh checks", func(in *risk.Inputs) { in.Countries, in.KYCVerified = nil, at.AddDate(-4, 0, 0) }, "", 0, ""},
		{"an owner abroad", func(in *risk.Inputs) { in.Countries, in.Owners = nil, owner(false, "", "KP") }, "ownership", 30, "an owner in KP (list fatf_black, version 2)"},
		{"layers", func(in *risk.Inputs) { in.Countries, in.Owners = nil, owner(true, "SE") }, "ownership", 5, "owned through another business"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := plain()
			in.Lists = lists
			tc.change(&in)
			r, want := model.Rate(in), []risk.Factor{}
			if tc.factor != "" {
				weight := map[string]int{"geography": 30, "product": 10, "delivery": 10, "kyc_age": 10, "ownership": 30}[tc.factor]
				want = append(want, risk.Factor{Factor: tc.factor, Weight: weight, Score: tc.score, Reason: tc.reason, Seq: 7})
			}
			if !reflect.DeepEqual(r.Factors, want) || r.Model != "standard@2" {
				t.Errorf("%+v, want %+v", r, want)
			}
		})
	}
}

func TestBehaviourNamesItsEvents(t *testing.T) {
	in := plain()
	in.Alerts = []risk.Alert{{Kind: "monitoring", Severity: domain.Low, Seq: 8}, {Kind: "monitoring", Severity: domain.High, Seq: 12}}
	if f := risk.Shipped()[1].Rate(in).Factors; len(f) != 1 || f[0].Score != 20 || f[0].Seq != 12 || !slices.Equal(f[0].Seqs, []int64{8, 12}) {
		t.Errorf("%+v", f)
	}
	if f := standard1(in).Factors; len(f) != 1 || f[0].Seqs != nil {
		t.Errorf("of standard@1: %+v", f)
	}
}

func TestReviewDates(t *testing.T) {
	in := plain()
	in.Reviewed = time.Date(2025, 3, 1, 23, 0, 0, 0, time.UTC)
	if r := risk.Shipped()[1].Rate(in); r.ReviewBy != "2028-02-29" {
		t.Errorf("low: %s", r.ReviewBy)
	}
	in.Alerts = []risk.Alert{alert("sanctions", domain.Critical)}
	if r := risk.Shipped()[1].Rate(in); r.ReviewBy != "2026-03-01" {
		t.Errorf("high: %s", r.ReviewBy)
	}
	if r := standard1(in); r.ReviewBy != "" {
		t.Errorf("of standard@1: %s", r.ReviewBy)
	}
}

// own is a model that an institution could state.
func own() risk.Model {
	m := *risk.Shipped()[1]
	m.Name, m.Version, m.Factors = "retail", 0, slices.Clone(m.Factors)
	m.Floors = append(slices.Clone(m.Floors), risk.Floor{Factor: "pep", Level: "declared", Rating: risk.High})
	return m
}

func TestFloors(t *testing.T) {
	m, in := own(), plain()
	in.PEPDeclared = true
	if r := m.Rate(in); r.Rating != risk.High || r.Score != 30 || !r.EDDRequired {
		t.Errorf("%+v", r)
	}
}

func TestModelsAreChecked(t *testing.T) {
	for field, change := range map[string]func(m *risk.Model){
		"":                  func(*risk.Model) {},
		"name":              func(m *risk.Model) { m.Name = "Retail" },
		"factors":           func(m *risk.Model) { m.Factors = nil },
		"factors[1].factor": func(m *risk.Model) { m.Factors[1].Factor = "geography" },
		"factors[0].factor": func(m *risk.Model) { m.Factors[0].Factor = "weather" },
		"factors[2].weight": func(m *risk.Model) { m.Factors[2].Weight = 101 },
		"factors[0].levels": func(m *risk.Model) { m.Factors[0].Levels = map[string]int{"cold": 1} },
		"bands.medium":      func(m *risk.Model) { m.Bands.Medium = 0 },
		"bands.high":        func(m *risk.Model) { m.Bands.High = m.Bands.Medium },
		"edd_from":          func(m *risk.Model) { m.EDDFrom = risk.Low },
		"floors":            func(m *risk.Model) { m.Floors = m.Floors[1:] },
		"floors[2].rating":  func(m *risk.Model) { m.Floors[2].Rating = risk.Low },
		"floors[2].level":   func(m *risk.Model) { m.Floors[2].Level = "often" },
		"review_days":       func(m *risk.Model) { m.ReviewDays = map[string]int{"none": 1} },
		"review_days.low":   func(m *risk.Model) { m.ReviewDays = map[string]int{"low": 0} },
		"kyc_max_days":      func(m *risk.Model) { m.KYCMaxDays = -1 },
		"industries[0]":     func(m *risk.Model) { m.Industries = []string{""} },
		"products":          func(m *risk.Model) { m.Products = make([]string, 201) },
		"lists":             func(m *risk.Model) { m.Lists.Monitored = "" },
		"factors[0].levels.monitored": func(m *risk.Model) {
			m.Factors[0].Levels = map[string]int{"monitored": 31}
		},
	} {
		m := own()
		change(&m)
		_, err := risk.New().DecideModel(by("key:a", at), risk.StateModel{Model: m})
		if e, isOurs := err.(*domain.Error); field == "" && err != nil || field != "" && (!isOurs || e.Field != field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	m := own()
	m.Name = "standard"
	if _, err := risk.New().DecideModel(by("key:a", at), risk.StateModel{Model: m}); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("the name of what is shipped: %v", err)
	}
}

func by(actor string, now time.Time) domain.Meta {
	return domain.Meta{At: now, Actor: actor, IDs: domain.NewIDs(ulid.ULID{1})}
}

// records folds events, as one actor recorded them at a time.
func records(t *testing.T, s *risk.State, actor string, now time.Time, events []domain.Event, err error) {
	t.Helper()
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	s.Evolve(&domain.Envelope{Seq: 5, Time: now, Actor: actor, Event: events[0]})
}

// TestModelInForce follows a ledger from the shipped model to its own.
func TestModelInForce(t *testing.T) {
	s := risk.New()
	if s.Model().ID() != "standard@2" {
		t.Errorf("a new ledger: %s", s.Model().ID())
	}
	old := risk.New()
	records(t, old, "", at, []domain.Event{risk.Rated{CustomerID: "cus_1", Rating: standard1(plain())}}, nil)
	if old.Model().ID() != "standard@1" {
		t.Errorf("a ledger that standard@1 has begun: %s", old.Model().ID())
	}
	for version := 1; version <= 2; version++ {
		m := own()
		m.Bands.Medium += version
		events, err := s.DecideModel(by("key:a", at), risk.StateModel{Model: m})
		records(t, s, "key:a", at, events, err)
		if m := events[0].(risk.ModelStated).Model; m.Version != version || m.Author != "key:a" {
			t.Errorf("stated %+v", m)
		}
		m.Version, m.ChangeReason = 0, "another"
		if again, err := s.DecideModel(by("key:b", at), risk.StateModel{Model: m}); err != nil || len(again) != 0 {
			t.Errorf("stated again: %v %v", again, err)
		}
	}
	if s.Model().ID() != "standard@2" || len(s.Models()) != 4 {
		t.Errorf("stated is not adopted: %s of %d", s.Model().ID(), len(s.Models()))
	}
	events, err := s.DecideAdopt(by("key:a", at), risk.AdoptModel{ID: "retail@2", Reason: "decided"})
	records(t, s, "key:a", at, events, err)
	if s.Model().ID() != "retail@2" || s.Clone().Model().ID() != "retail@2" {
		t.Errorf("adopted: %s", s.Model().ID())
	}
	if again, err := s.DecideAdopt(by("key:a", at), risk.AdoptModel{ID: "retail@2", Reason: "again"}); err != nil || len(again) != 0 {
		t.Errorf("adopted again: %v %v", again, err)
	}
	if _, err := s.DecideAdopt(by("key:a", at), risk.AdoptModel{ID: "retail@9", Reason: "x"}); domain.CodeOf(err) != domain.Unknown {
		t.Errorf("a model that there is not: %v", err)
	}
	if _, err := s.DecideAdopt(by("key:a", at), risk.AdoptModel{ID: "retail@1"}); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("without a reason: %v", err)
	}
}

// TestOverride asks, approves, expires and ends.
func TestOverride(t *testing.T) {
	s, model := risk.New(), risk.Shipped()[1]
	ask := risk.RequestOverride{CustomerID: "cus_1", Rating: risk.High, Reason: "known to the branch", ExpiresAt: at.AddDate(0, 1, 0)}
	step := risk.StepOverride{CustomerID: "cus_1", Reason: "seen"}
	for field, change := range map[string]func(c *risk.RequestOverride){
		"kind": func(c *risk.RequestOverride) { c.Kind = "ceiling" }, "rating": func(c *risk.RequestOverride) { c.Rating = risk.Prohibited },
		"reason": func(c *risk.RequestOverride) { c.Reason = "" }, "expires_at": func(c *risk.RequestOverride) { c.ExpiresAt = at.AddDate(2, 0, 0) },
	} {
		c := ask
		change(&c)
		if _, err := s.DecideRequest(by("key:a", at), c); err == nil || err.(*domain.Error).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for name, decide := range map[string]func(domain.Meta, risk.StepOverride) ([]domain.Event, error){"approve": s.DecideApprove, "reject": s.DecideReject, "end": s.DecideEnd} {
		if _, err := decide(by("key:a", at), step); domain.CodeOf(err) != domain.Unknown {
			t.Errorf("%s nothing: %v", name, err)
		}
	}
	events, err := s.DecideRequest(by("key:a", at), ask)
	records(t, s, "key:a", at, events, err)
	if _, err := s.DecideRequest(by("key:b", at), ask); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("a second request: %v", err)
	}
	if _, err := s.DecideApprove(by("key:a", at), step); domain.CodeOf(err) != domain.Forbidden {
		t.Errorf("approved by who asked: %v", err)
	}
	if s.Approved("cus_1") != nil || s.Pending("cus_1").Author != "key:a" {
		t.Error("not approved and in force")
	}
	events, err = s.DecideApprove(by("key:b", at), step)
	records(t, s, "key:b", at, events, err)
	in := plain()
	in.Override = s.Approved("cus_1")
	r := model.Rate(in)
	if r.Rating != risk.High || r.Computed != risk.Low || r.Score != 0 || !r.EDDRequired || r.Override.ApprovedBy != "key:b" || r.Override.Author != "key:a" || r.Override.Seq != 5 {
		t.Errorf("overridden: %+v", r)
	}
	in.At = ask.ExpiresAt
	if r := model.Rate(in); r.Rating != risk.Low || r.Override != nil {
		t.Errorf("expired: %+v", r)
	}
	in.At, in.Alerts = at, []risk.Alert{confirmed("sanctions")}
	if r := model.Rate(in); r.Rating != risk.Prohibited || r.Override != nil {
		t.Errorf("prohibited: %+v", r)
	}
	events, err = s.DecideEnd(by("key:a", at), step)
	records(t, s, "key:a", at, events, err)
	if s.Approved("cus_1") != nil {
		t.Error("ended and in force")
	}
	ask.Kind, ask.Rating = risk.OverrideFloor, risk.Medium
	events, err = s.DecideRequest(by("key:a", at), ask)
	records(t, s, "key:a", at, events, err)
	if _, err := s.DecideApprove(by("key:b", ask.ExpiresAt), step); domain.CodeOf(err) != domain.Conflict {
		t.Errorf("approved too late: %v", err)
	}
	floor := *s.Pending("cus_1")
	in = plain()
	in.Override = &floor
	if r := model.Rate(in); r.Rating != risk.Medium {
		t.Errorf("raised to the floor: %+v", r)
	}
	in.Alerts = []risk.Alert{alert("sanctions", domain.Critical)}
	if r := model.Rate(in); r.Rating != risk.High || r.Override != nil {
		t.Errorf("above the floor: %+v", r)
	}
	events, err = s.DecideReject(by("key:b", at), step)
	records(t, s, "key:b", at, events, err)
	if s.Pending("cus_1") != nil {
		t.Error("rejected and waiting")
	}
}

// TestRatedByCounts rates customers by several models, and holds the counts against the last ratings.
func TestRatedByCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := risk.New()
		models := []string{"standard@1", "standard@2", "retail@1"}
		for seq := range rapid.IntRange(1, 40).Draw(rt, "events") {
			id := rapid.SampledFrom([]string{"cus_1", "cus_2", "cus_3", "cus_4"}).Draw(rt, "customer")
			rated := risk.Rated{CustomerID: id, Rating: risk.Rating{Model: rapid.SampledFrom(models).Draw(rt, "model")}}
			s.Evolve(&domain.Envelope{Seq: int64(seq), Time: at, Event: rated})
		}
		want := map[string]int{}
		for _, id := range []string{"cus_1", "cus_2", "cus_3", "cus_4"} {
			want[s.Of(id).ModelName()]++
		}
		for _, m := range models {
			if got := s.RatedBy(m); got != want[m] {
				rt.Errorf("%s has rated %d, want %d", m, got, want[m])
			}
		}
	})
}
