package monitoring

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"whocomply/domain"
)

// windowType is what the compiler calls a window: it has no value before it is summed up.
var windowType = cel.ObjectType("window")

// The functions that open a window, narrow it, and sum it up, by name.
var (
	openers = []string{"last", "between"}

	// word filters take one text or a list of texts.
	wordFilters = map[string]int{
		"type": typeWord, "direction": directionWord, "channel": channelWord, "method": methodWord, "currency": currencyWord,
		"country": countryWord, "place": placeWord,
	}
	// amount filters take one number.
	amountFilters = map[string]*amountTest{
		"at_least":    {func(x, bound domain.Decimal) bool { return x.Cmp(bound) >= 0 }, func(x, bound uint64) bool { return x >= bound }},
		"below":       {func(x, bound domain.Decimal) bool { return x.Cmp(bound) < 0 }, func(x, bound uint64) bool { return x < bound }},
		"at_most":     {func(x, bound domain.Decimal) bool { return x.Cmp(bound) <= 0 }, func(x, bound uint64) bool { return x <= bound }},
		"multiple_of": {isMultiple, func(x, of uint64) bool { return of > 0 && x > 0 && x%of == 0 }},
	}
	// plain filters take nothing: they compare with the event at hand.
	plainFilters = map[string]int{"earlier": -1, "same_account": ofAccount, "same_counterparty": ofCounterparty, "same_device": ofDevice}

	// results by the type of what they give.
	numberResults = []string{"count", "sum", "avg", "min", "max", "stddev"}
	timeResults   = []string{"first_seen", "last_seen"}
	// distinct counts: how many different ones there are.
	distinctSubjects = map[string]int{"customers": ofCustomer, "accounts": ofAccount, "counterparties": ofCounterparty, "devices": ofDevice}
	distinctWords    = map[string]int{
		"types": typeWord, "channels": channelWord, "methods": methodWord, "currencies": currencyWord, "countries": countryWord, "places": placeWord,
	}
)

