package webhook

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/go-json-experiment/json"

	"whocomply/domain"
)

// filterCost bounds the evaluation of a filter on one event, in CEL's units.
const filterCost = 20_000

// language is CEL over an event: event.type, event.customer_id, and data as a receiver gets it.
var language = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("event", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("data", cel.MapType(cel.StringType, cel.DynType)),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals()),
		cel.ParserRecursionLimit(32), cel.ParserExpressionSizeLimit(maxFilter),
	)
})

// Filter is a compiled filter. Nil lets all events through. It may be used by many at once.
type Filter struct{ program cel.Program }

// Compile reads a filter. The error names line and column.
func Compile(text string) (*Filter, error) {
	if text == "" {
		return nil, nil
	}
	env, err := language()
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		message, _, _ := strings.Cut(first.Message, " (in container")
		return nil, domain.InvalidField("filters", "at %d:%d: %.300s", first.Location.Line(), first.Location.Column()+1, message)
	}
	if kind := ast.OutputType(); kind != cel.BoolType && kind != cel.DynType {
		return nil, domain.InvalidField("filters", "must be true or false, but is %s", kind)
	}
	program, err := env.Program(ast, cel.CostLimit(filterCost), cel.InterruptCheckFrequency(0))
	if err != nil {
		return nil, domain.InvalidField("filters", "cannot be evaluated: %v", err)
	}
	return &Filter{program}, nil
}

func checkFilter(text string) error {
	if err := domain.CheckText("filters", text, maxFilter, false); err != nil {
		return err
	}
	_, err := Compile(text)
	return err
}

// Verdict is what became of an event that was held against a subscription.
type Verdict struct {
	Matched bool
	Why     string
}

// Judge says whether a subscription with this filter is to be told of a notice. A filter that
// cannot be evaluated on an event, such as one that asks for a member that is not there, does not match.
func Judge(w *Subscription, f *Filter, n *Notice) Verdict {
	if !w.Wants(n.Type) {
		return Verdict{false, "the subscription does not ask for " + n.Type}
	}
	if f == nil {
		return Verdict{true, "the subscription asks for " + n.Type + " and has no filter"}
	}
	var data map[string]any
	if err := json.Unmarshal(n.Data, &data); err != nil {
		return Verdict{false, "the event's data is not an object"}
	}
	result, _, err := f.program.Eval(map[string]any{
		"event": map[string]string{"type": n.Type, "customer_id": n.Customer}, "data": data,
	})
	switch {
	case err != nil:
		return Verdict{false, "the filter cannot be evaluated on this event: " + err.Error()}
	case result == types.True:
		return Verdict{true, "the subscription asks for " + n.Type + " and its filter holds"}
	case result == types.False:
		return Verdict{false, "the filter does not hold"}
	}
	return Verdict{false, "the filter is neither true nor false on this event"}
}
