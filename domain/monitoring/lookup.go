package monitoring

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"whocomply/domain"
)

// listsName is the variable whose fields are the reference lists.
const listsName = "lists"

// askedList is a place in a condition that asks a reference list.
type askedList struct {
	name string
	at   common.Location
}

// lookupFunctions declares what asks lists and rates. Nothing of it is bound: the nodes below take
// the place of these calls; see lookups.
func lookupFunctions() []cel.EnvOption {
	text := cel.StringType
	return []cel.EnvOption{
		cel.Variable(listsName, cel.ObjectType(listsName)),
		cel.Function("convert", cel.Overload("convert_decimal", []*cel.Type{numberType, text, text}, numberType)),
		cel.Function("mentions", cel.Overload("mentions_list", []*cel.Type{text, cel.ListType(text)}, cel.BoolType)),
	}
}

// lookups is the decorator that puts nodes of ours in the place of convert and mentions.
func lookups(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, isCall := i.(interpreter.InterpretableCall)
	if !isCall {
		return i, nil
	}
	switch call.Function() {
	case "convert":
		l := &lookup{id: i.ID(), args: call.Args(), give: (*evaluation).converted}
		l.label = l.written("convert")
		return l, nil
	case "mentions":
		return &lookup{id: i.ID(), args: call.Args(), give: (*evaluation).mentions}, nil
	}
	return i, nil
}

// lookup is a node of a program that asks lists or rates.
type lookup struct {
	id    int64
	label string // under which the value is recorded; empty if it is not
	args  []interpreter.InterpretableV2
	give  func(e *evaluation, args []ref.Val) (ref.Val, error)
}

func (l *lookup) written(name string) string {
	shown := make([]string, len(l.args))
	for i, arg := range l.args {
		switch arg := uncounted(arg).(type) {
		case *read:
			shown[i] = arg.name
		case *aggregate:
			shown[i] = arg.label
		case interpreter.InterpretableConst:
			shown[i] = shownArg(arg.Value())
		default:
			shown[i] = "…"
		}
	}
	return name + "(" + strings.Join(shown, ", ") + ")"
}

// ID is that of the node in the syntax tree.
func (l *lookup) ID() int64 { return l.id }

// Eval is Exec for whoever has no frame.
func (l *lookup) Eval(vars interpreter.Activation) ref.Val { return l.Exec(interpreter.AsFrame(vars)) }

// Exec asks, and notes a value for the record of the decision.
func (l *lookup) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	args := make([]ref.Val, len(l.args))
	for i, arg := range l.args {
		if args[i] = arg.Exec(frame); types.IsUnknownOrError(args[i]) {
			return args[i]
		}
	}
	e := evaluationOf(frame)
	v, err := l.give(e, args)
	if err != nil {
		return types.LabelErrNode(l.id, types.WrapErr(err))
	}
	if l.label != "" {
		e.use(l.label, v)
	}
	return v
}

// converted gives an amount in another currency at the rate of the day of the event.
func (e *evaluation) converted(args []ref.Val) (ref.Val, error) {
	amount, isNumber := args[0].(number)
	from, isFrom := args[1].(types.String)
	to, isTo := args[2].(types.String)
	if !isNumber || !isFrom || !isTo {
		return types.NewErr("no such overload"), nil
	}
	if from == to {
		return amount, nil
	}
	table, of, in, err := e.reference.rateFor(e.in.Event.OccurredAt, domain.Currency(from), domain.Currency(to))
	if err != nil {
		return nil, err
	}
	e.rest("rates", table.name(), table.Version, table.Digest)
	result, err := converted(domain.Decimal(amount), of, in, domain.Currency(to))
	return number(result), err
}

// mentions reports whether a text has a keyword of a list in it.
func (e *evaluation) mentions(args []ref.Val) (ref.Val, error) {
	text, isText := args[0].(types.String)
	keywords, isList := args[1].(*list)
	if !isText || !isList {
		return types.NewErr("mentions takes a text and one of the reference lists, as in mentions(transaction.reference, lists.crypto)"), nil
	}
	return types.Bool(keywords.mentioned(string(text))), nil
}

// list gives a reference list by name.
func (e *evaluation) list(name string) ref.Val {
	l := e.reference.lists[name]
	if l == nil {
		return types.NewErr("there is no reference list %s", name)
	}
	e.rest("list", name, l.Version, l.Digest)
	return l
}

// rest notes what the decision rests on besides the rules.
func (e *evaluation) rest(kind, name string, version int, digest string) {
	r := domain.ReferenceVersion{Kind: kind, Name: name, Version: version, Digest: digest}
	if !slices.Contains(e.rests, r) {
		e.rests = append(e.rests, r)
	}
}
