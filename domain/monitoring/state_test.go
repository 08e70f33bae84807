package monitoring_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/monitoring"
)

func TestValidation(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*monitoring.Rule)
		field  string
	}{
		"empty name":        {func(r *monitoring.Rule) { r.Name = " " }, "name"},
		"long name":         {func(r *monitoring.Rule) { r.Name = strings.Repeat("ä", 201) }, "name"},
		"name of two lines": {func(r *monitoring.Rule) { r.Name = "a\nb" }, "name"},
		"long description":  {func(r *monitoring.Rule) { r.Description = strings.Repeat("a", 2001) }, "description"},
		"no event type":     {func(r *monitoring.Rule) { r.EventTypes = nil }, "event_types"},
		"empty event type":  {func(r *monitoring.Rule) { r.EventTypes = []string{""} }, "event_types"},
		"wildcard inside":   {func(r *monitoring.Rule) { r.EventTypes = []string{"a.*.b"} }, "event_types"},
		"wildcard half":     {func(r *monitoring.Rule) { r.EventTypes = []string{"transaction.cr*"} }, "event_types"},
		"empty word":        {func(r *monitoring.Rule) { r.EventTypes = []string{"a..b"} }, "event_types"},
		"twice":             {func(r *monitoring.Rule) { r.EventTypes = []string{"a.b", "a.b"} }, "event_types"},
		"score too high":    {func(r *monitoring.Rule) { r.Score = 101 }, "score"},
		"score negative":    {func(r *monitoring.Rule) { r.Score = -1 }, "score"},
		"severity":          {func(r *monitoring.Rule) { r.Severity = "severe" }, "severity"},
		"action":            {func(r *monitoring.Rule) { r.Action = "block" }, "action"},
		"mode":              {func(r *monitoring.Rule) { r.Mode = "on" }, "mode"},
		"no condition":      {func(r *monitoring.Rule) { r.Condition = "  " }, "condition"},
		"long condition":    {func(r *monitoring.Rule) { r.Condition = "true //" + strings.Repeat("x", 8192) }, "condition"},
		"not UTF-8":         {func(r *monitoring.Rule) { r.Condition = "risk.rating == \"\xff\"" }, "condition"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rule("true")
			tt.change(&r)
			_, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: r})
			if e, ok := err.(*domain.Error); !ok || e.Code != domain.Invalid || e.Field != tt.field || !strings.HasPrefix(e.Message, tt.field+" ") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestDecisions(t *testing.T) {
	s := monitoring.New()
	empty := s.RuleSet()
	r := rule(`transaction.amount > 5`)
	r.Action, r.Mode, r.ID, r.Version = "", "", "mine", 7
	events, err := s.DecideCreate(meta(1), monitoring.CreateRule{Rule: r})
	if err != nil {
		t.Fatal(err)
	}
	made := events[0].(monitoring.Set).Rule
	if made.Version != 1 || !strings.HasPrefix(made.ID, "rul_") || made.Action != "alert" || made.Mode != "live" {
		t.Errorf("made %+v", made)
	}
	apply(s, events)
	first := s.RuleSet()
	if got, known := s.Rule(made.ID); !known || !reflect.DeepEqual(got, made) || len(s.Rules()) != 1 || len(first.Rules()) != 1 {
		t.Errorf("rule %+v of %+v", got, s.Rules())
	}
	if again, err := s.DecideChange(meta(2), monitoring.ChangeRule{Rule: made}); err != nil || again != nil {
		t.Errorf("the same content: %v %v", again, err)
	}
	changed := made
	changed.Score++
	events, err = s.DecideChange(meta(2), monitoring.ChangeRule{Rule: changed})
	if err != nil || events[0].(monitoring.Set).Rule.Version != 2 {
		t.Fatalf("%v %v", events, err)
	}
	apply(s, events)
	if first.Rules()[0].Version != 1 || s.RuleSet().Digest() == first.Digest() {
		t.Error("a snapshot moved, or the digest did not")
	}
	changed.Mode = "off"
	events, _ = s.DecideChange(meta(3), monitoring.ChangeRule{Rule: changed})
	apply(s, events)
	if len(s.Rules()) != 1 || s.RuleSet().Digest() != empty.Digest() {
		t.Error("a rule that is off is in force, or gone")
	}
	events, err = s.DecideDelete(meta(4), monitoring.DeleteRule{RuleID: made.ID})
	if err != nil {
		t.Fatal(err)
	}
	apply(s, events)
	_, gone := s.DecideDelete(meta(5), monitoring.DeleteRule{RuleID: made.ID})
	_, unknown := s.DecideChange(meta(5), monitoring.ChangeRule{Rule: changed})
	if domain.CodeOf(gone) != domain.Unknown || domain.CodeOf(unknown) != domain.Unknown || len(s.Rules()) != 0 {
		t.Errorf("%v, %v, %v", gone, unknown, s.Rules())
	}
}

