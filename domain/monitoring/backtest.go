package monitoring

import (
	"iter"
	"slices"
	"strings"
	"time"
	"unique"
)

// Recorded is an event of a ledger's past: what rules see of it, and which of them fired then.
type Recorded struct {
	Input Input    // its Past is not looked at: the backtest folds its own
	Fired []string // ids of the rules that were live and fired
}

// Backtest is what rules would have done on past events.
type Backtest struct {
	Events int           `json:"events"`
	From   time.Time     `json:"from"` // occurred_at of the first and the last event
	To     time.Time     `json:"to"`
	Rules  []RuleOutcome `json:"rules"` // in order of rule id
}

// RuleOutcome is what one rule would have done.
type RuleOutcome struct {
	RuleID     string          `json:"rule_id"`
	Name       string          `json:"name"`
	Fired      int             `json:"fired"`
	Alerts     int             `json:"alerts"` // after the cool-down
	Failed     int             `json:"failed"`
	Reason     string          `json:"failed_reason,omitempty"` // of the first failure
	PerDay     float64         `json:"alerts_per_day"`
	BusiestDay int             `json:"alerts_on_busiest_day"`
	Customers  []CustomerCount `json:"customers"` // by alerts, most first
	Overlap    map[string]int  `json:"overlap"`   // events on which a rule of the time fired too, by its id
}

// CustomerCount is how many alerts a customer would have had.
type CustomerCount struct {
	CustomerID string `json:"customer_id"`
	Alerts     int    `json:"alerts"`
}

// RunBacktest runs rules over the past, given in ledger order from its very beginning; events that
// occurred before from only make history. A rule is run as live, whatever its mode and date. To
// see a draft at many thresholds, give one version of it for each.
func RunBacktest(rules []Rule, from time.Time, events iter.Seq[Recorded]) Backtest {
	b := newTester(rules, from)
	for event := range events {
		b.take(&event)
	}
	return b.report()
}

// tester is a backtest under way.
type tester struct {
	set      *RuleSet
	from     time.Time
	past     *Histories
	needs    uint
	words    map[string]word
	result   Backtest
	outcomes map[string]*outcome
}

type outcome struct {
	RuleOutcome
	customers map[string]int
	days      map[int64]int
	last      map[string]time.Time // alert by the key of its cool-down
}

func newTester(rules []Rule, from time.Time) *tester {
	b := &tester{from: from, past: NewHistories(), words: make(map[string]word), outcomes: make(map[string]*outcome)}
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].Mode, rules[i].EffectiveFrom = "live", time.Time{}
		b.outcomes[rules[i].ID] = &outcome{
			RuleOutcome: RuleOutcome{RuleID: rules[i].ID, Name: rules[i].Name, Overlap: map[string]int{}},
			customers:   map[string]int{}, days: map[int64]int{}, last: map[string]time.Time{},
		}
	}
	b.set = NewRuleSet(rules...)
	for _, p := range b.set.rules {
		if p.condition != nil {
			b.needs |= p.condition.needs
		}
	}
	return b
}

func (b *tester) take(event *Recorded) {
	in := &event.Input
	in.Past = Past{}
	if b.needs != 0 {
		short := shortened(in, b.word, b.word)
		in.short = &short
	}
	if at := in.Event.OccurredAt; !at.Before(b.from) {
		if b.result.Events == 0 || at.Before(b.result.From) {
			b.result.From = at
		}
		if at.After(b.result.To) {
			b.result.To = at
		}
		b.result.Events++
		in.Past = b.past.Of(b.set, in)
		b.judge(event)
	}
	if b.needs != 0 {
		b.past.record(*in.short, b.needs)
	}
}

// word interns a text, most often one that was interned before.
func (b *tester) word(s string) word {
	known, found := b.words[s]
	if !found {
		known = unique.Make(s)
		b.words[s] = known
	}
	return known
}

// judge counts what the rules say of an event.
func (b *tester) judge(event *Recorded) {
	e := &evaluation{in: &event.Input, reference: b.set.reference}
	for _, p := range b.set.rules {
		if !p.rule.admits(event.Input.Event.Type) {
			continue
		}
		o := b.outcomes[p.rule.ID]
		switch holds, err := e.holds(p); {
		case err != nil:
			if o.Failed++; o.Reason == "" {
				o.Reason = err.Error()
			}
		case holds:
			o.fired(p, event)
		}
	}
}

func (o *outcome) fired(p *program, event *Recorded) {
	in := &event.Input
	o.Fired++
	for _, id := range event.Fired {
		o.Overlap[id]++
	}
	if d := p.dedup(in); d != nil {
		last, known := o.last[d.Key]
		if since := in.Event.OccurredAt.Sub(last); known && since < time.Duration(d.Seconds)*time.Second {
			return
		}
		o.last[d.Key] = in.Event.OccurredAt
	}
	o.Alerts++
	o.customers[in.Customer.ID]++
	o.days[floorDiv(instant(in.Event.OccurredAt), int64(24*time.Hour))]++
}

func (b *tester) report() Backtest {
	days := max(1, b.result.To.Sub(b.result.From).Hours()/24)
	for _, p := range b.set.rules {
		o := b.outcomes[p.rule.ID]
		o.PerDay = float64(o.Alerts) / days
		for _, n := range o.days {
			o.BusiestDay = max(o.BusiestDay, n)
		}
		for id, n := range o.customers {
			o.Customers = append(o.Customers, CustomerCount{id, n})
		}
		slices.SortFunc(o.Customers, func(a, b CustomerCount) int {
			if a.Alerts != b.Alerts {
				return b.Alerts - a.Alerts
			}
			return strings.Compare(a.CustomerID, b.CustomerID)
		})
		b.result.Rules = append(b.result.Rules, o.RuleOutcome)
	}
	return b.result
}

// Sweep makes one version of a template's rule for each value of a parameter, its id the value, to
// be run in one backtest.
func (t *Template) Sweep(parameters map[string]string, name string, values []string) ([]Rule, error) {
	var rules []Rule
	for _, value := range values {
		with := map[string]string{name: value}
		for other, set := range parameters {
			if other != name {
				with[other] = set
			}
		}
		r, err := t.Rule(with)
		if err != nil {
			return nil, err
		}
		r.ID = value
		rules = append(rules, r)
	}
	return rules, nil
}
