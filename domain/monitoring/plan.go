package monitoring

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unique"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"whocomply/domain"
)

// window is a planned window: the part of a subject's past that a condition looks at.
type window struct {
	subject  int
	from, to time.Duration // before the event
	earlier  bool          // leaves the event itself out
	types    bool          // names the types of events; else all transactions count
	words    []wordFilter
	filters  []filter
	open     []open
	label    string // as conditions write it
	key      word   // the label, to be compared at once
	shared   bool   // the label says it all: the same for all conditions on one event
}

// word is an interned text.
type word = unique.Handle[string]

// wordFilter admits events by a word of their kind.
type wordFilter struct {
	at     int // of the kind's words
	value  string
	others []string // that are admitted too
}

// filter admits events by what is their own.
type filter interface {
	admits(e *entry) bool
}

// amountFilter compares amounts with a bound: as whole numbers if the bound can be written with as many
// digits after the point as the amount.
type amountFilter struct {
	*amountTest
	bound  domain.Decimal
	scaled [4]uint64 // the bound by scale
	known  [4]bool
}

type amountTest struct {
	holds func(x, bound domain.Decimal) bool
	whole func(x, bound uint64) bool // of the same scale
}

func newAmountFilter(test *amountTest, bound domain.Decimal) *amountFilter {
	f := &amountFilter{amountTest: test, bound: bound}
	at, coefficient := bound.Scale(), bound.Coefficient()
	if bound.Sign() < 0 {
		return f
	}
	for ; at >= len(f.scaled) && coefficient%10 == 0; at-- {
		coefficient /= 10
	}
	for ; at < len(f.scaled) && coefficient <= maxRun; at++ {
		f.scaled[at], f.known[at] = coefficient, true
		coefficient *= 10
	}
	return f
}

func (f *amountFilter) admits(e *entry) bool {
	if int(e.scale) < len(f.scaled) && f.known[e.scale] {
		return f.whole(e.amount, f.scaled[e.scale])
	}
	return f.holds(e.figure().decimal(), f.bound)
}

type sameFilter struct {
	subject int
	key     uint32
}

func (f *sameFilter) admits(e *entry) bool { return e.subjects[f.subject] == f.key }

// open is a filter whose argument is known only with the event.
type open struct {
	name string
	arg  interpreter.InterpretableV2 // nil: the event's own subject of that name
	own  int                         // what arg reads is the event's own word, 1 more than its number; else 0
}

// ownWords are the fields of the context that an event in short has too.
var ownWords = map[string]int{
	"event.type": typeWord, "transaction.direction": directionWord, "transaction.channel": channelWord, "transaction.method": methodWord,
	"transaction.currency": currencyWord, "transaction.counterparty.country": countryWord, "session.country": placeWord,
}

// aggregate is a node of a program that sums up a window.
type aggregate struct {
	id       int64
	result   string
	of       *window
	baseline *window // of ratio_to
	label    string
}

// windows is the decorator that puts aggregates in the place of the calls that end a window.
func windows(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, isCall := i.(interpreter.InterpretableCall)
	if !isCall || !isResult(call.Function()) {
		return i, nil
	}
	if _, isWindow := call.Args()[0].(interpreter.InterpretableCall); !isWindow {
		return i, nil
	}
	of, err := plannedWindow(call.Args()[0])
	if err != nil {
		return nil, err
	}
	of.key = unique.Make(of.label)
	a := &aggregate{id: i.ID(), result: call.Function(), of: of, label: of.label + "." + call.Function() + "()"}
	if len(call.Args()) == 2 {
		if a.baseline, err = plannedWindow(call.Args()[1]); err != nil {
			return nil, err
		}
		a.baseline.key = unique.Make(a.baseline.label)
		a.label = fmt.Sprintf("%s.ratio_to(%s)", of.label, a.baseline.label)
	}
	return a, nil
}

func isResult(name string) bool {
	_, words := distinctWords[name]
	_, subjects := distinctSubjects[name]
	return words || subjects || name == "ratio_to" || name == "days" || slices.Contains(numberResults, name) || slices.Contains(timeResults, name)
}

// plannedWindow reads the chain of calls that makes a window, from its end to its beginning.
func plannedWindow(i interpreter.InterpretableV2) (*window, error) {
	call, isCall := i.(interpreter.InterpretableCall)
	if !isCall {
		return nil, fmt.Errorf("%T is no window", i)
	}
	name, args := call.Function(), call.Args()
	if slices.Contains(openers, name) {
		return opened(args)
	}
	w, err := plannedWindow(args[0])
	if err != nil {
		return nil, err
	}
	w.types = w.types || name == "type"
	shown := ""
	switch subject, isPlain := plainFilters[name]; {
	case name == "earlier":
		w.earlier = true
	case isPlain:
		w.open = append(w.open, open{name: subjectNames[subject]})
	default:
		shown = w.narrow(name, args[1])
	}
	w.label += "." + name + "(" + shown + ")"
	return w, nil
}