// TestRandomCommands holds the laws of an area: a command repeated adds nothing, and folding the
// same events twice, or compiling the rules at once, gives the same set.
func TestRandomCommands(t *testing.T) {
	conditions := []string{`risk.score > 5`, `transaction.amount > 5`, `has(transaction.purpose)`, `no such thing`}
	rapid.Check(t, func(t *rapid.T) {
		s, folded := monitoring.New(), monitoring.New()
		for i := range rapid.IntRange(1, 25).Draw(t, "commands") {
			r := rule(rapid.SampledFrom(conditions).Draw(t, "condition"))
			r.Name = rapid.SampledFrom([]string{"one", "two"}).Draw(t, "name")
			r.Mode = rapid.SampledFrom([]string{"live", "shadow", "off"}).Draw(t, "mode")
			r.ID = "rul_none"
			if rules := s.Rules(); len(rules) > 0 {
				r.ID = rapid.SampledFrom(rules).Draw(t, "rule").ID
			}
			kind := rapid.SampledFrom([]string{"create", "change", "delete"}).Draw(t, "kind")
			decide := func() ([]domain.Event, error) {
				switch kind {
				case "create":
					return s.DecideCreate(meta(i), monitoring.CreateRule{Rule: r})
				case "change":
					return s.DecideChange(meta(i), monitoring.ChangeRule{Rule: r})
				}
				return s.DecideDelete(meta(i), monitoring.DeleteRule{RuleID: r.ID})
			}
			before := s.RuleSet()
			events, err := decide()
			if again, errAgain := decide(); !reflect.DeepEqual(events, again) || domain.CodeOf(err) != domain.CodeOf(errAgain) {
				t.Fatal("the same decision, taken twice, differs")
			}
			if s.RuleSet() != before {
				t.Fatal("a decision changed the state")
			}
			apply(s, events)
			apply(folded, events)
			if kind != "create" {
				if again, _ := decide(); len(again) != 0 {
					t.Fatalf("repeating %s gives %v", kind, again)
				}
			}
		}
		at := monitoring.NewRuleSet(s.Rules()...)
		if s.RuleSet().Digest() != folded.RuleSet().Digest() || s.RuleSet().Digest() != at.Digest() {
			t.Fatal("folding twice gives other digests")
		}
		if !reflect.DeepEqual(s.RuleSet().Rules(), at.Rules()) && len(at.Rules()) > 0 {
			t.Fatal("the set changed by steps is not the set made at once")
		}
	})
}

// TestDigest pins the digest to the definition in the package documentation, which sha256sum can follow.
func TestDigest(t *testing.T) {
	if got := monitoring.NewRuleSet().Digest(); got != "e30cc267dcf96f590fa0783a801344401c1453a55ae336154f81f99ee19ced8e" {
		t.Errorf("empty set: %s", got)
	}
	off := rule(`true`)
	off.Mode = "off"
	if got := monitoring.NewRuleSet(rule(`risk.score > 5`), off).Digest(); got != "d113b34f211f3d52b7e44b88394bfb094013ef49c40cec0a958927bb6e2c5976" {
		t.Errorf("one rule: %s", got)
	}
}

// TestGoldens holds the storage format of each event against testdata/events.
func TestGoldens(t *testing.T) {
	catalog, err := domain.NewCatalog(monitoring.Events()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range catalog.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			golden, err := os.ReadFile(filepath.Join("..", "..", "testdata", "events", fmt.Sprintf("%s.v%d.json", kind.Name, kind.Version)))
			if err != nil {
				t.Fatal(err)
			}
			event, err := catalog.Decode(kind, golden)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := catalog.Encode(nil, event); err != nil || string(raw) != string(golden) {
				t.Errorf("read as %s\nwant    %s\nerror %v", raw, golden, err)
			}
			if set, isSet := event.(monitoring.Set); isSet {
				changed := set.Rule
				changed.ID, changed.Version = "", 0
				events, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: changed, Idem: set.Idem})
				if err != nil {
					t.Fatal(err)
				}
				made := events[0].(monitoring.Set)
				made.Rule.ID, made.Rule.Version, made.Rule.Author = set.Rule.ID, set.Rule.Version, set.Rule.Author
				if raw, err := catalog.Encode(nil, made); err != nil || string(raw) != string(golden) {
					t.Errorf("decided %s\nwant    %s\nerror %v", raw, golden, err)
				}
			}
		})
	}
}