// windowFunctions declares the language of windows. Nothing of it is bound: planned windows take
// the place of these calls; see windows.
func windowFunctions() []cel.EnvOption {
	var options []cel.EnvOption
	member := func(name, id string, result *cel.Type, args ...*cel.Type) {
		options = append(options, cel.Function(name, cel.MemberOverload(id, args, result)))
	}
	for i, name := range subjectNames {
		subject := subjectType(i)
		member("last", name+"_last", windowType, subject, cel.StringType)
		member("between", name+"_between", windowType, subject, cel.StringType, cel.StringType)
	}
	for name := range wordFilters {
		member(name, "window_"+name, windowType, windowType, cel.StringType)
		member(name, "window_"+name+"_list", windowType, windowType, cel.ListType(cel.StringType))
	}
	for name := range amountFilters {
		member(name, "window_"+name, windowType, windowType, numberType)
	}
	for name := range plainFilters {
		member(name, "window_"+name, windowType, windowType)
	}
	for _, name := range numberResults {
		member(name, "window_"+name, numberType, windowType)
	}
	for _, names := range [][]string{keys(distinctSubjects), keys(distinctWords), {"days"}} {
		for _, name := range names {
			member(name, "window_"+name, numberType, windowType)
		}
	}
	for _, name := range timeResults {
		member(name, "window_"+name, cel.TimestampType, windowType)
	}
	member("ratio_to", "window_ratio_to", numberType, windowType, windowType)
	return options
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// subjectType is the type of a variable that has a history. The variable counterparty is not the
// object transaction.counterparty: it has no fields.
func subjectType(subject int) *cel.Type {
	if subject == ofCounterparty {
		return cel.ObjectType("counterparties")
	}
	return cel.ObjectType(subjectNames[subject])
}

var spanForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})([mhd])$`)

// parseSpan reads a length of time such as 90m, 24h or 30d, of at most 400 days.
func parseSpan(s string) (time.Duration, bool) {
	parts := spanForm.FindStringSubmatch(s)
	if parts == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(parts[1]) // of at most six digits
	span := time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[parts[2]]
	return span, span <= maxWindow
}

// checkWindows refuses what type-checks and still cannot be meant. It notes which subjects'
// histories the condition asks for.
func (c *condition) checkWindows(tree *ast.AST) error {
	fail := func(e ast.Expr, sentence string) error {
		return invalidAt(tree.SourceInfo().GetStartLocation(e.ID()), sentence)
	}
	for _, e := range ast.MatchDescendants(ast.NavigateAST(tree), ast.KindMatcher(ast.CallKind)) {
		call := e.AsCall()
		c.names |= toldApartBy(call.FunctionName())
		c.words |= wordOf(call.FunctionName())
		switch name := call.FunctionName(); {
		case slices.Contains(openers, name):
			if sentence := checkSpans(call.Args()); sentence != "" {
				return fail(call.Args()[0], sentence)
			}
			if call.Target().Kind() != ast.IdentKind {
				return fail(e, "name the subject of a window: customer, account, counterparty or device")
			}
			reach, _ := parseSpan(string(call.Args()[0].AsLiteral().(types.String))) // checked above
			c.reach = max(c.reach, reach)
			c.needs |= 1 << slices.Index(subjectNames[:], strings.TrimPrefix(call.Target().AsIdent(), "."))
		case emptyList(call):
			return fail(call.Args()[0], "an empty list admits nothing")
		case name == "direction" && !directions(call.Args()[0]):
			return fail(call.Args()[0], `direction is "in" or "out"`)
		}
		if tree.GetType(e.ID()) != windowType {
			continue
		}
		parent, below := e.Parent()
		if !below || parent.Kind() != ast.CallKind || !parent.AsCall().IsMemberFunction() {
			return fail(e, "a window has no value of its own: end it with count(), sum() or another result")
		}
	}
	return nil
}

// toldApartBy gives the subject that a function compares events by, as a bit; 0 if it does not.
func toldApartBy(function string) uint {
	subject, compares := plainFilters[function]
	if !compares {
		subject, compares = distinctSubjects[function]
	}
	if !compares || subject < 0 {
		return 0
	}
	return 1 << subject
}

// wordOf gives the word of a kind that a function looks at, as a bit; 0 if it does not.
func wordOf(function string) uint {
	word, looks := wordFilters[function]
	if !looks {
		word, looks = distinctWords[function]
	}
	if !looks {
		return 0
	}
	return 1 << word
}

func checkSpans(args []ast.Expr) string {
	var spans []time.Duration
	for _, arg := range args {
		text, isText := types.String(""), false
		if arg.Kind() == ast.LiteralKind {
			text, isText = arg.AsLiteral().(types.String)
		}
		span, ok := parseSpan(string(text))
		if !isText || !ok {
			return `the length of a window is written as "90m", "24h" or "30d", at most "400d"`
		}
		spans = append(spans, span)
	}
	if spans[0] < time.Minute || len(spans) == 2 && spans[1] >= spans[0] {
		return "a window ends at least a minute after it begins"
	}
	return ""
}

// directions reports whether all literals in the argument are directions.
func directions(arg ast.Expr) bool {
	if arg.Kind() == ast.ListKind {
		return !slices.ContainsFunc(arg.AsList().Elements(), func(e ast.Expr) bool { return !directions(e) })
	}
	return arg.Kind() != ast.LiteralKind || arg.AsLiteral() == types.String("in") || arg.AsLiteral() == types.String("out")
}

// emptyList reports whether a filter is given a list of nothing.
func emptyList(call ast.CallExpr) bool {
	_, isFilter := wordFilters[call.FunctionName()]
	return isFilter && len(call.Args()) == 1 && call.Args()[0].Kind() == ast.ListKind && call.Args()[0].AsList().Size() == 0
}

func isMultiple(x, of domain.Decimal) bool {
	rest, err := remainder(x, of)
	return err == nil && rest.Sign() == 0 && x.Sign() > 0
}
