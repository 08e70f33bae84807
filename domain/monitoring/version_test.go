package monitoring_test

import (
	"strings"
	"testing"
	"time"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

func TestVersionFieldsAreChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*monitoring.Rule)
		field  string
	}{
		"cool-down without what it is for": {func(r *monitoring.Rule) { r.CoolDown = "24h" }, "dedup_by"},
		"an unknown subject":               {func(r *monitoring.Rule) { r.DedupBy, r.CoolDown = "branch", "24h" }, "dedup_by"},
		"no cool-down":                     {func(r *monitoring.Rule) { r.DedupBy = "customer" }, "cool_down"},
		"a cool-down of another form":      {func(r *monitoring.Rule) { r.DedupBy, r.CoolDown = "customer", "1 day" }, "cool_down"},
		"a tag twice":                      {func(r *monitoring.Rule) { r.Tags = []string{"a", "a"} }, "tags"},
		"an empty tag":                     {func(r *monitoring.Rule) { r.Tags = []string{""} }, "tags"},
		"a long reason":                    {func(r *monitoring.Rule) { r.ChangeReason = strings.Repeat("x", 2001) }, "change_reason"},
	} {
		r := rule("true")
		tt.change(&r)
		_, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: r})
		if e, ok := err.(*domain.Error); !ok || e.Field != tt.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEffectiveFrom(t *testing.T) {
	r := rule("true")
	r.EffectiveFrom = noon
	set := monitoring.NewRuleSet(r)
	for before, want := range map[time.Duration]int{0: 1, time.Nanosecond: 0, -time.Hour: 1} {
		if got := set.Evaluate(payment(t, before, "1", "EUR")); len(got.Fired) != want {
			t.Errorf("%s before it is in force: %+v", before, got)
		}
	}
}

func TestDedup(t *testing.T) {
	r := rule("true")
	r.DedupBy, r.CoolDown = "counterparty", "2h"
	fired := monitoring.NewRuleSet(r).Evaluate(payment(t, 0, "1", "EUR", to("A"))).Fired
	if len(fired) != 1 || fired[0].Dedup == nil || *fired[0].Dedup != (domain.Dedup{Key: "rul_1/counterparty/A", Seconds: 7200}) {
		t.Errorf("%+v", fired)
	}
	if fired = monitoring.NewRuleSet(r).Evaluate(login(t)).Fired; len(fired) != 1 || fired[0].Dedup != nil {
		t.Errorf("without a counterparty: %+v", fired)
	}
}
