package monitoring_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"whocomply/domain/monitoring"
)

// huge is a deposit with much data.
func huge(t testing.TB) monitoring.Input {
	in := deposit(t)
	in.Event.Data = jsontext.Value(`{"a":[` + strings.Repeat("1,", 999) + `1],"s":"` + strings.Repeat("x", 600_000) + `"}`)
	return in
}

// TestCost holds that what depends on the size of the data is stopped, alone and all together.
func TestCost(t *testing.T) {
	in := huge(t)
	for _, condition := range []string{
		`event.data.a.all(x, event.data.a.all(y, x == y + 0))`,
		`event.data.s.matches("x.*y")`,
		`event.data.s.contains("xxxxxxxxxxxxxxxxxy")`,
		`lower(event.data.s) == "x"`,
		`size(event.data.s) == 1`,
		`decimal(event.data.s) == 1`,
		`event.data.s + event.data.s == "x"`,
		`event.data.a.all(x, x == 1 && !(2 in event.data.a))`,
	} {
		if fired, reason := evaluate(condition, in); fired || reason != "stopped: it costs more than 50000 units on this event" {
			t.Errorf("%s: %t %q", condition, fired, reason)
		}
	}
	var rules []monitoring.Rule
	for i := range 10 {
		r := rule(`event.data.a.all(x, event.data.a.all(y, x == y + 0))`)
		r.ID += string(rune('a' + i))
		rules = append(rules, r)
	}
	result := monitoring.NewRuleSet(rules...).Evaluate(in)
	if n := len(result.Failed); n != 10 || result.Failed[9].Reason != "not evaluated: the rules before it cost more than 200000 units on this event" {
		t.Errorf("%d failed, the last with %q", n, result.Failed[n-1].Reason)
	}
}

// TestHostile holds that no condition takes a server long, neither to refuse nor to evaluate.
func TestHostile(t *testing.T) {
	in, times := huge(t), strings.Repeat
	for name, condition := range map[string]string{
		"parentheses":       times("(", 4000) + "true" + times(")", 4000),
		"conjunctions":      "true" + times(" && true", 1000),
		"negations":         times("!", 8000) + "true",
		"signs":             times("-", 8000) + "1 == 1",
		"sums":              "1" + times("+1", 4000) + " == 1",
		"long list":         "1 in [1" + times(",1", 4000) + "]",
		"nested lists":      times("[", 38) + times("]", 38) + " == []",
		"nested types":      times("[1].map(x, ", 38) + "1" + times(")", 38) + " == [1]",
		"nested calls":      times("size(", 1600),
		"unknown names":     times("foo + ", 1300) + "1",
		"noise":             times("$ ", 4000),
		"words":             times("a b ", 2000),
		"open brackets":     times("[(", 4000),
		"conditionals":      times("true ? true : ", 500) + "true",
		"loops in loops":    times("[1,2,3,4,5,6,7,8,9,10].all(x, ", 6) + "true" + times(")", 6),
		"loops over data":   "event.data.a.all(x, [1,2,3,4,5,6,7,8].all(y, x == y || true))",
		"constants in loop": "event.data.a.all(x, event.data.a.exists(y, false" + times(" || false", 800) + "))",
		"selections":        "event.data" + times(".a", 3000) + " == 1",
		"indices":           "event.data" + times("[0]", 2000) + " == 1",
		"growing text":      "event.data.a.all(x, event.data.s + event.data.s != event.data.s)",
		"lists of lists":    "event.data.a.map(x, event.data.a.map(y, event.data.a)) == []",
		"backtracking":      `event.data.s.matches("(x+x+)+y")`,
		"large pattern":     `"a".matches("((a{100}){100}){100}")`,
	} {
		start := time.Now()
		if _, err := monitoring.New().DecideCreate(meta(1), monitoring.CreateRule{Rule: rule(condition)}); err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		evaluate(condition, in)
		if took := time.Since(start); took > 10*time.Second { // some 100 ms; slower under the race detector on a busy machine
			t.Errorf("%s took %v", name, took)
		}
	}
}
