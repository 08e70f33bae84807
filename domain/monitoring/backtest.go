package monitoring

import (
	"math"
	"slices"
	"strings"
	"time"

	"whocomply/domain"
)

// The limits of a backtest.
const (
	backtestEntries   = 4 << 20 // of the past that are kept at a time, for each of their subjects
	backtestCustomers = 1000    // of a rule that are told by name, those with most alerts
	lateBy            = 35 * 24 * time.Hour
)

// Recorded is an event of a ledger's past: what rules see of it, and which of them fired then.
type Recorded struct {
	Input Input                    // its Past is not looked at: the backtest folds its own
	Fired func() ([]string, error) // gives the ids of the rules that were live and fired; asked if a rule fires now
}

// Trial says what a backtest is to try.
type Trial struct {
	Rules     []Rule     // with an id each; they are run as live, whatever their modes and dates
	Reference *Reference // lists and rates that they ask; nil: what is shipped
	From, To  time.Time  // by occurred_at; what happened before From only makes history. Zero: all there is
	Entries   int        // of the past that are kept at most; 0: some four million
}

// Backtest is what rules would have done on past events.
type Backtest struct {
	Events int           `json:"events"`
	From   time.Time     `json:"from,omitzero"` // occurred_at of the first and the last event
	To     time.Time     `json:"to,omitzero"`
	Rules  []RuleOutcome `json:"rules"` // in the order of the trial
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
	Alerted    int             `json:"customers_alerted"`
	Customers  []CustomerCount `json:"customers"` // by alerts, most first; at most 1000
	Overlap    map[string]int  `json:"overlap"`   // events on which a rule of the time fired too, by its id
}

// CustomerCount is how many alerts a customer would have had.
type CustomerCount struct {
	CustomerID string `json:"customer_id"`
	Alerts     int    `json:"alerts"`
}

// Tester is a backtest under way. It belongs to one goroutine.
type Tester struct {
	set      *RuleSet
	from, to time.Time
	since    time.Time     // of what is remembered
	keep     time.Duration // of the past, behind an event
	limit    int
	sweepAt  int // entries at which what is too old is dropped
	newest   int64
	past     *Histories
	needs    uint // subjects whose past is looked at, a bit each
	names    uint // subjects by which events are told apart
	dedup    uint // subjects by which alerts are
	judged   evaluation
	result   Backtest
	order    []string // ids of the rules
	outcomes map[string]*outcome
}

type outcome struct {
	RuleOutcome
	customers map[string]int
	days      map[int64]int
	last      map[string]time.Time // alert by the key of its cool-down
}

// NewTester starts a backtest.
func NewTester(t Trial) *Tester {
	b := &Tester{
		from: t.From, to: t.To, limit: t.Entries, past: NewHistories(), newest: math.MinInt64,
		outcomes: make(map[string]*outcome),
	}
	b.past.words = 1 << currencyWord // windows add up by it
	if b.limit == 0 {
		b.limit = backtestEntries
	}
	b.sweepAt = b.limit / 2
	rules := slices.Clone(t.Rules)
	for i := range rules {
		rules[i].Mode, rules[i].EffectiveFrom = "live", time.Time{}
		b.order = append(b.order, rules[i].ID)
		b.outcomes[rules[i].ID] = &outcome{
			RuleOutcome: RuleOutcome{RuleID: rules[i].ID, Name: rules[i].Name, Customers: []CustomerCount{}, Overlap: map[string]int{}},
			customers:   map[string]int{}, days: map[int64]int{}, last: map[string]time.Time{},
		}
	}
	b.set = NewRuleSet(rules...)
	if t.Reference != nil {
		b.set = b.set.on(t.Reference)
	}
	for _, p := range b.set.rules {
		if p.condition != nil {
			b.needs |= p.condition.needs
			b.names |= p.condition.names
			b.past.words |= p.condition.words
			b.keep = max(b.keep, p.condition.reach)
		}
		if at := slices.Index(subjectNames[:], p.rule.DedupBy); at >= 0 {
			b.dedup |= 1 << at
		}
	}
	b.since, b.past.keep, b.past.sole = b.from.Add(-b.keep), b.keep+lateBy, true
	return b
}

