package monitoring

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"whocomply/domain"
)

// condition is a compiled condition.
type condition struct {
	program  cel.Program
	mentions []mention
	needs    uint          // the subjects whose past it looks at, a bit each
	names    uint          // the subjects by which its windows tell events apart
	words    uint          // the words of kinds that they look at, a bit each
	reach    time.Duration // how far back it looks
	context  []string      // the fields of the context that it reads, and objects that it tests for
	lists    []askedList
	guards   []guard // it is false, and costs nothing, if one of these is
	source   *ast.SourceInfo
}

// mention is a place in the context that a condition names, to be shown when the rule fires.
type mention struct {
	label string
	field int
	path  []ref.Val // keys and indices below event.data
	list  string    // a reference list instead
}

// compile type-checks a condition. The error is of the domain and names line and column.
func compile(text string) (*condition, error) {
	language, err := environment()
	if err != nil {
		return nil, err
	}
	parsed, issues := language.Parse(text)
	if issues.Err() != nil {
		return nil, firstIssue(issues)
	}
	if err := (&literals{tree: parsed.NativeRep(), text: []rune(text)}).rewrite(); err != nil {
		return nil, err
	}
	checked, issues := language.Check(parsed)
	if issues.Err() != nil {
		return nil, firstIssue(issues)
	}
	if kind := checked.OutputType(); kind != cel.BoolType {
		return nil, invalidAt(common.NewLocation(1, 0), "must be true or false, but is "+kind.String())
	}
	return planned(language, checked)
}

func planned(language *cel.Env, checked *cel.Ast) (*condition, error) {
	c := &condition{source: checked.NativeRep().SourceInfo()}
	leaves, err := c.findLeaves(checked.NativeRep())
	if err != nil {
		return nil, err
	}
	if err := c.checkWindows(checked.NativeRep()); err != nil {
		return nil, err
	}
	unbounded, err := estimated(language, checked)
	if err != nil {
		return nil, err
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(leaves.decorate), cel.CustomDecoratorV2(fold), cel.CustomDecoratorV2(windows), cel.CustomDecoratorV2(lookups)}
	c.guards = leaves.guardsOf(checked.NativeRep().Expr(), !c.asks(checked.NativeRep()))
	if unbounded {
		options = append(options, cel.CustomDecoratorV2(counted))
	}
	if c.program, err = language.Program(checked, options...); err != nil {
		return nil, domain.InvalidField("condition", "cannot be evaluated: %v", err)
	}
	return c, nil
}

// fold replaces a call whose arguments are all constants by its result.
func fold(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, isCall := i.(interpreter.InterpretableCall)
	if !isCall {
		return i, nil
	}
	for _, arg := range call.Args() {
		if _, isConst := arg.(interpreter.InterpretableConst); !isConst {
			return i, nil
		}
	}
	result := call.Eval(interpreter.EmptyActivation())
	if types.IsUnknownOrError(result) {
		return i, nil
	}
	return interpreter.NewConstValue(call.ID(), result), nil
}

// literals makes every number in a parsed condition a decimal, as it is written.
type literals struct {
	tree *ast.AST
	text []rune
	next int64          // id of the next new node
	kept map[int64]bool // indices of lists stay what they are
	err  error
}

func (l *literals) rewrite() error {
	l.next, l.kept = ast.MaxID(l.tree)+1, make(map[int64]bool)
	ast.PreOrderVisit(l.tree.Expr(), ast.NewExprVisitor(l.visit))
	return l.err
}

func (l *literals) visit(e ast.Expr) {
	switch {
	case e.Kind() == ast.StructKind:
		l.fail(e, "objects cannot be made in a condition")
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Index:
		l.kept[e.AsCall().Args()[1].ID()] = true
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "decimal":
		l.checkText(e.AsCall().Args())
	case e.Kind() == ast.ComprehensionKind:
		l.checkNames(e, e.AsComprehension())
	case e.Kind() == ast.LiteralKind && !l.kept[e.ID()]:
		l.literal(e)
	}
}

func (l *literals) literal(e ast.Expr) {
	var digits string
	switch v := e.AsLiteral().(type) {
	case types.Int:
		digits = strconv.FormatInt(int64(v), 10)
	case types.Uint:
		digits = strconv.FormatUint(uint64(v), 10)
	case types.Double:
		digits = l.written(e.ID(), v < 0)
	default:
		return
	}
	if strings.ContainsAny(digits, "eE") {
		l.fail(e, "a number is written without an exponent")
		return
	}
	if _, err := domain.ParseDecimal(digits); err != nil {
		l.fail(e, err.Error())
		return
	}
	place, _ := l.tree.SourceInfo().GetOffsetRange(e.ID())
	l.tree.SourceInfo().SetOffsetRange(l.next, place)
	make := ast.NewExprFactory()
	e.SetKindCase(make.NewCall(e.ID(), "decimal", make.NewLiteral(l.next, types.String(digits))))
	l.next++
}

// written gives the number at a node as the author wrote it, so that 0.1 is one tenth.
func (l *literals) written(id int64, negative bool) string {
	place, _ := l.tree.SourceInfo().GetOffsetRange(id)
	digits := strings.TrimLeft(string(l.text[place.Start:]), "- \t\r\n")
	digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789.eE"))]
	if negative {
		return "-" + digits
	}
	return digits
}

// checkText refuses decimal("…") of a text that is no number.
func (l *literals) checkText(args []ast.Expr) {
	if len(args) != 1 || args[0].Kind() != ast.LiteralKind {
		return
	}
	if s, isText := args[0].AsLiteral().(types.String); isText {
		if _, err := domain.ParseDecimal(string(s)); err != nil {
			l.fail(args[0], err.Error())
		}
	}
}

// checkNames refuses variables that hide an object of the context.
func (l *literals) checkNames(e ast.Expr, c ast.ComprehensionExpr) {
	for _, name := range []string{c.IterVar(), c.IterVar2()} {
		if slices.Contains(objects[:], name) || name == listsName || slices.Contains(subjectNames[:], name) {
			l.fail(e, name+" is taken: give the variable another name")
		}
	}
}

func (l *literals) fail(e ast.Expr, sentence string) {
	if l.err == nil {
		l.err = invalidAt(l.tree.SourceInfo().GetStartLocation(e.ID()), sentence)
	}
}

// firstIssue gives the compiler's first sentence as an error of the domain.
func firstIssue(issues *cel.Issues) error {
	first := issues.Errors()[0]
	for _, e := range issues.Errors()[1:] {
		if e.Location.Line() < first.Location.Line() ||
			e.Location.Line() == first.Location.Line() && e.Location.Column() < first.Location.Column() {
			first = e
		}
	}
	return invalidAt(first.Location, sentence(first.Message))
}

// sentence says what CEL says in the words of whoever writes conditions.
func sentence(s string) string {
	s = strings.TrimSuffix(s, " (in container '')")
	s, _, _ = strings.Cut(s, " expecting {")
	if rest, found := strings.CutPrefix(s, "found no matching overload for '"); found {
		name, operands, _ := strings.Cut(rest, "' applied to ")
		if written, found := operators.FindReverse(name); found && written != "" {
			name = written
		}
		return "'" + name + "' cannot be applied to " + strings.Trim(operands, "'")
	}
	return s
}

func invalidAt(at common.Location, sentence string) error {
	sentence = cut(sentence, maxSentence)
	if at.Line() < 1 {
		return domain.InvalidField("condition", "%s", sentence)
	}
	return domain.InvalidField("condition", "at %d:%d: %s", at.Line(), at.Column()+1, sentence)
}