func opened(args []interpreter.InterpretableV2) (*window, error) {
	subject, isRead := uncounted(args[0]).(*read)
	if !isRead {
		return nil, fmt.Errorf("%T has no history", args[0])
	}
	w := &window{subject: slices.Index(subjectNames[:], subject.name), shared: true}
	spans := [2]time.Duration{}
	texts := make([]string, 0, 2)
	for i, arg := range args[1:] {
		text := string(arg.(interpreter.InterpretableConst).Value().(types.String))
		spans[i], _ = parseSpan(text) // checked before
		texts = append(texts, fmt.Sprintf("%q", text))
	}
	name := "last"
	if w.from, w.to = spans[0], spans[1]; len(texts) == 2 {
		name = "between"
	}
	w.label = fmt.Sprintf("%s.%s(%s)", subject.name, name, strings.Join(texts, ", "))
	return w, nil
}

// narrow adds a filter with an argument. It gives the argument as an officer reads it.
func (w *window) narrow(name string, arg interpreter.InterpretableV2) string {
	if constant, isConst := arg.(interpreter.InterpretableConst); isConst && addFilter(&w.words, &w.filters, name, constant.Value()) == nil {
		return shownArg(constant.Value())
	}
	r, isRead := uncounted(arg).(*read)
	if !isRead {
		w.open, w.shared = append(w.open, open{name: name, arg: arg}), false
		return "…"
	}
	o := open{name: name, arg: arg}
	_, isWord := wordFilters[name]
	if at, own := ownWords[r.name]; own && isWord && !r.presence {
		o.own = at + 1
	}
	w.open = append(w.open, o)
	return r.name
}

// uncounted gives the node that may have been wrapped to count its cost.
func uncounted(i interpreter.InterpretableV2) interpreter.InterpretableV2 {
	if counted, isCounted := i.(*countedNode); isCounted {
		return counted.InterpretableV2
	}
	return i
}

func shownArg(v ref.Val) string {
	list, isList := v.(traits.Lister)
	if !isList {
		return string(appendShown(nil, v))
	}
	var items []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		items = append(items, string(appendShown(nil, it.Next())))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// addFilter makes a filter of a value; what is no value for it is an error.
func addFilter(words *[]wordFilter, filters *[]filter, name string, v ref.Val) error {
	if test, isAmount := amountFilters[name]; isAmount {
		bound, isNumber := v.(number)
		if !isNumber {
			return fmt.Errorf("%s takes a number", name)
		}
		*filters = append(*filters, newAmountFilter(test, domain.Decimal(bound)))
		return nil
	}
	f := wordFilter{at: wordFilters[name]}
	switch v := v.(type) {
	case types.String:
		f.value = string(v)
	case traits.Lister:
		for it := v.Iterator(); it.HasNext() == types.True; {
			text, isText := it.Next().(types.String)
			if !isText {
				return fmt.Errorf("%s takes texts", name)
			}
			f.others = append(f.others, string(text))
		}
		if len(f.others) == 0 {
			return fmt.Errorf("%s takes a text or a list of texts", name)
		}
		f.value, f.others = f.others[0], f.others[1:]
	default:
		return fmt.Errorf("%s takes a text or a list of texts", name)
	}
	*words = append(*words, f)
	return nil
}

// settle adds the filters whose values the event has. It gives an error value if it has not.
func (s *scan) settle(frame *interpreter.ExecutionFrame) ref.Val {
	s.words, s.filters = append(s.room.words[:0], s.words...), append(s.room.filters[:0], s.filters...)
	defer func() { s.room.words, s.room.filters = s.words, s.filters }()
	now := s.e.now()
	for _, o := range s.open {
		if o.arg == nil {
			subject := slices.Index(subjectNames[:], o.name)
			if now.subjects[subject] == 0 {
				return types.NewErr("the event names no %s", o.name)
			}
			s.filters = append(s.filters, &sameFilter{subject, now.subjects[subject]})
			continue
		}
		if o.own > 0 && (now.kind.transaction || o.own-1 == typeWord || o.own-1 == placeWord) {
			s.words = append(s.words, wordFilter{at: wordFilters[o.name], value: now.kind.words[o.own-1]})
			continue
		}
		v := o.arg.Exec(frame)
		if types.IsUnknownOrError(v) {
			return v
		}
		if err := addFilter(&s.words, &s.filters, o.name, v); err != nil {
			return types.WrapErr(err)
		}
	}
	return nil
}
