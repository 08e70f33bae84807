package monitoring

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"whocomply/domain"
)

// Evaluate runs every rule in force whose event types admit the event. It has no effects and
// may be called by any number of goroutines at once.
func (s *RuleSet) Evaluate(in Input) domain.Monitored {
	result := domain.Monitored{RuleSet: s.digest}
	e := evaluations.Get().(*evaluation)
	defer e.done()
	e.own = in
	e.begin(&e.own, s.reference)
	for _, p := range s.rules {
		if !p.rule.looksAt(&e.in.Event) {
			continue
		}
		switch holds, err := e.holds(p); {
		case err != nil:
			result.Failed = append(result.Failed, domain.RuleFailed{RuleID: p.rule.ID, Version: p.rule.Version, Reason: err.Error()})
		case holds:
			result.Fired = append(result.Fired, p.fired(e))
			if p.rule.Mode == "live" {
				result.Score += p.rule.Score
			}
		}
	}
	result.References = e.rests
	return result
}

func (p *program) fired(e *evaluation) domain.RuleFired {
	return domain.RuleFired{
		RuleID: p.rule.ID, Version: p.rule.Version, Name: p.rule.Name, Mode: p.rule.Mode, Action: p.rule.Action,
		Score: p.rule.Score, Severity: p.rule.Severity, Explanation: e.explain(p), Windows: e.windows(),
		Dedup: p.dedup(e.in),
	}
}

// dedup names what an alert of the rule stands for during its cool-down; nil if for the event alone.
func (p *program) dedup(in *Input) *domain.Dedup {
	at := slices.Index(subjectNames[:], p.rule.DedupBy)
	if at < 0 || in.subjects()[at] == "" {
		return nil
	}
	span, _ := parseSpan(p.rule.CoolDown) // checked when the rule was made
	return &domain.Dedup{Key: p.rule.ID + "/" + p.rule.DedupBy + "/" + in.subjects()[at], Seconds: int64(span / time.Second)}
}

// self is the name under which a program finds its evaluation; no condition can say it.
const self = "@"

// evaluation is one event before all rules. It is CEL's activation, and reads each value of
// the input once. It belongs to one goroutine.
type evaluation struct {
	in    *Input
	own   Input // that in points to, most often
	read  [len(fields)]ref.Val
	cost  int // of the condition at hand, if it is counted
	spent int // cost of the conditions before it

	present present // the event as windows see it
	logged  reading // the rows of its past
	shared  []*scan // windows that other conditions look at too
	scans   []*scan // to be used again, the first of them taken
	taken   int
	used    []usedWindow // by the condition at hand

	reference *Reference
	rests     []domain.ReferenceVersion // lists and rates that were asked
}

// evaluations are kept to be used again.
var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// begin turns to an event.
func (e *evaluation) begin(in *Input, reference *Reference) {
	e.in, e.reference, e.rests = in, reference, nil
	e.cost, e.spent, e.taken = 0, 0, 0
	e.present.made, e.logged = false, reading{}
	e.shared, e.used = e.shared[:0], e.used[:0]
	clear(e.read[:])
}

// done gives the evaluation back, with nothing of the event in it.
func (e *evaluation) done() {
	e.own, e.present = Input{}, present{}
	for _, s := range e.scans[:e.taken] {
		s.clear()
	}
	clear(e.used[:cap(e.used)])
	e.begin(nil, nil)
	evaluations.Put(e)
}

// present is the event at hand as windows see it.
type present struct {
	entry
	kind  kind
	named [subjects]string // its subjects
	made  bool
}

// now gives the event as windows see it. Subjects that are new have one number, which is no other's.
func (e *evaluation) now() *present {
	if e.present.made {
		return &e.present
	}
	e.present.made = true
	e.present.see(e.in, e.in.Past.names)
	return &e.present
}

// see looks at an event, of whose subjects some numbers are known; 0 of the others.
func (p *present) see(in *Input, known [subjects]uint32) {
	p.entry, p.kind, p.named = newEntry(in), kindOf(in), in.subjects()
	for i, name := range p.named {
		if name == "" {
			continue
		}
		if p.subjects[i] = known[i]; known[i] == 0 {
			p.subjects[i] = unseen
		}
	}
}

// log gives the rows of the event's past.
func (e *evaluation) log() reading {
	if e.logged.chunks == nil && e.in.Past.log != nil {
		e.logged = e.in.Past.log.read()
	}
	return e.logged
}

// usedWindow is a value that a condition took from the past.
type usedWindow struct {
	label string
	value ref.Val
}

// use notes the value of a window for the record of the decision.
func (e *evaluation) use(label string, v ref.Val) {
	if len(e.used) < maxMentions && !slices.ContainsFunc(e.used, func(w usedWindow) bool { return w.label == label }) {
		e.used = append(e.used, usedWindow{label, v})
	}
}

