package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"whocomply/domain"
	"whocomply/domain/webhook"
)

// TestCatalogue holds every example against its schema, and wants both of every type that is emitted.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range webhook.Types() {
		if seen[kind.Name] || kind.Description == "" {
			t.Errorf("%s stands twice or has no description", kind.Name)
		}
		seen[kind.Name] = true
		if (len(kind.Schema) == 0) != (len(kind.Example) == 0) || kind.Emitted && len(kind.Schema) == 0 {
			t.Errorf("%s has no schema or no example", kind.Name)
			continue
		}
		if len(kind.Schema) == 0 {
			continue
		}
		schema, err := jsonschema.UnmarshalJSON(strings.NewReader(string(kind.Schema)))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("file:///"+kind.Name, schema); err != nil {
			t.Fatal(err)
		}
		compiled, err := c.Compile("file:///" + kind.Name)
		if err != nil {
			t.Fatal(err)
		}
		example, err := jsonschema.UnmarshalJSON(strings.NewReader(string(kind.Example)))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(example); err != nil {
			t.Errorf("%s: %v", kind.Name, err)
		}
	}
	for _, documented := range []string{
		"alert.created", "alert.resolved", "alert.dismissed", "onboarding.ddq_completed", "response.check_answers_completed", "screening.failed",
		"batch.progress", "verification.session_accessed", "non_document.reviewed", "case.opened", "scan.completed", "evidence.uploaded",
		"integration.disconnected", "natural-person-auto-approved", "test",
	} {
		if !seen[documented] {
			t.Errorf("%s is not in the catalogue", documented)
		}
	}
}

func subscription(events ...string) webhook.Subscription {
	return webhook.Subscription{ID: "w-1", URL: "https://example.com/hook", Events: events}
}