// Reads reports whether a rule reads a field of the context such as risk.score, or any of an object such as
// risk. The customer's id is always read. What no rule reads, events need not have.
func (b *Tester) Reads(name string) bool {
	for i, fields := range subjectFields {
		if (b.needs|b.names|b.dedup)&(1<<i) != 0 && slices.Contains(fields, name) {
			return true
		}
	}
	return slices.ContainsFunc(b.set.rules, func(p *program) bool { return p.condition != nil && p.condition.reads(name) })
}

// Take runs the rules on the next event of the ledger, in its order from the very beginning. An
// error says that the past needed does not fit into the memory allowed, or is that of event.Fired.
func (b *Tester) Take(event *Recorded) error {
	in, at := &event.Input, event.Input.Event.OccurredAt
	over := !b.to.IsZero() && at.After(b.to)
	within, remembered := !over && !at.Before(b.from), !over && b.needs != 0 && !at.Before(b.since)
	if in.Past = (Past{}); within {
		in.Past = b.past.Of(b.set, in)
	}
	b.judged.begin(in, b.set.reference)
	if within {
		b.count(at)
		if err := b.judge(event); err != nil {
			return err
		}
	}
	if !remembered {
		return nil
	}
	b.past.record(b.judged.now(), b.needs, b.names)
	b.newest = max(b.newest, instant(at))
	return b.fit()
}

func (b *Tester) count(at time.Time) {
	if b.result.Events == 0 || at.Before(b.result.From) {
		b.result.From = at
	}
	if at.After(b.result.To) {
		b.result.To = at
	}
	b.result.Events++
}

// fit drops what no window can reach any more once much is kept.
func (b *Tester) fit() error {
	if b.past.entries < b.sweepAt {
		return nil
	}
	b.past.drop(b.newest - int64(b.past.keep))
	if b.past.entries > b.limit {
		return domain.Errorf(domain.Conflict, "the windows of these rules need more than %d events of the past at a time: try a shorter period or shorter windows", b.limit)
	}
	b.sweepAt = b.past.entries + (b.limit-b.past.entries)/2 + 1
	for _, o := range b.outcomes {
		o.forget(time.Unix(0, b.newest))
	}
	return nil
}

// forget drops cool-downs that are over.
func (o *outcome) forget(now time.Time) {
	for key, last := range o.last {
		if now.Sub(last) > maxWindow {
			delete(o.last, key)
		}
	}
}

// judge counts what the rules say of an event.
func (b *Tester) judge(event *Recorded) error {
	e := &b.judged
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
			then, err := event.Fired()
			if err != nil {
				return err
			}
			o.fired(p, &event.Input, then)
		}
	}
	return nil
}

// fired counts that a rule fires on an event on which some did then.
func (o *outcome) fired(p *program, in *Input, then []string) {
	o.Fired++
	for _, id := range then {
		count(o.Overlap, id)
	}
	if d := p.dedup(in); d != nil {
		last, known := o.last[d.Key]
		if since := in.Event.OccurredAt.Sub(last); known && since < time.Duration(d.Seconds)*time.Second {
			return
		}
		o.last[d.Key] = in.Event.OccurredAt
	}
	o.Alerts++
	count(o.customers, in.Customer.ID)
	o.days[floorDiv(instant(in.Event.OccurredAt), int64(24*time.Hour))]++
}

// count counts something by its id, which may be part of a large text.
func count(counts map[string]int, id string) {
	if counts[id] == 0 {
		id = strings.Clone(id)
	}
	counts[id]++
}

// Report tells what the rules would have done up to here.
func (b *Tester) Report() Backtest {
	result := b.result
	days := max(1, result.To.Sub(result.From).Hours()/24)
	result.Rules = make([]RuleOutcome, 0, len(b.order))
	for _, id := range b.order {
		result.Rules = append(result.Rules, b.outcomes[id].report(days))
	}
	return result
}

func (o *outcome) report(days float64) RuleOutcome {
	told := o.RuleOutcome
	told.PerDay, told.Alerted = float64(o.Alerts)/days, len(o.customers)
	for _, n := range o.days {
		told.BusiestDay = max(told.BusiestDay, n)
	}
	for id, n := range o.customers {
		told.Customers = append(told.Customers, CustomerCount{id, n})
	}
	slices.SortFunc(told.Customers, func(a, b CustomerCount) int {
		if a.Alerts != b.Alerts {
			return b.Alerts - a.Alerts
		}
		return strings.Compare(a.CustomerID, b.CustomerID)
	})
	told.Customers = told.Customers[:min(len(told.Customers), backtestCustomers)]
	return told
}