// windows gives what the condition at hand took from the past.
func (e *evaluation) windows() []domain.WindowValue {
	var windows []domain.WindowValue
	for _, w := range e.used {
		windows = append(windows, domain.WindowValue{Window: w.label, Value: string(appendShown(nil, w.value))})
	}
	return windows
}

// evaluationOf finds the evaluation that a node of a program belongs to.
func evaluationOf(vars interpreter.Activation) *evaluation {
	e, _ := vars.ResolveName(self)
	return e.(*evaluation)
}

// ResolveName finds the evaluation itself.
func (e *evaluation) ResolveName(name string) (any, bool) {
	if name == self {
		return e, true
	}
	return nil, false
}

// Parent is none.
func (e *evaluation) Parent() interpreter.Activation { return nil }

// value gives a field; nil if there is no transaction that it could be of.
func (e *evaluation) value(field int) ref.Val {
	if v := e.read[field]; v != nil {
		return v
	}
	v := fields[field].read(e.in)
	if v != nil && !types.IsError(v) { // an error is marked with the node that met it, and so never shared
		e.read[field] = v
	}
	return v
}

// has reports whether a field was stated: a text that is not empty, or any other value there is.
// An object is there if one of its fields is.
func (e *evaluation) has(l leaf) bool {
	if l.field >= 0 {
		v := e.value(l.field)
		if err, failed := v.(*types.Err); failed {
			return !errors.Is(err, errNotStated)
		}
		return v != nil && v != types.String("")
	}
	for i, f := range fields {
		if strings.HasPrefix(f.name, l.name+".") && e.has(leaf{field: i}) {
			return true
		}
	}
	return false
}

// holds evaluates a rule's condition. The error says, for an officer, why it could not be.
func (e *evaluation) holds(p *program) (bool, error) {
	switch {
	case p.broken != nil:
		return false, p.broken
	case e.spent > eventCost:
		return false, fmt.Errorf("not evaluated: the rules before it cost more than %d units on this event", eventCost)
	}
	if e.cost, e.used = 0, e.used[:0]; p.condition.ruledOut(e) {
		return false, nil
	}
	result, _, err := p.condition.program.Eval(e)
	e.spent += e.cost
	if err != nil {
		return false, p.condition.reason(err)
	}
	return result == types.True, nil
}

// reason says why an evaluation failed, and where.
func (c *condition) reason(err error) error {
	if _, stopped := errors.AsType[interpreter.EvalCancelledError](err); stopped {
		return fmt.Errorf("stopped: it costs more than %d units on this event", maxCost)
	}
	failure, known := errors.AsType[*types.Err](err)
	if !known {
		return errors.New("the condition could not be evaluated")
	}
	text := failure.String()
	if strings.HasPrefix(text, "no such overload") {
		text = "values of different kinds cannot be compared or combined"
	}
	if at := c.source.GetStartLocation(failure.NodeID()); at.Line() > 0 {
		return fmt.Errorf("at %d:%d: %s", at.Line(), at.Column()+1, text)
	}
	return errors.New(text)
}

// explain tells an officer what the condition saw.
func (e *evaluation) explain(p *program) string {
	b := append(make([]byte, 0, 160), p.rule.Name...)
	separator := ": "
	for _, m := range p.condition.mentions {
		b = append(append(b, separator...), m.label...)
		separator = ", "
		if v := e.at(m); v == nil || types.IsError(v) {
			b = append(b, " is not there"...)
		} else {
			b = appendShown(append(b, " = "...), v)
		}
	}
	for _, w := range e.used {
		b = appendShown(append(append(append(b, separator...), w.label...), " = "...), w.value)
		separator = ", "
	}
	return string(b)
}

// at gives the value of a mention, nil if there is none.
func (e *evaluation) at(m mention) ref.Val {
	if m.list != "" {
		return e.list(m.list)
	}
	v := e.value(m.field)
	for _, key := range m.path {
		switch in := v.(type) {
		case traits.Mapper:
			v, _ = in.Find(key)
		case traits.Lister:
			v = in.Get(key)
		default:
			return nil
		}
	}
	return v
}

// maxShown is how many bytes of a text an explanation shows.
const maxShown = 120

func appendShown(b []byte, v ref.Val) []byte {
	switch v := v.(type) {
	case number:
		return append(b, domain.Decimal(v).String()...)
	case types.String:
		return strconv.AppendQuote(b, cut(string(v), maxShown))
	case types.Bool:
		return strconv.AppendBool(b, bool(v))
	case types.Timestamp:
		return v.UTC().AppendFormat(b, time.RFC3339Nano)
	case *list:
		return fmt.Appendf(b, "version %d of %d values", v.Version, len(v.Values))
	case traits.Lister:
		return fmt.Appendf(b, "a list of %d", v.Size())
	case traits.Mapper:
		return fmt.Appendf(b, "an object of %d", v.Size())
	}
	return append(b, "null"...)
}

// cut shortens a text to at most end bytes, between two characters.
func cut(s string, end int) string {
	if len(s) <= end {
		return s
	}
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