func TestPatterns(t *testing.T) {
	for _, row := range []struct {
		patterns string
		kind     string
		wants    bool
		wrong    bool
	}{
		{"alert.created", "alert.created", true, false},
		{"alert.created", "alert.resolved", false, false},
		{"alert.*", "alert.resolved", true, false},
		{"alert.*", "case.opened", false, false},
		{"all", "case.opened", true, false},
		{"* case.opened", "alert.created", true, false},
		{"api_key.*", "api_key.issued", true, false},
		{"natural-person-pending", "natural-person-pending", true, false},
		{"alert", "", false, true},
		{"alert.", "", false, true},
		{"*.created", "", false, true},
		{"alert.creatd", "", false, true},
		{"nothing.*", "", false, true},
		{"", "", false, true},
	} {
		t.Run(row.patterns, func(t *testing.T) {
			w := subscription(strings.Fields(row.patterns)...)
			if err := w.Check(); (err != nil) != row.wrong {
				t.Fatal(err)
			}
			if !row.wrong && w.Wants(row.kind) != row.wants {
				t.Errorf("%v wants %s: %v", w.Events, row.kind, !row.wants)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	for _, row := range []struct {
		filter  string
		matched bool
		wrong   string
	}{
		{"", true, ""},
		{"data.severity == 'high'", true, ""},
		{"data.severity in ['low', 'medium']", false, ""},
		{"event.type == 'alert.created' && event.customer_id == 'cus_1'", true, ""},
		{"data.reasons.exists(r, r.text.contains('name'))", true, ""},
		{"data.missing == 'x'", false, ""},
		{"has(data.missing) || data.severity == 'high'", true, ""},
		{"data.severity", false, ""},
		{"data.severity = 'high'", false, "1:"},
		{"1 + 1", false, "true or false"},
		{"unknown.member == 1", false, "1:1"},
		{"data.severity.matches('(')", false, "1:"},
		{strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), false, "1:"},
	} {
		t.Run(row.filter, func(t *testing.T) {
			f, err := webhook.Compile(row.filter)
			if row.wrong != "" {
				if domain.CodeOf(err) != domain.Invalid || !strings.Contains(err.Error(), row.wrong) {
					t.Errorf("error %v, want one with %q", err, row.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w := subscription("*")
			if v := webhook.Judge(&w, f, notice()); v.Matched != row.matched || v.Why == "" {
				t.Errorf("verdict %+v", v)
			}
		})
	}
	f, err := webhook.Compile("data.list.all(a, data.list.all(b, data.list.all(c, a + b + c >= 0.0)))")
	if err != nil {
		t.Fatal(err)
	}
	n := notice()
	n.Data = jsontext.Value(`{"list":[` + strings.Repeat("1,", 500) + `1]}`)
	w := subscription("*")
	if v := webhook.Judge(&w, f, n); v.Matched || !strings.Contains(v.Why, "cost") {
		t.Errorf("a filter without end: %+v", v)
	}
}

func TestSchedule(t *testing.T) {
	total := time.Duration(0)
	for n := 1; n <= webhook.Attempts; n++ {
		total += webhook.Pause(n, 0.5, 0)
	}
	if want := 71*time.Hour + 42*time.Minute + 35*time.Second; total != want || webhook.Attempts != 12 {
		t.Errorf("%d attempts in %s, want 12 in %s", webhook.Attempts, total, want)
	}
	for _, row := range []struct {
		name    string
		attempt int
		chance  float64
		asked   time.Duration
		want    time.Duration
	}{
		{"soonest", 1, 0, 0, 4 * time.Second},
		{"latest", 1, 1, 0, 6 * time.Second},
		{"asked for more", 1, 0, time.Minute, time.Minute},
		{"asked for less", 3, 0.5, time.Second, 2 * time.Minute},
		{"asked for too much", 1, 0, 1000 * time.Hour, 24 * time.Hour},
		{"after the last", 12, 0.5, time.Hour, 0},
	} {
		if got := webhook.Pause(row.attempt, row.chance, row.asked); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

func TestBreaker(t *testing.T) {
	now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	var b webhook.Breaker
	for range 4 {
		b.Failed(now, true, webhook.DefaultLimits)
	}
	if b.Open(now) || b.Probing(webhook.DefaultLimits) {
		t.Errorf("open after four failures: %+v", b)
	}
	b.Failed(now, true, webhook.DefaultLimits)
	if !b.Open(now.Add(4*time.Second)) || b.Open(now.Add(5*time.Second)) || !b.Probing(webhook.DefaultLimits) {
		t.Errorf("after five: %+v", b)
	}
	for range 20 {
		b.Failed(now, false, webhook.DefaultLimits)
	}
	if wait := b.Until.Sub(now); wait != 5*time.Minute {
		t.Errorf("longest wait %s", wait)
	}
	if b.GiveUp(now.Add(23*time.Hour), webhook.DefaultLimits) || !b.GiveUp(now.Add(24*time.Hour), webhook.DefaultLimits) {
		t.Errorf("given up at another time: %+v", b)
	}
	if few := (webhook.Breaker{Failures: 99, Events: 4, Since: now}); few.GiveUp(now.Add(99*time.Hour), webhook.DefaultLimits) {
		t.Error("given up for four events")
	}
	if b.Succeeded(); b != (webhook.Breaker{}) {
		t.Errorf("after a success: %+v", b)
	}
	if b.Rest(now, time.Hour); !b.Open(now.Add(4*time.Minute)) || b.Open(now.Add(5*time.Minute)) || b.Probing(webhook.DefaultLimits) {
		t.Errorf("resting: %+v", b)
	}
}

// TestDecisions lets random commands come, and wants of each that it fails, changes nothing, or
// gives events after which saying it again gives none.
func TestDecisions(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s, seq := webhook.New(), int64(0)
		m := domain.Meta{At: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)}
		for range rapid.IntRange(1, 40).Draw(r, "commands") {
			id := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "id")
			w := subscription(rapid.SampledFrom([]string{"*", "alert.*", "wrong"}).Draw(r, "events"))
			w.ID = id
			active := rapid.Bool().Draw(r, "active")
			again := true
			var decide func() ([]domain.Event, error)
			switch rapid.IntRange(0, 6).Draw(r, "command") {
			case 0:
				decide, again = func() ([]domain.Event, error) { return s.DecideCreate(webhook.Create{Webhook: w, Secret: "sealed"}) }, false
			case 1:
				decide = func() ([]domain.Event, error) { return s.DecideChange(webhook.Change{Webhook: w, Active: active}) }
			case 2:
				decide = func() ([]domain.Event, error) {
					return s.DecideDisable(webhook.Disable{WebhookID: id, Reason: webhook.Failing})
				}
			case 3:
				decide = func() ([]domain.Event, error) { return s.DecideEnable(webhook.Enable{WebhookID: id}) }
			case 4:
				decide, again = func() ([]domain.Event, error) { return s.DecideDelete(webhook.Delete{WebhookID: id}) }, false
			case 5:
				to := int64(0)
				if e := s.Endpoint(id); e != nil {
					to = e.From
				}
				from := rapid.Int64Range(0, to).Draw(r, "from")
				decide, again = func() ([]domain.Event, error) {
					return s.DecideBackfill(webhook.Backfill{WebhookID: id, From: from, To: to})
				}, false
			case 6:
				upTo := rapid.Int64Range(1, 9).Draw(r, "up to")
				decide = func() ([]domain.Event, error) {
					return s.DecideReport(webhook.ReportDeliveries{Reports: []webhook.Report{{WebhookID: id, UpTo: upTo, Outcomes: make([]webhook.Outcome, 1)}}})
				}
			}
			before := fmt.Sprint(s.Endpoints())
			events, err := decide()
			if fmt.Sprint(s.Endpoints()) != before || err != nil && (len(events) > 0 || domain.CodeOf(err) == "") {
				r.Fatalf("a decision changed the state, or failed with %v and %v", events, err)
			}
			for _, event := range events {
				s.Evolve(&domain.Envelope{Seq: seq, Time: m.At, Event: event})
				seq++
			}
			if more, err := decide(); again && err == nil && len(more) > 0 {
				r.Fatalf("said again it gives %v", more)
			}
		}
	})
}

func TestBounds(t *testing.T) {
	for _, row := range []struct {
		field  string
		change func(*webhook.Subscription)
	}{
		{"url", func(w *webhook.Subscription) { w.URL = "" }},
		{"events", func(w *webhook.Subscription) { w.Events = nil }},
		{"events", func(w *webhook.Subscription) { w.Events = slices.Repeat([]string{"*"}, 65) }},
		{"payload_format", func(w *webhook.Subscription) { w.Format = "xml" }},
		{"ordering", func(w *webhook.Subscription) { w.Ordering = "lifo" }},
		{"timeout_ms", func(w *webhook.Subscription) { w.TimeoutMS = 30_001 }},
		{"rate_limit", func(w *webhook.Subscription) { w.RateLimit = -1 }},
		{"template", func(w *webhook.Subscription) { w.Format = webhook.Templated }},
		{"template", func(w *webhook.Subscription) { w.Template = jsontext.Value(`{}`) }},
		{"template", func(w *webhook.Subscription) { w.Format, w.Template = webhook.Templated, jsontext.Value(`[]`) }},
		{"template", func(w *webhook.Subscription) {
			w.Format, w.Template = webhook.Templated, jsontext.Value(`{"a":"{{event"}`)
		}},
		{"filters", func(w *webhook.Subscription) { w.Filter = strings.Repeat("x", 2001) }},
		{"description", func(w *webhook.Subscription) { w.Description = "\x00" }},
	} {
		w := subscription("*")
		row.change(&w)
		err := w.Check()
		if domain.CodeOf(err) != domain.Invalid || !strings.HasPrefix(err.Error(), row.field) {
			t.Errorf("%s: %v", row.field, err)
		}
	}
	w := subscription("all")
	if err := w.Check(); err != nil || w.Format != webhook.Standard || w.Ordering != webhook.Unordered || w.TimeoutMS != 15_000 || w.Events[0] != "*" {
		t.Errorf("defaults %+v, %v", w, err)
	}
}
